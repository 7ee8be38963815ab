//! What is counted while a scenario runs.

use super::cause::{Cause, Hits};
use super::chance::number;

/// What was counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// Webhooks that providers sent, each counted once however often it is sent again.
    pub(crate) sent: u64,
    pub(crate) accepted: u64,
    pub(crate) stored: u64,
    /// What was stored while webhooks came.
    pub(crate) stored_meanwhile: u64,
    /// Answers: 429, 503.
    pub(crate) refused: (u64, u64),
    /// Webhooks that a provider will never send again.
    pub(crate) given_up: u64,
    pub(crate) dead_letters: u64,
    /// Webhooks that wait at the providers, to be sent again.
    pub(crate) at_providers: u64,
    /// What is paid for, so far.
    pub(crate) paid: Paid,
    /// The same, minute by minute.
    pub(crate) minutes: Vec<Paid>,
    /// The longest that anything has waited, in seconds: of all, and of all but the loudest group.
    pub(crate) oldest: (f64, f64),
    pub(crate) told: Told,
    pub(crate) hits: Hits,
    pub(crate) series: Vec<Point>,
    minute: Minute,
}

/// What is paid for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Paid {
    pub(crate) stored: u64,
    /// Requests that the gateway took on and a receiver was called for, and those of them that are
    /// in the queue.
    pub(crate) answered: u64,
    pub(crate) accepted: u64,
    pub(crate) consumer_runs: u64,
    /// Requests to the queue: receives, in chunks of 64 KiB, and those that delete or hide.
    pub(crate) receives: u64,
    pub(crate) deletes: u64,
    pub(crate) receiver_cpu_ms: f64,
    pub(crate) consumer_cpu_ms: f64,
    pub(crate) write_units: f64,
    pub(crate) seconds: f64,
}

impl Paid {
    /// Returns what was paid for since then.
    fn since(&self, before: &Self) -> Self {
        Self {
            stored: self.stored - before.stored,
            answered: self.answered - before.answered,
            accepted: self.accepted - before.accepted,
            consumer_runs: self.consumer_runs - before.consumer_runs,
            receives: self.receives - before.receives,
            deletes: self.deletes - before.deletes,
            receiver_cpu_ms: self.receiver_cpu_ms - before.receiver_cpu_ms,
            consumer_cpu_ms: self.consumer_cpu_ms - before.consumer_cpu_ms,
            write_units: self.write_units - before.write_units,
            seconds: self.seconds - before.seconds,
        }
    }
}

/// What was counted on the way out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Told {
    pub(crate) delivered: u64,
    pub(crate) failed: u64,
    pub(crate) parked: u64,
    /// The most that was parked at once.
    pub(crate) most_parked: u64,
    /// The longest that a healthy endpoint has waited, in seconds.
    pub(crate) healthy_behind: f64,
    pub(crate) stream_behind: f64,
}

/// One minute of a scenario.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Point {
    pub(crate) minute: f64,
    pub(crate) sent_per_second: f64,
    pub(crate) stored_per_second: f64,
    pub(crate) oldest_seconds: f64,
    /// Writes that the table or an index refused, a second.
    pub(crate) throttled_per_second: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Minute {
    sent: u64,
    throttled: u64,
    oldest: f64,
    /// What was paid for before it.
    before: Paid,
}

/// What the queue says at the end of a step.
pub(crate) struct Seen {
    pub(crate) now_seconds: f64,
    pub(crate) step_seconds: f64,
    pub(crate) oldest_seconds: f64,
    pub(crate) oldest_of_others: f64,
    /// Write units so far.
    pub(crate) write_units: f64,
}

impl Record {
    /// Notes the end of a step, and of a minute.
    pub(crate) fn pass(&mut self, seen: &Seen) {
        self.oldest.0 = self.oldest.0.max(seen.oldest_seconds);
        self.oldest.1 = self.oldest.1.max(seen.oldest_of_others);
        self.minute.oldest = self.minute.oldest.max(seen.oldest_seconds);
        self.paid.seconds += seen.step_seconds;
        self.paid.write_units = seen.write_units;
        self.paid.stored = self.stored;
        self.paid.accepted = self.accepted;
        self.paid.answered = self.accepted + self.refused.1;
        let minute = self.paid.since(&self.minute.before);
        if minute.seconds < 59.999 {
            return;
        }
        self.minutes.push(minute);
        let throttled = self.throttled();
        let each = |now: u64, before: u64| number(now - before) / minute.seconds;
        self.series.push(Point {
            minute: (seen.now_seconds / 60.0).round(),
            sent_per_second: each(self.sent, self.minute.sent),
            stored_per_second: each(minute.stored, 0),
            oldest_seconds: self.minute.oldest,
            throttled_per_second: each(throttled, self.minute.throttled),
        });
        self.minute = Minute {
            sent: self.sent,
            throttled,
            before: self.paid,
            ..Minute::default()
        };
    }

    /// Returns how many writes the table and its indexes refused.
    fn throttled(&self) -> u64 {
        self.hits.refused(&[
            Cause::TableQuota,
            Cause::TableWarm,
            Cause::TablePartition,
            Cause::NobodyKey,
            Cause::MessageWarm,
            Cause::MessagePartition,
            Cause::ProblemWarm,
            Cause::ProblemPartition,
            Cause::ProblemKey,
        ])
    }

    /// Returns the webhooks stored a second, in the minute in which they were most.
    pub(crate) fn peak(&self) -> f64 {
        let rates = self.series.iter().map(|point| point.stored_per_second);
        rates.fold(0.0, f64::max)
    }
}
