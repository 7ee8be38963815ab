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

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use shared::auth::fingerprint;
use shared::delivery::Delivery;
use shared::event::Event;
use shared::normalize::{PART_BYTES, PART_EVENTS, bytes_of};
use shared::provider::{Provider, Strength};
use tokio::time::{Duration, Instant};

use crate::answer::answer;
use crate::ended::Ended;
use crate::event::{BatchResponse, Record};
use crate::message::Message;
use crate::state::Consumer;
use crate::tokens::Tokens;
use crate::verdict::Trouble;
use crate::writes::{Pending, Writes};
use registry::{Poison, names_event, open, parts};
use table::keys::{partition_key, sort_key};
use table::sight::{self, Wanted};
use table::store::Store;
use table::token::{Claim, Standing};

/// A webhook with a larger body, in bytes, waits until its neighbours are stored. A smaller one has
/// a thousand elements at most.
const LARGE_BYTES: usize = 8 * 1024;
/// How many events, or bytes of them, are written before more are normalized.
const PENDING_EVENTS: usize = PART_EVENTS;
const PENDING_BYTES: usize = PART_BYTES;

/// The smallest share of the time, if there is as much: a healthy table needs no more.
const SHARE: Duration = Duration::from_secs(1);
/// From this receive on, an attempt at a message is written down before the message is touched.
pub const COUNTED_FROM: u32 = 3;
/// The attempt without an end at which a message is put aside instead of being touched.
const STOPPED_AT: usize = 5;
/// How long crossing attempts out may take at least: those of earlier batches at first, and each of
/// this one after it.
const CROSSING_OUT: Duration = Duration::from_millis(500);

/// Normalizes and stores a batch, and returns the messages that the queue must keep.
///
/// What is not known to be stored by the `deadline` waits in the queue. What can never be stored is
/// put aside: this takes at most [`crate::queues::TIME`] after the `deadline`. `now` is for the
/// age of a message and for what is logged.
pub async fn process(
    records: &[Record],
    consumer: &Consumer,
    now: Timestamp,
    deadline: Instant,
) -> BatchResponse {
    let began = Instant::now();
    let crossing_out = deadline.min(began + CROSSING_OUT);
    consumer
        .ended
        .cross_out(&consumer.store, now, crossing_out)
        .await;
    let mut batch = Batch::new(records, consumer, deadline);
    let mut small = Vec::new();
    let mut waiting = Vec::new();
    for (index, record) in records.iter().enumerate() {
        if record.receives() > 1 {
            waiting.push((true, record.body.len(), index));
            continue;
        }
        match open(&record.body) {
            Ok((_, delivery)) if delivery.body().len() > LARGE_BYTES => {
                waiting.push((false, delivery.body().len(), index));
            }
            Ok((provider, delivery)) => small.push((index, provider, delivery)),
            Err(poison) => batch.fail([index], Trouble::Poison(poison.code())),
        }
    }
    let asked = small
        .iter()
        .map(|(_, provider, delivery)| (*provider, delivery));
    batch.tokens = Tokens::ask(asked, &consumer.store, deadline).await;
    for (index, provider, delivery) in small {
        batch.take(index, provider, &delivery).await;
    }
    waiting.sort_unstable();
    let mut left = u32::try_from(waiting.len()).unwrap_or(u32::MAX);
    for (_, _, index) in waiting {
        batch.flush().await;
        batch.share(left);
        left -= 1;
        if let Some(record) = records.get(index) {
            batch.attempt(index, record, now).await;
        }
    }
    batch.flush().await;
    let messages = records.iter().zip(batch.messages).collect();
    let took = SignedDuration::try_from(began.elapsed()).unwrap_or_default();
    let now = now.checked_add(took).unwrap_or(now);
    answer(messages, consumer, now, deadline).await
}

