//! Rebuilds stored events from their `raw`, after a parser was fixed.
//!
//! The table is read page by page, and each event is compared with what this checkout would store.
//! No record is kept about an event that needs no change, so a second run finds nothing to do. A
//! run that was cut short is finished by another one.
//!
//! Only what differs is written. The new item is put first; then the old one is deleted, if its key
//! is no longer the key of an event. If an element is now read as several events, each goes under
//! the key that this checkout gives it.
//!
//! A key that already holds an event is not overwritten from another item. That event has its own
//! turn.

mod change;
mod registers;
mod remake;
mod report;
mod write;

use std::collections::{BTreeMap, HashSet};

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use shared::auth::fingerprint;
use shared::time::rfc3339_ms;
use table::item::Item;
use table::keys::Key;
use table::sight::{self, Dated, Seen};
use table::store::key_of;
use table::suppression::{self, Changes, Register};
use table::word::word_of;

use crate::error::Error;
use crate::events::Events;
use change::Times;
use registers::Moved;
use remake::{key, occurred_at, remake, successor};
use table::read::text;
use write::Writer;

pub use change::Change;
pub use remake::Left;
pub use report::{HEADER, Receipt, Report};

/// How many reads are under way at once.
const CONCURRENCY: usize = 8;

/// Which events a run looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only events of this provider.
    pub provider: Option<String>,
    /// Only events that occurred at this time or later.
    pub from: Option<Timestamp>,
    /// Only events that occurred before this time.
    pub to: Option<Timestamp>,
}

impl Selection {
    fn has(&self, item: &Item) -> bool {
        let Some(at) = occurred_at(item) else {
            return false; // not an event
        };
        item.contains_key("kind")
            && self
                .provider
                .as_deref()
                .is_none_or(|name| text(item, "provider") == name)
            && self.from.is_none_or(|from| at >= from)
            && self.to.is_none_or(|to| at < to)
    }
}

/// What a run does besides looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Writes nothing.
    DryRun,
    /// Writes what differs, at most this many events a second.
    Go(Option<u32>),
}

/// Compares the selected events with what this checkout would store, and writes what differs if
/// `mode` says so. `tell` is called with every change before it is written, and `seen` with how
/// many events have been read.
///
/// # Errors
/// Returns [`Error::Service`] if the table cannot be read.
pub async fn renormalize(
    events: &Events,
    selection: &Selection,
    mode: Mode,
    tell: impl FnMut(&Change),
    seen: impl Fn(u64),
) -> Result<Report, Error> {
    let writer = match mode {
        Mode::DryRun => None,
        Mode::Go(rate) => {
            let (client, table) = (events.client().clone(), events.table().to_owned());
            Some(Writer::new(client, table, rate))
        }
    };
    let mut run = Run {
        events,
        report: Report::default(),
        planned: HashSet::new(),
        registers: HashSet::new(),
        writer,
        tell,
    };
    let mut start: Option<Item> = None;
    loop {
        let page = events.page(start).await?;
        run.page(page.items, selection).await?;
        seen(run.report.read as u64);
        start = page.next;
        if start.is_none() {
            return Ok(run.report);
        }
    }
}

impl Report {
    /// Returns the receipt of a run over this table.
    #[must_use]
    pub fn receipt(&self, table: &str, at: Timestamp) -> Receipt {
        Receipt {
            renormalized_at: rfc3339_ms(at),
            dry_run: false,
            table: table.to_owned(),
            changed: self.changed(),
            moved: self.moved,
            more: self.more,
            left: self.left.values().sum(),
            failed: self.failed,
        }
    }
}

struct Run<'a, Tell> {
    events: &'a Events,
    report: Report,
    /// Fingerprints of the keys that this run puts. The reader may meet those items later, and
    /// skips them.
    planned: HashSet<String>,
    /// Fingerprints of the registers that change.
    registers: HashSet<String>,
    writer: Option<Writer>,
    tell: Tell,
}

