//! What waits to be told to endpoints about a person. Its key has the person's address.

use std::collections::BTreeSet;
use std::fmt;

use table::item::Item;
use table::keys::Key;
use table::read::text;
use table::store::{Store, key_of};
use tokio::time::Instant;

use crate::error::Error;
use crate::events::Events;

/// What waits to be told about a person: the keys, and the table that has them.
#[derive(Clone, Default)]
pub(super) struct Waiting {
    outlets: Option<Box<Events>>,
    keys: BTreeSet<Key>,
}

impl Waiting {
    /// Returns what waits about the events under these partition keys. The whole table is read: it
    /// is sorted by endpoint, not by person.
    pub(super) async fn of(outlets: Events, own: &BTreeSet<String>) -> Result<Self, Error> {
        let mut keys = BTreeSet::new();
        let mut start: Option<Item> = None;
        loop {
            let page = outlets.page(start).await?;
            let is_own = |item: &&Item| own.contains(text(item, "event_pk"));
            keys.extend(page.items.iter().filter(is_own).filter_map(key_of));
            start = page.next;
            if start.is_none() {
                break;
            }
        }
        Ok(Self {
            outlets: Some(Box::new(outlets)),
            keys,
        })
    }

    /// Returns how much it is.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Checks whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Deletes it. Returns how much of it may still be there.
    pub(super) async fn forget(self, deadline: Instant) -> usize {
        let Some(outlets) = self.outlets else {
            return 0;
        };
        let store = Store::new(outlets.client().clone(), outlets.table().to_owned(), 0);
        store.delete(self.keys, deadline).await.len()
    }
}

/// The table is the same for a whole plan.
impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.keys == other.keys
    }
}

impl Eq for Waiting {}

/// Shows nothing that names a person.
impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Waiting({})", self.keys.len())
    }
}