/// A batch that is being processed.
struct Batch<'a> {
    store: &'a Store,
    ended: &'a Ended,
    tokens: Tokens,
    /// When the table must have answered.
    end: Instant,
    /// When the current message must be done.
    deadline: Instant,
    messages: Vec<Message>,
    /// Events that are not written yet.
    pending: Vec<Pending>,
    pending_bytes: usize,
}

impl<'a> Batch<'a> {
    fn new(records: &[Record], consumer: &'a Consumer, deadline: Instant) -> Self {
        Self {
            store: &consumer.store,
            ended: &consumer.ended,
            tokens: Tokens::default(),
            end: deadline,
            deadline,
            messages: records.iter().map(|_| Message::default()).collect(),
            pending: Vec::new(),
            pending_bytes: 0,
        }
    }

    /// Sets the deadline of the next message to its share of the time that is left for `messages`.
    fn share(&mut self, messages: u32) {
        let now = Instant::now();
        let left = self.end.saturating_duration_since(now);
        self.deadline = now + (left / messages.max(1)).max(SHARE).min(left);
    }

    /// Processes a message alone. One that was received often may be stopping the consumer: then
    /// the attempt is written down first, and crossed out before the next message, which may be the
    /// one that stops it.
    ///
    /// While the table does not answer, such a message is not touched. It waits, and nothing is
    /// counted.
    async fn attempt(&mut self, index: usize, record: &Record, now: Timestamp) {
        if record.receives() < COUNTED_FROM {
            return self.open(index, record).await;
        }
        let (id, receives) = (record.message_id.as_str(), record.receives());
        let open = self.store.begin(id, receives, now, self.deadline).await;
        let latest = self.ended.latest(id);
        match open.map(|open| open.into_iter().filter(|n| *n > latest).count()) {
            // It may be written down all the same.
            None => self.fail([index], Trouble::TABLE_WRITE_FAILED),
            Some(attempts) if attempts >= STOPPED_AT => {
                return self.fail([index], Trouble::CONSUMER_STOPPED);
            }
            Some(_) => {
                self.open(index, record).await;
                self.flush().await;
                let crossing_out = self.deadline.max(Instant::now() + CROSSING_OUT);
                if self.store.end(id, now, crossing_out).await {
                    return;
                }
            }
        }
        self.ended.remember(id, receives);
    }

    /// Unpacks a message and takes it. Ten large ones at once would be too many.
    async fn open(&mut self, index: usize, record: &Record) {
        match open(&record.body) {
            Ok((provider, delivery)) => self.take(index, provider, &delivery).await,
            Err(poison) => self.fail([index], Trouble::Poison(poison.code())),
        }
    }

    /// Normalizes a message, and writes whenever enough events are pending.
    async fn take(&mut self, index: usize, provider: &dyn Provider, delivery: &Delivery) {
        if let Some(message) = self.messages.get_mut(index) {
            message.counts.of(delivery);
        }
        if let Err(trouble) = self.vouch(provider, delivery).await {
            return self.fail([index], trouble);
        }
        if let Some(message) = self.messages.get_mut(index) {
            message.counts.pings += usize::from(provider.says_nothing(delivery));
        }
        let is_signed = provider.strength() == Strength::Signed;
        let mut said = HashSet::new();
        let mut parts = parts(provider, delivery);
        let mut rest = parts.by_ref().peekable();
        while let Some(part) = rest.next() {
            // After the deadline nothing more can be stored, and it must not delay the answer.
            if Instant::now() >= self.deadline {
                return self.fail([index], Trouble::TABLE_WRITE_FAILED);
            }
            match part {
                Ok((mut events, malformed)) => {
                    // If a webhook says something twice, only what it says first is written. Most
                    // webhooks have one event, and nothing to say twice.
                    let made = events.len();
                    let is_only = made == 1 && said.is_empty() && rest.peek().is_none();
                    if !is_only {
                        events.retain(|event| said.insert(name_of(event, is_signed)));
                    }
                    if let Some(message) = self.messages.get_mut(index) {
                        message.counts.repeats += made - events.len();
                        message.verdict.malformed(&malformed);
                    }
                    let bytes = events.iter().map(bytes_of);
                    self.pending_bytes += bytes.sum::<usize>();
                    let pending = events.into_iter().map(|event| Pending {
                        message: index,
                        event,
                        received_at: delivery.received_at(),
                        is_signed,
                    });
                    self.pending.extend(pending);
                }
                Err(poison) => self.fail([index], Trouble::Poison(poison.code())),
            }
            if self.pending.len() >= PENDING_EVENTS || self.pending_bytes >= PENDING_BYTES {
                self.flush().await;
            }
        }
        if let Some(message) = self.messages.get_mut(index) {
            message.verdict.aside(parts.aside(), delivery);
        }
    }

