//! What outlives a batch.

use table::store::Store;

use crate::ended::Ended;
use crate::queues::Queues;

/// What a process of the consumer keeps from batch to batch.
pub struct Consumer {
    /// The table.
    pub store: Store,
    /// The queue and its dead-letter queue.
    pub queues: Queues,
    /// Attempts that the table still counts.
    pub(crate) ended: Ended,
}

impl Consumer {
    /// Returns a consumer that has seen nothing yet.
    #[must_use]
    pub fn new(store: Store, queues: Queues) -> Self {
        Self {
            store,
            queues,
            ended: Ended::default(),
        }
    }
}
