//! Says what a redrive would do, without a word from any body.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::auth::fingerprint;
use shared::delivery::Delivery;
use shared::provider::{Provider, Strength};
use shared::time::rfc3339_ms;

/// The verdict on a message that nothing is wrong with any more.
pub const STORED: &str = "would be stored now";
/// The same verdict on a message whose signature covers a token and not its body. Only the table
/// knows which body the token was used for.
pub const STORED_IF_FIRST: &str = "would be stored now, unless its token was used for another body";
/// The same verdict on a message whose body is not signed at all. Only the table knows what is
/// stored of the same event.
pub const STORED_IF_AGREED: &str = "would be stored now, unless it contradicts what is stored";
/// What stands above the rows of a plan.
pub const HEADER: [&str; 4] = ["provider", "now", "messages", "first seen"];
/// Stands for the provider of a message that names none, or none that is credible.
const NOBODY: &str = "-";
/// The longest word that is accepted as a provider's name.
const NAME_CHARS: usize = 24;

/// What is in the queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The messages by provider and by what this checkout's consumer says about them. The provider
    /// is `-` if the message does not name one; the verdict is a code, [`STORED`],
    /// [`STORED_IF_FIRST`] or [`STORED_IF_AGREED`].
    pub rows: BTreeMap<(String, &'static str), Row>,
    /// How many messages were read.
    pub read: usize,
    /// How many of them are there a second time. The consumer stopped after it had put them aside
    /// and before it had said so.
    pub copies: usize,
    /// How many messages there were, by the queue's own estimate.
    pub estimate: usize,
    /// How many messages someone else was reading. Those do not move.
    pub elsewhere: usize,
    /// Whether the queue has more messages than were read.
    pub is_sample: bool,
    /// The messages by the id that they had when they were put aside first, and by their bodies.
    pub(super) letters: BTreeSet<String>,
}

/// Messages of one provider with one verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// How many messages there are.
    pub messages: usize,
    /// When the first of them arrived.
    pub oldest: Option<Timestamp>,
}

impl Plan {
    /// Counts a message. `first_id` is the id that it had when it was put aside first. `sent` is
    /// when the queue accepted it, and is used if the message itself does not say when it arrived.
    pub fn add(&mut self, body: &str, first_id: Option<&str>, sent: Option<Timestamp>) {
        self.read += 1;
        let copy = first_id.map(|id| fingerprint(&[Some(id), Some(body)]));
        if copy.is_some_and(|copy| !self.letters.insert(copy)) {
            self.copies += 1;
            return;
        }
        let (provider, verdict, came) = judge(body);
        let came = came.or(sent);
        let row = self.rows.entry((provider, verdict)).or_insert(Row {
            messages: 0,
            oldest: came,
        });
        row.messages += 1;
        row.oldest = row.oldest.into_iter().chain(came).min();
    }

    /// Returns the plan's sum in a sentence or two.
    #[must_use]
    pub fn summary(&self) -> String {
        let first = self.first_line();
        match self.elsewhere {
            0 => first,
            more => format!(
                "{first}\n{more} more are being read by someone else at the moment, and do not move."
            ),
        }
    }

    /// Returns a row for each provider and verdict, under [`HEADER`], at the time `now`.
    #[must_use]
    pub fn rows(&self, now: Timestamp) -> Vec<Vec<String>> {
        let rows = self.rows.iter().map(|((provider, verdict), row)| {
            let age = row.oldest.map(|oldest| age(now.duration_since(oldest)));
            vec![
                provider.clone(),
                (*verdict).to_owned(),
                row.messages.to_string(),
                age.unwrap_or_default(),
            ]
        });
        rows.collect()
    }

    /// Returns the plan for machines.
    #[must_use]
    pub fn json(&self, now: Timestamp) -> Value {
        let rows = self.rows.iter().map(|((provider, verdict), row)| {
            json!({
                "provider": provider,
                "verdict": verdict,
                "messages": row.messages,
                "oldest": row.oldest.map(rfc3339_ms),
            })
        });
        json!({
            "read": self.read,
            "copies": self.copies,
            "estimate": self.estimate,
            "is_sample": self.is_sample,
            "elsewhere": self.elsewhere,
            "rows": rows.collect::<Vec<_>>(),
            "at": rfc3339_ms(now),
        })
    }

    fn first_line(&self) -> String {
        let Self { read, estimate, .. } = self;
        if self.is_sample {
            return format!(
                "About {estimate} messages wait in the dead-letter queue; only a sample of {read} was read:"
            );
        }
        match read {
            0 => "The dead-letter queue has nothing to move.".to_owned(),
            read if self.copies > 0 => format!(
                "Messages in the dead-letter queue: {read}, {} of them a second time",
                self.copies
            ),
            read => format!("Messages in the dead-letter queue: {read}"),
        }
    }
}

/// Returns what this checkout's consumer says about a message of the queue: a code, or one of
/// [`STORED`], [`STORED_IF_FIRST`] and [`STORED_IF_AGREED`].
#[must_use]
pub fn verdict(body: &str) -> &'static str {
    judge(body).1
}

