//! Tokio's clock shown as Unix time, so that a paused test clock moves every timestamp.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// A pair of readings taken together: everything later is measured from them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    start: Instant,
    unix: Duration,
}

impl Clock {
    /// Reads both clocks.
    #[expect(clippy::disallowed_methods, reason = "a queue service has a clock")]
    pub(super) fn start() -> Self {
        Self {
            start: Instant::now(),
            unix: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default(),
        }
    }

    /// `at` as milliseconds since 1970.
    pub(super) fn millis(self, at: Instant) -> u128 {
        (self.unix + at.saturating_duration_since(self.start)).as_millis()
    }

    /// `at` as seconds since 1970.
    pub(super) fn seconds(self, at: Instant) -> u64 {
        (self.unix + at.saturating_duration_since(self.start)).as_secs()
    }
}
