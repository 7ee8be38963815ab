//! The object `signature` of a body that nobody has vouched for yet.
//!
//! Of the whole body nothing is kept but the text of that object, and of the object nothing but
//! four short strings; the rest is passed over without being read, in memory bounded by the body.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use shared::auth;
use shared::incoming::Incoming;
use shared::json;
use shared::rejection::Rejection;

const BLOCK: [&str; 1] = ["signature"];
const FIELDS: [&str; 4] = ["timestamp", "token", "signature", "parent-signature"];

/// The longest field that is read, in bytes of JSON: twice what a token of 50 or a signature of 64
/// characters needs.
const FIELD_BYTES: usize = 128;
/// The digits of a time in seconds from 2001 to 2286. Not one more or less: nothing stands between
/// the time and the token in what is signed, so that with another boundary one signature would be
/// good for another token.
const TIMESTAMP_DIGITS: usize = 10;
/// The length of a token that Mailgun makes.
const TOKEN_CHARS: usize = 50;

/// What is signed, and the signatures.
pub(crate) struct Block {
    /// The digits as they are signed.
    pub(crate) timestamp: String,
    /// The same in Unix seconds.
    pub(crate) signed_at: i64,
    pub(crate) token: String,
    /// The account's and its parent account's: one at least.
    pub(crate) signatures: Vec<[u8; 32]>,
}

/// Reads the signature out of a request's body.
pub(crate) fn read(request: &Incoming<'_>) -> Result<Block, Rejection> {
    let body = json::without_mark(request.body());
    let found = pick(body, BLOCK);
    // What is no JSON elsewhere in the body must not hide the signature.
    let repaired = found.is_none().then(|| json::repair(body)).flatten();
    let found = found.or_else(|| pick(repaired.as_ref()?.as_bytes(), BLOCK));
    let [block] = found.ok_or_else(|| no_object(request))?;
    let block = match block {
        Found::Nothing => return Err(Rejection::SignatureMissing),
        Found::Once(block) if block.get() == "null" => return Err(Rejection::SignatureMissing),
        Found::Once(block) => block.get().as_bytes(),
        Found::Again => return Err(Rejection::SignatureDuplicated),
    };
    let fields = pick(block, FIELDS).ok_or(Rejection::SignatureUnreadable)?;
    let [timestamp, token, signature, parent] = fields;

    let timestamp = text(
        &timestamp,
        Rejection::TimestampDuplicated,
        Rejection::TimestampUnreadable,
    )?;
    let timestamp = timestamp.ok_or(Rejection::TimestampMissing)?;
    let in_block = |field: &Found<'_>| {
        text(
            field,
            Rejection::SignatureDuplicated,
            Rejection::SignatureUnreadable,
        )
    };
    let token = in_block(&token)?.ok_or(Rejection::SignatureMissing)?;
    let mut signatures = Vec::with_capacity(2);
    for field in [signature, parent] {
        if let Some(hex) = in_block(&field)? {
            signatures.push(auth::from_hex(&hex)?);
        }
    }
    if signatures.is_empty() {
        return Err(Rejection::SignatureMissing);
    }
    Ok(Block {
        signed_at: seconds(&timestamp)?,
        timestamp,
        token,
        signatures,
    })
}

/// Why there is nothing to look for a signature in.
fn no_object(request: &Incoming<'_>) -> Rejection {
    let body = json::without_mark(request.body());
    let is_broken = body.trim_ascii_start().starts_with(b"{");
    if is_broken {
        Rejection::SignatureUnreadable // half of an object may lack a second `signature`
    } else if request.is_form() {
        Rejection::FormEncoded
    } else {
        Rejection::SignatureMissing
    }
}

fn seconds(timestamp: &str) -> Result<i64, Rejection> {
    let is_digits = timestamp.bytes().all(|b| b.is_ascii_digit());
    if timestamp.len() != TIMESTAMP_DIGITS || !is_digits {
        return Err(Rejection::TimestampUnreadable);
    }
    timestamp
        .parse()
        .map_err(|_| Rejection::TimestampUnreadable)
}

