//! Gives a body another time and another recipient, and leaves every other byte as it was. So a
//! sample of last winter can be sent as if it had happened just now, to somebody who watches.
//!
//! A body is read here as [`mod@crate::json`] reads it: what is no JSON beside a value does not
//! hide the value.

use jiff::{SignedDuration, Timestamp};

use crate::json::{self, Items, Lines};
use crate::time;

/// The keys that lead from an element of a body to a value.
pub type Path = &'static [&'static str];

/// Where the bodies of a provider say when something happened, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// The times.
    pub times: &'static [Path],
    /// The recipients: a text, or a list of texts.
    pub recipients: &'static [Path],
}

/// A part of a body, by its place, and what is to stand there.
type Change = (std::ops::Range<usize>, Vec<u8>);

impl Places {
    /// Returns the body with its latest time moved to `at`, and every other time by as much. A
    /// value that is no time stays as it is.
    #[must_use]
    pub fn restamped(&self, body: &[u8], at: Timestamp) -> Vec<u8> {
        let values = values(body, self.times);
        let times = values.filter_map(|value| Some((value, Written::read(value)?)));
        let times: Vec<(&[u8], Written<'_>)> = times.collect();
        let Some(latest) = times.iter().map(|(_, written)| written.time).max() else {
            return body.to_vec();
        };
        let later = at.duration_since(latest);
        let changes = times.into_iter().filter_map(|(value, written)| {
            let text = written.moved(later)?;
            Some((place(body, value)?, text.into_bytes()))
        });
        spliced(body, changes.collect())
    }

    /// Returns the body with this address in place of every recipient's. Returns `None` if it names
    /// none by a mail address.
    #[must_use]
    pub fn readdressed(&self, body: &[u8], address: &str) -> Option<Vec<u8>> {
        let text = serde_json::to_string(address).ok()?;
        let mut changes = Vec::new();
        let mut old = Vec::new();
        for value in values(body, self.recipients) {
            let is_list = value.starts_with(b"[");
            let texts = if is_list { list(value) } else { vec![value] };
            let addresses = texts.into_iter().filter_map(address_in);
            let addresses: Vec<&[u8]> = addresses.collect();
            if addresses.is_empty() {
                continue;
            }
            let new = if is_list {
                format!("[{text}]")
            } else {
                text.clone()
            };
            changes.push((place(body, value)?, new.into_bytes()));
            old.extend(addresses.into_iter().map(<[u8]>::to_vec));
        }
        if changes.is_empty() {
            return None;
        }
        // A server's answer repeats the address. One that names another than the recipient's would
        // be read as being about somebody else.
        let inner = text.trim_matches('"').as_bytes();
        let body = spliced(body, changes);
        Some(
            old.iter()
                .fold(body, |body, old| replaced(&body, old, inner)),
        )
    }
}

/// Returns the values at these paths, in each element of a body: of an array, of JSON Lines, or the
/// body itself.
fn values<'a>(body: &'a [u8], paths: &'static [Path]) -> impl Iterator<Item = &'a [u8]> {
    let body = json::body(body);
    let lines = (!json::is_whole(body)).then(|| Lines::of(body)).flatten();
    let elements: Vec<&[u8]> = match lines {
        Some(lines) => lines.collect(),
        None if body.starts_with(b"[") => list(body),
        None => vec![body],
    };
    let at_path = |element, path: &Path| {
        let mut values = Vec::new();
        collect(element, path, &mut values);
        values
    };
    elements
        .into_iter()
        .flat_map(move |element| paths.iter().flat_map(move |path| at_path(element, path)))
}

/// Collects the values at a path. Where the path leads through a list, each of its items is passed
/// through; a list at its end is a value.
fn collect<'a>(value: &'a [u8], path: &[&str], values: &mut Vec<&'a [u8]>) {
    let Some((key, rest)) = path.split_first() else {
        values.push(value);
        return;
    };
    let objects = if value.starts_with(b"[") {
        list(value)
    } else {
        vec![value]
    };
    for object in objects {
        if let Some(value) = json::value_of(object, key) {
            collect(value, rest, values);
        }
    }
}

fn list(value: &[u8]) -> Vec<&[u8]> {
    Items::of(value).into_iter().flatten().collect()
}

