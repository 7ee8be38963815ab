//! Parks, finds and counts parked notifications.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use shared::time::rfc3339_ms;
use table::keys::Key;
use table::store::key_of;
use tokio::time::Instant;

use super::error::StoreError;
use super::table::Outlets;
use crate::parked::{BEFORE_NEVER, NEVER, Parked, SHARDS, partition, shard_of};

/// The most items of one answer: many partitions are read at once.
const PAGE: usize = 500;
/// Sorts behind the `#` between a time and an id.
const BEHIND: &str = "$";

/// How many notifications are parked for an endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Those that wait for their next attempt.
    pub waiting: usize,
    /// Those that have no more attempts.
    pub undelivered: usize,
}

impl Outlets {
    /// Writes parked notifications. Returns the keys of those that are not known to be written by
    /// the `deadline`.
    pub async fn park(&self, parked: &[Parked], deadline: Instant) -> BTreeSet<Key> {
        let items: BTreeMap<_, _> = parked.iter().map(|one| (one.key(), one.item())).collect();
        let unwritten = self.writer.put(items, deadline).await;
        unwritten.into_keys().collect()
    }

    /// Reads the oldest parked notifications of an endpoint, `most` of them. With `due_until`, they
    /// are due by then. One that cannot be read is left out.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the table cannot be read.
    pub async fn parked(
        &self,
        id: u64,
        due_until: Option<Timestamp>,
        most: usize,
    ) -> Result<Vec<Parked>, StoreError> {
        let until = due_until.unwrap_or(NEVER);
        self.range(id, "", until, most).await
    }

    /// Reads parked notifications of an endpoint behind the one with this sort key, `most` of them.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the table cannot be read.
    pub async fn parked_after(
        &self,
        id: u64,
        after: &str,
        most: usize,
    ) -> Result<Vec<Parked>, StoreError> {
        self.range(id, after, NEVER, most).await
    }

    async fn range(
        &self,
        id: u64,
        after: &str,
        until: Timestamp,
        most: usize,
    ) -> Result<Vec<Parked>, StoreError> {
        let shards = (0..SHARDS).map(|shard| self.shard(id, shard, after, until, most));
        let mut parked: Vec<Parked> = try_join_all(shards).await?.concat();
        parked.sort_by_cached_key(|one| one.key().1);
        parked.truncate(most);
        Ok(parked)
    }

    async fn shard(
        &self,
        id: u64,
        shard: u8,
        after: &str,
        until: Timestamp,
        most: usize,
    ) -> Result<Vec<Parked>, StoreError> {
        let query = self.query(partition(id, shard), after, until);
        let mut parked = Vec::new();
        let mut start = None;
        while parked.len() < most {
            let limit = (most - parked.len()).saturating_add(1).min(PAGE);
            let page = query
                .clone()
                .limit(i32::try_from(limit).unwrap_or(i32::MAX));
            let page = page.set_exclusive_start_key(start).send().await;
            let page = page.map_err(StoreError::unreadable)?;
            let read = page.items.unwrap_or_default();
            let read = read.iter().filter_map(Parked::of);
            parked.extend(read.filter(|one| one.key().1 != after));
            start = page.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        Ok(parked)
    }

    /// Asks for what is due from a sort key on until a time. DynamoDB has one condition for both
    /// ends.
    fn query(&self, pk: String, from: &str, until: Timestamp) -> QueryFluentBuilder {
        // A blank text is no key.
        let from = if from.is_empty() { BEHIND } else { from };
        let until = format!("{}{BEHIND}", rfc3339_ms(until));
        let query = self.client().query().table_name(self.table());
        query
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :until")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .expression_attribute_values(":from", AttributeValue::S(from.to_owned()))
            .expression_attribute_values(":until", AttributeValue::S(until))
    }

    /// Finds what is parked for an endpoint under a webhook id.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the table cannot be read.
    pub async fn find(&self, id: u64, webhook_id: &str) -> Result<Vec<Parked>, StoreError> {
        let query = self.query(partition(id, shard_of(webhook_id)), "", NEVER);
        let mut items = query.into_paginator().items().send();
        let mut found = Vec::new();
        // DynamoDB filters by no key.
        while let Some(item) = items.next().await {
            let item = item.map_err(StoreError::unreadable)?;
            let parked = Parked::of(&item);
            found.extend(parked.filter(|one| one.webhook_id == webhook_id));
        }
        Ok(found)
    }

    /// Counts what is parked for an endpoint, up to `most` of each sort in each partition.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the table cannot be read.
    pub async fn count(&self, id: u64, most: usize) -> Result<Counted, StoreError> {
        let never = rfc3339_ms(NEVER);
        let shards = |from: &str, until: Timestamp| {
            let from = from.to_owned();
            let shards = (0..SHARDS).map(move |shard| {
                let query = self.query(partition(id, shard), &from, until);
                count(query.select(Select::Count), most)
            });
            try_join_all(shards)
        };
        let (waiting, undelivered) =
            tokio::try_join!(shards("", BEFORE_NEVER), shards(&never, NEVER))?;
        Ok(Counted {
            waiting: waiting.iter().sum(),
            undelivered: undelivered.iter().sum(),
        })
    }

    /// Deletes everything that is parked for an endpoint, readable or not. Returns how much it was.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the table cannot be read, or if something is left by the
    /// `deadline`.
    pub async fn clear(&self, id: u64, deadline: Instant) -> Result<usize, StoreError> {
        let shards = (0..SHARDS).map(|shard| self.clear_shard(partition(id, shard), deadline));
        Ok(try_join_all(shards).await?.iter().sum())
    }

    async fn clear_shard(&self, pk: String, deadline: Instant) -> Result<usize, StoreError> {
        let query = self.query(pk, "", NEVER).projection_expression("pk, sk");
        let mut cleared = 0;
        let mut start = None;
        loop {
            if Instant::now() >= deadline {
                return Err(StoreError::Late);
            }
            let page = query.clone().set_exclusive_start_key(start).send().await;
            let page = page.map_err(StoreError::unreadable)?;
            let keys: BTreeSet<Key> = page.items().iter().filter_map(key_of).collect();
            cleared += keys.len();
            if !self.delete(keys, deadline).await.is_empty() {
                return Err(StoreError::Late);
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(cleared);
            }
        }
    }

    /// Finds everything that is parked about the items of a partition of the events' table, for any
    /// endpoint. It reads the whole table.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the table cannot be read.
    pub async fn parked_of(&self, event_pk: &str) -> Result<BTreeSet<Key>, StoreError> {
        let scan = self.client().scan().table_name(self.table());
        let scan = scan
            .consistent_read(true)
            .filter_expression("event_pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(event_pk.to_owned()))
            .projection_expression("pk, sk");
        let items = scan.into_paginator().items().send();
        let items = items.collect::<Result<Vec<_>, _>>().await;
        let items = items.map_err(StoreError::unreadable)?;
        Ok(items.iter().filter_map(key_of).collect())
    }
}

async fn count(query: QueryFluentBuilder, most: usize) -> Result<usize, StoreError> {
    let mut counted = 0;
    let mut start = None;
    loop {
        let page = query.clone().set_exclusive_start_key(start).send().await;
        let page = page.map_err(StoreError::unreadable)?;
        counted += usize::try_from(page.count).unwrap_or(0);
        start = page.last_evaluated_key;
        if start.is_none() || counted >= most {
            return Ok(counted.min(most));
        }
    }
}
