//! The endpoints as they were a moment ago.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::error::StoreError;
use super::table::Outlets;
use crate::endpoint::Endpoint;

/// The age at which the endpoints are read again: so soon a change counts everywhere.
const MAX_AGE: SignedDuration = SignedDuration::from_secs(1);
/// How long whoever changes an endpoint waits until the change counts everywhere.
pub const COUNTS_AFTER: Duration = Duration::from_millis(1_100);

/// The endpoints, read at most every second.
pub struct Cached {
    outlets: Outlets,
    /// The bus, if there is one. It stands in no table.
    bus: Option<Endpoint>,
    read: Mutex<Option<Read>>,
}

struct Read {
    endpoints: Arc<Vec<Endpoint>>,
    at: Timestamp,
}

impl Cached {
    /// Returns the endpoints of a table, which have not been read yet, and with them the bus, if
    /// there is one.
    #[must_use]
    pub fn new(outlets: Outlets, bus: Option<Endpoint>) -> Self {
        Self {
            outlets,
            bus,
            read: Mutex::new(None),
        }
    }

    /// Returns the endpoints.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if they cannot be read. What is older than a second is not told:
    /// an endpoint may be gone since.
    pub async fn endpoints(&self, now: Timestamp) -> Result<Arc<Vec<Endpoint>>, StoreError> {
        if let Some(endpoints) = self.fresh(now) {
            return Ok(endpoints);
        }
        let mut endpoints = self.outlets.endpoints().await?;
        endpoints.extend(self.bus.clone());
        let endpoints = Arc::new(endpoints);
        let read = Read {
            endpoints: endpoints.clone(),
            at: now,
        };
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some(read);
        Ok(endpoints)
    }

    fn fresh(&self, now: Timestamp) -> Option<Arc<Vec<Endpoint>>> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let read = read.as_ref()?;
        let is_fresh = now.duration_since(read.at).abs() < MAX_AGE;
        is_fresh.then(|| read.endpoints.clone())
    }
}
