//! Reads the functions' log lines: what a receiver says of a webhook, and what the consumer says of
//! its events. No line has an address or a body.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

/// A log line of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When the function wrote it.
    pub at: Timestamp,
    /// The provider. The consumer does not know it of a message that it cannot open.
    pub provider: Option<String>,
    /// What it says.
    pub what: What,
}

/// What a log line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A webhook is in the queue.
    Accepted {
        /// The queue message that it is.
        message_id: String,
        /// The size of its body.
        bytes: u64,
        /// The label of the key, if it has one.
        source: Option<String>,
        /// Whether a key of the version before the current one had signed it.
        is_by_previous: bool,
    },
    /// A webhook has no event, and is done.
    Ping {
        /// The request, which Lambda has named.
        request_id: String,
    },
    /// A webhook was refused.
    Refused {
        /// The request, which Lambda has named.
        request_id: String,
        /// The status of the answer.
        status: u16,
        /// Why it was refused.
        code: String,
    },
    /// Events of one or several webhooks are in the table.
    Stored {
        /// The queue messages that are done: a line is of all messages of a provider in a batch.
        messages: Vec<String>,
        /// How many there are, by kind.
        kinds: BTreeMap<String, u64>,
        /// The time from the oldest event to the table, in milliseconds.
        lag_ms: Option<i64>,
    },
    /// What is bad of a webhook is in the dead-letter queue.
    Dead {
        /// The queue message that it was.
        message_id: String,
        /// Why it is there.
        codes: Vec<String>,
        /// How many of its events are in the table all the same.
        events: u64,
    },
    /// A webhook waits in the queue, and is tried again.
    Waiting {
        /// The queue message that it is.
        message_id: String,
        /// Why it waits.
        codes: Vec<String>,
        /// After how many seconds it is tried again.
        again_in_s: u64,
        /// How many times it was tried.
        tries: u64,
    },
    /// A key cannot be read or used, or a function stops.
    Trouble {
        /// What is wrong.
        code: String,
        /// What is wrong, in words.
        message: String,
    },
}

/// The fields of all lines.
#[derive(Deserialize)]
struct Fields {
    timestamp: String,
    provider: Option<String>,
    function: Option<String>,
    outcome: Option<String>,
    status: Option<u16>,
    code: Option<String>,
    message: Option<String>,
    source: Option<String>,
    stage: Option<String>,
    body_bytes: Option<u64>,
    request_id: Option<String>,
    message_id: Option<String>,
    #[serde(default)]
    messages: Vec<String>,
    events: Option<u64>,
    receives: Option<u64>,
    #[serde(default)]
    kinds: BTreeMap<String, u64>,
    ingest_lag_ms: Option<i64>,
    #[serde(default)]
    codes: Vec<String>,
    hidden_s: Option<u64>,
}

impl Line {
    /// Reads a line. Returns `None` for what is of no interest to a user who watches: the lines of
    /// Lambda itself, and that a function has started.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut fields: Fields = serde_json::from_str(text).ok()?;
        let provider = fields.provider.take().or(fields.function.take());
        Some(Self {
            at: fields.timestamp.parse().ok()?,
            provider,
            what: What::of(fields)?,
        })
    }
}

