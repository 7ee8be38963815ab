//! What the work on a request needs.

use std::time::Duration;

use jiff::Timestamp;
use outlets::bus::BUS;
use outlets::endpoint::Endpoint;
use outlets::hour::Hour;
use outlets::manage::Refusal;
use outlets::message::Message;
use outlets::store::Outlets;
use outlets::target::{Place, Target};
use runtime::outbox::{Letter, Outbox};
use runtime::sealing::Sealing;
use table::read::Reader;

use crate::done::Wrong;
use crate::line::Managed;

/// The table, the queue, the keys and the rules.
pub(crate) struct Parts {
    pub(crate) outlets: Outlets,
    pub(crate) outbox: Outbox,
    /// The table of the events, which is only read.
    pub(crate) events: Reader,
    /// The queue of the deliveries: what an operator says goes the way of every event.
    pub(crate) deliveries: Outbox,
    /// The event bus, if there is one. It is in no table.
    pub(crate) bus: Option<Endpoint>,
    pub(crate) sealing: Sealing,
    pub(crate) outbox_url: String,
    /// The API's own hosts, as far as they are known before a request comes.
    pub(crate) own_hosts: Vec<String>,
    pub(crate) hour: Hour,
}

/// One request: who asks, when, and of whom.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// Who asks.
    pub(crate) who: &'a str,
    /// When.
    pub(crate) at: Timestamp,
    /// The API's host, as the request has it.
    pub(crate) host: Option<&'a str>,
}

impl Parts {
    /// Returns where endpoints are called from. The host of the request is one of the API's own.
    pub(crate) fn place(&self, asked: Asked<'_>) -> Place {
        let host = asked.host.map(str::to_owned);
        let own_hosts = self.own_hosts.iter().cloned().chain(host);
        Place::of_stack(&self.outbox_url, own_hosts)
    }

    /// Returns an endpoint, or the bus, that must be there.
    pub(crate) async fn endpoint(&self, id: u64) -> Result<Endpoint, Wrong> {
        let endpoint = match id {
            BUS => self.bus.clone(),
            id => self.outlets.endpoint(id).await?,
        };
        endpoint.ok_or_else(|| Refusal::NotFound.into())
    }

    /// Sends a message to the queue.
    pub(crate) async fn send(&self, message: &Message) -> Result<(), Wrong> {
        let letter = Letter {
            group: message.group(),
            body: message.encode(),
            delay: Duration::ZERO,
        };
        let sent = self.outbox.send(&[letter]).await;
        if sent == [true] {
            Ok(())
        } else {
            Err(Wrong::because(Refusal::Unavailable, "outbox_unavailable"))
        }
    }
}

/// Returns the record of a change.
pub(crate) fn managed(what: &'static str, endpoint: &Endpoint) -> Managed {
    // What was registered in one place is read in the same one. The host alone is of interest.
    let target = Target::parse(&endpoint.url, &Place::Here);
    let host = target.map_or_else(|_| String::new(), |target| target.host().to_owned());
    Managed {
        what,
        outlet: endpoint.id,
        host,
    }
}
