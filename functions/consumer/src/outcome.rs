//! The consumer's log lines: one per message; with their metrics one per provider in the batch, and
//! one per batch.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use runtime::log::Metrics;
use serde::Serialize;
use shared::delivery::Delivery;
use shared::event::Event;
use shared::malformed::Malformed;

/// What is counted of an event, once it is in the table.
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

/// What became of one message. No address, no body. Its metrics are in the [`ProviderLine`].
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
    /// The events of it that are in the table.
    events: usize,
    /// The elements that are no events.
    #[serde(skip_serializing_if = "is_zero")]
    malformed: usize,
    /// The events that were past their retention when they came.
    #[serde(skip_serializing_if = "is_zero")]
    expired: usize,
    #[serde(skip)]
    oldest: Option<Timestamp>,
    /// `kind_<kind>`, how many of each.
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

    /// Whose message it is.
    pub(crate) fn of(&mut self, delivery: &Delivery) {
        self.provider = Some(delivery.provider().to_owned());
        self.source = delivery.source().map(str::to_owned);
    }

    /// What is no event in it, or in a piece of it.
    pub(crate) fn put_aside(&mut self, malformed: &[Malformed]) {
        self.malformed += malformed.len();
        for malformed in malformed {
            self.failed(malformed.code());
        }
    }

    /// How many of its events were past their retention when they came: they are not stored.
    pub(crate) fn expired(&mut self, events: usize) {
        self.expired += events;
    }

    /// Counts an event that the table has taken; one that was there before counts, too, because a
    /// write does not tell.
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

/// What became of one provider's messages in a batch: the metrics, once for all of them, because
/// every byte of a log is billed.
#[derive(Serialize)]
pub(crate) struct ProviderLine<'a> {
    level: &'static str,
    outcome: &'static str,
    provider: &'a str,
    /// Metric: the events of them that are in the table.
    events: usize,
    /// Metric: the elements that are no events.
    malformed: usize,
    /// Metric: the messages that the queue keeps.
    failed: usize,
    /// Metric: the events that were past their retention when they came.
    expired: usize,
    /// Metric: from the oldest event to now, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    ingest_lag_ms: Option<i64>,
    #[serde(skip)]
    oldest: Option<Timestamp>,
    /// Metrics: `kind_<kind>`, how many of each.
    #[serde(flatten)]
    kinds: BTreeMap<&'static str, usize>,
    #[serde(rename = "_aws")]
    metrics: Metrics,
}

impl<'a> ProviderLine<'a> {
    /// A line for each provider of a batch. A message of no provider is counted as the consumer's.
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

    /// Says which fields are metrics.
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

/// A batch.
#[derive(Serialize)]
pub(crate) struct BatchLine {
    level: &'static str,
    outcome: &'static str,
    /// Metric: the messages in it.
    batch_size: usize,
    /// Metric: the events that it had more than once.
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
