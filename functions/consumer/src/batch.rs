//! A batch of queue messages: normalized, written together, and answered message by message.
//!
//! Memory is bounded: what is normalized is written before there is too much of it, and a webhook of a hundred thousand events
//! is worked off in pieces, after its neighbours.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::delivery::Delivery;
use shared::event::{Event, OccurredAt};
use shared::log;
use shared::normalize::PART_EVENTS;
use shared::provider::Provider;
use tokio::time::Instant;

use crate::item::item;
use crate::outcome::{BatchLine, Line, ProviderLine};
use crate::store::{Items, Key, Store, key_of};
use crate::suppression::Changes;
use crate::token::{self, Claim, Standing};
use crate::undated::{self, Undated};
use crate::{open, parts};

const TABLE_WRITE_FAILED: &str = "table_write_failed";
const TOKEN_REUSED: &str = "token_reused";
const SUPPRESSION_WRITE_FAILED: &str = "suppression_write_failed";

/// A webhook with a larger body, in bytes, waits until its neighbours are stored.
const LARGE_BYTES: usize = 256 * 1024;
/// So many events, or bytes of `raw`, are written before more is normalized.
const PENDING_EVENTS: usize = PART_EVENTS;
const PENDING_BYTES: usize = 4 * 1024 * 1024;

/// An SQS event as Lambda hands it over: what of it is needed. Own types, because the ready-made ones bring twenty crates.
#[derive(Deserialize)]
pub struct QueueEvent {
    /// The batch.
    #[serde(rename = "Records")]
    pub records: Vec<Record>,
}

/// One queue message.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// What a failure is reported by.
    pub message_id: String,
    /// A delivery's JSON, if all is well.
    #[serde(default)]
    pub body: String,
}

/// The answer to a batch (`ReportBatchItemFailures`): the queue keeps these messages and deletes the rest.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    /// The messages that failed.
    pub batch_item_failures: Vec<ItemFailure>,
}

/// One message that failed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemFailure {
    /// Its message id: a blank or unknown one would fail the whole batch.
    pub item_identifier: String,
}

/// What a batch writes, and which messages wait for each write.
#[derive(Default)]
struct Writes {
    items: Items,
    changes: Changes,
    waiting_for_item: BTreeMap<Key, BTreeSet<usize>>,
    waiting_for_change: BTreeMap<String, BTreeSet<usize>>,
    /// Events that the same batch had already.
    repeats: usize,
}

impl Writes {
    fn add(&mut self, message: usize, event: &Event, retention_days: u32) {
        let item = item(event, retention_days);
        if let Some(key) = key_of(&item) {
            self.waiting_for_item
                .entry(key.clone())
                .or_default()
                .insert(message);
            self.repeats += usize::from(self.items.insert(key, item).is_some());
        }
        if let Some(pk) = self.changes.fold(event) {
            self.waiting_for_change
                .entry(pk)
                .or_default()
                .insert(message);
        }
    }
}

/// Normalizes and stores a batch, and names the messages that the queue must keep. What is not known to be stored
/// by the `deadline` counts as failed.
/// `now` is for the metrics alone.
pub async fn process(
    records: &[Record],
    store: &Store,
    now: Timestamp,
    deadline: Instant,
) -> BatchResponse {
    let mut batch = Batch::new(records, store, deadline);
    // The large ones wait, so that they cost the small ones no time.
    let mut large = Vec::new();
    for (index, record) in records.iter().enumerate() {
        match open(&record.body) {
            Ok((_, delivery)) if delivery.body().len() > LARGE_BYTES => {
                large.push((delivery.body().len(), index));
            }
            Ok((provider, delivery)) => batch.take(index, provider, &delivery).await,
            Err(poison) => batch.fail([index], poison.code()),
        }
    }
    large.sort_unstable();
    for (_, index) in large {
        // Unpacked once more: ten large ones at once would be too many.
        if let Some((provider, delivery)) = records.get(index).and_then(|r| open(&r.body).ok()) {
            batch.take(index, provider, &delivery).await;
        }
    }
    batch.flush().await;
    batch.answer(now)
}

/// A batch under way.
struct Batch<'a> {
    store: &'a Store,
    deadline: Instant,
    lines: Vec<Line<'a>>,
    /// Events that are not written yet, each with its message's index.
    pending: Vec<(usize, Event)>,
    pending_bytes: usize,
    /// By message: the token that vouches for its body, where the signature does not.
    claims: BTreeMap<usize, Claim>,
    repeats: usize,
}

impl<'a> Batch<'a> {
    fn new(records: &'a [Record], store: &'a Store, deadline: Instant) -> Self {
        let lines = records.iter().map(|record| Line::new(&record.message_id));
        Self {
            store,
            deadline,
            lines: lines.collect(),
            pending: Vec::new(),
            pending_bytes: 0,
            claims: BTreeMap::new(),
            repeats: 0,
        }
    }

