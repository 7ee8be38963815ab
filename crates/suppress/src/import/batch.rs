//! Settles some rows together: what they say, what the table has of it, and what is new.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::Timestamp;
use shared::address::Mailbox;
use shared::event::{Event, Reason};
use shared::operator::{self, Act};
use table::item::Item;
use table::keys::Key;
use table::sight::{self, Seen};
use table::suppression::{order_key, register};

use super::column::Column;
use super::counts::Counts;
use super::created::{Created, created};
use super::row::{Row, Verdict, kept};
use super::sink::Recognized;
use crate::failure::Error;
use crate::found::found;
use crate::write::{Writer, is_undated, said};
use ::operator::events::Events;

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
    events: Vec<Said>,
}

/// What a row says.
struct Said {
    event: Event,
    reason: Reason,
    /// Whether the import has had an event of the same address and reason before.
    is_repeated: bool,
    /// Whether the row has a time that is not understood. Such a row is no word against another.
    is_unknown: bool,
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
        // Every row has a line of its own, or there are more rows than lines.
        batch.counts.is_crowded |= lines.row > lines.first;
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
                    Verdict::FlagUnknown => batch.counts.bad(lines, "flag_unknown"),
                    Verdict::WordUnknown | Verdict::Suppress(_) => {
                        batch.counts.bad(lines, "reason_unknown");
                    }
                }
                continue;
            }
        };
        let address = cells.get(Column::Address);
        if let Err(error) = Mailbox::typed(address) {
            batch.counts.bad(lines, error.code());
            continue;
        }
        let created = created(cells.get(Column::Created), now);
        let is_unknown = created == Created::Unknown;
        let at = match created {
            Created::At(at) => Some(at),
            Created::Unsaid | Created::Unknown => None,
        };
        let said = operator::Said {
            why: words.why.clone(),
            by: words.by.clone(),
            from: words.from.clone(),
            list: words.list.clone(),
            row: kept(&cells, is_unknown),
            ..operator::Said::new(Act::Import, address, reason, at)
        };
        match said.event(now) {
            Err(error) => batch.counts.bad(lines, error.code()),
            Ok(event) => {
                if is_unknown {
                    batch.counts.unknown_time(lines);
                }
                batch.events.push(Said {
                    event,
                    reason,
                    is_repeated: false,
                    is_unknown,
                });
            }
        }
    }
    // What has a time comes first, because the others speak only where nothing was said.
    batch.events.sort_by_key(|said| said.is_unknown);
    for said in &mut batch.events {
        said.is_repeated = !heard.insert(name_of(&said.event, said.reason));
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
    pub(super) fn new(events: &'a Events, writer: Writer, now: Timestamp, go: bool) -> Self {
        Self {
            events,
            writer,
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
            .map(|row| said(row.event.clone(), self.now, &seen));
        let changes: Vec<_> = changes.collect();
        let registers = changes.iter().flatten();
        let registers: BTreeSet<Key> = registers.map(|change| change.register.key()).collect();
        let mut items: BTreeMap<Key, Item> = found(self.events, &registers).await?;
        let mut writes = Vec::new();
        for (row, change) in events.into_iter().zip(changes) {
            let Some(change) = change else { continue };
            let Said { event, reason, .. } = row;
            counts.undated += u64::from(is_undated(&event) && !row.is_unknown);
            let item = items.entry(change.register.key()).or_default();
            let stands = register(item, reason).is_some();
            let is_heard = item.contains_key(&order_key(reason));
            // Without a time nobody knows whether a lift came before the row or after it.
            let may_speak = match is_undated(&event) {
                true if row.is_unknown => !is_heard,
                true => stands || !is_heard,
                false => true,
            };
            let moves = may_speak && change.moves(Some(item));
            match (moves, stands) {
                _ if row.is_repeated => counts.known += 1,
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
    async fn seen(&self, events: &[Said]) -> Result<Seen, Error> {
        let undated = events.iter().filter(|row| is_undated(&row.event));
        let keys = undated.filter_map(|row| sight::key(&row.event, self.now));
        let keys: BTreeSet<Key> = keys.collect();
        if keys.is_empty() {
            return Ok(Seen::new());
        }
        let items = found(self.events, &keys).await?.into_iter();
        let seen = items.filter_map(|(key, item)| Some((key, sight::remembered(&item)?)));
        Ok(seen.collect())
    }
}
