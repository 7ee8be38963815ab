//! Takes a message for vouched for by the queue that it comes from.

use super::proof::{Authentic, prove_by_queue};

/// Makes the proof for a message of a queue whose policy admits one sender only. `queue` is that
/// queue's ARN, as the template gives it to the function, and `event_source` is the ARN that Lambda
/// says the message comes from. The message's own text decides nothing.
///
/// Returns `None` if it comes from another queue, or if there is no such queue.
#[must_use]
pub fn transport<'a>(queue: &str, event_source: &str, body: &'a str) -> Option<Authentic<'a>> {
    let is_admitted = !queue.is_empty() && queue == event_source;
    is_admitted.then(|| prove_by_queue(body))
}