impl What {
    fn of(fields: Fields) -> Option<Self> {
        let what = match fields.outcome.as_deref() {
            Some("accepted") => Self::Accepted {
                message_id: fields.message_id?,
                bytes: fields.body_bytes.unwrap_or_default(),
                source: fields.source,
                is_by_previous: fields.stage.is_some(),
            },
            Some("ping") => Self::Ping {
                request_id: fields.request_id?,
            },
            Some("rejected") => Self::Refused {
                request_id: fields.request_id?,
                status: fields.status?,
                code: fields.code?,
            },
            Some("stored") => Self::Stored {
                messages: fields.messages,
                kinds: fields.kinds,
                lag_ms: fields.ingest_lag_ms,
            },
            Some("put_aside") => Self::Dead {
                message_id: fields.message_id?,
                codes: fields.codes,
                events: fields.events.unwrap_or_default(),
            },
            Some("waiting") => Self::Waiting {
                message_id: fields.message_id?,
                codes: fields.codes,
                again_in_s: fields.hidden_s.unwrap_or_default(),
                tries: fields.receives.unwrap_or_default(),
            },
            // of a key, or of a function that stops: both have words for the user
            _ => Self::Trouble {
                code: fields.code?,
                message: fields.message?,
            },
        };
        Some(what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, Option<String>, What)> {
        let line = Line::read(text)?;
        Some((line.at.to_string(), line.provider, line.what))
    }

    #[expect(clippy::unnecessary_wraps, reason = "what `read` returns of a line")]
    fn at(provider: &str, what: What) -> Option<(String, Option<String>, What)> {
        let at = "2026-01-02T03:04:05.678Z".to_owned();
        Some((at, Some(provider.to_owned()), what))
    }

    fn ping_of(request_id: &str) -> What {
        What::Ping {
            request_id: request_id.to_owned(),
        }
    }

    #[test]
    fn a_receiver_s_lines_are_read() {
        let accepted = r#"{"timestamp":"2026-01-02T03:04:05.678Z","level":"info","provider":"customerio","outcome":"accepted","request_id":"r","source":"eu","stage":"AWSPREVIOUS","body_bytes":315,"message_id":"m"}"#;
        let what = What::Accepted {
            message_id: "m".to_owned(),
            bytes: 315,
            source: Some("eu".to_owned()),
            is_by_previous: true,
        };
        assert_eq!(read(accepted), at("customerio", what));
        let refused = r#"{"timestamp":"2026-01-02T03:04:05.678Z","level":"warn","provider":"insider","outcome":"rejected","request_id":"r","status":401,"code":"signature_mismatch"}"#;
        let what = What::Refused {
            request_id: "r".to_owned(),
            status: 401,
            code: "signature_mismatch".to_owned(),
        };
        assert_eq!(read(refused), at("insider", what));
        let ping = refused.replace("rejected", "ping");
        assert_eq!(read(&ping), at("insider", ping_of("r")));
        let key = r#"{"timestamp":"2026-01-02T03:04:05.678Z","level":"error","provider":"sendgrid","outcome":"secret_refresh_failed","code":"secrets_key_short","message":"a key is short"}"#;
        let what = What::Trouble {
            code: "secrets_key_short".to_owned(),
            message: "a key is short".to_owned(),
        };
        assert_eq!(read(key), at("sendgrid", what));
    }

    #[test]
    fn the_consumer_s_lines_are_read() {
        let stored = r#"{"timestamp":"2026-01-02T03:04:05.678Z","level":"info","outcome":"stored","provider":"resend","messages":["m"],"events":3,"kinds":{"bounced":1,"delivered":2},"ingest_lag_ms":1400}"#;
        let what = What::Stored {
            messages: vec!["m".to_owned()],
            kinds: [("bounced".to_owned(), 1), ("delivered".to_owned(), 2)].into(),
            lag_ms: Some(1400),
        };
        assert_eq!(read(stored), at("resend", what));
        let dead = r#"{"timestamp":"2026-01-02T03:04:05.678Z","level":"error","outcome":"put_aside","message_id":"m","provider":"resend","codes":["body_not_json"],"elements":2}"#;
        let codes = vec!["body_not_json".to_owned()];
        let what = What::Dead {
            message_id: "m".to_owned(),
            codes: codes.clone(),
            events: 0,
        };
        assert_eq!(read(dead), at("resend", what));
        let waiting = r#"{"timestamp":"2026-01-02T03:04:05.678Z","level":"warn","outcome":"waiting","message_id":"m","provider":"resend","codes":["body_not_json"],"receives":2,"hidden_s":60}"#;
        let what = What::Waiting {
            message_id: "m".to_owned(),
            codes,
            again_in_s: 60,
            tries: 2,
        };
        assert_eq!(read(waiting), at("resend", what));
        let stopped = r#"{"timestamp":"2026-01-02T03:04:05.678Z","level":"error","function":"consumer","code":"panicked","message":"src/a.rs:1:1"}"#;
        let what = What::Trouble {
            code: "panicked".to_owned(),
            message: "src/a.rs:1:1".to_owned(),
        };
        assert_eq!(read(stopped), at("consumer", what));
    }

    #[test]
    fn lines_of_no_interest_are_left_out() {
        for text in [
            "not JSON",
            r#"{"time":"2026-01-02T03:04:05.678Z","type":"platform.report","record":{}}"#,
            r#"{"timestamp":"2026-01-02T03:04:05.678Z","level":"info","function":"resend","code":"started","version":"0.2.0"}"#,
            r#"{"timestamp":"yesterday","outcome":"ping"}"#,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
