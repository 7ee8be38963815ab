//! The one place where a function looks at a clock.

use std::time::Duration;

use jiff::Timestamp;

/// Returns the time.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "log lines, how old the secrets are, how long ago the gateway had a webhook, when an invocation ends"
)]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Returns how long it is until a deadline of Lambda's, which is in Unix milliseconds.
///
/// Returns `None` if it is over already, or no time at all: `cargo lambda watch` sends such a
/// number.
#[must_use]
pub fn until(deadline: u64) -> Option<Duration> {
    let deadline = i64::try_from(deadline).ok()?;
    let deadline = Timestamp::from_millisecond(deadline).ok()?;
    Duration::try_from(deadline.duration_since(now())).ok()
}
