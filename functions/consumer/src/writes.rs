//! Collects what a batch writes, and which messages wait for each write.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use shared::event::Event;

use crate::counts::Stored;
use table::item::{expires_at, item, says_the_same};
use table::sight::Dated;
use table::store::{Items, Said, Saying, Unstored, key_of};
use table::suppression::{Change, Changes, Register};

/// An event that is not written yet.
pub(crate) struct Pending {
    /// The index of the event's message.
    pub(crate) message: usize,
    /// The event, with its own time.
    pub(crate) event: Event,
    /// When the gateway received its webhook.
    pub(crate) received_at: Timestamp,
    /// Whether the signature covers the body. If not, the event must not change what is stored.
    pub(crate) is_signed: bool,
}

/// Everything that is to be written.
pub(crate) struct Writes {
    retention_days: u32,
    signed: Items,
    unsigned: Said,
    changes: Changes,
    /// What events that are not signed say to a register, each with the place of its event in
    /// `waiting` if it has one.
    later: Vec<(Option<usize>, Change)>,
    /// The events that wait for an item: the item, the message, and what counts as stored once it
    /// is in the table.
    waiting: Vec<(Saying, usize, Stored)>,
    waiting_for_change: BTreeMap<Register, BTreeSet<usize>>,
    /// How many events of each message are past their retention.
    expired: BTreeMap<usize, usize>,
    /// How many events of each message the same batch had before.
    repeats: BTreeMap<usize, usize>,
}

impl Writes {
    pub(crate) fn new(retention_days: u32) -> Self {
        Self {
            retention_days,
            signed: Items::new(),
            unsigned: Said::new(),
            changes: Changes::default(),
            later: Vec::new(),
            waiting: Vec::new(),
            waiting_for_change: BTreeMap::new(),
            expired: BTreeMap::new(),
            repeats: BTreeMap::new(),
        }
    }

    /// Adds an event of a message. If it is past its retention, it is not stored, but it still
    /// changes its register.
    pub(crate) fn add(
        &mut self,
        message: usize,
        dated: &Dated,
        received_at: Timestamp,
        is_signed: bool,
    ) {
        let expires = expires_at(dated.event.occurred_at.time(), self.retention_days);
        let place = if expires.is_some_and(|expires| expires <= received_at.as_second()) {
            *self.expired.entry(message).or_default() += 1;
            None
        } else {
            self.add_item(message, &dated.event, is_signed)
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
            self.later.push((place, change));
        }
    }

    /// Adds an event's item, and returns the event's place in `waiting`.
    fn add_item(&mut self, message: usize, event: &Event, is_signed: bool) -> Option<usize> {
        let item = item(event, self.retention_days);
        let key = key_of(&item)?; // every item has a key
        let (place, is_known) = if is_signed {
            (0, self.signed.insert(key.clone(), item).is_some())
        } else {
            let said = self.unsigned.entry(key.clone()).or_default();
            if let Some(place) = said.iter().position(|known| says_the_same(known, &item)) {
                (place, true)
            } else {
                said.push(item);
                (said.len() - 1, false)
            }
        };
        if is_known {
            *self.repeats.entry(message).or_default() += 1;
        }
        self.waiting.push(((key, place), message, event.into()));
        Some(self.waiting.len() - 1)
    }

    pub(crate) fn take_signed(&mut self) -> Items {
        std::mem::take(&mut self.signed)
    }

    pub(crate) fn take_unsigned(&mut self) -> Said {
        std::mem::take(&mut self.unsigned)
    }

    pub(crate) fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }

    /// Returns the register changes of events that are not signed. Those of refused events are left
    /// out.
    pub(crate) fn changes_of_what_is_stored(
        &mut self,
        refused: &BTreeMap<Saying, Unstored>,
    ) -> Changes {
        let mut changes = Changes::default();
        for (place, change) in std::mem::take(&mut self.later) {
            let waiting = place.and_then(|place| self.waiting.get(place));
            if waiting.is_none_or(|(saying, ..)| !refused.contains_key(saying)) {
                changes.add(change);
            }
        }
        changes
    }

    /// Returns the messages that wait for what is not stored, each with the reason.
    pub(crate) fn unstored(
        &self,
        unstored: &BTreeMap<Saying, Unstored>,
    ) -> impl Iterator<Item = (usize, Unstored)> {
        let waiting = self.waiting.iter();
        waiting.filter_map(|(saying, message, _)| Some((*message, *unstored.get(saying)?)))
    }

    pub(crate) fn waiting_for_change(&self, register: &Register) -> impl Iterator<Item = usize> {
        let waiting = self.waiting_for_change.get(register);
        waiting.into_iter().flatten().copied()
    }

    /// Returns what is in the table now, each with its message.
    pub(crate) fn stored(
        &self,
        refused: &BTreeMap<Saying, Unstored>,
    ) -> impl Iterator<Item = (usize, Stored)> {
        let stored = self.waiting.iter();
        stored
            .filter(|(saying, ..)| !refused.contains_key(saying))
            .map(|(_, message, stored)| (*message, *stored))
    }

    pub(crate) fn expired(&self) -> impl Iterator<Item = (usize, usize)> {
        self.expired
            .iter()
            .map(|(message, events)| (*message, *events))
    }

    pub(crate) fn repeats(&self) -> impl Iterator<Item = (usize, usize)> {
        self.repeats
            .iter()
            .map(|(message, events)| (*message, *events))
    }
}