/// Returns the provider, the verdict, and when the webhook arrived.
fn judge(body: &str) -> (String, &'static str, Option<Timestamp>) {
    match registry::normalize(body) {
        Ok(normalized) => {
            let malformed = normalized.malformed.first();
            let provider = registry::provider(normalized.delivery.provider());
            let stored = match provider.map(Provider::strength) {
                _ if normalized.delivery.token().is_some() => STORED_IF_FIRST,
                None | Some(Strength::Signed) => STORED,
                Some(_) => STORED_IF_AGREED,
            };
            let verdict = malformed.map_or(stored, |malformed| malformed.code());
            named(&normalized.delivery, verdict)
        }
        Err(poison) => match Delivery::decode(body) {
            Ok(delivery) => named(&delivery, poison.code()),
            Err(_) => (NOBODY.to_owned(), poison.code(), None),
        },
    }
}

fn named(delivery: &Delivery, verdict: &'static str) -> (String, &'static str, Option<Timestamp>) {
    // Whoever may write to the queue chose this word. It is shown only if it looks like a name.
    let name = delivery.provider();
    let is_name = !name.is_empty()
        && name.len() <= NAME_CHARS
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let name = if is_name { name } else { NOBODY };
    (name.to_owned(), verdict, Some(delivery.received_at()))
}

/// Writes an age in the largest unit that fits, such as `3 h ago`.
fn age(age: SignedDuration) -> String {
    let units = [(86_400, "d"), (3600, "h"), (60, "min")];
    let seconds = age.as_secs().max(0);
    let unit = units.iter().find(|(length, _)| seconds >= *length);
    let (length, unit) = unit.copied().unwrap_or((1, "s"));
    format!("{} {unit} ago", seconds / length)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_767_323_100;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(AT + seconds).unwrap()
    }

    fn message(provider: &str, seconds: i64, body: &str) -> String {
        serde_json::json!({"v": 1, "provider": provider, "received_at": (AT + seconds) * 1000, "encoding": "text", "body": body})
            .to_string()
    }

    fn json_with(message: &str, field: &str, value: &str) -> String {
        let mut message: serde_json::Value = serde_json::from_str(message).unwrap();
        message[field] = value.into();
        message.to_string()
    }

    #[test]
    fn messages_are_counted_by_provider_and_verdict_and_the_oldest_is_kept() {
        let mut plan = Plan::default();
        plan.add(
            &message("insider", 7, r#"{"event":"open"}"#),
            None,
            Some(at(0)),
        );
        plan.add(&message("insider", 5, r#"{"event":"open"}"#), None, None);
        let signed_by_token =
            json_with(&message("insider", 6, r#"{"event":"open"}"#), "token", "t");
        plan.add(&signed_by_token, None, None);
        plan.add(&message("ses", 8, "{}"), None, None);
        plan.add(&message("insider", 9, "kim@mail.test"), None, None);
        plan.add(
            &message("insider", 9, r#"[{"event":"open"}, 3]"#),
            None,
            None,
        );
        plan.add(&message("acme", 9, "{}"), None, None);
        plan.add(&message("kim@mail.test", 9, "{}"), None, None);
        plan.add("kim@mail.test", None, None);
        plan.add("{", None, Some(at(4)));
        let row = |provider: &str, verdict, messages, oldest: Option<i64>| {
            let oldest = oldest.map(at);
            ((provider.to_owned(), verdict), Row { messages, oldest })
        };
        let rows = [
            row("insider", STORED, 2, Some(5)),
            row("insider", STORED_IF_FIRST, 1, Some(6)),
            row("ses", STORED_IF_AGREED, 1, Some(8)),
            row("insider", "body_not_json", 1, Some(9)),
            row("insider", "element_not_object", 1, Some(9)),
            row("acme", "provider_unknown", 1, Some(9)),
            row("-", "provider_unknown", 1, Some(9)),
            row("-", "message_not_a_delivery", 2, Some(4)),
        ];
        assert_eq!(plan.rows, BTreeMap::from(rows));
        assert_eq!((plan.read, plan.copies), (10, 0));
        let rows = plan.rows(at(3 * 3600)).concat().join(" ");
        assert!(rows.contains("2 h ago"), "{rows}");
        assert!(!rows.contains("mail.test"), "{rows}");
    }

    #[test]
    fn a_message_that_was_put_aside_twice_is_counted_once() {
        let mut plan = Plan::default();
        let body = message("insider", 9, "kim@mail.test");
        for first_id in [Some("a"), Some("b"), Some("a"), None, None] {
            plan.add(&body, first_id, None);
        }
        let messages: Vec<usize> = plan.rows.values().map(|row| row.messages).collect();
        assert_eq!((plan.read, plan.copies, messages), (5, 1, vec![4]));
        // The same message, and something else of it.
        plan.add(&message("insider", 9, "[7]"), Some("a"), None);
        assert_eq!((plan.read, plan.copies), (6, 1));
        let wanted = "Messages in the dead-letter queue: 6, 1 of them a second time";
        assert_eq!(plan.summary(), wanted);
    }

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let told: Vec<String> = [-3, 59, 60, 7199, 86_399, 86_400 * 13]
            .map(|seconds| age(SignedDuration::from_secs(seconds)))
            .into();
        let wanted = [
            "0 s ago",
            "59 s ago",
            "1 min ago",
            "1 h ago",
            "23 h ago",
            "13 d ago",
        ];
        assert_eq!(told, wanted);
    }
}
