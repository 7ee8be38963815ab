//! The lines of deliver's log about messages. None has a URL, a header, a body or an address.

use jiff::Timestamp;
use outlets::message::Message;
use runtime::log::{Head, Level};
use serde::Serialize;
use shared::time::rfc3339_ms;

use crate::tried::{Tried, Verdict};

/// The name of the function.
pub(crate) const FUNCTION: &str = "deliver";

/// What became of one message.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    #[serde(flatten)]
    head: Head,
    function: &'static str,
    outcome: &'static str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    outlet: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_id: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    probe: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_at: Option<String>,
}

impl<'a> Line<'a> {
    /// Returns a line about a message. One that cannot be read has no endpoint.
    pub(crate) fn new(
        level: Level,
        outcome: &'static str,
        message: Option<&Message>,
        request_id: &'a str,
        now: Timestamp,
    ) -> Self {
        Self {
            head: Head::new(now, level),
            function: FUNCTION,
            outcome,
            request_id,
            outlet: message.map(|message| message.outlet.to_string()),
            webhook_id: None,
            kind: None,
            attempt: message.map(|message| message.attempt),
            probe: message.is_some_and(|message| message.probe),
            code: None,
            status: None,
            latency_ms: None,
            next_at: None,
        }
    }

    /// Returns the line with the id of the notification, and its type if it is known.
    pub(crate) fn about(self, id: &str, kind: Option<&str>) -> Self {
        Self {
            webhook_id: Some(id.to_owned()),
            kind: kind.map(str::to_owned),
            ..self
        }
    }

    /// Returns the line with why it is so.
    pub(crate) fn because(self, code: &'static str) -> Self {
        Self {
            code: Some(code),
            ..self
        }
    }

    /// Returns the line with what the attempt came to. A success needs no code.
    pub(crate) fn tried(self, tried: &Tried) -> Self {
        let is_told = tried.verdict != Verdict::Delivered;
        Self {
            code: is_told.then_some(tried.code),
            status: tried.status,
            latency_ms: Some(tried.latency_ms()),
            ..self
        }
    }

    /// Returns the line with when the next attempt is due, if there is one.
    pub(crate) fn next_at(self, at: Option<Timestamp>) -> Self {
        Self {
            next_at: at.map(rfc3339_ms),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use outlets::fact::Fact;

    use super::*;

    const NOW: &str = "2026-03-03T08:15:00.123Z";

    fn message() -> Message {
        let fact = Fact::event("email#kim@mail.test", "2026-03-03T08:14:59.000Z#a");
        Message::first(3, fact, NOW.parse().unwrap())
    }

    #[test]
    fn a_line_says_what_became_of_a_message_and_nothing_about_a_person() {
        let message = message();
        let now = NOW.parse().unwrap();
        let line = Line::new(Level::Warn, "failed", Some(&message), "r", now)
            .about("evt_1", Some("email.bounced"))
            .tried(&Tried::failed("timeout", Duration::from_secs(15)))
            .next_at(Some(now));
        let text = serde_json::to_string(&line).unwrap();
        let wanted = r#"{"timestamp":"2026-03-03T08:15:00.123Z","level":"warn","function":"deliver","outcome":"failed","request_id":"r","outlet":"3","webhook_id":"evt_1","type":"email.bounced","attempt":1,"code":"timeout","latency_ms":15000,"next_at":"2026-03-03T08:15:00.123Z"}"#;
        assert_eq!(text, wanted);
        assert!(!text.contains("kim"));
    }

    #[test]
    fn what_cannot_be_read_has_no_endpoint() {
        let now = NOW.parse().unwrap();
        let line =
            Line::new(Level::Error, "put_aside", None, "r", now).because("message_unreadable");
        let text = serde_json::to_string(&line).unwrap();
        let wanted = r#"{"timestamp":"2026-03-03T08:15:00.123Z","level":"error","function":"deliver","outcome":"put_aside","request_id":"r","code":"message_unreadable"}"#;
        assert_eq!(text, wanted);
    }
}
