//! Writes what is not signed. It never replaces anything.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use futures_util::stream::{self, StreamExt as _};
use tokio::time::{Instant, timeout_at};

use super::retry::{CONCURRENCY, answered};
use super::unstored::Unstored;
use super::write::Store;
use crate::item::{Item, says_the_same};
use crate::keys::Key;

/// What webhooks without a signature say about each key. A key has more than one item if they
/// contradict each other.
pub type Said = BTreeMap<Key, Vec<Item>>;

/// One of the items for a key, by its place.
pub type Saying = (Key, usize);

impl Store {
    /// Puts each item if its key is free. Items for one key are put in their order. What is there
    /// already stays to the letter.
    ///
    /// Returns the items that are not in the table as they are here, and why.
    pub async fn put_new(&self, said: Said, deadline: Instant) -> BTreeMap<Saying, Unstored> {
        stream::iter(said)
            .map(|(key, items)| self.put_new_of(key, items, deadline))
            .buffer_unordered(CONCURRENCY)
            .fold(BTreeMap::new(), |mut all, unstored| async move {
                all.extend(unstored);
                all
            })
            .await
    }

    async fn put_new_of(
        &self,
        key: Key,
        items: Vec<Item>,
        deadline: Instant,
    ) -> BTreeMap<Saying, Unstored> {
        let mut unstored = BTreeMap::new();
        for (place, item) in items.into_iter().enumerate() {
            let put = timeout_at(deadline, self.put_new_one(item)).await;
            if let Some(why) = put.unwrap_or(Some(Unstored::NotKnown)) {
                unstored.insert((key.clone(), place), why);
            }
        }
        unstored
    }

    async fn put_new_one(&self, item: Item) -> Option<Unstored> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item.clone()))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = answered(|| put.clone().send()).await else {
            self.accepted();
            return None;
        };
        if let SdkError::ServiceError(service) = &error
            && let PutItemError::ConditionalCheckFailedException(taken) = service.err()
        {
            let is_same = taken
                .item()
                .is_some_and(|there| says_the_same(there, &item));
            return (!is_same).then_some(Unstored::Contradicts);
        }
        Some(self.refused())
    }
}
