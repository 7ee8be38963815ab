//! Writes what is signed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, WriteRequest};
use backon::BackoffBuilder as _;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use tokio::time::{Instant, sleep, timeout_at};

use crate::first::First;
use crate::item::{Item, size};
use crate::keys::Key;
use crate::sight::{self, Seen, Wanted};
use crate::suppression::{Change, Changes, Register};

use super::request::{self, Writes};
use super::retry::{CONCURRENCY, Failure, answered, back_off};
use super::unstored::Unstored;

/// The most writes in one `BatchWriteItem`.
pub const BATCH_ITEMS: usize = 25;
/// The most bytes in one `BatchWriteItem`. This is well under the 16 MB that DynamoDB accepts,
/// because items travel as JSON, in which a quote is two bytes.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Items by key. A batch must not have a key twice.
pub type Items = BTreeMap<Key, Item>;

/// The writes that are not known to be done, and why.
pub type Unwritten = BTreeMap<Key, Unstored>;

/// A table to write to.
pub struct Store {
    pub(super) client: Client,
    pub(super) table: String,
    retention_days: u32,
    /// Whether the table has ever taken a write of this process.
    has_accepted: AtomicBool,
}

impl Store {
    /// Returns a store that writes to `table`. Events are kept there for `retention_days` from when
    /// they occurred; 0 is for ever.
    #[must_use]
    pub fn new(client: Client, table: String, retention_days: u32) -> Self {
        Self {
            client,
            table,
            retention_days,
            has_accepted: AtomicBool::new(false),
        }
    }

    pub(super) fn accepted(&self) {
        self.has_accepted.store(true, Ordering::Relaxed);
    }

    /// Returns why a write that DynamoDB found wrong is not done. As long as the table has taken no
    /// other one, it may be the table that is wrong, such as one with other keys.
    pub(super) fn refused(&self) -> Unstored {
        if self.has_accepted.load(Ordering::Relaxed) {
            Unstored::Refused
        } else {
            Unstored::NotKnown
        }
    }

    /// Returns for how many days events are kept.
    #[must_use]
    pub fn retention_days(&self) -> u32 {
        self.retention_days
    }

    /// Remembers the first sights that are wanted, and returns the times that hold, by the same
    /// keys. If a key is missing, its time is not known by the `deadline`.
    pub async fn seen(&self, wanted: Wanted, deadline: Instant) -> Seen {
        let holding = self.hold(wanted, deadline).await;
        holding
            .into_iter()
            .filter_map(|(key, at)| Some((key, sight::time_of(&at)?)))
            .collect()
    }

    /// Sets each value if there is none yet, and returns the values that hold, by the same keys. If
    /// a key is missing, its value is not known by the `deadline`.
    pub async fn hold(
        &self,
        firsts: BTreeMap<Key, First>,
        deadline: Instant,
    ) -> BTreeMap<Key, String> {
        stream::iter(firsts)
            .map(|(key, first)| async move {
                let holding = timeout_at(deadline, self.hold_one(&key, &first)).await;
                Some((key, holding.ok()??))
            })
            .buffer_unordered(CONCURRENCY)
            .filter_map(|holding| async move { holding })
            .collect()
            .await
    }

