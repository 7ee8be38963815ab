//! The clock of the local stack, which is the system's.

use jiff::Timestamp;

/// Returns the current time.
#[expect(
    clippy::disallowed_methods,
    reason = "the local stack's clock is the system's clock"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
