//! How one message ended.

use jiff::Timestamp;
use outlets::breaker::{LastTest, Outcome};

/// How one message ended.
#[derive(Default)]
pub(crate) struct End {
    /// Whether the queue must keep the message.
    pub(crate) waits: bool,
    /// What its endpoint is to be judged by, if it was tried.
    pub(crate) said: Option<Said>,
}

/// What an endpoint is judged by.
pub(crate) struct Said {
    /// The endpoint.
    pub(crate) outlet: u64,
    /// When the attempt ended.
    pub(crate) at: Timestamp,
    /// What it came to.
    pub(crate) outcome: Outcome,
    /// The test, if it was one.
    pub(crate) test: Option<LastTest>,
}

impl End {
    /// Returns the end of a message that the queue must keep.
    pub(crate) fn waiting() -> Self {
        Self {
            waits: true,
            said: None,
        }
    }
}
