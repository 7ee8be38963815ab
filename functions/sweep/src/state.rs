//! What outlives an invocation.

use outlets::endpoint::Endpoint;
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
    /// The bus, if there is one. It is in no table, and nothing is sealed for it.
    pub bus: Option<Endpoint>,
    /// How long an hour is here.
    pub hour: Hour,
}
