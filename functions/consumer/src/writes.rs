//! What a batch writes, and which messages wait for each write.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use shared::event::Event;

use crate::item::{expires_at, item, says_the_same};
use crate::sight::Dated;
use crate::store::{Items, Key, Unstored, key_of};
use crate::suppression::{Change, Changes, Register};

/// An event that is not written yet.
pub(crate) struct Pending {
    /// The index of its message.
    pub(crate) message: usize,
    /// The event, at its own time.
    pub(crate) event: Event,
    /// When the gateway took its webhook.
    pub(crate) received_at: Timestamp,
    /// Whether the signature covers the body; else nothing of it may change what is stored.
    pub(crate) is_signed: bool,
}

/// What is to be written.
pub(crate) struct Writes {
    retention_days: u32,
    signed: Items,
    unsigned: Items,
    changes: Changes,
    /// What events that are not signed ask, by the key of their item; `None` where there is no item.
    later: Vec<(Option<Key>, Change)>,
    waiting_for_item: BTreeMap<Key, BTreeSet<usize>>,
    waiting_for_change: BTreeMap<Register, BTreeSet<usize>>,
    /// Messages that contradict another one of the same batch.
    contradicting: BTreeSet<usize>,
    /// By message: the events past their retention.
    expired: BTreeMap<usize, usize>,
    /// Events that the same batch had already.
    repeats: usize,
}

impl Writes {
    pub(crate) fn new(retention_days: u32) -> Self {
        Self {
            retention_days,
            signed: Items::new(),
            unsigned: Items::new(),
            changes: Changes::default(),
            later: Vec::new(),
            waiting_for_item: BTreeMap::new(),
            waiting_for_change: BTreeMap::new(),
            contradicting: BTreeSet::new(),
            expired: BTreeMap::new(),
            repeats: 0,
        }
    }

    /// Adds an event of a message. One that is past its retention is not stored, and speaks all the same.
    pub(crate) fn add(
        &mut self,
        message: usize,
        dated: &Dated,
        received_at: Timestamp,
        is_signed: bool,
    ) {
        let expires = expires_at(dated.event.occurred_at.time(), self.retention_days);
        let key = if expires.is_some_and(|expires| expires <= received_at.as_second()) {
            *self.expired.entry(message).or_default() += 1;
            None
        } else {
            match self.add_item(message, &dated.event, is_signed) {
                Some(key) => Some(key),
                None => return,
            }
        };
        let Some(change) = Change::of(dated) else {
            return;
        };
        self.waiting_for_change
            .entry(change.register.clone())
            .or_default()
            .insert(message);
        if is_signed {
            self.changes.add(change);
        } else {
            self.later.push((key, change));
        }
    }

    /// Returns the item's key; `None` where it contradicts an item that is not written yet.
    fn add_item(&mut self, message: usize, event: &Event, is_signed: bool) -> Option<Key> {
        let item = item(event, self.retention_days);
        let key = key_of(&item)?;
        let known = if is_signed {
            self.signed.insert(key.clone(), item)
        } else {
            match self.unsigned.get(&key) {
                Some(known) if !says_the_same(known, &item) => {
                    self.contradicting.insert(message);
                    return None;
                }
                Some(known) => Some(known.clone()),
                None => self.unsigned.insert(key.clone(), item),
            }
        };
        self.repeats += usize::from(known.is_some());
        self.waiting_for_item
            .entry(key.clone())
            .or_default()
            .insert(message);
        Some(key)
    }

    pub(crate) fn take_signed(&mut self) -> Items {
        std::mem::take(&mut self.signed)
    }

    pub(crate) fn take_unsigned(&mut self) -> Items {
        std::mem::take(&mut self.unsigned)
    }

    pub(crate) fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }

    /// What events that are not signed ask, less those that were refused.
    pub(crate) fn changes_of_what_is_stored(
        &mut self,
        refused: &BTreeMap<Key, Unstored>,
    ) -> Changes {
        let mut changes = Changes::default();
        for (key, change) in std::mem::take(&mut self.later) {
            if key.is_none_or(|key| !refused.contains_key(&key)) {
                changes.add(change);
            }
        }
        changes
    }

    pub(crate) fn waiting_for_item(&self, key: &Key) -> impl Iterator<Item = usize> {
        let waiting = self.waiting_for_item.get(key);
        waiting.into_iter().flatten().copied()
    }

    pub(crate) fn waiting_for_change(&self, register: &Register) -> impl Iterator<Item = usize> {
        let waiting = self.waiting_for_change.get(register);
        waiting.into_iter().flatten().copied()
    }

    pub(crate) fn contradicting(&self) -> impl Iterator<Item = usize> {
        self.contradicting.iter().copied()
    }

    pub(crate) fn expired(&self) -> impl Iterator<Item = (usize, usize)> {
        self.expired
            .iter()
            .map(|(message, events)| (*message, *events))
    }

    pub(crate) fn repeats(&self) -> usize {
        self.repeats
    }
}
