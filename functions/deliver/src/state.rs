//! What outlives a batch.

use outlets::hour::Hour;
use outlets::store::{Cached, Outlets};
use runtime::outbox::Outbox;
use runtime::sealing::Sealing;
use table::read::Reader;

use crate::bus::Bus;
use crate::egress::Egress;

/// What a process of deliver keeps from batch to batch.
pub(crate) struct Deliver {
    /// The endpoints' table.
    pub(crate) outlets: Outlets,
    /// The endpoints, as they were a moment ago.
    pub(crate) endpoints: Cached,
    /// The events' table. Items are read by their keys, and by nothing else.
    pub(crate) events: Reader,
    /// The queue.
    pub(crate) outbox: Outbox,
    /// The queue of messages that cannot be read.
    pub(crate) dead_letters: Outbox,
    /// The keys of what is sealed.
    pub(crate) sealing: Sealing,
    /// The way out.
    pub(crate) egress: Egress,
    /// The bus, if there is one.
    pub(crate) bus: Option<Bus>,
    /// How long an hour is here.
    pub(crate) hour: Hour,
}
