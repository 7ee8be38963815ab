//! Processes a batch of queue messages: normalizes them, writes them together, and answers message
//! by message.
//!
//! Memory is bounded: normalized events are written before there are too many of them.
//!
//! Neighbours are in the table before anything risky is touched. First come the small messages,
//! then the large ones, one after the other. Last come those that were received before, each alone,
//! because one of them may be why the batch was cut short.
//!
//! Each message that is processed alone has its share of the time that is left, so that none can
//! use up another's.

use std::collections::{BTreeSet, HashSet};

use jiff::Timestamp;
use runtime::log;
use serde::{Deserialize, Serialize};
use shared::auth::fingerprint;
use shared::delivery::Delivery;
use shared::event::Event;
use shared::normalize::{PART_BYTES, PART_EVENTS, bytes_of};
use shared::provider::{Covered, Provider};
use tokio::time::Instant;

use crate::outcome::{BatchLine, Line, ProviderLine};
use crate::writes::{Pending, Writes};
use registry::{Poison, names_event, open, parts};
use table::keys::{partition_key, sort_key};
use table::sight::{self, Wanted};
use table::store::{Store, Unstored};
use table::token::{Claim, Standing};

const TABLE_WRITE_FAILED: &str = "table_write_failed";
const TOKEN_REUSED: &str = "token_reused";
const EVENT_CONTRADICTS: &str = "event_contradicts";
const SUPPRESSION_WRITE_FAILED: &str = "suppression_write_failed";

/// A webhook with a larger body, in bytes, waits until its neighbours are stored. A smaller one has
/// a thousand elements at most.
const LARGE_BYTES: usize = 8 * 1024;
/// How many events, or bytes of them, are written before more are normalized.
const PENDING_EVENTS: usize = PART_EVENTS;
const PENDING_BYTES: usize = PART_BYTES;

/// An SQS event as Lambda passes it, with the fields that are needed here. These are own types,
/// because the ready-made ones bring twenty crates.
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
    /// The id by which a failure is reported.
    pub message_id: String,
    /// The message's body. If all is well, it is a delivery's JSON.
    #[serde(default)]
    pub body: String,
    /// The queue's facts about the message.
    #[serde(default)]
    pub attributes: Attributes,
}

/// The queue's facts about a message that are needed here.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attributes {
    /// How many times it was received, in digits. This time is counted, too.
    #[serde(default)]
    pub approximate_receive_count: Option<String>,
}

impl Record {
    /// Checks whether the message was received before and not finished.
    fn is_repeated(&self) -> bool {
        let count = self.attributes.approximate_receive_count.as_deref();
        count.is_some_and(|count| count != "1")
    }
}

/// The answer to a batch (`ReportBatchItemFailures`). The queue keeps these messages and deletes
/// the others.
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
    /// The message's id. A blank or unknown one would fail the whole batch.
    pub item_identifier: String,
}

/// Normalizes and stores a batch, and returns the messages that the queue must keep. A message that
/// is not known to be stored by the `deadline` counts as failed. `now` is only used for the
/// metrics.
pub async fn process(
    records: &[Record],
    store: &Store,
    now: Timestamp,
    deadline: Instant,
) -> BatchResponse {
    let mut batch = Batch::new(records, store, deadline);
    let mut waiting = Vec::new();
    for (index, record) in records.iter().enumerate() {
        if record.is_repeated() {
            waiting.push((true, record.body.len(), index));
            continue;
        }
        match open(&record.body) {
            Ok((_, delivery)) if delivery.body().len() > LARGE_BYTES => {
                waiting.push((false, delivery.body().len(), index));
            }
            Ok((provider, delivery)) => batch.take(index, provider, &delivery).await,
            Err(poison) => batch.fail([index], poison.code()),
        }
    }
    waiting.sort_unstable();
    let mut left = u32::try_from(waiting.len()).unwrap_or(u32::MAX);
    for (_, _, index) in waiting {
        batch.flush().await;
        batch.share(left);
        left -= 1;
        // The message is unpacked only now, because ten large ones at once would be too many.
        match records.get(index).map(|record| open(&record.body)) {
            Some(Ok((provider, delivery))) => batch.take(index, provider, &delivery).await,
            Some(Err(poison)) => batch.fail([index], poison.code()),
            None => {}
        }
    }
    batch.flush().await;
    batch.answer(now)
}

/// A batch that is being processed.
struct Batch<'a> {
    store: &'a Store,
    /// When the invocation must answer.
    end: Instant,
    /// When the current message must be done.
    deadline: Instant,
    lines: Vec<Line<'a>>,
    /// Events that are not written yet.
    pending: Vec<Pending>,
    pending_bytes: usize,
    repeats: usize,
}

impl<'a> Batch<'a> {
    fn new(records: &'a [Record], store: &'a Store, deadline: Instant) -> Self {
        let lines = records.iter().map(|record| Line::new(&record.message_id));
        Self {
            store,
            end: deadline,
            deadline,
            lines: lines.collect(),
            pending: Vec::new(),
            pending_bytes: 0,
            repeats: 0,
        }
    }

    /// Sets the deadline of the next message to its share of the time that is left for `messages`.
    fn share(&mut self, messages: u32) {
        let now = Instant::now();
        self.deadline = now + self.end.saturating_duration_since(now) / messages.max(1);
    }

