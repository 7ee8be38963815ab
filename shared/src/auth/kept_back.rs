//! Takes our own secrets out of what travels on, however a sender has spelled them.
//!
//! A provider may send on what it was given: `MailerSend` has the webhook's URL in each event. It
//! writes it as JSON or a URL does, and a header as it was: `Basic cG9zdGVy…`.

use std::collections::BTreeSet;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::{memchr2, memmem};

use crate::incoming::USER;

/// Stands in place of a secret.
const PLACEHOLDER: &[u8] = b"redacted";
/// How often an escape may be escaped: a text in JSON in a text in JSON, in a URL.
const LEVELS: usize = 5;

/// Returns a body without these secrets, in any spelling: as they are, in base64 (alone, or with
/// the user before it, as Basic has it) or in hex; each of it escaped as in JSON (`\u002d`) or in a
/// URL (`%2d`), more than once.
pub(super) fn without(secrets: &[String], body: &[u8]) -> Vec<u8> {
    if secrets.is_empty() {
        return body.to_vec();
    }
    let spellings: BTreeSet<String> = secrets.iter().flat_map(|text| spellings(text)).collect();
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut view = View::of(body);
    for _ in 0..LEVELS {
        found.extend(spellings.iter().flat_map(|text| view.places(text)));
        if !view.unescape() {
            break;
        }
    }
    found.sort_unstable_by_key(|range| range.start);
    let (mut clean, mut copied) = (Vec::with_capacity(body.len()), 0);
    for Range { start, end } in found {
        if start >= copied {
            clean.extend_from_slice(body.get(copied..start).unwrap_or_default());
            clean.extend_from_slice(PLACEHOLDER);
        }
        copied = copied.max(end);
    }
    clean.extend_from_slice(body.get(copied..).unwrap_or_default());
    clean
}

fn spellings(secret: &str) -> Vec<String> {
    let pair = format!("{USER}:{secret}");
    let hex = hex::encode(secret);
    vec![
        STANDARD_NO_PAD.encode(secret),
        STANDARD_NO_PAD.encode(&pair),
        URL_SAFE_NO_PAD.encode(secret),
        URL_SAFE_NO_PAD.encode(&pair),
        hex.to_ascii_uppercase(),
        hex,
        secret.to_owned(),
    ]
}

/// A body with some of its escapes undone, and where each byte of it came from.
struct View {
    text: Vec<u8>,
    /// For each byte where it begins in the body, and in the end the body's length. Nothing is
    /// here as long as nothing was undone.
    origins: Vec<usize>,
}

impl View {
    fn of(body: &[u8]) -> Self {
        Self {
            text: body.to_vec(),
            origins: Vec::new(),
        }
    }

    fn origin(&self, place: usize) -> usize {
        self.origins.get(place).copied().unwrap_or(place)
    }

    /// Returns where the body has a text.
    fn places(&self, text: &str) -> Vec<Range<usize>> {
        let found = memmem::find_iter(&self.text, text);
        found
            .map(|place| self.origin(place)..self.origin(place + text.len()))
            .collect()
    }

    /// Undoes one level of escapes. Returns whether there were any.
    fn unescape(&mut self) -> bool {
        if memchr2(b'\\', b'%', &self.text).is_none() {
            return false;
        }
        let (mut text, mut origins) = (Vec::with_capacity(self.text.len()), Vec::new());
        let mut place = 0;
        while let Some(rest) = self.text.get(place..).filter(|rest| !rest.is_empty()) {
            let (byte, length) = unescaped(rest);
            text.push(byte);
            origins.push(self.origin(place));
            place += length;
        }
        let is_changed = text.len() < self.text.len();
        origins.push(self.origin(self.text.len()));
        (self.text, self.origins) = (text, origins);
        is_changed
    }
}

/// Returns the first character of a text, and how long its spelling is. Only ASCII is read, since a
/// secret has nothing else.
fn unescaped(text: &[u8]) -> (u8, usize) {
    let hex = |from: usize, to: usize| {
        let digits = std::str::from_utf8(text.get(from..to)?).ok()?;
        let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
        let code = u8::from_str_radix(digits, 16).ok().filter(u8::is_ascii);
        code.filter(|_| is_hex)
    };
    let escaped = match text {
        [b'\\', b'u', b'0', b'0', ..] => hex(4, 6).map(|byte| (byte, 6)),
        [b'\\', byte @ (b'\\' | b'/' | b'"'), ..] => Some((*byte, 2)),
        [b'%', ..] => hex(1, 3).map(|byte| (byte, 3)),
        _ => None,
    };
    escaped.unwrap_or((text.first().copied().unwrap_or_default(), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "harbour-market_2604~with.a-shared-secret";

    /// Each character by `spell`.
    fn spelled(text: &str, spell: impl Fn(char) -> String) -> String {
        text.chars().map(spell).collect()
    }

    fn cleaned(body: &str) -> String {
        let secrets = [SECRET.to_owned(), "another-secret".to_owned()];
        String::from_utf8(without(&secrets, body.as_bytes())).expect("text")
    }

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        let in_json = |c: char| format!("\\u{:04x}", u32::from(c));
        let in_url = |c: char| format!("%{:02X}", u32::from(c));
        let odd = |spell: fn(char) -> String| {
            spelled(SECRET, |c| {
                if c.is_alphanumeric() {
                    c.into()
                } else {
                    spell(c)
                }
            })
        };
        let pair = format!("postern:{SECRET}");
        let spellings = [
            SECRET.to_owned(),
            spelled(SECRET, in_json),
            spelled(SECRET, in_url),
            odd(|c| format!("\\u{:04X}", u32::from(c))),
            odd(|c| format!("%{:02x}", u32::from(c))),
            odd(|c| format!("%25{:02x}", u32::from(c))),
            odd(|c| format!("\\\\u{:04x}", u32::from(c))),
            odd(|c| format!("\\u0025{:02x}", u32::from(c))),
            STANDARD_NO_PAD.encode(SECRET),
            STANDARD_NO_PAD.encode(&pair),
            URL_SAFE_NO_PAD.encode(&pair),
            STANDARD_NO_PAD.encode(&pair).replace('/', "\\/"),
            spelled(&STANDARD_NO_PAD.encode(&pair), in_url),
            hex::encode(SECRET),
            hex::encode_upper(SECRET),
        ];
        for spelling in spellings {
            let body = format!(r#"{{"a":"x {spelling}=","b":"\\ caf\u00e9 %zz 100%"}}"#);
            let wanted = r#"{"a":"x redacted=","b":"\\ caf\u00e9 %zz 100%"}"#;
            assert_eq!(cleaned(&body), wanted, "{spelling}");
        }
    }

    #[test]
    fn each_of_several_is_taken_out_and_all_else_stays() {
        let body = format!("{SECRET}{SECRET} another-secret anotherXsecret %41 \\u0041");
        let wanted = "redactedredacted redacted anotherXsecret %41 \\u0041";
        assert_eq!(cleaned(&body), wanted);
        // an escape before it that a careless reader would take for its own
        assert_eq!(cleaned("%4another-secret"), "%4redacted");
        for odd in ["", "\\", "%", "\\u00", "\\u00g0", "%+1", "%4", "\u{e9}%e9"] {
            assert_eq!(cleaned(odd), odd);
        }
    }

    #[test]
    fn a_body_of_escapes_alone_costs_no_more_than_it_is_long() {
        for odd in ["\\", "%", "%25", "\\u005c", "\\\\u0025"] {
            let body = odd.repeat(100_000);
            assert_eq!(cleaned(&body), body);
        }
    }
}
