//! Mandrill's form, read and signed once more: not by the code of `shared`, and by another library.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};

/// The signature of a form of one field, in base64: HMAC-SHA1 over the URL, the name and the value.
/// The secret is `KEY@URL`.
#[must_use]
pub fn mac(secret: &str, name: &[u8], value: &[u8]) -> String {
    let (key, url) = secret.split_once('@').expect("a key and a URL");
    let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes());
    STANDARD.encode(sign(&key, &[url.as_bytes(), name, value].concat()))
}

/// The name and the value of the only field, byte by byte as the URL standard says.
#[must_use]
pub fn only_field(body: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let pieces = body.split(|byte| *byte == b'&');
    let mut filled = pieces.filter(|piece| !piece.is_empty());
    let (only, None) = (filled.next()?, filled.next()) else {
        return None;
    };
    let at = only.iter().position(|byte| *byte == b'=');
    let (name, value) = only.split_at(at.unwrap_or(only.len()));
    Some((decoded(name), decoded(value.get(1..).unwrap_or_default())))
}

fn decoded(text: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
    let (mut bytes, mut at) = (Vec::new(), 0);
    while let Some(byte) = text.get(at) {
        let escaped = digit(text.get(at + 1)).zip(digit(text.get(at + 2)));
        let (byte, length) = match (byte, escaped) {
            (b'%', Some((high, low))) => (high * 16 + low, 3),
            (b'+', _) => (u32::from(b' '), 1),
            (byte, _) => (u32::from(*byte), 1),
        };
        bytes.push(u8::try_from(byte).expect("two digits"));
        at += length;
    }
    bytes
}

/// The text with each of its bytes escaped.
#[must_use]
pub fn escaped(text: &[u8]) -> String {
    let digits = hex::encode(text);
    let bytes = digits.as_bytes().chunks(2).flat_map(|two| [b"%", two]);
    String::from_utf8(bytes.flatten().copied().collect()).expect("ASCII")
}
