//! Writes the operator's own events as the consumer writes any other: the items, then the registers
//! of those that are stored.
//!
//! An event that says when it came about needs no first sight: it is never dated ahead of now, so
//! that it counts at its own time. The first sight of any other is remembered, so that the same
//! words, said a second time, are the same event.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use shared::event::{Event, OccurredAt};
use table::item::{expires_at, item};
use table::keys::Key;
use table::sight::{self, Dated, Seen, Wanted};
use table::store::{Items, Store, key_of};
use table::suppression::{Change, Changes, Register};
use tokio::time::Instant;

/// The longest that writing some events may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Writes to one table, at one time.
pub(super) struct Writer {
    store: Store,
    now: Timestamp,
}

impl Writer {
    pub(super) fn new(store: Store, now: Timestamp) -> Self {
        Self { store, now }
    }

    /// Checks whether an event is past its retention. As for the consumer, it is not kept then, and
    /// speaks all the same.
    pub(super) fn is_too_old(&self, event: &Event) -> bool {
        let at = event.occurred_at.time();
        let expires = expires_at(at, self.store.retention_days());
        expires.is_some_and(|expires| expires <= self.now.as_second())
    }

    /// Writes events. Returns the places of those that are not known to be written.
    pub(super) async fn write(&self, events: Vec<Event>) -> BTreeSet<usize> {
        let deadline = Instant::now() + PATIENCE;
        let seen = self.seen(&events, deadline).await;
        let (mut failed, mut items) = (BTreeSet::new(), Items::new());
        let mut waiting: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
        let mut said: Vec<(usize, Change)> = Vec::new();
        for (place, event) in events.into_iter().enumerate() {
            let Some(dated) = sight::dated(event, self.now, &seen) else {
                failed.insert(place);
                continue;
            };
            said.extend(Change::of(&dated).map(|change| (place, change)));
            if self.is_too_old(&dated.event) {
                continue;
            }
            let item = item(&dated.event, self.store.retention_days());
            if let Some(key) = key_of(&item) {
                waiting.entry(key.clone()).or_default().push(place);
                items.insert(key, item);
            }
        }
        for key in self.store.put(items, deadline).await.into_keys() {
            failed.extend(waiting.remove(&key).unwrap_or_default());
        }
        said.retain(|(place, _)| !failed.contains(place));
        failed.extend(self.speak(said, deadline).await);
        failed
    }

    /// Writes what stored events say to the registers. Returns the places of those that are not
    /// known to be heard.
    async fn speak(&self, said: Vec<(usize, Change)>, deadline: Instant) -> BTreeSet<usize> {
        let mut waiting: BTreeMap<Register, Vec<usize>> = BTreeMap::new();
        let mut changes = Changes::default();
        for (place, change) in said {
            let register = change.register.clone();
            waiting.entry(register).or_default().push(place);
            changes.add(change);
        }
        let unheard = self.store.suppress(changes, deadline).await.into_keys();
        let unheard = unheard.filter_map(|register| waiting.remove(&register));
        unheard.flatten().collect()
    }

    /// Returns the first sights: remembered ones for the events without a time, and now for the
    /// others, which were never seen before they came about.
    async fn seen(&self, events: &[Event], deadline: Instant) -> Seen {
        let mut wanted = Wanted::new();
        for event in events.iter().filter(|event| is_undated(event)) {
            sight::want(&mut wanted, event, self.now, self.store.retention_days());
        }
        let mut seen = Seen::new();
        if !wanted.is_empty() {
            seen = self.store.seen(wanted, deadline).await;
        }
        seen.extend(assumed(events, self.now));
        seen
    }
}

/// Checks whether the words have no time of their own.
pub(super) fn is_undated(event: &Event) -> bool {
    matches!(event.occurred_at, OccurredAt::Received(_))
}

/// Returns what stands for the first sights of the events with a time.
pub(super) fn assumed(events: &[Event], now: Timestamp) -> Seen {
    let dated = events.iter().filter(|event| !is_undated(event));
    let keys = dated.filter_map(|event| sight::key(event, now));
    keys.map(|key| (key, now)).collect()
}

/// Returns what an event says, if it was first seen now, or when `seen` says.
pub(super) fn said(event: Event, now: Timestamp, seen: &Seen) -> Option<Change> {
    let key = sight::key(&event, now)?;
    let seen = Seen::from([(key.clone(), seen.get(&key).copied().unwrap_or(now))]);
    let dated: Option<Dated> = sight::dated(event, now, &seen);
    Change::of(&dated?)
}
