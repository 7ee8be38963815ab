//! The consumer's log lines: one per message, one per provider in the batch, and one per batch. The
//! last two have the metrics.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use runtime::log::Metrics;
use serde::Serialize;
use shared::delivery::Delivery;
use shared::event::Event;
use shared::malformed::Malformed;

/// What is counted for an event once it is in the table.
#[derive(Clone, Copy)]
pub(crate) struct Stored {
    /// `kind_<kind>`.
    metric: &'static str,
    occurred_at: Timestamp,
}

impl From<&Event> for Stored {
    fn from(event: &Event) -> Self {
        Self {
            metric: event.kind.metric(),
            occurred_at: event.occurred_at.time(),
        }
    }
}

/// What became of one message. It has no address and no body. Its metrics are in the
/// [`ProviderLine`].
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    level: &'static str,
    outcome: &'static str,
    pub(crate) message_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    codes: BTreeSet<&'static str>,
    /// How many of its events are in the table.
    events: usize,
    /// How many of its elements are not events.
    #[serde(skip_serializing_if = "is_zero")]
    malformed: usize,
    /// How many of its events were past their retention when they arrived.
    #[serde(skip_serializing_if = "is_zero")]
    expired: usize,
    #[serde(skip)]
    oldest: Option<Timestamp>,
    /// How many events there are of each `kind_<kind>`.
    #[serde(skip)]
    kinds: BTreeMap<&'static str, usize>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl<'a> Line<'a> {
    pub(crate) fn new(message_id: &'a str) -> Self {
        Self {
            level: "info",
            outcome: "stored",
            message_id,
            provider: None,
            source: None,
            codes: BTreeSet::new(),
            events: 0,
            malformed: 0,
            expired: 0,
            oldest: None,
            kinds: BTreeMap::new(),
        }
    }

    /// Sets the provider and the source of the message.
    pub(crate) fn of(&mut self, delivery: &Delivery) {
        self.provider = Some(delivery.provider().to_owned());
        self.source = delivery.source().map(str::to_owned);
    }

    /// Counts the elements of a message, or of a part of it, that are not events.
    pub(crate) fn put_aside(&mut self, malformed: &[Malformed]) {
        self.malformed += malformed.len();
        for malformed in malformed {
            self.failed(malformed.code());
        }
    }

    /// Counts events that were past their retention when they arrived. They are not stored.
    pub(crate) fn expired(&mut self, events: usize) {
        self.expired += events;
    }

    /// Counts an event that is in the table now. An event that was there before is counted, too,
    /// because a write does not tell.
    pub(crate) fn stored(&mut self, event: Stored) {
        self.events += 1;
        *self.kinds.entry(event.metric).or_default() += 1;
        self.oldest = self.oldest.into_iter().chain([event.occurred_at]).min();
    }

    pub(crate) fn failed(&mut self, code: &'static str) {
        self.level = "error";
        self.outcome = "failed";
        self.codes.insert(code);
    }

    pub(crate) fn is_failed(&self) -> bool {
        !self.codes.is_empty()
    }
}

/// What became of one provider's messages in a batch. It has the metrics once for all of them,
/// because every byte of a log is billed.
#[derive(Serialize)]
pub(crate) struct ProviderLine<'a> {
    level: &'static str,
    outcome: &'static str,
    provider: &'a str,
    /// Metric: how many of their events are in the table.
    events: usize,
    /// Metric: how many of their elements are not events.
    malformed: usize,
    /// Metric: how many messages the queue keeps.
    failed: usize,
    /// Metric: how many events were past their retention when they arrived.
    expired: usize,
    /// Metric: the time from the oldest event to now, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    ingest_lag_ms: Option<i64>,
    #[serde(skip)]
    oldest: Option<Timestamp>,
    /// Metrics: how many events there are of each `kind_<kind>`.
    #[serde(flatten)]
    kinds: BTreeMap<&'static str, usize>,
    #[serde(rename = "_aws")]
    metrics: Metrics,
}

impl<'a> ProviderLine<'a> {
    /// Returns a line for each provider of a batch. A message without a provider is counted as the
    /// consumer's.
    pub(crate) fn of(lines: &'a [Line<'_>], now: Timestamp) -> Vec<Self> {
        let mut by_provider: BTreeMap<&str, Self> = BTreeMap::new();
        for line in lines {
            let provider = line.provider.as_deref().unwrap_or("consumer");
            let sum = by_provider
                .entry(provider)
                .or_insert_with(|| Self::new(provider, now));
            sum.add(line);
        }
        let finished = by_provider.into_values().map(|sum| sum.with_metrics(now));
        finished.collect()
    }

    fn new(provider: &'a str, now: Timestamp) -> Self {
        Self {
            level: "info",
            outcome: "counted",
            provider,
            events: 0,
            malformed: 0,
            failed: 0,
            expired: 0,
            ingest_lag_ms: None,
            oldest: None,
            kinds: BTreeMap::new(),
            metrics: Metrics::at(now),
        }
    }

    fn add(&mut self, line: &Line<'_>) {
        self.events += line.events;
        self.malformed += line.malformed;
        self.failed += usize::from(line.is_failed());
        self.expired += line.expired;
        self.oldest = self.oldest.into_iter().chain(line.oldest).min();
        for (kind, count) in &line.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
    }

    /// Declares which fields are metrics.
    fn with_metrics(mut self, now: Timestamp) -> Self {
        let lag = |oldest: Timestamp| now.as_millisecond() - oldest.as_millisecond();
        self.ingest_lag_ms = self.oldest.map(lag);
        let mut counts = vec!["events", "malformed", "failed", "expired"];
        counts.extend(self.kinds.keys());
        let lag = self.ingest_lag_ms.map(|_| "ingest_lag_ms");
        self.metrics = Metrics::at(now).of(&[&["provider"]], &counts, lag.as_slice());
        self
    }
}

/// The log line of a batch.
#[derive(Serialize)]
pub(crate) struct BatchLine {
    level: &'static str,
    outcome: &'static str,
    /// Metric: how many messages it had.
    batch_size: usize,
    /// Metric: how many events it had more than once.
    repeats: usize,
    #[serde(rename = "_aws")]
    metrics: Metrics,
}

impl BatchLine {
    pub(crate) fn new(batch_size: usize, repeats: usize, now: Timestamp) -> Self {
        Self {
            level: "info",
            outcome: "batch",
            batch_size,
            repeats,
            metrics: Metrics::at(now).of(&[&[]], &["batch_size", "repeats"], &[]),
        }
    }
}
