//! What outlives an invocation.

use outlets::hour::Hour;
use outlets::store::Outlets;
use runtime::outbox::Outbox;
use runtime::sealing::Sealing;

/// What a process of sweep keeps.
pub struct Sweep {
    /// The endpoints' table.
    pub outlets: Outlets,
    /// The queue.
    pub outbox: Outbox,
    /// The keys of what is sealed.
    pub sealing: Sealing,
    /// How long an hour is here.
    pub hour: Hour,
}