    /// Checks a body that its signature does not cover: it must be the one that its token was first
    /// used for. This comes before anything is made of the body.
    async fn vouch(&self, provider: &dyn Provider, delivery: &Delivery) -> Result<(), Trouble> {
        let Some(claim) = Claim::of(delivery) else {
            return Ok(());
        };
        let poison = |poison: Poison| Trouble::Poison(poison.code());
        names_event(provider, delivery).map_err(poison)?;
        let standing = self.tokens.standing(&claim, self.store, self.deadline);
        match standing.await {
            Standing::Holds => Ok(()),
            Standing::Taken => Err(Trouble::TOKEN_REUSED),
            Standing::NotKnown => Err(Trouble::TABLE_WRITE_FAILED),
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
                None => self.fail([message], Trouble::TABLE_WRITE_FAILED),
            }
        }
        self.write(writes).await;
    }

    /// Writes everything, and records what failed.
    ///
    /// The registers of events that are not signed are written only after these events are stored.
    /// An event that contradicts a stored one must not change anyone's registers.
    async fn write(&mut self, mut writes: Writes) {
        let (unwritten, mut unstored, mut unapplied) = tokio::join!(
            self.store.put(writes.take_signed(), self.deadline),
            self.store.put_new(writes.take_unsigned(), self.deadline),
            self.store.suppress(writes.take_changes(), self.deadline)
        );
        let unwritten = unwritten.into_iter();
        unstored.extend(unwritten.map(|(key, why)| ((key, 0), why)));
        for (message, why) in writes.unstored(&unstored) {
            self.fail([message], Trouble::of_event(why));
        }
        let later = writes.changes_of_what_is_stored(&unstored);
        let later: BTreeMap<_, _> = self.store.suppress(later, self.deadline).await;
        unapplied.extend(later);
        for (register, why) in &unapplied {
            let waiting = writes.waiting_for_change(register);
            self.fail(waiting, Trouble::of_register(*why));
        }
        for (message, stored) in writes.stored(&unstored) {
            if let Some(message) = self.messages.get_mut(message) {
                message.counts.stored(stored);
            }
        }
        for (message, expired) in writes.expired() {
            if let Some(message) = self.messages.get_mut(message) {
                message.counts.expired += expired;
            }
        }
        for (message, repeats) in writes.repeats() {
            if let Some(message) = self.messages.get_mut(message) {
                message.counts.repeats += repeats;
            }
        }
    }

    fn fail(&mut self, messages: impl IntoIterator<Item = usize>, trouble: Trouble) {
        for index in messages {
            if let Some(message) = self.messages.get_mut(index) {
                message.verdict.fail(trouble);
            }
        }
    }
}

/// Returns a short name of an event's key, and of its text if that may contradict what has the same
/// key. It has few bytes, because a webhook may have 10,000 events.
fn name_of(event: &Event, is_signed: bool) -> String {
    let text = (!is_signed).then_some(event.raw.as_str());
    fingerprint(&[Some(&partition_key(event)), Some(&sort_key(event)), text])
}
