//! The event bus: one more outlet, which is told everything.
//!
//! It has no item in the table, because a parameter of the stack says whether there is one. For all
//! else it is an endpoint like the others: it has a breaker, a pace, and what is parked for it.

use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use shared::time::from_rfc3339;

use crate::endpoint::Endpoint;
use crate::filter::Filter;
use crate::notification::Notification;

/// The number of the bus among the outlets. The endpoints' own numbers begin with 1.
pub const BUS: u64 = 0;
/// How people are shown it.
pub const NAME: &str = "bus";

/// The most entries of one call (`EventBridge` API reference, `PutEvents`).
pub const MOST_ENTRIES: usize = 10;
/// The most bytes of all entries of one call. AWS may take more by now, and says so elsewhere.
pub const MOST_BYTES: usize = 256 * 1024;
/// The bytes that a time counts for, whatever it is.
const TIME_BYTES: usize = 14;

/// Returns the bus as an endpoint. It has no URL and no secret, and is always active.
#[must_use]
pub fn outlet() -> Endpoint {
    Endpoint {
        id: BUS,
        url: String::new(),
        filter: Filter::everything(),
        providers: Vec::new(),
        sources: Vec::new(),
        headers: std::collections::BTreeMap::new(),
        secrets: Vec::new(),
        active: true,
        created_at: Timestamp::UNIX_EPOCH,
        created_by: String::new(),
        revision: 0,
    }
}

/// Returns the bus as an endpoint, if a bus has this ARN.
#[must_use]
pub fn outlet_of(arn: Option<&str>) -> Option<Endpoint> {
    arn.map(|_| outlet())
}

/// What the bus is told of one fact.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The id of the notification. It is put as the one resource of the event.
    pub id: String,
    /// The detail's type: `email.bounced`, `suppression.set`.
    pub kind: String,
    /// When it happened.
    pub time: Timestamp,
    /// The detail, as JSON: the `data` of a webhook.
    pub detail: String,
}

/// What is read of a notification's body.
#[derive(Deserialize)]
struct Body {
    timestamp: String,
    data: Map<String, Value>,
}

impl Entry {
    /// Returns the entry of a notification. The detail is its `data` and nothing else, so that
    /// whoever reads webhooks reads the bus, too.
    #[must_use]
    pub fn of(notification: &Notification) -> Option<Self> {
        let Body { timestamp, data } = serde_json::from_slice(&notification.body).ok()?;
        Some(Self {
            id: notification.id.clone(),
            kind: notification.kind.clone(),
            time: from_rfc3339(&timestamp)?,
            detail: Value::Object(data).to_string(),
        })
    }

    /// Returns how many bytes the bus counts for the entry, if it comes from this source
    /// (`EventBridge` user guide, "Calculating `PutEvents` event entry size").
    #[must_use]
    pub fn bytes(&self, source: &str) -> usize {
        TIME_BYTES + source.len() + self.kind.len() + self.id.len() + self.detail.len()
    }
}

/// Shows nothing that names a person.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({} {})", self.id, self.kind)
    }
}

/// Puts entries into groups, in their order, each small enough for one call.
#[must_use]
pub fn groups(entries: Vec<Entry>, source: &str) -> Vec<Vec<Entry>> {
    let mut groups: Vec<Vec<Entry>> = Vec::new();
    let mut bytes = 0;
    for entry in entries {
        let size = entry.bytes(source);
        match groups.last_mut() {
            Some(group) if group.len() < MOST_ENTRIES && bytes + size <= MOST_BYTES => {
                bytes += size;
                group.push(entry);
            }
            _ => {
                bytes = size;
                groups.push(vec![entry]);
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests;
