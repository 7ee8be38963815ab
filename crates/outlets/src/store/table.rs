//! The table itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use table::keys::Key;
use table::read::Reader;
use table::store::Store;
use tokio::time::Instant;

/// How many requests are under way at once.
pub(super) const CONCURRENCY: usize = 8;

/// The table.
#[derive(Clone)]
pub struct Outlets {
    pub(super) reader: Reader,
    pub(super) writer: Arc<Store>,
}

impl Outlets {
    /// Returns the table with this name.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        let writer = Store::new(client.clone(), table.clone(), 0);
        Self {
            reader: Reader::new(client, table),
            writer: Arc::new(writer),
        }
    }

    pub(super) fn client(&self) -> &Client {
        self.reader.client()
    }

    pub(super) fn table(&self) -> &str {
        self.reader.table()
    }

    /// Deletes items, whatever they are. Returns those that are not known to be gone by the
    /// `deadline`.
    pub async fn delete(&self, keys: BTreeSet<Key>, deadline: Instant) -> BTreeSet<Key> {
        self.writer.delete(keys, deadline).await
    }
}
