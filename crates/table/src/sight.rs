//! First sight: when an event was first received, where that matters.
//!
//! An event without a time takes the gateway's time of the request, and a redelivery would have
//! another one: another sort key, and the same event twice. An event dated ahead of its webhook
//! cannot be believed as it stands. An event that speaks of suppression counts at the earlier of
//! its own time and its first sight. So the first time is remembered, in an item of its own, and
//! every later copy takes it from there: one more write for each such event, and none for any
//! other.
//!
//! What speaks is remembered in a partition beside the person's, for ever, and erased with the
//! person; the rest under the event's id, for as long as an event of that time is kept.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use shared::event::{Event, OccurredAt};
use shared::time::{from_rfc3339, rfc3339_ms};

use crate::first::First;
use crate::item::{Item, remembered_until};
use crate::keys::{self, Key, partition_key};
use crate::word::word;

/// The sort key of what is remembered under an event's id.
pub const SORT_KEY: &str = "undated";
/// What is remembered of a person: the start of its partition key, which the person's key follows.
pub const SEEN: &str = "seen";
/// The attribute that holds the time.
const AT: &str = "at";

/// How far ahead of its webhook an event's own time holds without a look-up: clocks disagree.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);
/// How far ahead of its first sight an event's own time holds. Above every provider's retries
/// (Customer.io: 7 days), so that no copy can come which finds the time in order by then.
const AHEAD_OF_FIRST_SIGHT: SignedDuration = SignedDuration::from_hours(8 * 24 + 1);

/// The key of a remembered time -> what is to be remembered if nothing is.
pub type Wanted = BTreeMap<Key, First>;

/// The key of a remembered time -> the time.
pub type Seen = BTreeMap<Key, Timestamp>;

/// Returns where the first sight of an event is remembered; `None` for an event that can do
/// without.
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

/// Returns the partition key under which a person's first sights are remembered: those of the
/// events under `pk`.
#[must_use]
pub fn partition_beside(pk: &str) -> String {
    keys::key(SEEN, pk)
}

/// Returns where the first sight of an event that speaks is remembered.
#[must_use]
pub fn key_beside(pk: &str, provider: &str, event_id: &str) -> Key {
    (
        partition_beside(pk),
        format!("{SEEN}#{provider}#{event_id}"),
    )
}

/// Returns whether an item under this key is a first sight.
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

/// Adds what must be remembered of an event; of several copies, the earliest sight.
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

/// Reads the time back from what is remembered.
#[must_use]
pub fn time_of(value: &str) -> Option<Timestamp> {
    from_rfc3339(value)
}

/// Reads the time back from its item.
#[must_use]
pub fn remembered(item: &Item) -> Option<Timestamp> {
    time_of(item.get(AT)?.as_s().ok()?)
}

/// An event at the time that holds for every copy of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Dated {
    /// The event.
    pub event: Event,
    /// When it counts in a register: the earlier of its own time and its first sight.
    pub counts_at: Timestamp,
}

/// Judges an event's time against the webhook that it came with; `None` where its first sight is
/// not known and must be.
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