/// Returns the address in a JSON text, with or without a name in front of it. Of a text with
/// several addresses, this is the whole text.
fn address_in(value: &[u8]) -> Option<&[u8]> {
    let text = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let after = text.iter().rposition(|b| *b == b'<');
    let address = after.and_then(|at| text.get(at + 1..)).unwrap_or(text);
    let address = address.strip_suffix(b">").unwrap_or(address).trim_ascii();
    let mut parts = address.split(|b| *b == b'@');
    let is_one = parts.by_ref().take(2).count() == 2 && parts.next().is_none();
    let is_several = || text.contains(&b'@').then_some(text);
    if is_one { Some(address) } else { is_several() }
}

/// Returns the place of a part in the bytes that it is a part of.
fn place(whole: &[u8], part: &[u8]) -> Option<std::ops::Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    let place = start..start + part.len();
    whole.get(place.clone()).is_some().then_some(place)
}

fn spliced(body: &[u8], mut changes: Vec<Change>) -> Vec<u8> {
    changes.sort_by_key(|(place, _)| place.start);
    let mut new = Vec::with_capacity(body.len());
    let mut at = 0;
    for (place, text) in changes {
        // a key that is there twice is looked up by two names of one path only
        if place.start < at {
            continue;
        }
        new.extend_from_slice(body.get(at..place.start).unwrap_or_default());
        new.extend_from_slice(&text);
        at = place.end;
    }
    new.extend_from_slice(body.get(at..).unwrap_or_default());
    new
}

fn replaced(body: &[u8], old: &[u8], by: &[u8]) -> Vec<u8> {
    let mut new = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((first, others)) = rest.split_first() {
        if let Some(behind) = rest.strip_prefix(old) {
            new.extend_from_slice(by);
            rest = behind;
        } else {
            new.push(*first);
            rest = others;
        }
    }
    new
}

/// A time as a body has it.
struct Written<'a> {
    time: Timestamp,
    text: &'a str,
    is_quoted: bool,
}

impl<'a> Written<'a> {
    fn read(value: &'a [u8]) -> Option<Self> {
        let value = std::str::from_utf8(value).ok()?;
        let inner = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
        let text = inner.unwrap_or(value);
        Some(Self {
            time: time::from_text(text)?,
            text,
            is_quoted: inner.is_some(),
        })
    }

    /// Returns the time so much later, in the same form.
    fn moved(&self, later: SignedDuration) -> Option<String> {
        let time = self.time.checked_add(later).ok()?;
        let text = self.text.trim();
        let moved = if text.contains('-') {
            in_words(text, time)
        } else {
            in_digits(text, time)
        };
        let quote = if self.is_quoted { "\"" } else { "" };
        Some(format!("{quote}{moved}{quote}"))
    }
}

/// Writes RFC 3339 with as many digits below the second as there were, and with their zero offset.
fn in_words(text: &str, time: Timestamp) -> String {
    let fraction = text.split_once('.').map_or(0, |(_, below)| {
        below.bytes().take_while(u8::is_ascii_digit).count().min(9)
    });
    let utc = format!("{time:.fraction$}");
    if text.ends_with("+00:00") {
        format!("{}+00:00", utc.trim_end_matches('Z'))
    } else {
        utc
    }
}

