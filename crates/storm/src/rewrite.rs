//! Turns a sample into a webhook of its own: with other people, other ids and other times. The rest
//! stays as it was.
//!
//! Nothing here knows a provider. A text with an `@` is an address. A key that ends in `id` names
//! something, and a key with `time`, `date` or `_at` in it says when.
//!
//! The provider's `normalize` decides what the rewritten sample says.

use jiff::Timestamp;
use serde_json::{Number, Value};

/// What makes a webhook different from every other one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Marks {
    /// Its own number.
    pub(crate) webhook: usize,
    /// The person that it is about. Several webhooks may share a person.
    pub(crate) person: usize,
    /// When its first fact occurred. The other facts keep their distance to it.
    pub(crate) at: Timestamp,
}

/// Unix times between 2001 and 2286, in seconds and in milliseconds.
const SECONDS: std::ops::Range<i64> = 1_000_000_000..10_000_000_000;
const MILLIS: std::ops::Range<i64> = 1_000_000_000_000..10_000_000_000_000;

/// Returns the sample with these marks. If the sample is not JSON that survives being read and
/// written, only its addresses change.
pub(crate) fn rewrite(sample: &[u8], marks: Marks) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(sample) else {
        let text = String::from_utf8_lossy(sample);
        let marked = text.replace('@', &format!(".s{}@", marks.webhook));
        return marked.into_bytes();
    };
    let shift = first_time(&value, "").map(|first| marks.at.as_millisecond() - first);
    let rewriting = Rewriting {
        marks,
        shift: shift.unwrap_or_default(),
    };
    rewriting.mark(&mut value, "");
    value.to_string().into_bytes()
}

struct Rewriting {
    marks: Marks,
    /// How far all times move, in milliseconds.
    shift: i64,
}

impl Rewriting {
    fn mark(&self, value: &mut Value, key: &str) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    self.mark(value, key);
                }
            }
            Value::Array(values) => {
                for value in values {
                    self.mark(value, key);
                }
            }
            Value::String(text) => *text = self.text(text, key),
            Value::Number(number) => {
                if let Some(marked) = self.number(number, key) {
                    *number = marked;
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn text(&self, text: &str, key: &str) -> String {
        if is_time(key) {
            return self.time(text).unwrap_or_else(|| text.to_owned());
        }
        match (is_id(key), text.contains('@')) {
            _ if text.trim().is_empty() => text.to_owned(),
            (true, true) => text.replace('@', &format!(".s{}@", self.marks.webhook)),
            (true, false) => format!("{text}-s{}", self.marks.webhook),
            (false, true) => text.replace('@', &format!(".p{}@", self.marks.person)),
            (false, false) => text.to_owned(),
        }
    }

    fn number(&self, number: &Number, key: &str) -> Option<Number> {
        if is_time(key) {
            return Some(self.later(number.as_i64()?)?.into());
        }
        let is_whole = is_id(key) && number.is_u64();
        is_whole.then(|| (7_000_000_000 + self.marks.webhook as u64).into())
    }

    fn time(&self, text: &str) -> Option<String> {
        if let Ok(number) = text.parse() {
            return self.later(number).map(|later| later.to_string());
        }
        let time: Timestamp = text.parse().ok()?;
        let later = time.as_millisecond().checked_add(self.shift)?;
        Timestamp::from_millisecond(later)
            .ok()
            .map(|later| later.to_string())
    }

    /// Moves a Unix time in seconds or milliseconds. Returns `None` for any other number.
    fn later(&self, number: i64) -> Option<i64> {
        match number {
            seconds if SECONDS.contains(&seconds) => Some(seconds + self.shift / 1000),
            millis if MILLIS.contains(&millis) => Some(millis + self.shift),
            _ => None,
        }
    }
}

/// Returns the first time in a value, in milliseconds.
fn first_time(value: &Value, key: &str) -> Option<i64> {
    match value {
        Value::Object(fields) => fields.iter().find_map(|(key, v)| first_time(v, key)),
        Value::Array(values) => values.iter().find_map(|value| first_time(value, key)),
        Value::Number(number) if is_time(key) => millis(number.as_i64()?),
        Value::String(text) if is_time(key) => match text.parse() {
            Ok(number) => millis(number),
            Err(_) => text.parse().ok().map(Timestamp::as_millisecond),
        },
        _ => None,
    }
}

fn millis(number: i64) -> Option<i64> {
    match number {
        seconds if SECONDS.contains(&seconds) => Some(seconds * 1000),
        millis if MILLIS.contains(&millis) => Some(millis),
        _ => None,
    }
}

fn is_id(key: &str) -> bool {
    key.to_ascii_lowercase().ends_with("id")
}

fn is_time(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["time", "date"].iter().any(|word| key.contains(word)) || key.ends_with("_at") || key == "ts"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(sample: &str) -> String {
        let marks = Marks {
            webhook: 5,
            person: 2,
            at: "2026-02-03T04:05:06.700Z".parse().unwrap(),
        };
        String::from_utf8(rewrite(sample.as_bytes(), marks)).unwrap()
    }

    #[test]
    fn people_ids_and_times_are_others_and_the_rest_is_not() {
        let sample = r#"[{"email":"a@b.test","event":"open","iid":"i","n":7,"timestamp":1767323045},
            {"at":"x","list_id":9,"message_id":"<m@b.test>","sent_at":"2026-01-02T03:04:06Z","url":"https://b.test/"}]"#;
        assert_eq!(
            marked(sample),
            r#"[{"email":"a.p2@b.test","event":"open","iid":"i-s5","n":7,"timestamp":1770091506},{"at":"x","list_id":7000000005,"message_id":"<m.s5@b.test>","sent_at":"2026-02-03T04:05:07.7Z","url":"https://b.test/"}]"#
        );
    }

    #[test]
    fn what_is_no_time_stays() {
        let sample = r#"{"time":"soon","timestamp":0,"updated_at":null}"#;
        assert_eq!(marked(sample), sample);
        assert_eq!(
            marked(r#"{"ts":"1767323045000"}"#),
            r#"{"ts":"1770091506700"}"#
        );
    }

    #[test]
    fn of_what_is_no_json_the_addresses_are_others() {
        assert_eq!(
            marked(r#"{"email":"a@b.test","x":"\ud800"#),
            r#"{"email":"a.s5@b.test","x":"\ud800"#
        );
    }
}
