//! What became of one webhook.

use registry::Normalized;
use serde::{Deserialize, Serialize};
use shared::auth::{self, sha256_hex};
use shared::delivery::Delivery;
use shared::event::{Event, Kind};
use shared::machine::Machine;
use shared::provider::Provider;
use shared::time::rfc3339_ms;
use table::keys::SUPPRESSION;
use table::word::word;

use crate::print::now;

/// The most events of one webhook that an entry tells.
const MOST_EVENTS: usize = 100;

/// What became of one webhook, or of a request that is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// When it came, RFC 3339.
    pub at: String,
    /// Its provider. Without one, no function answered.
    pub provider: Option<String>,
    /// The status of the answer.
    pub status: Option<u16>,
    /// Why it was refused, put aside, or waits. There may be several, with commas between.
    pub code: Option<String>,
    /// Its events that are in the table, the first of them.
    pub events: Vec<Told>,
    /// How many more there are.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_events: usize,
    /// Whether it is in the dead-letter queue, or a part of it.
    pub dead: bool,
    /// Whether it waits in the queue, and comes again.
    #[serde(skip_serializing_if = "is_false")]
    pub waits: bool,
    /// The label of the key that signed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The queue message's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// The request's id, if the entry is about its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The SHA-256 of the body, in hex, if the entry is about what became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_sha256: Option<String>,
    /// The method of a request that is no webhook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The path of a request that is no webhook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// One event, in a few words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    /// The kind.
    pub kind: String,
    /// The class of a bounce.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Who it happened to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// What it says about mailing the recipient again: `suppressed`, or `lifted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppression: Option<String>,
    /// Whether a machine did it.
    #[serde(skip_serializing_if = "is_false")]
    pub machine: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Entry {
    /// Returns the entry of a queue message that has been processed, as if all of it were stored.
    #[must_use]
    pub fn of_message(message_id: &str, body: &str) -> Self {
        let entry = Self {
            at: rfc3339_ms(now()),
            message_id: Some(message_id.to_owned()),
            ..Self::default()
        };
        let Ok((provider, delivery)) = registry::open(body) else {
            return entry;
        };
        entry.of_delivery(provider, delivery)
    }

    /// Returns the entry of a message of a provider's own queue, likewise. `queue_arn` is that of
    /// the queue.
    #[must_use]
    pub fn of_own(provider: &'static dyn Provider, queue_arn: &str, id: &str, body: &str) -> Self {
        let entry = Self {
            at: rfc3339_ms(now()),
            message_id: Some(id.to_owned()),
            ..Self::default()
        };
        let Some(authentic) = auth::transport(queue_arn, queue_arn, body) else {
            return entry;
        };
        let delivery = Delivery::seal(authentic, provider.name(), now());
        entry.of_delivery(provider, delivery)
    }

    fn of_delivery(self, provider: &'static dyn Provider, delivery: Delivery) -> Self {
        let entry = Self {
            at: rfc3339_ms(delivery.received_at()),
            provider: Some(provider.name().to_owned()),
            status: Some(200),
            source: delivery.source().map(str::to_owned),
            body_sha256: Some(sha256_hex(delivery.body())),
            ..self
        };
        match registry::normalize_with(provider, delivery) {
            Ok(normalized) => entry.with(&normalized),
            Err(_) => entry,
        }
    }

    fn with(self, normalized: &Normalized) -> Self {
        let events = &normalized.events;
        Self {
            events: events.iter().take(MOST_EVENTS).map(Told::of).collect(),
            more_events: events.len().saturating_sub(MOST_EVENTS),
            ..self
        }
    }

    /// Returns the same entry for a message that was put aside for these reasons. `stored` of its
    /// events are in the table.
    #[must_use]
    pub fn put_aside(self, codes: &[String], stored: usize) -> Self {
        let entry = Self {
            code: Some(codes.join(",")),
            dead: true,
            ..self
        };
        if stored > 0 {
            return entry;
        }
        Self {
            events: Vec::new(),
            more_events: 0,
            ..entry
        }
    }

    /// Checks whether the entry is about a webhook that was refused, or a request that is none.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.status.is_some_and(|status| status != 200)
    }
}

impl Told {
    /// Returns an event in a few words.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        let (class, machine) = match &event.kind {
            Kind::Bounced(refusal) => (Some(refusal.verdict.class.as_str()), Machine::None),
            Kind::Opened(machine) | Kind::Clicked { machine, .. } => (None, *machine),
            _ => (None, Machine::None),
        };
        // An opt-out of a stream, a group or a list suppresses no address.
        let word = word(event).filter(|word| word.sk == SUPPRESSION);
        let suppression = word.map(|word| if word.sets { "suppressed" } else { "lifted" });
        Self {
            kind: event.kind.name().to_owned(),
            class: class.map(str::to_owned),
            recipient: event.recipient.as_ref().map(|to| to.expose().to_owned()),
            suppression: suppression.map(str::to_owned),
            machine: machine != Machine::None,
        }
    }
}