    async fn hold_one(&self, (pk, sk): &Key, first: &First) -> Option<String> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(pk.clone()))
            .key("sk", AttributeValue::S(sk.clone()))
            .update_expression(first.expression())
            .set_expression_attribute_names(Some(first.names()))
            .set_expression_attribute_values(Some(first.values()))
            .return_values(ReturnValue::AllNew);
        let updated = answered(|| update.clone().send()).await.ok()?;
        first.holding(updated.attributes()?)
    }

    /// Puts every item. Returns the keys of those that are not known to be stored by the
    /// `deadline`, and why.
    pub async fn put(&self, items: Items, deadline: Instant) -> Unwritten {
        let puts = items.into_iter().map(|(key, item)| (key, Some(item)));
        let mut left = self.write(puts.collect(), deadline).await;
        // All are done: only now it is known whether the table has taken any.
        for why in left.values_mut().filter(|why| **why == Unstored::Refused) {
            *why = self.refused();
        }
        left
    }

    /// Deletes every key. Returns those that are not known to be gone by the `deadline`. The
    /// consumer deletes nothing; this is for `erase` and `renormalize`.
    pub async fn delete(&self, keys: BTreeSet<Key>, deadline: Instant) -> BTreeSet<Key> {
        let deletions = keys.into_iter().map(|key| (key, None));
        let left = self.write(deletions.collect(), deadline).await;
        left.into_keys().collect()
    }

    async fn write(&self, writes: Writes, deadline: Instant) -> Unwritten {
        stream::iter(batches(writes))
            .map(|batch| self.write_batch(batch, deadline))
            .buffer_unordered(CONCURRENCY)
            .fold(Unwritten::new(), |mut all, failed| async move {
                all.extend(failed);
                all
            })
            .await
    }

    async fn write_batch(&self, mut batch: Writes, deadline: Instant) -> Unwritten {
        let mut refused = Unwritten::new();
        let writing = self.write_until_done(&mut batch, &mut refused);
        if timeout_at(deadline, writing).await.is_err() {
            let left = batch.into_keys().map(|key| (key, Unstored::NotKnown));
            refused.extend(left);
        }
        refused
    }

    /// Writes a batch, and takes out of it what is done or refused. What DynamoDB left unprocessed,
    /// or did not answer, is tried again with back-off.
    async fn write_until_done(&self, left: &mut Writes, refused: &mut Unwritten) {
        let mut delays = back_off().build();
        while !left.is_empty() {
            match self.write_once(left).await {
                Ok(unprocessed) => {
                    left.retain(|key, _| unprocessed.contains(key));
                    self.accepted();
                }
                Err(Failure::Refused) if left.len() > 1 => {
                    return self.write_singly(left, refused).await;
                }
                Err(Failure::Refused) => {
                    let all = std::mem::take(left).into_keys();
                    refused.extend(all.map(|key| (key, Unstored::Refused)));
                }
                Err(Failure::Unavailable) => {}
            }
            if !left.is_empty() {
                sleep(delays.next().unwrap_or_default()).await; // there is always a next one
            }
        }
    }

    /// Writes each item alone. DynamoDB refuses a whole batch for one bad item, but alone only the
    /// bad one fails.
    async fn write_singly(&self, left: &mut Writes, refused: &mut Unwritten) {
        while let Some((key, item)) = left.first_key_value() {
            let (key, item) = (key.clone(), item.clone());
            let mut single = Writes::from([(key.clone(), item)]);
            Box::pin(self.write_until_done(&mut single, refused)).await;
            // It has stayed among what is left until now, because the deadline may come before.
            left.remove(&key);
        }
    }

    /// Sends one `BatchWriteItem` and returns the keys that it left unprocessed.
    ///
    /// The SDK's request names the table, and gets its body before it is signed.
    async fn write_once(&self, writes: &Writes) -> Result<BTreeSet<Key>, Failure> {
        let json = request::json(&self.table, writes).map_err(|_| Failure::Unavailable)?;
        let (length, json) = (json.len().to_string(), Bytes::from(json));
        let output = self
            .client
            .batch_write_item()
            .request_items(&self.table, Vec::new())
            .customize()
            .mutate_request(move |request| {
                let headers = request.headers_mut();
                headers.insert("content-length", length.clone());
                *request.body_mut() = json.clone().into();
            })
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        let unprocessed = output.unprocessed_items.unwrap_or_default();
        Ok(unprocessed
            .values()
            .flatten()
            .filter_map(key_of_request)
            .collect())
    }

    /// Applies every change. Returns the registers of those that are not known to be applied by the
    /// `deadline`, and why.
    pub async fn suppress(
        &self,
        changes: Changes,
        deadline: Instant,
    ) -> BTreeMap<Register, Unstored> {
        stream::iter(changes.0.into_values())
            .map(|change| async move {
                let applied = timeout_at(deadline, self.suppress_one(&change)).await;
                let why = applied.unwrap_or(Some(Unstored::NotKnown));
                why.map(|why| (change.register, why))
            })
            .buffer_unordered(CONCURRENCY)
            .filter_map(|failed| async move { failed })
            .collect()
            .await
    }

    async fn suppress_one(&self, change: &Change) -> Option<Unstored> {
        let Register { pk, sk, .. } = &change.register;
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(pk.clone()))
            .key("sk", AttributeValue::S(sk.clone()))
            .update_expression(change.expression())
            .condition_expression(change.condition())
            .set_expression_attribute_names(Some(change.names()))
            .set_expression_attribute_values(Some(change.values()));
        match answered(|| update.clone().send()).await {
            Ok(_) => {
                self.accepted();
                None
            }
            // A later event has already spoken, or this one has. The register is where it should
            // be.
            Err(SdkError::ServiceError(error))
                if error.err().is_conditional_check_failed_exception() =>
            {
                None
            }
            Err(_) => Some(self.refused()),
        }
    }
}

/// Cuts the writes into requests that DynamoDB accepts.
fn batches(writes: Writes) -> Vec<Writes> {
    let mut batches = Vec::new();
    let mut batch = Writes::new();
    let mut bytes = 0;
    for (key, item) in writes {
        let item_bytes = item.as_ref().map_or(0, size);
        if batch.len() == BATCH_ITEMS || (bytes + item_bytes > BATCH_BYTES && !batch.is_empty()) {
            batches.push(std::mem::take(&mut batch));
            bytes = 0;
        }
        bytes += item_bytes;
        batch.insert(key, item);
    }
    if !batch.is_empty() {
        batches.push(batch);
    }
    batches
}

fn key_of_request(request: &WriteRequest) -> Option<Key> {
    match request.put_request() {
        Some(put) => key_of(put.item()),
        None => key_of(request.delete_request()?.key()),
    }
}

/// Returns the key of an item.
#[must_use]
pub fn key_of(item: &Item) -> Option<Key> {
    let text = |name: &str| item.get(name)?.as_s().ok().cloned();
    Some((text("pk")?, text("sk")?))
}
