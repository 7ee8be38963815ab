//! Leases and removes parked notifications, each only as it was read.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use shared::time::rfc3339_ms;
use table::keys::Key;
use tokio::time::{Instant, timeout_at};

use super::endpoints::CONDITION;
use super::error::StoreError;
use super::table::{CONCURRENCY, Outlets};
use crate::parked::Parked;

/// A parked item: its key, and when it was parked, RFC 3339. Another one may have its key by now.
pub type Held = (Key, String);

/// Whether nobody has leased it.
const FREE: &str =
    "#since = :since AND (attribute_not_exists(leased_until) OR leased_until <= :now)";

impl Outlets {
    /// Leases a parked notification, so that no other sweep sends it until then. Returns whether it
    /// is still there, and nobody else has leased it.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the table cannot be written.
    pub async fn lease(
        &self,
        parked: &Parked,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let lease = self.leasing(parked, until).condition_expression(FREE);
        holds(lease.expression_attribute_values(":now", time(now))).await
    }

    /// Leases a parked notification for a probe, whether or not it is leased. Returns whether it is
    /// still there.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the table cannot be written.
    pub async fn lease_for_probe(
        &self,
        parked: &Parked,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let lease = self.leasing(parked, until);
        holds(lease.condition_expression("#since = :since")).await
    }

    fn leasing(&self, parked: &Parked, until: Timestamp) -> UpdateItemFluentBuilder {
        let one = AttributeValue::N("1".to_owned());
        let update = self.updating(&(parked.key(), rfc3339_ms(parked.since)));
        update
            .update_expression("SET leased_until = :until ADD leases :one")
            .expression_attribute_values(":until", time(until))
            .expression_attribute_values(":one", one)
    }

    /// Ends the leases of parked notifications: what was sent has failed, and cost no attempt. A
    /// lease that is not ended by the `deadline` ends by itself.
    pub async fn release(&self, held: &[Held], deadline: Instant) {
        stream::iter(held)
            .for_each_concurrent(CONCURRENCY, |held| async move {
                let update = self.updating(held).condition_expression("#since = :since");
                let update = update.update_expression("REMOVE leased_until, leases");
                let _ = timeout_at(deadline, holds(update)).await;
            })
            .await;
    }

    fn updating(&self, ((pk, sk), since): &Held) -> UpdateItemFluentBuilder {
        let update = self.client().update_item().table_name(self.table());
        update
            .key("pk", AttributeValue::S(pk.clone()))
            .key("sk", AttributeValue::S(sk.clone()))
            .expression_attribute_names("#since", "since")
            .expression_attribute_values(":since", AttributeValue::S(since.clone()))
    }

    /// Removes parked notifications: they are delivered, or parked anew. Returns the keys of those
    /// that are not known to be gone by the `deadline`.
    pub async fn unpark(&self, held: &[Held], deadline: Instant) -> BTreeSet<Key> {
        stream::iter(held.to_vec())
            .map(|held| async move {
                let removed = timeout_at(deadline, self.unpark_one(&held)).await;
                let is_gone = matches!(removed, Ok(Ok(())));
                (!is_gone).then_some(held.0)
            })
            .buffer_unordered(CONCURRENCY)
            .filter_map(|left| async move { left })
            .collect()
            .await
    }

    async fn unpark_one(&self, ((pk, sk), since): &Held) -> Result<(), StoreError> {
        let delete = self.client().delete_item().table_name(self.table());
        let delete = delete
            .key("pk", AttributeValue::S(pk.clone()))
            .key("sk", AttributeValue::S(sk.clone()))
            .condition_expression("#since = :since")
            .expression_attribute_names("#since", "since")
            .expression_attribute_values(":since", AttributeValue::S(since.clone()));
        match delete.send().await {
            Ok(_) => Ok(()),
            // It is gone, or another one has its key.
            Err(error) if error.code() == Some(CONDITION) => Ok(()),
            Err(error) => Err(StoreError::unwritable(error)),
        }
    }
}

/// Sends an update. Returns whether its condition holds.
async fn holds(update: UpdateItemFluentBuilder) -> Result<bool, StoreError> {
    match update.send().await {
        Ok(_) => Ok(true),
        Err(error) if error.code() == Some(CONDITION) => Ok(false),
        Err(error) => Err(StoreError::unwritable(error)),
    }
}

fn time(time: Timestamp) -> AttributeValue {
    AttributeValue::S(rfc3339_ms(time))
}
