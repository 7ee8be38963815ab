//! Reads many items by their keys.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use backon::BackoffBuilder as _;
use tokio::time::{Duration, Instant, sleep};

use crate::item::Item;
use crate::keys::Key;
use crate::read::{ReadError, Reader};
use crate::store::{back_off, key_of};

/// The most keys that DynamoDB reads at once.
pub const MOST_KEYS: usize = 100;
/// The longest that a look-up waits for what DynamoDB leaves out.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was read of many keys.
#[derive(Debug, Default)]
pub struct Found {
    /// The items that there are.
    pub items: BTreeMap<Key, Item>,
    /// The keys for which the table had no answer in time. Whether there is an item is not known.
    pub unread: BTreeSet<Key>,
}

/// Whoever looks items up by their keys, each in the time that it gives itself.
pub trait LookUp {
    /// Why nothing was read.
    type Error;

    /// Reads the items under these keys, as they are now. With `only`, they have these attributes
    /// alone.
    ///
    /// # Errors
    /// Returns an error if the table cannot be read.
    fn look_up(
        &self,
        keys: &BTreeSet<Key>,
        only: &[&str],
    ) -> impl Future<Output = Result<Found, Self::Error>> + Send;
}

impl LookUp for Reader {
    type Error = ReadError;

    async fn look_up(&self, keys: &BTreeSet<Key>, only: &[&str]) -> Result<Found, ReadError> {
        if let (1, Some(key), []) = (keys.len(), keys.first(), only) {
            let item = self.item(key.clone()).await?;
            let items = item.map(|item| (key.clone(), item)).into_iter().collect();
            let unread = BTreeSet::new();
            return Ok(Found { items, unread });
        }
        self.items(keys, only, Instant::now() + PATIENCE).await
    }
}

impl Reader {
    /// Reads the items under these keys, by the `deadline`. The read is consistent. With `only`,
    /// the items have these attributes alone.
    ///
    /// # Errors
    /// Returns a [`ReadError`] if the table cannot be read.
    pub async fn items(
        &self,
        keys: &BTreeSet<Key>,
        only: &[&str],
        deadline: Instant,
    ) -> Result<Found, ReadError> {
        let mut found = Found::default();
        let mut left: Vec<&Key> = keys.iter().collect();
        while !left.is_empty() {
            let rest = left.split_off(left.len().min(MOST_KEYS));
            self.some(left, only, deadline, &mut found).await?;
            left = rest;
        }
        Ok(found)
    }

    /// Reads at most [`MOST_KEYS`]. DynamoDB may leave some out, and they are asked for again.
    async fn some(
        &self,
        keys: Vec<&Key>,
        only: &[&str],
        deadline: Instant,
        found: &mut Found,
    ) -> Result<(), ReadError> {
        let mut left: Vec<Item> = keys.into_iter().map(attributes).collect();
        for pause in back_off().build() {
            let asked = request(left, only).map_err(ReadError::of)?;
            let asked = self
                .client()
                .batch_get_item()
                .request_items(self.table(), asked);
            let read = asked.send().await.map_err(ReadError::of)?;
            let items = read.responses.into_iter().flat_map(HashMap::into_values);
            let items = items.flatten();
            found
                .items
                .extend(items.filter_map(|item| Some((key_of(&item)?, item))));
            let unread = read.unprocessed_keys.into_iter();
            let unread = unread.flat_map(HashMap::into_values);
            left = unread.flat_map(|asked| asked.keys).collect();
            if left.is_empty() || Instant::now() + pause > deadline {
                break;
            }
            sleep(pause).await;
        }
        found.unread.extend(left.iter().filter_map(key_of));
        Ok(())
    }
}

fn attributes((pk, sk): &Key) -> Item {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

/// Names each attribute by its place, because some of their names are DynamoDB's own words.
fn request(
    keys: Vec<Item>,
    only: &[&str],
) -> Result<KeysAndAttributes, aws_sdk_dynamodb::error::BuildError> {
    let request = KeysAndAttributes::builder();
    let mut request = request.set_keys(Some(keys)).consistent_read(true);
    if !only.is_empty() {
        let names: Vec<String> = (0..only.len()).map(|place| format!("#a{place}")).collect();
        for (name, attribute) in names.iter().zip(only) {
            request = request.expression_attribute_names(name, *attribute);
        }
        request = request.projection_expression(names.join(", "));
    }
    request.build()
}
