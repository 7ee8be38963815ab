//! Reads one table, with an error that says what to look at first.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use table::batch::{Found, LookUp};
use table::item::Item;
use table::keys::{self, Key};
use table::read::{Index, Page, ReadError, Reader, text};
use table::suppression;
use table::timeline::Span;
use tokio::time::Instant;

use crate::error::Error;
use crate::services::Services;

/// The longest that many items may take. What has no answer by then is not known.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads the events of one table.
#[derive(Clone)]
pub struct Events {
    services: Services,
    reader: Reader,
}

impl Events {
    /// Returns a reader of the table with this name.
    #[must_use]
    pub fn named(services: Services, table: String) -> Self {
        Self {
            reader: Reader::new(services.dynamodb(), table),
            services,
        }
    }

    /// Returns the table's client, for what is not asked for here.
    #[must_use]
    pub fn client(&self) -> &Client {
        self.reader.client()
    }

    /// Returns the table's name.
    #[must_use]
    pub fn table(&self) -> &str {
        self.reader.table()
    }

    /// Returns every event, in the order of their time; other items are left out.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn all(&self) -> Result<Vec<Item>, Error> {
        let mut items = self.scan().await?;
        // not the suppressions, nor the first sights
        items.retain(|item| item.contains_key("kind"));
        items.sort_by(|a, b| text(a, "sk").cmp(text(b, "sk")));
        Ok(items)
    }

    /// Returns the suppression items in which a reason stands, but for those of narrower scopes.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn suppressed(&self) -> Result<Vec<Item>, Error> {
        let mut items = self.scan().await?;
        items.retain(|item| {
            text(item, "sk") == keys::SUPPRESSION && !suppression::standing(item).is_empty()
        });
        Ok(items)
    }

    /// Reads every item, whatever it is.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn scan(&self) -> Result<Vec<Item>, Error> {
        self.told(self.reader.scan().await)
    }

    /// Returns how many items the table has, and how many bytes, by its own count of the last
    /// hours.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be described.
    pub async fn estimate(&self) -> Result<(u64, u64), Error> {
        self.told(self.reader.estimate().await)
    }

    /// Reads every item of one partition, whatever it is, as it is now.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn partition(&self, pk: String) -> Result<Vec<Item>, Error> {
        self.told(self.reader.partition(pk).await)
    }

    /// Reads some events of a timeline, from the newest back, as they are now.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn newest(
        &self,
        pk: &str,
        span: &Span,
        start: Option<Item>,
        most: i32,
    ) -> Result<Page, Error> {
        self.told(self.reader.newest(pk, span, start, most).await)
    }

    /// Reads one page of the table, from its start or from where the last one ended, as it is now.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn page(&self, start: Option<Item>) -> Result<Page, Error> {
        self.told(self.reader.page(start).await)
    }

    /// Reads one page of the table likewise, as it was a moment ago, for half the price.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn page_at_half_price(&self, start: Option<Item>) -> Result<Page, Error> {
        self.told(self.reader.page_at_half_price(start).await)
    }

    /// Reads one item, as it is now.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn item(&self, key: Key) -> Result<Option<Item>, Error> {
        self.told(self.reader.item(key).await)
    }

    /// Reads the items under these keys, as they are now. With `only`, they have these attributes
    /// alone.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn items(&self, keys: &BTreeSet<Key>, only: &[&str]) -> Result<Found, Error> {
        let deadline = Instant::now() + PATIENCE;
        self.told(self.reader.items(keys, only, deadline).await)
    }

    /// Reads what an index has under a key.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn indexed(&self, index: Index, key: String) -> Result<Vec<Item>, Error> {
        self.told(self.reader.indexed(index, key).await)
    }

    /// Tells what to look at first, if the table could not be read.
    fn told<T>(&self, read: Result<T, ReadError>) -> Result<T, Error> {
        read.map_err(|error| self.services.failed("the table cannot be read", &error))
    }
}

impl LookUp for Events {
    type Error = Error;

    async fn look_up(&self, keys: &BTreeSet<Key>, only: &[&str]) -> Result<Found, Error> {
        self.items(keys, only).await
    }
}
