//! What a batch must know before it tries anything. It is read once for all its messages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use outlets::breaker::State;
use outlets::endpoint::Endpoint;
use outlets::message::Message;
use runtime::sealing::SealingKeys;
use table::batch::Found;
use table::item::Item;
use table::keys::Key;
use tokio::time::{Instant, timeout_at};

use crate::plan::Plan;
use crate::state::Deliver;

/// The code of a message whose endpoint could not be read.
const ENDPOINTS_UNREAD: &str = "endpoints_unread";
/// The code of a message whose item could not be read.
const ITEM_UNREAD: &str = "item_unread";

/// What is known.
#[derive(Default)]
pub(crate) struct Known {
    /// The endpoints of the batch, each with its state. `None` if they could not be read.
    endpoints: Option<BTreeMap<u64, (Option<Endpoint>, State)>>,
    /// The items of the messages that are tried or held. `None` if they could not be read.
    found: Option<Found>,
    /// The keys of what is sealed. `None` if there are none yet.
    pub(crate) keys: Option<Arc<SealingKeys>>,
}

impl Known {
    /// Reads what these messages need, by the `deadline`.
    pub(crate) async fn read(
        messages: &[&Message],
        deliver: &Deliver,
        now: Timestamp,
        deadline: Instant,
    ) -> Self {
        let ids: BTreeSet<u64> = messages.iter().map(|message| message.outlet).collect();
        if ids.is_empty() {
            return Self::default();
        }
        let reading = timeout_at(deadline, endpoints(&ids, deliver, now, deadline));
        let (endpoints, keys) = tokio::join!(reading, deliver.sealing.keys(now));
        let mut known = Self {
            endpoints: endpoints.unwrap_or_default(),
            found: None,
            keys: keys.ok(),
        };
        let keys: BTreeSet<Key> = messages
            .iter()
            .filter(|message| matches!(known.plan(message, now), Ok(Plan::Try | Plan::Hold(_))))
            .filter_map(|message| key_of(message))
            .collect();
        let found = deliver.events.items(&keys, &[], deadline);
        let found = timeout_at(deadline, found).await;
        known.found = found.ok().and_then(Result::ok);
        known
    }

    /// Returns what is to be done with a message.
    ///
    /// # Errors
    /// Returns why this is not known.
    pub(crate) fn plan(&self, message: &Message, now: Timestamp) -> Result<Plan, &'static str> {
        let endpoints = self.endpoints.as_ref().ok_or(ENDPOINTS_UNREAD)?;
        let (endpoint, state) = endpoints.get(&message.outlet).ok_or(ENDPOINTS_UNREAD)?;
        Ok(Plan::of(message, endpoint.as_ref(), state, now))
    }

    /// Returns the endpoint of a message.
    pub(crate) fn endpoint(&self, message: &Message) -> Option<&Endpoint> {
        let (endpoint, _) = self.endpoints.as_ref()?.get(&message.outlet)?;
        endpoint.as_ref()
    }

    /// Returns an endpoint's state as it was before the batch.
    pub(crate) fn state(&self, outlet: u64) -> Option<&State> {
        let (_, state) = self.endpoints.as_ref()?.get(&outlet)?;
        Some(state)
    }

    /// Returns the item that a message is about, if there is one.
    ///
    /// # Errors
    /// Returns why this is not known.
    pub(crate) fn item(&self, message: &Message) -> Result<Option<&Item>, &'static str> {
        let Some(key) = key_of(message) else {
            return Ok(None);
        };
        let found = self.found.as_ref().ok_or(ITEM_UNREAD)?;
        if found.unread.contains(&key) {
            return Err(ITEM_UNREAD);
        }
        Ok(found.items.get(&key))
    }
}

fn key_of(message: &Message) -> Option<Key> {
    let fact = message.fact.as_ref()?;
    Some((fact.pk.clone(), fact.sk.clone()))
}

async fn endpoints(
    ids: &BTreeSet<u64>,
    deliver: &Deliver,
    now: Timestamp,
    deadline: Instant,
) -> Option<BTreeMap<u64, (Option<Endpoint>, State)>> {
    let (endpoints, states) = tokio::join!(
        deliver.endpoints.endpoints(now),
        deliver.outlets.states(ids, deadline)
    );
    let (endpoints, mut states) = (endpoints.ok()?, states.ok()?);
    let mut known = BTreeMap::new();
    for id in ids {
        let endpoint = endpoints.iter().find(|endpoint| endpoint.id == *id);
        let endpoint = match endpoint {
            Some(endpoint) => Some(endpoint.clone()),
            // It may have been made a moment ago.
            None => deliver.outlets.endpoint(*id).await.ok()?,
        };
        known.insert(*id, (endpoint, states.remove(id).unwrap_or_default()));
    }
    Some(known)
}
