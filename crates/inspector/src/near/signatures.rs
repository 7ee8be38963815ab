//! What goes wrong with the encoding of a signature.

use base64::Engine as _;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use shared::parts::Role;

use super::case::Case;
use super::headers::with_value;
use super::slip::Slip;

/// What stands before a signature with some senders.
const PREFIXES: [&str; 9] = [
    "sha256=",
    "sha1=",
    "sha512=",
    "hmac-sha256=",
    "v0=",
    "v1=",
    "v1,",
    "hmac ",
    "HMAC ",
];
/// The decoders that are tried, the strictest first.
const DECODERS: [GeneralPurpose; 4] = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD];
/// The longest signature that is looked at.
const LONGEST: usize = 512;

/// A change of an encoding, and what to say of it.
type Change = (&'static str, fn(&str) -> Option<String>);

/// The changes, the likeliest first.
const CHANGES: &[Change] = &[
    (
        "It would match with the signature in hex instead of base64.",
        |text| Some(hex::encode(decoded(text)?)),
    ),
    (
        "It would match with the signature in base64 instead of hex.",
        |text| Some(STANDARD.encode(hex::decode(text).ok()?)),
    ),
    (
        "It would match with the bytes of the signature in hex: its hex is sent in base64.",
        |text| of_text(text).filter(|text| hex::decode(text).is_ok()),
    ),
    (
        "It would match with the bytes of the signature in base64: its hex is encoded in place of them.",
        |text| Some(STANDARD.encode(hex::decode(of_text(text)?).ok()?)),
    ),
    (
        "It would match with the signature in padded base64 of the standard alphabet.",
        |text| Some(STANDARD.encode(decoded(text)?)),
    ),
    ("It would match with v1, before the signature.", |text| {
        Some(format!("v1,{text}"))
    }),
    (
        "It would match with the signature in base64 behind v1, instead of hex.",
        |text| Some(format!("v1,{}", STANDARD.encode(hex::decode(text).ok()?))),
    ),
    (
        "It would match with the signature in padded base64 of the standard alphabet behind v1,.",
        |text| Some(format!("v1,{}", STANDARD.encode(decoded(text)?))),
    ),
];

/// Returns the slips in how a signature is written.
pub(super) fn slips<'a>(case: &'a Case<'a>) -> impl Iterator<Item = Slip> + 'a {
    let signatures = case.sent(Role::Signature);
    let short = signatures.filter(|(_, value)| value.len() <= LONGEST);
    short.flat_map(move |(part, value)| {
        let bare = bare(value);
        let is_bare = bare == value;
        let as_it_is: Change = (
            "It would match without what stands before or around the signature.",
            |text| Some(text.to_owned()),
        );
        let changes = [as_it_is].into_iter().filter(move |_| !is_bare);
        let changes = changes.chain(CHANGES.iter().copied());
        changes.filter_map(move |(text, change)| {
            let new = change(bare)?;
            if new == value {
                return None;
            }
            let undone = with_value(case, part, value, &new)?;
            Some(Slip::new("signature_encoding", text, undone))
        })
    })
}

/// Returns a signature without its prefix, and without blanks and quotation marks around it.
fn bare(value: &str) -> &str {
    let around = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>');
    let value = value.trim_matches(around);
    let found = PREFIXES
        .iter()
        .find_map(|prefix| value.strip_prefix(prefix));
    found.unwrap_or(value).trim_matches(around)
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    DECODERS
        .iter()
        .find_map(|decoder| decoder.decode(text).ok())
}

/// Returns the text that base64 stands for.
fn of_text(text: &str) -> Option<String> {
    String::from_utf8(decoded(text)?).ok()
}
