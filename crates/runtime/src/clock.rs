//! The one place where a function looks at a clock.

use jiff::Timestamp;

/// Returns the time.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "log lines, how old the secrets are, how long ago the gateway had a webhook"
)]
pub fn now() -> Timestamp {
    Timestamp::now()
}
