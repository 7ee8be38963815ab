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
    /// What events that are not signed say to a register, each with its item if it has one.
    later: Vec<(Option<Saying>, Change)>,
    waiting_for_item: BTreeMap<Saying, BTreeSet<usize>>,
    waiting_for_change: BTreeMap<Register, BTreeSet<usize>>,
    /// What counts as stored for each message, once its item is in the table.
    counts: Vec<(Saying, usize, Stored)>,
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
            waiting_for_item: BTreeMap::new(),
            waiting_for_change: BTreeMap::new(),
            counts: Vec::new(),
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
        let saying = if expires.is_some_and(|expires| expires <= received_at.as_second()) {
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
            self.later.push((saying, change));
        }
    }

    fn add_item(&mut self, message: usize, event: &Event, is_signed: bool) -> Option<Saying> {
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
        let saying = (key, place);
        self.counts.push((saying.clone(), message, event.into()));
        self.waiting_for_item
            .entry(saying.clone())
            .or_default()
            .insert(message);
        Some(saying)
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
        for (saying, change) in std::mem::take(&mut self.later) {
            if saying.is_none_or(|saying| !refused.contains_key(&saying)) {
                changes.add(change);
            }
        }
        changes
    }

    pub(crate) fn waiting_for_item(&self, saying: &Saying) -> impl Iterator<Item = usize> {
        let waiting = self.waiting_for_item.get(saying);
        waiting.into_iter().flatten().copied()
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
        let stored = self.counts.iter();
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
