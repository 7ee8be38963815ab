//! What travels through the outbox: whom to tell, and the key of what. Never its content, so that
//! an erased event is told to nobody.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::time::{from_rfc3339, rfc3339_ms};

use crate::fact::Fact;

/// The longest message, in bytes: the largest keys of a table, and what stands around them.
pub const MOST_BYTES: usize = 16 * 1024;

/// One notification for one endpoint, on its way.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The endpoint.
    pub outlet: u64,
    /// What it is told. A test is about nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fact: Option<Fact>,
    /// The id of a test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<String>,
    /// Which attempt this is; the first is 1.
    pub attempt: u32,
    /// When the first attempt was to be made.
    #[serde(with = "time")]
    pub first_at: Timestamp,
    /// The parked item that this message comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parked: Option<Place>,
    /// Whether this attempt probes an endpoint whose breaker is open.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub probe: bool,
}

/// Where an item is parked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its shard.
    pub shard: u8,
    /// Its sort key.
    pub sk: String,
    /// When it was parked, to the letter: another item may have its key by now.
    pub since: String,
}

impl Message {
    /// Returns the first message about a fact.
    #[must_use]
    pub fn first(outlet: u64, fact: Fact, now: Timestamp) -> Self {
        Self {
            outlet,
            fact: Some(fact),
            test: None,
            attempt: 1,
            first_at: now,
            parked: None,
            probe: false,
        }
    }

    /// Returns the message of a test.
    #[must_use]
    pub fn test(outlet: u64, id: String, now: Timestamp) -> Self {
        Self {
            fact: None,
            test: Some(id),
            ..Self::first(outlet, Fact::event("", ""), now)
        }
    }

    /// Returns the message as JSON.
    #[must_use]
    pub fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() // text keys only: it never fails
    }

    /// Reads a message. Returns `None` if it is none, or tells neither a fact nor a test.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let text = Some(text).filter(|text| text.len() <= MOST_BYTES)?;
        let message: Self = serde_json::from_str(text).ok()?;
        let is_one = match (&message.fact, &message.test) {
            (Some(fact), None) => fact.is_sound(),
            (None, Some(_)) => true,
            _ => false,
        };
        (is_one && message.attempt > 0).then_some(message)
    }

    /// Returns the group of the fair queue: one for each endpoint, so that none delays the others.
    #[must_use]
    pub fn group(&self) -> String {
        self.outlet.to_string()
    }
}

mod time {
    use serde::{Deserializer, Serializer, de};

    use super::{Deserialize as _, Timestamp, from_rfc3339, rfc3339_ms};

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&rfc3339_ms(*at))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(d)?;
        from_rfc3339(&text).ok_or_else(|| de::Error::custom("not a time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Message {
        let fact = Fact::event("email#kim@mail.test", "2026-03-03T08:14:59.000Z#a");
        let now = "2026-03-03T08:15:00.123Z".parse().unwrap();
        Message::first(3, fact, now)
    }

    #[test]
    fn a_message_is_read_as_it_was_written() {
        let first = message();
        let place = Place {
            shard: 2,
            sk: "due#evt_1".to_owned(),
            since: "2026-03-03T08:15:00.123Z".to_owned(),
        };
        let parked = Message {
            attempt: 4,
            parked: Some(place),
            probe: true,
            ..message()
        };
        let test = Message::test(3, "tst_1".to_owned(), message().first_at);
        for message in [first, parked, test] {
            let encoded = message.encode();
            assert!(Message::decode(&encoded) == Some(message), "{encoded}");
        }
        let wanted = r#"{"outlet":3,"fact":{"pk":"email#kim@mail.test","sk":"2026-03-03T08:14:59.000Z#a"},"attempt":1,"first_at":"2026-03-03T08:15:00.123Z"}"#;
        assert_eq!(message().encode(), wanted);
    }

    #[test]
    fn what_is_no_message_is_none() {
        let both = message()
            .encode()
            .replace("\"attempt\"", "\"test\":\"t\",\"attempt\"");
        for text in [
            "",
            "{}",
            "null",
            &both,
            &message().encode().replace("\"attempt\":1", "\"attempt\":0"),
            &message().encode().replace("08:15", "yesterday"),
            &message()
                .encode()
                .replace("\"sk\"", "\"reason\":\"manual\",\"sk\""),
            &message().encode().replace("email#kim@mail.test", ""),
            &message().encode().replace("\"outlet\":3", "\"outlet\":-3"),
            &message().encode().replace("#a", &"x".repeat(MOST_BYTES)),
        ] {
            assert!(
                Message::decode(text).is_none(),
                "{}",
                &text[..text.len().min(80)]
            );
        }
    }
}
