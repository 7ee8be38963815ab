//! The answers of the API.

use serde::{Deserialize, Serialize};

use super::hidden::Hidden;

/// All endpoints, in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// The endpoints.
    pub webhooks: Vec<Shown>,
    /// How the event bus does, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bus: Option<Standing>,
}

/// An endpoint. The first five fields are `MailPanda`'s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Its id.
    pub id: u64,
    /// Where its notifications go.
    pub url: Hidden,
    /// What it wants: words with commas between them.
    pub events: String,
    /// Whether it is told anything. What it misses is held for 14 days.
    pub active: bool,
    /// When it was made, without a fraction.
    pub created_at: String,
    /// The providers that it is narrowed to. None means all.
    #[serde(default)]
    pub providers: Vec<String>,
    /// The labels of keys that it is narrowed to. None means all.
    #[serde(default)]
    pub sources: Vec<String>,
    /// The names of its own headers.
    #[serde(default)]
    pub headers: Vec<String>,
    /// Since when its secrets sign, newest first.
    #[serde(default)]
    pub secrets: Vec<ShownSecret>,
    /// Who made it: the last part of an ARN, or the label of a key.
    #[serde(default)]
    pub created_by: String,
    /// How it does.
    #[serde(flatten)]
    pub standing: Standing,
}

/// A secret of an endpoint, without the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownSecret {
    /// Since when it signs.
    pub since: String,
    /// Until when it signs, if it was replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// How an endpoint does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// One word: `ok`, `failing`, `open` (its breaker is open), `inactive` (somebody paused it), or
    /// `disabled` (it was turned off for what it answered).
    #[serde(default)]
    pub state: String,
    /// Since when it fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<String>,
    /// Why it failed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_code: Option<String>,
    /// When it is tried next, if its breaker is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<String>,
    /// Why it was turned off: `failing` or `gone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<String>,
    /// How many notifications wait in the table. This is counted up to a bound.
    #[serde(default)]
    pub undelivered: u64,
    /// Whether there are more than that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undelivered_more: bool,
}

/// A new endpoint: `MailPanda`'s five fields, and a secret only if none was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// Its id.
    pub id: u64,
    /// Where its notifications go.
    pub url: Hidden,
    /// What it wants.
    pub events: String,
    /// Whether it is told anything.
    pub active: bool,
    /// When it was made, without a fraction.
    pub created_at: String,
    /// The secret that was made. No other answer has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Hidden>,
}

/// What became of a rotation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotated {
    /// The secret that was made. It is absent if the new one was given. No other answer has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Hidden>,
    /// Until when the old one signs beside it.
    pub old_until: String,
}

/// What became of a test. If it has only an id, it is on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tested {
    /// The `webhook-id` that the endpoint gets.
    pub id: String,
    /// Whether the endpoint accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<bool>,
    /// What happened, in one word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The status that it answered, if it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How long it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
}

/// What waits for an endpoint, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undelivered {
    /// At most a hundred of them.
    pub undelivered: Vec<Waiting>,
    /// What to ask with for the next ones: `?after=`. Absent if these are the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Hidden>,
}

/// A notification that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Its `webhook-id`.
    pub id: String,
    /// `suppression`, if it says that a reason not to mail somebody stands or has gone.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whom it is about, if it is about somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Hidden>,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it failed last, if it was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_code: Option<String>,
    /// When it is tried next. Absent if its attempts are over, or its endpoint is inactive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<String>,
    /// When it is lost.
    pub lost_at: String,
}

/// What became of a retry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retried {
    /// How many are on their way or due now. This is counted up to a bound.
    pub retried: u64,
    /// Whether others are not due yet, for another request.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

/// The endpoint that was removed, with all that waited for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// Its id. No other endpoint will ever have it.
    pub id: u64,
    /// Always true.
    pub removed: bool,
}

/// What an operator has said about an address. It is on its way to the table, where each of these
/// is an event of the address a moment later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spoken {
    /// The address in its canonical form.
    pub address: Hidden,
    /// What was said: `add` or `lift`.
    pub act: String,
    /// When, RFC 3339.
    pub at: String,
    /// What each reason will rest on.
    pub events: Vec<SpokenEvent>,
}

/// An event that is on its way to the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpokenEvent {
    /// The reason that is set or lifted.
    pub reason: String,
    /// The event's sort key in the timeline of the address.
    pub event: String,
}

/// Every answer that is none of the above.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What is wrong.
    pub error: ProblemText,
}

/// What is wrong. It contains nothing of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemText {
    /// The stable name.
    pub code: String,
    /// What to do.
    pub message: String,
}

impl Problem {
    /// Returns the answer with this code and this message.
    #[must_use]
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            error: ProblemText {
                code: code.to_owned(),
                message: message.into(),
            },
        }
    }
}
