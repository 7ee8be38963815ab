//! What an endpoint is sent: the envelope of Standard Webhooks (`type`, `timestamp`, `data`) with
//! `MailPanda`'s fields on top (`email_id`, `recipient`), so that receivers of either can read it.
//!
//! It is made anew at each attempt, from the item as it is then. The same item gives the same
//! bytes.
//!
//! The JSON Schema is `docs/schemas/notification.json`.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use shared::event::Reason;
use shared::time::rfc3339_ms;
use table::announced::{Announced, MOST_BYTES};
use table::item::Item;
use table::keys::{SUPPRESSION, owner};
use table::read::text;
use table::suppression::{order_key, register};

use crate::fact::Fact;
use crate::filter::Filter;

/// The type of a suppression that stands.
pub const SET: &str = "suppression.set";
/// The type of a suppression that is gone.
pub const LIFTED: &str = "suppression.lifted";
/// The type of a test.
pub const TEST: &str = "postern.test";

/// One notification: what every endpoint that asks for it is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Notification {
    /// The `webhook-id`: the same for every endpoint, retry and replay.
    pub id: String,
    /// The `type`.
    pub kind: String,
    /// The body: JSON of at most 20,000 bytes.
    pub body: Vec<u8>,
}

/// Shows nothing that names a person.
impl fmt::Debug for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Notification({} {})", self.id, self.kind)
    }
}

/// What stands in a body, in this order.
#[derive(Serialize)]
struct Body<'a, D> {
    #[serde(rename = "type")]
    kind: &'a str,
    timestamp: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<&'a str>,
    data: D,
}

/// What is told of a register.
#[derive(Serialize)]
struct Register<'a> {
    channel: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<&'a str>,
    reason: &'static str,
    /// Whether the reason stands.
    suppressed: bool,
    /// Since when this is so.
    since: &'a str,
    /// The event that said so: its time and its id. Only a register that stands knows the time.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'a str>,
    /// The id of that event.
    event_id: &'a str,
    /// The order of the words: of two, the one with the greater `at` counts.
    at: &'a str,
}

/// What a test says.
#[derive(Serialize)]
struct Test {
    message: &'static str,
}

impl Notification {
    /// Returns what an endpoint with this filter is sent about an event. Returns `None` if it does
    /// not ask for it, or if the item is not an event.
    #[must_use]
    pub fn of_event(event: &Item, filter: &Filter) -> Option<Self> {
        let kind = filter.type_of(event)?;
        let body = body_of(&kind, Announced::of(event)?)?;
        let id = Fact::event(text(event, "pk"), text(event, "sk")).id(None);
        Some(Self { id, kind, body })
    }

    /// Returns what is sent about a register of a suppression, as it is now. Returns `None` if the
    /// item is no suppression of a whole address, or if nobody has spoken of the register.
    #[must_use]
    pub fn of_suppression(item: &Item, reason: Reason) -> Option<Self> {
        let pk = text(item, "pk");
        let owner = owner(pk).filter(|_| text(item, "sk") == SUPPRESSION)?;
        let order_key = order_key(reason);
        let at = text(item, &order_key);
        // the time at which the word counts, then 1 or 0, then the event's id
        let mut parts = at.splitn(3, '#');
        let (since, _, event_id) = (parts.next()?, parts.next()?, parts.next()?);
        let stands = register(item, reason);
        let event = stands.as_ref().map(|stands| stands.event);
        let kind = if stands.is_some() { SET } else { LIFTED };
        let body = Body {
            kind,
            timestamp: since,
            email_id: None,
            recipient: owner.address(),
            data: Register {
                channel: owner.channel(),
                recipient: owner.address(),
                address: owner.address(),
                customer_id: owner.customer(),
                reason: reason.name(),
                suppressed: stands.is_some(),
                since,
                event: event.filter(|event| !event.is_empty()),
                event_id,
                at,
            },
        };
        Some(Self {
            id: Fact::suppression(pk, reason).id(Some(item)),
            kind: kind.to_owned(),
            body: json(&body)?,
        })
    }

    /// Returns what is sent as a test, under this id.
    #[must_use]
    pub fn of_test(id: &str, now: Timestamp) -> Self {
        let body = Body {
            kind: TEST,
            timestamp: &rfc3339_ms(now),
            email_id: None,
            recipient: None,
            data: Test {
                message: "A test by Postern. Nothing has happened to anybody.",
            },
        };
        Self {
            id: id.to_owned(),
            kind: TEST.to_owned(),
            body: json(&body).unwrap_or_default(), // text keys only: it never fails
        }
    }
}

/// Returns the body about an event. What is too much for it gives way in `data`, and with it what
/// the envelope repeats.
fn body_of(kind: &str, mut data: Announced) -> Option<Vec<u8>> {
    let mut body = whole(kind, &data)?;
    while body.len() > MOST_BYTES {
        let envelope = body.len() - json(&data)?.len();
        let fewer = data.clone().within(MOST_BYTES.saturating_sub(envelope));
        if fewer == data {
            return None; // The keys of a table are too short for this.
        }
        data = fewer;
        body = whole(kind, &data)?;
    }
    Some(body)
}

fn whole(kind: &str, data: &Announced) -> Option<Vec<u8>> {
    let field = |name: &str| Some(data.text(name)).filter(|text| !text.is_empty());
    json(&Body {
        kind,
        timestamp: data.text("occurred_at"),
        email_id: field("message_id"),
        recipient: field("recipient"),
        data,
    })
}

fn json(body: &impl Serialize) -> Option<Vec<u8>> {
    serde_json::to_vec(body).ok()
}

#[cfg(test)]
mod tests;