impl<Tell: FnMut(&Change)> Run<'_, Tell> {
    async fn page(&mut self, items: Vec<Item>, selection: &Selection) -> Result<(), Error> {
        self.first_shapes(&items, selection).await;
        let is_ours = |item: &Item| {
            let key = key_of(item).unwrap_or_default();
            selection.has(item) && !self.planned.contains(&fingerprint_of(&key))
        };
        let items: Vec<Item> = items.into_iter().filter(is_ours).collect();
        let events = self.events;
        let examined: Vec<Result<Option<Change>, Left>> = stream::iter(items)
            .map(|item| examine(events, item))
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        let mut changes = Vec::new();
        for examined in examined {
            self.report.read += 1;
            match examined {
                Ok(None) => self.report.same += 1,
                Ok(Some(change)) => changes.extend(self.settle(change)),
                Err(left) => *self.report.left.entry(left).or_default() += 1,
            }
        }
        self.weigh_suppressions(&changes).await?;
        if let Some(writer) = &mut self.writer {
            self.report.failed += writer.write(&changes).await;
        }
        Ok(())
    }

    /// Turns suppression items of the first shape into registers. They belong to no provider and no
    /// day, so only a run without a selection does this.
    async fn first_shapes(&mut self, items: &[Item], selection: &Selection) {
        if *selection != Selection::default() {
            return;
        }
        let moved: Vec<Moved> = items.iter().filter_map(Moved::of).collect();
        self.report.registers += moved.len();
        if let Some(writer) = &mut self.writer {
            self.report.failed += writer.write_registers(&moved).await;
        }
    }

    /// Keeps only the puts that no earlier change has planned. Several stored events of one element
    /// would otherwise each put the same missing events.
    fn settle(&mut self, mut change: Change) -> Option<Change> {
        change.puts.retain(|(_, item)| {
            let key = key_of(item).unwrap_or_default();
            key_of(&change.before).as_ref() == Some(&key)
                || self.planned.insert(fingerprint_of(&key))
        });
        if change.puts.is_empty() && !change.is_moved {
            self.report.same += 1;
            return None;
        }
        self.report.count(&change);
        (self.tell)(&change);
        Some(change)
    }

    /// Counts what the suppressions will change, and the ones that stay although their event no
    /// longer says so. A register only ever moves to a later event.
    async fn weigh_suppressions(&mut self, changes: &[Change]) -> Result<(), Error> {
        let mut fold = Changes::default();
        let mut spoke: BTreeMap<Register, Vec<&Change>> = BTreeMap::new();
        for change in changes {
            change.fold(&mut fold);
            if let Some(word) = word_of(&change.before) {
                let register = Register {
                    pk: text(&change.before, "pk").to_owned(),
                    sk: word.sk,
                    reason: word.reason,
                };
                spoke.entry(register).or_default().push(change);
            }
        }
        for (register, word) in &fold.0 {
            let item = suppression_item(self.events, register).await?;
            if word.moves(item.as_ref()) && self.registers.insert(name_of(register)) {
                let reason = register.reason.name();
                let is_set = item.is_some_and(|item| item.contains_key(reason));
                self.report.suppressed += usize::from(word.sets() && !is_set);
                self.report.lifted += usize::from(!word.sets() && is_set);
            }
        }
        for (register, changes) in spoke {
            let Some(item) = suppression_item(self.events, &register).await? else {
                continue;
            };
            let rests_on = |change: &&Change| {
                suppression::rests_on(&item, register.reason, text(&change.before, "id"))
            };
            let is_stuck = changes.iter().any(rests_on)
                && !fold
                    .0
                    .get(&register)
                    .is_some_and(|word| word.agrees_with(&item));
            if is_stuck {
                self.report.stuck.push(register.pk);
            }
        }
        Ok(())
    }
}

fn name_of(register: &Register) -> String {
    let Register { pk, sk, reason } = register;
    fingerprint(&[Some(pk), Some(sk), Some(reason.name())])
}

fn fingerprint_of((pk, sk): &Key) -> String {
    fingerprint(&[Some(pk), Some(sk)])
}

/// Compares one stored event with what this checkout would store. Returns the change, if there is
/// one.
async fn examine(events: &Events, before: Item) -> Result<Result<Option<Change>, Left>, Error> {
    let made = match remake(&before) {
        Ok(made) => made,
        Err(left) => return Ok(Err(left)),
    };
    let times = Times::of(&before, &made);
    let seen = seen(events, &times).await?;
    let stored_at = occurred_at(&before).unwrap_or_default();
    let mut after: BTreeMap<Key, (Dated, Item)> = BTreeMap::new();
    let mut order = Vec::new();
    for event in made {
        let Some(dated) = sight::dated(event, stored_at, &seen) else {
            continue; // Never happens: `seen` has every time that is needed.
        };
        let item = successor(&before, &dated.event);
        order.push(key(&dated.event));
        after.insert(key(&dated.event), (dated, item));
    }
    let own = key_of(&before).unwrap_or_default();
    let is_moved = !after.contains_key(&own);
    // The stored item's own successor comes first, the others in the provider's order.
    order.sort_by_key(|key| *key != own);
    let mut puts = Vec::new();
    for key in order {
        let Some((dated, item)) = after.remove(&key) else {
            continue; // Two events have this key.
        };
        let is_there = if key == own {
            item == before
        } else {
            match events.item(key.clone()).await? {
                Some(other) if !stays(&other, &key) => return Ok(Err(Left::KeyInUse)),
                other => other.is_some(),
            }
        };
        if !is_there {
            puts.push((dated, item));
        }
    }
    let change = Change {
        before,
        is_moved,
        puts,
        times,
    };
    Ok(Ok(
        (change.is_moved || !change.puts.is_empty()).then_some(change)
    ))
}

/// Reads the first sights that are remembered. If one is not, the stored time is used, which will
/// be remembered.
async fn seen(events: &Events, times: &Times) -> Result<Seen, Error> {
    let mut seen = Seen::new();
    for (key, first) in &times.needed {
        let item = events.item(key.clone()).await?;
        let remembered = item.as_ref().and_then(sight::remembered);
        if let Some(time) = remembered.or_else(|| sight::time_of(&first.value)) {
            seen.insert(key.clone(), time);
        }
    }
    Ok(seen)
}

/// Checks whether this checkout would store the item's event under this key.
fn stays(item: &Item, at: &Key) -> bool {
    remake(item).is_ok_and(|events| events.iter().any(|event| key(event) == *at))
}

async fn suppression_item(events: &Events, register: &Register) -> Result<Option<Item>, Error> {
    events
        .item((register.pk.clone(), register.sk.clone()))
        .await
}