    /// Normalizes a message, and writes whenever there is enough.
    async fn take(&mut self, index: usize, provider: &dyn Provider, delivery: &Delivery) {
        if let Some(line) = self.lines.get_mut(index) {
            line.of(delivery);
        }
        self.claims
            .extend(Claim::of(delivery).map(|claim| (index, claim)));
        for part in parts(provider, delivery) {
            // What comes after the deadline cannot be stored any more, and must not hold up the answer.
            if Instant::now() >= self.deadline {
                return self.fail([index], TABLE_WRITE_FAILED);
            }
            match part {
                Ok((events, malformed)) => {
                    if let Some(line) = self.lines.get_mut(index) {
                        line.saw(&events, &malformed);
                    }
                    let bytes = events.iter().map(|event| event.raw.len());
                    self.pending_bytes += bytes.sum::<usize>();
                    self.pending
                        .extend(events.into_iter().map(|event| (index, event)));
                }
                Err(poison) => self.fail([index], poison.code()),
            }
            if self.pending.len() >= PENDING_EVENTS || self.pending_bytes >= PENDING_BYTES {
                self.flush().await;
            }
        }
    }

    /// Writes what is pending.
    async fn flush(&mut self) {
        let events = std::mem::take(&mut self.pending);
        self.pending_bytes = 0;
        let events = self.vouched_for(events).await;
        let undated = undated::collect(events.iter().map(|(_, event)| event));
        let first_seen = self.store.first_seen(undated, self.deadline).await;
        let mut writes = Writes::default();
        for (index, event) in events {
            match dated(event, &first_seen) {
                Some(event) => writes.add(index, &event, self.store.retention_days()),
                None => self.fail([index], TABLE_WRITE_FAILED),
            }
        }
        let (unstored, unchanged) = tokio::join!(
            self.store.put(writes.items, self.deadline),
            self.store.suppress(writes.changes, self.deadline)
        );
        let waiting = unstored
            .iter()
            .filter_map(|key| writes.waiting_for_item.get(key));
        self.fail(waiting.flatten().copied(), TABLE_WRITE_FAILED);
        let waiting = unchanged
            .iter()
            .filter_map(|pk| writes.waiting_for_change.get(pk));
        self.fail(waiting.flatten().copied(), SUPPRESSION_WRITE_FAILED);
        self.repeats += writes.repeats;
    }

    /// The events for whose body the signature vouches: by itself, or by a token that has not vouched for another one. If not, or
    /// if that is not known, nothing of the message is stored. One without events claims no token: it could do no harm, and must
    /// not stand in the way of the one that has.
    async fn vouched_for(&mut self, events: Vec<(usize, Event)>) -> Vec<(usize, Event)> {
        let messages: BTreeSet<usize> = events.iter().map(|(index, _)| *index).collect();
        let claiming = messages.iter().filter_map(|index| self.claims.get(index));
        let firsts = token::collect(claiming, self.store.retention_days());
        if firsts.is_empty() {
            return events;
        }
        let holding = self.store.hold(firsts, self.deadline).await;
        let refused: BTreeMap<usize, &'static str> = messages
            .into_iter()
            .filter_map(|index| {
                let code = match self.claims.get(&index)?.standing(&holding) {
                    Standing::Holds => return None,
                    Standing::Taken => TOKEN_REUSED,
                    Standing::NotKnown => TABLE_WRITE_FAILED,
                };
                Some((index, code))
            })
            .collect();
        for (index, code) in &refused {
            self.fail([*index], code);
        }
        let vouched = events.into_iter();
        vouched
            .filter(|(index, _)| !refused.contains_key(index))
            .collect()
    }

    fn fail(&mut self, messages: impl IntoIterator<Item = usize>, code: &'static str) {
        for index in messages {
            if let Some(line) = self.lines.get_mut(index) {
                line.failed(code);
            }
        }
    }

    /// Logs what became of the messages, and names those that the queue must keep.
    fn answer(self, now: Timestamp) -> BatchResponse {
        for line in &self.lines {
            log::line(line);
        }
        for line in ProviderLine::of(&self.lines, now) {
            log::line(&line);
        }
        log::line(&BatchLine::new(self.lines.len(), self.repeats, now));
        let failed = self.lines.iter().filter(|line| line.is_failed());
        BatchResponse {
            batch_item_failures: failed
                .map(|line| ItemFailure {
                    item_identifier: line.message_id.to_owned(),
                })
                .collect(),
        }
    }
}

/// The event with the time at which it was first seen, if it has none of its own; `None` when that time is not known.
fn dated(mut event: Event, first_seen: &Undated) -> Option<Event> {
    if let Some(pk) = undated::partition_key(&event) {
        event.occurred_at = OccurredAt::Received(*first_seen.get(&pk)?);
    }
    Some(event)
}
