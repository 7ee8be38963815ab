//! Settles some rows together: what they say, what the table has of it, and what is new.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::Timestamp;
use shared::event::{Event, Reason};
use shared::operator::{Act, Said};
use table::item::Item;
use table::keys::Key;
use table::sight::{self, Seen};
use table::store::Store;
use table::suppression::register;

use super::created;
use super::format::Column;
use super::report::Counts;
use super::row::{Row, Verdict, kept};
use super::sink::Recognized;
use crate::error::Error;
use crate::events::Events;
use crate::suppress::found::found;
use crate::suppress::write::{Writer, is_undated, said};

/// What is the same in every event of an import.
pub(super) struct Words {
    pub(super) from: Option<String>,
    pub(super) list: Option<String>,
    pub(super) why: Option<String>,
    pub(super) by: Option<String>,
}

/// The events of some rows.
#[derive(Default)]
pub(super) struct Batch {
    counts: Counts,
    /// Each with its reason, and whether the import has had an event of the same address and reason
    /// before.
    events: Vec<(Event, Reason, bool)>,
}

/// Makes events of the rows that suppress an address. `heard` has what earlier rows were about.
pub(super) fn judge(
    rows: Vec<Row>,
    recognized: &Recognized,
    words: &Words,
    now: Timestamp,
    heard: &mut HashSet<u64>,
) -> Batch {
    let mut batch = Batch::default();
    for row in rows {
        batch.counts.rows += 1;
        let lines = row.lines;
        let Some(cells) = row.cells else {
            batch.counts.bad(lines, "row_unreadable");
            continue;
        };
        let reason = match recognized.judge(&cells) {
            Verdict::Suppress(reason) => reason,
            other => {
                match other {
                    Verdict::NotHard => batch.counts.not_hard += 1,
                    Verdict::Topic => batch.counts.topic += 1,
                    Verdict::Subscribed => batch.counts.subscribed += 1,
                    Verdict::WordUnknown | Verdict::Suppress(_) => {
                        batch.counts.bad(lines, "reason_unknown");
                    }
                }
                continue;
            }
        };
        // A time ahead of ours cannot be believed.
        let at = created::time(cells.get(Column::Created)).filter(|at| *at <= now);
        let said = Said {
            why: words.why.clone(),
            by: words.by.clone(),
            from: words.from.clone(),
            list: words.list.clone(),
            row: kept(&cells),
            ..Said::new(Act::Import, cells.get(Column::Address), reason, at)
        };
        match said.event(now) {
            Err(error) => batch.counts.bad(lines, error.code()),
            Ok(event) => {
                let is_repeated = !heard.insert(name_of(&event, reason));
                batch.events.push((event, reason, is_repeated));
            }
        }
    }
    batch
}

/// Returns a short name of an event's register. It is for counting only.
fn name_of(event: &Event, reason: Reason) -> u64 {
    let mut hasher = DefaultHasher::new();
    let address = event.recipient.as_ref().and_then(|address| address.key());
    (address, reason).hash(&mut hasher);
    hasher.finish()
}

/// Compares batches with the table, and writes what is new.
pub(super) struct Importer<'a> {
    events: &'a Events,
    writer: Writer,
    now: Timestamp,
    go: bool,
}

impl<'a> Importer<'a> {
    pub(super) fn new(events: &'a Events, store: Store, now: Timestamp, go: bool) -> Self {
        Self {
            events,
            writer: Writer::new(store, now),
            now,
            go,
        }
    }

    /// Settles a batch. Returns the counts of its rows.
    pub(super) async fn settle(&self, batch: Batch) -> Result<Counts, Error> {
        let Batch { mut counts, events } = batch;
        let seen = self.seen(&events).await?;
        let changes = events
            .iter()
            .map(|(event, ..)| said(event.clone(), self.now, &seen));
        let changes: Vec<_> = changes.collect();
        let registers = changes.iter().flatten();
        let registers: BTreeSet<Key> = registers.map(|change| change.register.key()).collect();
        let mut items: BTreeMap<Key, Item> = found(self.events, &registers).await?;
        let mut writes = Vec::new();
        for ((event, reason, is_repeated), change) in events.into_iter().zip(changes) {
            let Some(change) = change else { continue };
            counts.undated += u64::from(is_undated(&event));
            let item = items.entry(change.register.key()).or_default();
            let (moves, stands) = (change.moves(Some(item)), register(item, reason).is_some());
            match (moves, stands) {
                _ if is_repeated => counts.known += 1,
                (_, true) => counts.known += 1,
                (true, false) => counts.new += 1,
                (false, false) => counts.lifted_later += 1,
            }
            if moves {
                counts.too_old += u64::from(self.writer.is_too_old(&event));
                change.apply(item);
                writes.push(event);
            }
        }
        if self.go && !writes.is_empty() {
            let all = writes.len();
            let failed = self.writer.write(writes).await.len();
            counts.written += (all - failed) as u64;
            counts.not_written += failed as u64;
        }
        Ok(counts)
    }

    /// Reads the first sights of the rows that do not say since when.
    async fn seen(&self, events: &[(Event, Reason, bool)]) -> Result<Seen, Error> {
        let undated = events.iter().filter(|(event, ..)| is_undated(event));
        let keys = undated.filter_map(|(event, ..)| sight::key(event, self.now));
        let keys: BTreeSet<Key> = keys.collect();
        if keys.is_empty() {
            return Ok(Seen::new());
        }
        let items = found(self.events, &keys).await?.into_iter();
        let seen = items.filter_map(|(key, item)| Some((key, sight::remembered(&item)?)));
        Ok(seen.collect())
    }
}