/// A field's text; `None` where it is absent, null or blank.
fn text(
    field: &Found<'_>,
    duplicated: Rejection,
    unreadable: Rejection,
) -> Result<Option<String>, Rejection> {
    let json = match field {
        Found::Nothing => return Ok(None),
        Found::Once(value) => value.get(),
        Found::Again => return Err(duplicated),
    };
    if json == "null" {
        return Ok(None);
    }
    if json.len() > FIELD_BYTES {
        return Err(unreadable);
    }
    let text: String = serde_json::from_str(json).map_err(|_| unreadable)?;
    Ok((!text.trim().is_empty()).then_some(text))
}

/// The body with a `signature` that Mailgun would have sent: in place of the one that is there,
/// else in front. A body that has no place for one stays as it is. The token is made of the body
/// and the time, so that the same again is a redelivery.
pub(crate) fn write(key: &str, body: &[u8], at: Timestamp) -> Vec<u8> {
    let timestamp = at.as_second().to_string();
    let mut token = auth::sha256_hex(&[timestamp.as_bytes(), body].concat());
    token.truncate(TOKEN_CHARS);
    let prefix = [timestamp.as_bytes()];
    let signature = auth::sign_hmac_sha256_hex(key, &prefix, token.as_bytes());
    let block =
        format!(r#"{{"timestamp":"{timestamp}","token":"{token}","signature":"{signature}"}}"#);
    let unmarked = json::without_mark(body);
    let found = pick(unmarked, BLOCK);
    // What is no JSON elsewhere in the body does not hide the place, if it can be repaired.
    let in_odd_body = || {
        let repaired = json::repair(unmarked)?;
        let is_there = matches!(pick(repaired.as_bytes(), BLOCK), Some([Found::Once(_)]));
        let place = json::value_of(unmarked.trim_ascii(), BLOCK[0]);
        place.filter(|_| is_there)
    };
    let old = match found {
        Some([Found::Once(old)]) => Some(old.get().as_bytes()),
        None => in_odd_body(),
        Some(_) => None,
    };
    let (before, block, after) = match (old, found) {
        (Some(old), _) => {
            let start = old.as_ptr().addr() - body.as_ptr().addr();
            let (before, rest) = body.split_at(start);
            let (_, after) = rest.split_at(old.len());
            (before, block, after)
        }
        (None, Some([Found::Nothing])) => {
            let start = body.iter().position(|b| *b == b'{').unwrap_or_default() + 1;
            let (before, rest) = body.split_at(start);
            let is_alone = rest.trim_ascii_start().starts_with(b"}");
            let comma = if is_alone { "" } else { "," };
            (before, format!(r#""signature":{block}{comma}"#), rest)
        }
        _ => return body.to_vec(),
    };
    [before, block.as_bytes(), after].concat()
}

/// What an object holds under one key.
#[derive(Clone, Copy)]
enum Found<'a> {
    Nothing,
    Once(&'a RawValue),
    /// More than once: readers differ in which one counts.
    Again,
}

/// The values of these keys of an object, as they stand; `None` for anything but one whole JSON
/// object.
fn pick<'a, const N: usize>(json: &'a [u8], keys: [&'static str; N]) -> Option<[Found<'a>; N]> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let found = Pick(keys).deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(found)
}

struct Pick<const N: usize>([&'static str; N]);

impl<'de, const N: usize> DeserializeSeed<'de> for Pick<N> {
    type Value = [Found<'de>; N];
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de, const N: usize> Visitor<'de> for Pick<N> {
    type Value = [Found<'de>; N];
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [Found::Nothing; N];
        while let Some(Key(key)) = map.next_key()? {
            let slot = self.0.iter().position(|wanted| wanted.as_bytes() == &*key);
            match slot.and_then(|slot| found.get_mut(slot)) {
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
                Some(slot) => {
                    let value = map.next_value()?;
                    *slot = match slot {
                        Found::Nothing => Found::Once(value),
                        _ => Found::Again,
                    };
                }
            }
        }
        Ok(found)
    }
}

/// A key in bytes: half a surrogate pair in a key that is not wanted is no reason to stop.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, [u8]>);
