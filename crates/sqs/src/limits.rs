//! The numeric limits of requests, as a table.

use std::{ops::RangeInclusive, time::Duration};

use crate::errors::SqsError;

/// The largest message, and the largest batch: 1 MiB.
pub(crate) const MAX_BYTES: usize = 1_048_576;
/// The most entries in a batch, and the most attributes of a message.
pub(crate) const MAX_ENTRIES: usize = 10;
/// The longest that a message stays hidden, counted from when it was received: 12 hours.
pub(crate) const MAX_VISIBILITY: Duration = Duration::from_hours(12);
/// How long a queue refuses another purge.
pub(crate) const PURGE_PAUSE: Duration = Duration::from_mins(1);

/// One parameter of a request, with its range.
pub(crate) struct Limit {
    name: &'static str,
    range: RangeInclusive<u64>,
    reason: &'static str,
}

pub(crate) const RECEIVE_MAX: Limit = Limit {
    name: "MaxNumberOfMessages",
    range: 1..=10,
    reason: "Must be between 1 and 10, if provided.",
};
pub(crate) const RECEIVE_WAIT: Limit = Limit {
    name: "WaitTimeSeconds",
    range: 0..=20,
    reason: "Must be >= 0 and <= 20, if provided.",
};
pub(crate) const VISIBILITY: Limit = Limit {
    name: "VisibilityTimeout",
    range: 0..=43_200,
    reason: "Must be between 0 and 43200.",
};
pub(crate) const DELAY: Limit = Limit {
    name: "DelaySeconds",
    range: 0..=900,
    reason: "DelaySeconds must be >= 0 and <= 900.",
};
pub(crate) const LIST_MAX: Limit = Limit {
    name: "MaxResults",
    range: 1..=1000,
    reason: "Must be between 1 and 1000, if provided.",
};
pub(crate) const TASKS_MAX: Limit = Limit {
    name: "MaxResults",
    range: 1..=10,
    reason: "Must be between 1 and 10, if provided.",
};
pub(crate) const MOVE_RATE: Limit = Limit {
    name: "MaxNumberOfMessagesPerSecond",
    range: 1..=500,
    reason: "Must be between 1 and 500, if provided.",
};

impl Limit {
    /// Returns the sender's number, if it is within the range.
    pub(crate) fn read(&self, value: i64) -> Result<u64, SqsError> {
        u64::try_from(value)
            .ok()
            .filter(|value| self.range.contains(value))
            .ok_or_else(|| SqsError::value(value, self.name, self.reason))
    }

    /// Returns the sender's number of seconds, if it is within the range.
    pub(crate) fn seconds(&self, value: i64) -> Result<Duration, SqsError> {
        self.read(value).map(Duration::from_secs)
    }

    /// Refuses a duration of an in-process caller if it is over the range.
    pub(crate) fn hold(&self, value: Duration) -> Result<(), SqsError> {
        if value > Duration::from_secs(*self.range.end()) {
            return Err(SqsError::value(value.as_secs_f64(), self.name, self.reason));
        }
        Ok(())
    }
}