/// Writes Unix time in the unit, and with as many digits below it, as it was. The number of digits
/// tells the unit: see [`time::from_unix`].
fn in_digits(text: &str, time: Timestamp) -> String {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    match whole.len() {
        ..=12 if fraction.is_empty() => time.as_second().to_string(),
        ..=12 => {
            let below = format!("{:09}", time.subsec_nanosecond());
            let digits = fraction.len().min(below.len());
            format!(
                "{}.{}",
                time.as_second(),
                below.get(..digits).unwrap_or("0")
            )
        }
        13..=15 => time.as_millisecond().to_string(),
        16..=18 => time.as_microsecond().to_string(),
        _ => time.as_nanosecond().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: Places = Places {
        times: &[&["at"], &["data", "at"]],
        recipients: &[&["to"], &["data", "to"]],
    };
    /// 2026-11-26T12:00:00.25Z
    const NOW: Timestamp = Timestamp::constant(1_795_694_400, 250_000_000);

    fn restamped(body: &str) -> String {
        String::from_utf8(PLACES.restamped(body.as_bytes(), NOW)).expect("text")
    }

    fn readdressed(body: &str) -> Option<String> {
        let body = PLACES.readdressed(body.as_bytes(), "you@example.test");
        body.map(|body| String::from_utf8(body).expect("text"))
    }

    #[test]
    fn a_time_keeps_its_form() {
        for (old, new) in [
            ("1767323045", "1795694400"),
            (" 1767323045 ", " 1795694400 "),
            ("1767323045.5", "1795694400.2"),
            ("1767323045.678901", "1795694400.250000"),
            ("1767323045123", "1795694400250"),
            ("1767323045123456", "1795694400250000"),
            (r#""1767323045""#, r#""1795694400""#),
            (r#""2026-01-02T03:04:05Z""#, r#""2026-11-26T12:00:00Z""#),
            (
                r#""2026-01-02T03:04:05.678Z""#,
                r#""2026-11-26T12:00:00.250Z""#,
            ),
            (
                r#""2026-01-02T04:04:05.678901+01:00""#,
                r#""2026-11-26T12:00:00.250000Z""#,
            ),
            (
                r#""2026-01-02T03:04:05.678901+00:00""#,
                r#""2026-11-26T12:00:00.250000+00:00""#,
            ),
            (r#""soon""#, r#""soon""#),
            ("0", "0"),
            ("null", "null"),
        ] {
            let body = format!(r#"{{"id":7,"at":{old},"b":[ 1 ]}}"#);
            let wanted = format!(r#"{{"id":7,"at":{new},"b":[ 1 ]}}"#);
            assert_eq!(restamped(&body), wanted);
        }
    }

    #[test]
    fn times_keep_their_distances_and_the_latest_is_now() {
        assert_eq!(
            restamped(r#"[{"at":1767323000},{"at":1767323045,"data":{"at":"1767323044000"}},{}]"#),
            r#"[{"at":1795694355},{"at":1795694400,"data":{"at":"1795694399250"}},{}]"#
        );
    }

    #[test]
    fn lists_and_lines_are_passed_through() {
        assert_eq!(
            restamped(r#"{"data":[{"at":1767323000},{"at":1767323045}]}"#),
            r#"{"data":[{"at":1795694355},{"at":1795694400}]}"#
        );
        assert_eq!(
            restamped("{\"at\":1767323000}\n{\"at\":1767323045}\n"),
            "{\"at\":1795694355}\n{\"at\":1795694400}\n"
        );
        assert_eq!(
            readdressed(r#"{"data":[{"to":"a@x.test"},{"to":["b@x.test"]}]}"#).as_deref(),
            Some(r#"{"data":[{"to":"you@example.test"},{"to":["you@example.test"]}]}"#)
        );
    }

    #[test]
    fn what_is_no_json_around_it_hides_no_time() {
        assert_eq!(
            restamped("\u{feff}{\"text\":\"a\tb\",\"at\":1767323045}\r\n"),
            "\u{feff}{\"text\":\"a\tb\",\"at\":1795694400}\r\n"
        );
        assert_eq!(restamped("not json"), "not json");
    }

    #[test]
    fn every_recipient_is_the_one_that_was_asked_for_and_so_is_what_a_server_says_of_it() {
        for (old, new) in [
            (
                r#"{"to":"kim@mail.test","why":"<kim@mail.test>: no such user"}"#,
                Some(r#"{"to":"you@example.test","why":"<you@example.test>: no such user"}"#),
            ),
            (
                r#"{"data":{"to":["Kim <kim@mail.test>","lee@mail.test"]}}"#,
                Some(r#"{"data":{"to":["you@example.test"]}}"#),
            ),
            (
                r#"[{"to":"a@x.test"},{"to":null}]"#,
                Some(r#"[{"to":"you@example.test"},{"to":null}]"#),
            ),
            (r#"{"to":"+15550100"}"#, None),
            (r#"{"from":"kim@mail.test"}"#, None),
        ] {
            assert_eq!(readdressed(old).as_deref(), new, "{old}");
        }
    }
}
