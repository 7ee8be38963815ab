//! First sight: when an event was first received, for the events where that matters.
//!
//! There are three such events:
//!
//! - An event without a time takes the gateway's time of the request. A redelivery would have
//!   another time and another sort key, and the same event would be stored twice.
//! - An event dated ahead of its webhook cannot be believed as it stands.
//! - An event that speaks about suppression counts at the earlier of its own time and its first
//!   sight.
//!
//! So the first time is remembered in an item of its own, and every later copy takes it from there.
//! This is one more write for each such event, and none for any other.
//!
//! The first sight of an event that speaks about suppression is remembered for ever, in a partition
//! beside the person's, and is erased with the person. Any other one is remembered under the
//! event's id, for as long as an event of that time is kept.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use shared::event::{Event, OccurredAt};
use shared::time::{from_rfc3339, rfc3339_ms};

use crate::first::First;
use crate::item::{Item, remembered_until};
use crate::keys::{self, Key, partition_key};
use crate::word::word;

/// The sort key of a first sight that is remembered under an event's id.
pub const SORT_KEY: &str = "undated";
/// Starts the partition key of a person's first sights. The person's key follows it.
pub const SEEN: &str = "seen";
/// The attribute that holds the time.
const AT: &str = "at";

/// How far an event's own time may be ahead of its webhook without a look-up. Clocks disagree.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);
/// How far an event's own time may be ahead of its first sight.
///
/// This is longer than every provider's retries (Customer.io: 7 days). So no copy can come so late
/// that its time is no longer ahead.
const AHEAD_OF_FIRST_SIGHT: SignedDuration = SignedDuration::from_hours(8 * 24 + 1);

/// What to remember if nothing is remembered yet, by the key of the first sight.
pub type Wanted = BTreeMap<Key, First>;

/// The remembered times, by the key of the first sight.
pub type Seen = BTreeMap<Key, Timestamp>;

/// Returns where the first sight of an event is remembered. Returns `None` if the event does not
/// need it.
#[must_use]
pub fn key(event: &Event, received_at: Timestamp) -> Option<Key> {
    if word(event).is_some() {
        return Some(key_beside(
            &partition_key(event),
            &event.provider,
            event.id.as_str(),
        ));
    }
    let is_believed = match event.occurred_at {
        OccurredAt::Event(time) => time <= received_at + AHEAD,
        OccurredAt::Received(_) => false,
    };
    (!is_believed).then(|| key_of_id(&event.provider, event.id.as_str()))
}

/// Returns the partition key under which a person's first sights are remembered. They are those of
/// the events under `pk`.
#[must_use]
pub fn partition_beside(pk: &str) -> String {
    keys::key(SEEN, pk)
}

/// Returns where the first sight of an event that speaks about suppression is remembered.
#[must_use]
pub fn key_beside(pk: &str, provider: &str, event_id: &str) -> Key {
    (
        partition_beside(pk),
        format!("{SEEN}#{provider}#{event_id}"),
    )
}

/// Checks whether an item under this key is a first sight.
#[must_use]
pub fn is_key((pk, sk): &Key) -> bool {
    let is_beside = pk.strip_prefix(SEEN).is_some_and(|of| of.starts_with('#'));
    is_beside || sk == SORT_KEY
}

/// Returns where the first sight of any other event is remembered.
#[must_use]
pub fn key_of_id(provider: &str, event_id: &str) -> Key {
    let pk = format!("{SORT_KEY}#{provider}#{event_id}");
    (pk, SORT_KEY.to_owned())
}

/// Adds what must be remembered for an event. If there are several copies, the earliest sight
/// counts.
pub fn want(wanted: &mut Wanted, event: &Event, received_at: Timestamp, retention_days: u32) {
    let Some(key) = key(event, received_at) else {
        return;
    };
    let is_kept_for_ever = key.1 != SORT_KEY;
    let first = First {
        attribute: AT,
        value: rfc3339_ms(received_at),
        expires_at: remembered_until(received_at, retention_days).filter(|_| !is_kept_for_ever),
    };
    match wanted.get(&key) {
        Some(known) if known.value <= first.value => {}
        _ => {
            wanted.insert(key, first);
        }
    }
}

/// Reads the time from the remembered value.
#[must_use]
pub fn time_of(value: &str) -> Option<Timestamp> {
    from_rfc3339(value)
}

/// Reads the time from the item that remembers it.
#[must_use]
pub fn remembered(item: &Item) -> Option<Timestamp> {
    time_of(item.get(AT)?.as_s().ok()?)
}

/// An event with the time that holds for every copy of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Dated {
    /// The event.
    pub event: Event,
    /// When the event counts in a register: at the earlier of its own time and its first sight.
    pub counts_at: Timestamp,
}

/// Judges an event's time against the webhook that it came with. Returns `None` if the event needs
/// its first sight and it is not known.
#[must_use]
pub fn dated(mut event: Event, received_at: Timestamp, seen: &Seen) -> Option<Dated> {
    let Some(key) = key(&event, received_at) else {
        let counts_at = event.occurred_at.time();
        return Some(Dated { event, counts_at });
    };
    let first_sight = *seen.get(&key)?;
    event.occurred_at = match event.occurred_at {
        OccurredAt::Event(time)
            if time <= received_at + AHEAD || time <= first_sight + AHEAD_OF_FIRST_SIGHT =>
        {
            OccurredAt::Event(time)
        }
        _ => OccurredAt::Received(first_sight),
    };
    let counts_at = event.occurred_at.time().min(first_sight);
    Some(Dated { event, counts_at })
}
