//! "May I still mail this address?": one item beside the timeline, answered by one `GetItem`.
//!
//! The item is a fold over the history that does not depend on order or repetition: a register that only ever moves to a later
//! event. A hard bounce, a complaint and a global unsubscription set it; a later `subscribed` lifts it. `at` is the register:
//! the time of the event that spoke last, then 1 for one that suppresses and 0 for one that lifts (so that of two in the
//! same second the careful one wins), then the event id. A lifted item stays, without `reason`: it must outlast an older
//! suppression that arrives late. **`reason` there: do not mail. No item, or no `reason`: you may.**

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use shared::bounce::Class;
use shared::event::{Event, Kind, Scope};
use shared::time::rfc3339_ms;

use crate::item::{Item, names_somebody, partition_key, sort_key};

/// The sort key of the item.
pub const SORT_KEY: &str = "suppression";

/// What one event asks of one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The register.
    at: String,
    /// When the event occurred, RFC 3339.
    since: String,
    /// The sort key of the event in the same timeline.
    event: String,
    /// Why, for a change that suppresses; `None` for one that lifts.
    reason: Option<&'static str>,
}

/// The last word on every address of a batch: the changes folded before they are written.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes(pub BTreeMap<String, Change>);

impl Changes {
    /// Folds one event in; most events change nothing. Returns the partition key that it touched.
    pub fn fold(&mut self, event: &Event) -> Option<String> {
        let change = change(event)?;
        let pk = partition_key(event);
        let last = self.0.entry(pk.clone()).or_insert_with(|| change.clone());
        if last.at < change.at {
            *last = change;
        }
        Some(pk)
    }
}

fn change(event: &Event) -> Option<Change> {
    // "unknown" is nobody's address, and what may be about somebody else is no word on this one.
    if !names_somebody(event) || event.recipient_is_ambiguous {
        return None;
    }
    let reason = match &event.kind {
        Kind::Bounced(refusal) if refusal.verdict.class == Class::Hard => Some(event.kind.name()),
        Kind::Complained | Kind::Unsubscribed(Scope::Global) => Some(event.kind.name()),
        Kind::Subscribed(Scope::Global) => None,
        _ => return None,
    };
    let since = rfc3339_ms(event.occurred_at.time());
    let rank = u8::from(reason.is_some());
    Some(Change {
        at: format!("{since}#{rank}#{}", event.id.as_str()),
        event: sort_key(event),
        since,
        reason,
    })
}

/// Whether a stored event is of a kind that has a word on its address, as in [`Changes::fold`]; not whether it had the last one.
#[must_use]
pub fn speaks(event: &Item) -> bool {
    match text(event, "kind") {
        Some("bounced") => text(event, "bounce_class") == Some("hard"),
        Some("complained") => true,
        Some("unsubscribed" | "subscribed") => text(event, "scope") == Some("global"),
        _ => false,
    }
}

impl Change {
    /// Whether it suppresses; else it lifts.
    #[must_use]
    pub fn suppresses(&self) -> bool {
        self.reason.is_some()
    }

    /// Whether this event speaks later than the register, which is the stored item.
    #[must_use]
    pub fn moves(&self, register: Option<&Item>) -> bool {
        register.is_none_or(|register| text(register, "at") < Some(self.at.as_str()))
    }

    /// Whether the register says the same as this event, or will once this change is applied.
    #[must_use]
    pub fn agrees_with(&self, register: &Item) -> bool {
        self.moves(Some(register)) || text(register, "reason") == self.reason
    }

    /// The update, which the condition refuses when a later event has already spoken.
    #[must_use]
    pub fn expression(&self) -> &'static str {
        if self.reason.is_some() {
            "SET #at = :at, #since = :since, #event = :event, #reason = :reason"
        } else {
            "SET #at = :at, #since = :since, #event = :event REMOVE #reason"
        }
    }

    /// The condition of the update.
    #[must_use]
    pub fn condition(&self) -> &'static str {
        "attribute_not_exists(#at) OR #at < :at"
    }

    /// The names in the expression.
    #[must_use]
    pub fn names(&self) -> HashMap<String, String> {
        ["at", "since", "event", "reason"]
            .into_iter()
            .map(|name| (format!("#{name}"), name.to_owned()))
            .collect()
    }

    /// The values in the expression.
    #[must_use]
    pub fn values(&self) -> HashMap<String, AttributeValue> {
        let mut values = HashMap::new();
        let mut put = |name: &str, value: &str| {
            values.insert(name.to_owned(), AttributeValue::S(value.to_owned()));
        };
        put(":at", &self.at);
        put(":since", &self.since);
        put(":event", &self.event);
        if let Some(reason) = self.reason {
            put(":reason", reason);
        }
        values
    }
}

fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}
