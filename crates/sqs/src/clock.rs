//! Shows Tokio's clock as Unix time, so that a paused test clock moves every timestamp.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// A pair of readings taken together. Everything later is measured from them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    start: Instant,
    unix: Duration,
}

impl Clock {
    /// Reads both clocks.
    #[expect(clippy::disallowed_methods, reason = "a queue service has a clock")]
    pub(crate) fn start() -> Self {
        Self {
            start: Instant::now(),
            unix: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default(),
        }
    }

    /// Returns `at` in milliseconds since 1970.
    pub(crate) fn millis(self, at: Instant) -> u128 {
        let before = self.start.saturating_duration_since(at);
        let unix = self.unix.saturating_sub(before);
        (unix + at.saturating_duration_since(self.start)).as_millis()
    }

    /// Returns the instant of a number of milliseconds since 1970. If no clock of this machine can
    /// show it, the start is returned.
    pub(crate) fn instant(self, millis: u64) -> Instant {
        let unix = Duration::from_millis(millis);
        let instant = match unix.checked_sub(self.unix) {
            Some(since) => self.start.checked_add(since),
            None => self.start.checked_sub(self.unix.saturating_sub(unix)),
        };
        instant.unwrap_or(self.start)
    }

    /// Returns `at` in seconds since 1970.
    pub(crate) fn seconds(self, at: Instant) -> u64 {
        u64::try_from(self.millis(at) / 1000).unwrap_or(u64::MAX)
    }
}