    /// Normalizes a message, and writes whenever enough events are pending.
    async fn take(&mut self, index: usize, provider: &dyn Provider, delivery: &Delivery) {
        if let Some(line) = self.lines.get_mut(index) {
            line.of(delivery);
        }
        if let Err(code) = self.vouch(provider, delivery).await {
            return self.fail([index], code);
        }
        let mut said = HashSet::new();
        for part in parts(provider, delivery) {
            // After the deadline nothing more can be stored, and it must not delay the answer.
            if Instant::now() >= self.deadline {
                return self.fail([index], TABLE_WRITE_FAILED);
            }
            match part {
                Ok((mut events, malformed)) => {
                    // If a webhook says something twice, only what it says first is written.
                    let made = events.len();
                    events.retain(|event| said.insert(name_of(event)));
                    self.repeats += made - events.len();
                    if let Some(line) = self.lines.get_mut(index) {
                        line.put_aside(&malformed);
                    }
                    let bytes = events.iter().map(bytes_of);
                    self.pending_bytes += bytes.sum::<usize>();
                    let pending = events.into_iter().map(|event| Pending {
                        message: index,
                        event,
                        received_at: delivery.received_at(),
                        is_signed: provider.signs() == Covered::Body,
                    });
                    self.pending.extend(pending);
                }
                Err(poison) => self.fail([index], poison.code()),
            }
            if self.pending.len() >= PENDING_EVENTS || self.pending_bytes >= PENDING_BYTES {
                self.flush().await;
            }
        }
    }

    /// Checks a body that its signature does not cover: it must be the one that its token was first
    /// used for. This comes before anything is made of the body.
    async fn vouch(
        &self,
        provider: &dyn Provider,
        delivery: &Delivery,
    ) -> Result<(), &'static str> {
        let Some(claim) = Claim::of(delivery) else {
            return Ok(());
        };
        names_event(provider, delivery).map_err(Poison::code)?;
        let first = claim.first(self.store.retention_days());
        let firsts = [(claim.key.clone(), first)].into();
        let holding = self.store.hold(firsts, self.deadline).await;
        match claim.standing(holding.get(&claim.key).map(String::as_str)) {
            Standing::Holds => Ok(()),
            Standing::Taken => Err(TOKEN_REUSED),
            Standing::NotKnown => Err(TABLE_WRITE_FAILED),
        }
    }

    /// Writes the pending events.
    async fn flush(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        self.pending_bytes = 0;
        if pending.is_empty() {
            return;
        }
        let retention_days = self.store.retention_days();
        let mut wanted = Wanted::new();
        for Pending {
            event, received_at, ..
        } in &pending
        {
            sight::want(&mut wanted, event, *received_at, retention_days);
        }
        let seen = self.store.seen(wanted, self.deadline).await;
        let mut writes = Writes::new(retention_days);
        for pending in pending {
            let message = pending.message;
            match sight::dated(pending.event, pending.received_at, &seen) {
                Some(dated) => writes.add(message, &dated, pending.received_at, pending.is_signed),
                None => self.fail([message], TABLE_WRITE_FAILED),
            }
        }
        self.write(writes).await;
    }

    /// Writes everything, and records what failed.
    ///
    /// The registers of events that are not signed are written only after these events are stored.
    /// An event that contradicts a stored one must not change anyone's registers.
    async fn write(&mut self, mut writes: Writes) {
        let (unstored, mut refused, unchanged) = tokio::join!(
            self.store.put(writes.take_signed(), self.deadline),
            self.store.put_new(writes.take_unsigned(), self.deadline),
            self.store.suppress(writes.take_changes(), self.deadline)
        );
        refused.extend(
            unstored
                .into_iter()
                .map(|key| ((key, 0), Unstored::NotKnown)),
        );
        for (saying, why) in &refused {
            let code = match why {
                Unstored::Contradicts => EVENT_CONTRADICTS,
                Unstored::NotKnown => TABLE_WRITE_FAILED,
            };
            self.fail(writes.waiting_for_item(saying), code);
        }
        let later = writes.changes_of_what_is_stored(&refused);
        let mut unapplied: BTreeSet<_> = self.store.suppress(later, self.deadline).await;
        unapplied.extend(unchanged);
        for register in &unapplied {
            self.fail(
                writes.waiting_for_change(register),
                SUPPRESSION_WRITE_FAILED,
            );
        }
        for (message, stored) in writes.stored(&refused) {
            if let Some(line) = self.lines.get_mut(message) {
                line.stored(stored);
            }
        }
        for (message, expired) in writes.expired() {
            if let Some(line) = self.lines.get_mut(message) {
                line.expired(expired);
            }
        }
        self.repeats += writes.repeats();
    }

    fn fail(&mut self, messages: impl IntoIterator<Item = usize>, code: &'static str) {
        for index in messages {
            if let Some(line) = self.lines.get_mut(index) {
                line.failed(code);
            }
        }
    }

    /// Logs what became of the messages, and returns those that the queue must keep.
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

/// Returns a short name of an event's key. It has few bytes, because a webhook may have 10,000
/// events.
fn name_of(event: &Event) -> String {
    fingerprint(&[Some(&partition_key(event)), Some(&sort_key(event))])
}
