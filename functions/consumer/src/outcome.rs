//! The consumer's log lines: one per message, one per batch, with their metrics.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use shared::delivery::Delivery;
use shared::event::Event;
use shared::log::Metrics;
use shared::provider::Malformed;

/// What became of one message. No address, no body.
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
    /// Metric: the events in it.
    events: usize,
    /// Metric: the elements that are no events.
    malformed: usize,
    /// Metric: 1 where the queue keeps the message.
    failed: u8,
    /// Metric: from the oldest event to now, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    ingest_lag_ms: Option<i64>,
    #[serde(skip)]
    oldest: Option<Timestamp>,
    /// Metrics: `kind_<kind>`, how many of each.
    #[serde(flatten)]
    kinds: BTreeMap<&'static str, usize>,
    #[serde(rename = "_aws", skip_serializing_if = "Option::is_none")]
    metrics: Option<Metrics>,
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
            failed: 0,
            ingest_lag_ms: None,
            oldest: None,
            kinds: BTreeMap::new(),
            metrics: None,
        }
    }

    /// Whose message it is.
    pub(crate) fn of(&mut self, delivery: &Delivery) {
        self.provider = Some(delivery.provider().to_owned());
        self.source = delivery.source().map(str::to_owned);
    }

    /// What was found in it, or in a piece of it.
    pub(crate) fn saw(&mut self, events: &[Event], malformed: &[Malformed]) {
        self.events += events.len();
        self.malformed += malformed.len();
        for event in events {
            *self.kinds.entry(event.kind.metric()).or_default() += 1;
        }
        let times = events.iter().map(|event| event.occurred_at.time());
        self.oldest = self.oldest.into_iter().chain(times).min();
        for malformed in malformed {
            self.failed(malformed.code());
        }
    }

    pub(crate) fn failed(&mut self, code: &'static str) {
        self.level = "error";
        self.outcome = "failed";
        self.failed = 1;
        self.codes.insert(code);
    }

    pub(crate) fn is_failed(&self) -> bool {
        self.failed > 0
    }

    /// Says which fields are metrics. A message of no provider is counted as the consumer's.
    pub(crate) fn with_metrics(&mut self, now: Timestamp) -> &Self {
        self.provider.get_or_insert_with(|| "consumer".to_owned());
        let lag = |oldest: Timestamp| now.as_millisecond() - oldest.as_millisecond();
        self.ingest_lag_ms = self.oldest.map(lag);
        let mut counts = vec!["events", "malformed", "failed"];
        counts.extend(self.kinds.keys());
        let lag = self.ingest_lag_ms.map(|_| "ingest_lag_ms");
        let metrics = Metrics::at(now).of(&[&["provider"]], &counts, lag.as_slice());
        self.metrics = Some(metrics);
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
