//! The lines of fanout's log. None has a key or an address.

use jiff::Timestamp;
use runtime::log::{Head, Level};
use serde::Serialize;

/// The name of the function.
pub(crate) const FUNCTION: &str = "fanout";

/// What became of a batch.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    /// How many records there were.
    pub(crate) records: usize,
    /// How many facts were announced.
    pub(crate) announced: usize,
    /// How many messages were sent.
    pub(crate) messages: usize,
    /// How many events were too old to be announced.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) too_old: usize,
    /// How many records announced nothing.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) not_announced: usize,
    /// How many records could not be read.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) unreadable: usize,
    /// How many records come again, because a service of AWS did not answer.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) again: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// The line about a batch.
#[derive(Serialize)]
pub(crate) struct BatchLine<'a> {
    #[serde(flatten)]
    head: Head,
    function: &'static str,
    outcome: &'static str,
    request_id: &'a str,
    #[serde(flatten)]
    counts: &'a Counts,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
}

impl<'a> BatchLine<'a> {
    /// Returns the line about a batch. The `code` says what did not answer, if anything did not.
    pub(crate) fn new(
        counts: &'a Counts,
        code: Option<&'static str>,
        request_id: &'a str,
        now: Timestamp,
    ) -> Self {
        let level = if code.is_some() {
            Level::Warn
        } else {
            Level::Info
        };
        Self {
            head: Head::new(now, level),
            function: FUNCTION,
            outcome: "fanned_out",
            request_id,
            counts,
            code,
        }
    }
}

/// The line about a record that cannot be read.
#[derive(Serialize)]
pub(crate) struct UnreadableLine<'a> {
    #[serde(flatten)]
    head: Head,
    function: &'static str,
    outcome: &'static str,
    request_id: &'a str,
    sequence_number: &'a str,
}

impl<'a> UnreadableLine<'a> {
    pub(crate) fn new(sequence_number: &'a str, request_id: &'a str, now: Timestamp) -> Self {
        Self {
            head: Head::new(now, Level::Error),
            function: FUNCTION,
            outcome: "unreadable",
            request_id,
            sequence_number,
        }
    }
}
