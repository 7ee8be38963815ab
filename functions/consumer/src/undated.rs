//! Events without a time of their own.
//!
//! Such an event takes the gateway's time of the request, and a redelivery would have another one: another sort key, and the
//! same event twice. So the first time is remembered, in an item of its own under the event's id, and every later copy takes
//! it from there. One more write for each such event; events with a time never come here.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared::event::{Event, OccurredAt};
use shared::time::{from_rfc3339, rfc3339_ms};

use crate::first::First;
use crate::item::{Item, expires_at};

/// The sort key of such an item.
pub const SORT_KEY: &str = "undated";

/// Partition key of the remembered time -> the earliest time in this batch.
pub type Undated = BTreeMap<String, Timestamp>;

/// The partition key of an event's remembered time; `None` for an event with a time of its own.
#[must_use]
pub fn partition_key(event: &Event) -> Option<String> {
    match event.occurred_at {
        OccurredAt::Event(_) => None,
        OccurredAt::Received(_) => Some(key(&event.provider, event.id.as_str())),
    }
}

/// The partition key of the remembered time of the event with this id.
#[must_use]
pub fn key(provider: &str, event_id: &str) -> String {
    format!("{SORT_KEY}#{provider}#{event_id}")
}

/// The events of a batch without a time, each once.
pub fn collect<'a>(events: impl Iterator<Item = &'a Event>) -> Undated {
    let mut undated = Undated::new();
    for event in events {
        let Some(pk) = partition_key(event) else {
            continue;
        };
        let time = event.occurred_at.time();
        let earliest = undated.entry(pk).or_insert(time);
        *earliest = time.min(*earliest);
    }
    undated
}

/// The attribute that holds the time.
const AT: &str = "at";

/// Reads the time back from the item.
#[must_use]
pub fn remembered(item: &Item) -> Option<Timestamp> {
    from_rfc3339(item.get(AT)?.as_s().ok()?)
}

/// This time, which holds if it is the first, and expires with the event.
#[must_use]
pub fn first(time: Timestamp, retention_days: u32) -> First {
    First {
        sort_key: SORT_KEY,
        attribute: AT,
        value: rfc3339_ms(time),
        expires_at: expires_at(time, retention_days),
    }
}
