//! The consumer's log lines: one for what a batch stored of each provider, and one for each message
//! that is not done. No line has an address or a body.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use runtime::log::{Head, Level};
use serde::Serialize;

use crate::counts::Counts;
use crate::event::Record;
use crate::message::Message;

/// What a batch stored of one provider. It is one line, because every byte of a log is billed.
#[derive(Serialize)]
pub(crate) struct StoredLine<'a> {
    #[serde(flatten)]
    head: Head,
    outcome: &'static str,
    provider: &'a str,
    /// The messages that are done.
    messages: Vec<&'a str>,
    /// How many of the messages' events are in the table.
    events: usize,
    kinds: BTreeMap<&'static str, usize>,
    /// The time from the oldest event to now, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    ingest_lag_ms: Option<i64>,
    #[serde(skip_serializing_if = "is_zero")]
    expired: usize,
    #[serde(skip_serializing_if = "is_zero")]
    repeats: usize,
    #[serde(skip_serializing_if = "is_zero")]
    pings: usize,
    #[serde(skip)]
    oldest: Option<Timestamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl<'a> StoredLine<'a> {
    /// Returns a line for each provider of which the batch has stored something.
    pub(crate) fn of(
        messages: impl Iterator<Item = (&'a Record, &'a Counts, bool)>,
        now: Timestamp,
    ) -> Vec<Self> {
        let mut by_provider: BTreeMap<&str, Self> = BTreeMap::new();
        for (record, counts, is_done) in messages {
            let Some(provider) = counts.provider.as_deref() else {
                continue;
            };
            if is_done || counts.events > 0 {
                let line = by_provider
                    .entry(provider)
                    .or_insert_with(|| Self::new(provider, now));
                line.messages.extend(is_done.then_some(&*record.message_id));
                line.add(counts);
            }
        }
        let lag = |oldest: Timestamp| now.as_millisecond() - oldest.as_millisecond();
        let lines = by_provider.into_values().map(|line| Self {
            ingest_lag_ms: line.oldest.map(lag),
            ..line
        });
        lines.collect()
    }

    fn new(provider: &'a str, now: Timestamp) -> Self {
        Self {
            head: Head::new(now, Level::Info),
            outcome: "stored",
            provider,
            messages: Vec::new(),
            events: 0,
            kinds: BTreeMap::new(),
            ingest_lag_ms: None,
            expired: 0,
            repeats: 0,
            pings: 0,
            oldest: None,
        }
    }

    fn add(&mut self, counts: &Counts) {
        self.events += counts.events;
        self.expired += counts.expired;
        self.repeats += counts.repeats;
        self.pings += counts.pings;
        self.oldest = self.oldest.into_iter().chain(counts.oldest).min();
        for (kind, count) in &counts.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
    }
}

/// A message that is not done.
#[derive(Serialize)]
pub(crate) struct MessageLine<'a> {
    #[serde(flatten)]
    head: Head,
    /// `put_aside`: what is bad of it is in the dead-letter queue. `waiting`: it is in the queue,
    /// all of it.
    outcome: &'static str,
    message_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    codes: BTreeSet<&'static str>,
    /// How many of its events are in the table.
    #[serde(skip_serializing_if = "is_zero")]
    events: usize,
    /// How many of its elements are not events.
    #[serde(skip_serializing_if = "is_zero")]
    elements: usize,
    /// How many times it was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    receives: Option<u32>,
    /// After how many seconds it comes again.
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden_s: Option<u64>,
}

impl<'a> MessageLine<'a> {
    /// Returns the line of a message that was put aside.
    pub(crate) fn put_aside(
        record: &'a Record,
        Message { counts, verdict }: &'a Message,
        now: Timestamp,
    ) -> Self {
        Self {
            head: Head::new(now, Level::Error),
            outcome: "put_aside",
            message_id: &record.message_id,
            provider: counts.provider.as_deref(),
            source: counts.source.as_deref(),
            codes: verdict.codes(),
            events: counts.events,
            elements: verdict.elements,
            receives: None,
            hidden_s: None,
        }
    }

    /// Returns the line of a message that comes again after so many seconds.
    pub(crate) fn waiting(
        record: &'a Record,
        message: &'a Message,
        hidden_s: u64,
        now: Timestamp,
    ) -> Self {
        Self {
            head: Head::new(now, Level::Warn),
            outcome: "waiting",
            receives: Some(record.receives()),
            hidden_s: Some(hidden_s),
            ..Self::put_aside(record, message, now)
        }
    }
}
