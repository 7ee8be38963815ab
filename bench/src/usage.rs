//! What one event uses of everything that costs money.

use serde::{Deserialize, Serialize};

/// What one event uses.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Use {
    pub(crate) webhooks: f64,
    pub(crate) queue_sends: f64,
    pub(crate) queue_receives: f64,
    pub(crate) queue_deletes: f64,
    pub(crate) consumer_runs: f64,
    pub(crate) receiver_cpu_ms: f64,
    pub(crate) consumer_cpu_ms: f64,
    pub(crate) event_write_units: f64,
    pub(crate) suppression_write_units: f64,
    pub(crate) first_sight_write_units: f64,
    pub(crate) log_bytes: f64,
    pub(crate) log_lines: f64,
    pub(crate) item_bytes: f64,
    pub(crate) index_bytes: f64,
}

impl Use {
    /// Adds another part's, by its share.
    pub(crate) fn add(&mut self, other: &Self, share: f64) {
        for (sum, more) in self.fields().into_iter().zip(other.clone().fields()) {
            *sum += share * *more;
        }
    }

    fn fields(&mut self) -> [&mut f64; 14] {
        [
            &mut self.webhooks,
            &mut self.queue_sends,
            &mut self.queue_receives,
            &mut self.queue_deletes,
            &mut self.consumer_runs,
            &mut self.receiver_cpu_ms,
            &mut self.consumer_cpu_ms,
            &mut self.event_write_units,
            &mut self.suppression_write_units,
            &mut self.first_sight_write_units,
            &mut self.log_bytes,
            &mut self.log_lines,
            &mut self.item_bytes,
            &mut self.index_bytes,
        ]
    }
}
