//! A batch of queue messages: all of it normalized, written at once, and answered message by message.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::event::{Event, OccurredAt};
use shared::log;
use tokio::time::Instant;

use crate::item::item;
use crate::normalize;
use crate::outcome::{BatchLine, Line};
use crate::store::{Items, Key, Store, key_of};
use crate::suppression::Changes;
use crate::token::{self, Claim, Standing};
use crate::undated::{self, Undated};

const TABLE_WRITE_FAILED: &str = "table_write_failed";
const TOKEN_REUSED: &str = "token_reused";
const SUPPRESSION_WRITE_FAILED: &str = "suppression_write_failed";

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
    let mut lines: Vec<Line<'_>> = records
        .iter()
        .map(|record| Line::new(&record.message_id))
        .collect();
    let mut messages = normalize_all(records, &mut lines);
    let claims = messages.iter().filter_map(|message| message.claim.as_ref());
    let claims = token::collect(claims, store.retention_days());
    let holding = store.hold(claims, deadline).await;
    messages.retain(|message| is_vouched_for(message, &holding, &mut lines));

    let events = messages.iter().flat_map(|message| &message.events);
    let undated = undated::collect(events);
    let first_seen = store.first_seen(undated, deadline).await;
    let mut writes = Writes::default();
    for Message { index, events, .. } in messages {
        for event in events {
            match dated(event, &first_seen) {
                Some(event) => writes.add(index, &event, store.retention_days()),
                None => fail(&mut lines, [index], TABLE_WRITE_FAILED),
            }
        }
    }
    let (unstored, unchanged) = tokio::join!(
        store.put(writes.items, deadline),
        store.suppress(writes.changes, deadline)
    );
    let waiting = unstored
        .iter()
        .filter_map(|key| writes.waiting_for_item.get(key));
    fail(&mut lines, waiting.flatten().copied(), TABLE_WRITE_FAILED);
    let waiting = unchanged
        .iter()
        .filter_map(|pk| writes.waiting_for_change.get(pk));
    fail(
        &mut lines,
        waiting.flatten().copied(),
        SUPPRESSION_WRITE_FAILED,
    );

    for line in &mut lines {
        log::line(line.with_metrics(now));
    }
    log::line(&BatchLine::new(records.len(), writes.repeats, now));
    let failed = lines.iter().filter(|line| line.is_failed());
    BatchResponse {
        batch_item_failures: failed
            .map(|line| ItemFailure {
                item_identifier: line.message_id.to_owned(),
            })
            .collect(),
    }
}

/// A message that has events.
struct Message {
    index: usize,
    events: Vec<Event>,
    claim: Option<Claim>,
}

/// The messages that have events. One that has none claims no token: it could do no harm, and must not stand in the way of
/// the one that has.
fn normalize_all(records: &[Record], lines: &mut [Line<'_>]) -> Vec<Message> {
    let mut messages = Vec::new();
    for (index, (record, line)) in records.iter().zip(lines).enumerate() {
        match normalize(&record.body) {
            Ok(normalized) => {
                line.saw(&normalized);
                if !normalized.events.is_empty() {
                    messages.push(Message {
                        index,
                        claim: Claim::of(&normalized.delivery),
                        events: normalized.events,
                    });
                }
            }
            Err(poison) => line.failed(poison.code()),
        }
    }
    messages
}

/// Whether the signature vouches for the message's body: by itself, or by a token that has not vouched for another one. If
/// not, or if that is not known, nothing of it is stored.
fn is_vouched_for(
    message: &Message,
    holding: &BTreeMap<String, String>,
    lines: &mut [Line<'_>],
) -> bool {
    let standing = message
        .claim
        .as_ref()
        .map_or(Standing::Holds, |claim| claim.standing(holding));
    match standing {
        Standing::Holds => return true,
        Standing::Taken => fail(lines, [message.index], TOKEN_REUSED),
        Standing::NotKnown => fail(lines, [message.index], TABLE_WRITE_FAILED),
    }
    false
}

/// The event with the time at which it was first seen, if it has none of its own; `None` when that time is not known.
fn dated(mut event: Event, first_seen: &Undated) -> Option<Event> {
    if let Some(pk) = undated::partition_key(&event) {
        event.occurred_at = OccurredAt::Received(*first_seen.get(&pk)?);
    }
    Some(event)
}

fn fail(lines: &mut [Line<'_>], messages: impl IntoIterator<Item = usize>, code: &'static str) {
    for index in messages {
        if let Some(line) = lines.get_mut(index) {
            line.failed(code);
        }
    }
}
