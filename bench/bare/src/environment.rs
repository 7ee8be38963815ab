//! What Lambda, or the benchmark, gives a function.

use jiff::Timestamp;

use crate::outcome::Outcome;

/// Returns a variable that must be there.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the environment is read"
)]
pub(crate) fn needed(name: &str) -> Outcome<String> {
    std::env::var(name).map_err(|error| format!("{name}: {error}").into())
}

/// Returns the time.
#[expect(
    clippy::disallowed_methods,
    reason = "a request is signed when it is sent"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
