//! What is known about one message of a batch.

use crate::counts::Counts;
use crate::verdict::Verdict;

/// What is known about a message.
#[derive(Default)]
pub(crate) struct Message {
    /// What is to become of it.
    pub(crate) verdict: Verdict,
    /// What of it is in the table.
    pub(crate) counts: Counts,
}
