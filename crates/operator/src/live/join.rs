//! Joins what the queue and the functions' log lines say of one message.
//!
//! The queue knows a message's body, and the consumer's line what became of it. They come by two
//! ways, in any order.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::entry::Entry;

/// The most messages that are half known. The oldest are forgotten.
const MOST: usize = 10_000;

/// What a log line of a function says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// An answer, or a message that waits.
    Entry(Box<Entry>),
    /// These messages are stored, all of them.
    Stored(Vec<String>),
    /// This message was put aside.
    PutAside {
        /// Its id.
        message_id: String,
        /// Why.
        codes: Vec<String>,
        /// How many of its events are stored.
        events: usize,
    },
    /// A webhook was accepted. What becomes of it comes later.
    Accepted,
}

/// Returns what a log line says of a webhook. Returns `None` for any other line.
#[must_use]
pub fn heard(fields: &Value) -> Option<Heard> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let number = |name: &str| fields.get(name).and_then(Value::as_u64);
    let texts = |name: &str| -> Vec<String> {
        let list = fields.get(name).and_then(Value::as_array);
        let texts = list.into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    };
    let entry = Entry {
        at: text("timestamp").unwrap_or_default(),
        provider: text("provider"),
        source: text("source"),
        request_id: text("request_id"),
        message_id: text("message_id"),
        ..Entry::default()
    };
    let heard = match text("outcome")?.as_str() {
        "accepted" => Heard::Accepted,
        "ping" => Heard::Entry(Box::new(Entry {
            status: Some(200),
            ..entry
        })),
        "rejected" => Heard::Entry(Box::new(Entry {
            status: number("status").and_then(|status| u16::try_from(status).ok()),
            code: text("code"),
            ..entry
        })),
        // Each further attempt says the same again.
        "waiting" if number("receives") == Some(1) => Heard::Entry(Box::new(Entry {
            code: Some(texts("codes").join(",")),
            waits: true,
            ..entry
        })),
        "stored" => Heard::Stored(texts("messages")),
        "put_aside" => Heard::PutAside {
            message_id: text("message_id")?,
            codes: texts("codes"),
            events: number("events")
                .and_then(|events| usize::try_from(events).ok())
                .unwrap_or_default(),
        },
        _ => return None,
    };
    Some(heard)
}

/// What is known of messages by half.
#[derive(Default)]
pub struct Joined {
    known: BTreeMap<String, Half>,
    order: VecDeque<String>,
}

enum Half {
    /// The queue has let go of it.
    Done(Box<Entry>),
    /// All of it is stored.
    Stored,
    /// It was put aside.
    PutAside(Vec<String>, usize),
}

impl Joined {
    /// Returns the entry of a message that the queue has let go of, if the consumer has said what
    /// became of it.
    pub fn done(&mut self, message_id: &str, entry: Entry) -> Option<Entry> {
        match self.take(message_id) {
            Some(Half::Stored) => Some(entry),
            Some(Half::PutAside(codes, events)) => Some(entry.put_aside(&codes, events)),
            _ => {
                self.keep(message_id, Half::Done(Box::new(entry)));
                None
            }
        }
    }

    /// Returns the entry of a message that is stored, if the queue has let go of it.
    pub fn stored(&mut self, message_id: &str) -> Option<Entry> {
        if let Some(Half::Done(entry)) = self.take(message_id) {
            return Some(*entry);
        }
        self.keep(message_id, Half::Stored);
        None
    }

    /// Returns the entry of a message that was put aside, if the queue has let go of it.
    pub fn put_aside(
        &mut self,
        message_id: &str,
        codes: Vec<String>,
        events: usize,
    ) -> Option<Entry> {
        if let Some(Half::Done(entry)) = self.take(message_id) {
            return Some(entry.put_aside(&codes, events));
        }
        self.keep(message_id, Half::PutAside(codes, events));
        None
    }

    fn take(&mut self, message_id: &str) -> Option<Half> {
        let half = self.known.remove(message_id)?;
        self.order.retain(|known| known != message_id);
        Some(half)
    }

    fn keep(&mut self, message_id: &str, half: Half) {
        self.known.insert(message_id.to_owned(), half);
        self.order.push_back(message_id.to_owned());
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry() -> Entry {
        Entry {
            status: Some(200),
            events: vec![super::super::Told::default()],
            ..Entry::default()
        }
    }

    #[test]
    fn a_message_is_told_once_whichever_way_is_the_faster() {
        let mut joined = Joined::default();
        assert_eq!(joined.done("m-1", entry()), None);
        assert_eq!(joined.stored("m-1"), Some(entry()));
        assert_eq!(joined.stored("m-2"), None);
        assert_eq!(joined.done("m-2", entry()), Some(entry()));
        assert_eq!(joined.done("m-1", entry()), None, "a second message");
    }

    #[test]
    fn what_is_put_aside_is_dead_and_has_the_events_that_are_stored() {
        let codes = || vec!["body_not_json".to_owned()];
        let mut joined = Joined::default();
        assert_eq!(joined.put_aside("m-1", codes(), 0), None);
        let dead = joined.done("m-1", entry()).expect("told");
        assert!(dead.dead);
        assert_eq!(dead.code.as_deref(), Some("body_not_json"));
        assert_eq!(dead.events, []);
        assert_eq!(joined.done("m-2", entry()), None);
        let partly = joined.put_aside("m-2", codes(), 1).expect("told");
        assert_eq!((partly.dead, partly.events.len()), (true, 1));
    }

    #[test]
    fn half_known_messages_do_not_grow_without_end() {
        let mut joined = Joined::default();
        for number in 0..=MOST {
            joined.stored(&number.to_string());
        }
        assert_eq!(joined.known.len(), MOST);
        assert_eq!(joined.done("0", entry()), None, "forgotten");
        // Asking for the one that was forgotten is kept, too, and takes the place of the next one.
        assert_eq!(joined.done("2", entry()), Some(entry()));
    }

    #[test]
    fn a_log_line_says_what_became_of_a_webhook() {
        let line = json!({"timestamp": "2026-01-02T03:04:05.678Z", "level": "warn",
            "provider": "insider", "outcome": "rejected", "request_id": "r", "status": 401,
            "code": "signature_mismatch"});
        let Some(Heard::Entry(entry)) = heard(&line) else {
            panic!("no entry");
        };
        assert_eq!(entry.status, Some(401));
        assert_eq!(entry.code.as_deref(), Some("signature_mismatch"));
        assert_eq!(entry.request_id.as_deref(), Some("r"));
        let stored = json!({"outcome": "stored", "messages": ["a", "b"]});
        let wanted = Heard::Stored(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(heard(&stored), Some(wanted));
        for line in [
            json!({"outcome": "secret_refresh_failed"}),
            json!({"code": "panicked"}),
            json!({"outcome": "waiting", "receives": 2, "codes": []}),
            json!("a word"),
        ] {
            assert_eq!(heard(&line), None, "{line}");
        }
    }
}
