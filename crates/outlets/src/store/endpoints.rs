//! Reads and changes endpoints.

use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use table::item::Item;
use table::read::text;
use tokio::time::Instant;

use super::error::StoreError;
use super::table::Outlets;
use crate::endpoint::{COUNTER, Endpoint, MOST, PARTITION, key, state_key};

/// DynamoDB's error code if a condition does not hold.
pub(super) const CONDITION: &str = "ConditionalCheckFailedException";

impl Outlets {
    /// Reads every endpoint, in the order of their ids. One that cannot be read is left out.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the table cannot be read.
    pub async fn endpoints(&self) -> Result<Vec<Endpoint>, StoreError> {
        let items = self.endpoint_items().await?;
        Ok(items.iter().filter_map(Endpoint::of).collect())
    }

    /// Reads one endpoint.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the table cannot be read.
    pub async fn endpoint(&self, id: u64) -> Result<Option<Endpoint>, StoreError> {
        let item = self.reader.item(key(id)).await?;
        Ok(item.as_ref().and_then(Endpoint::of))
    }

    async fn endpoint_items(&self) -> Result<Vec<Item>, StoreError> {
        let mut items = self.reader.partition(PARTITION.to_owned()).await?;
        items.retain(|item| text(item, "sk") != COUNTER);
        Ok(items)
    }

    /// Returns the id of the next endpoint. No id is given twice.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the table cannot be written.
    pub async fn next_id(&self) -> Result<u64, StoreError> {
        let update = self.client().update_item().table_name(self.table());
        let update = update
            .key("pk", AttributeValue::S(PARTITION.to_owned()))
            .key("sk", AttributeValue::S(COUNTER.to_owned()))
            .update_expression("ADD #next :one")
            .expression_attribute_names("#next", COUNTER)
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .return_values(ReturnValue::UpdatedNew);
        let updated = update.send().await.map_err(StoreError::unwritable)?;
        let next = updated.attributes().map(|item| text(item, COUNTER));
        let next = next.and_then(|next| next.parse().ok());
        next.ok_or(StoreError::Contended) // DynamoDB returns what it has counted
    }

    /// Writes a new endpoint, whose id is [`next_id`](Self::next_id)'s. Returns whether there is
    /// room for it. If others are added at the same moment, there may be room for none of them.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the table cannot be read or written.
    pub async fn add(&self, endpoint: &Endpoint) -> Result<bool, StoreError> {
        if self.endpoint_items().await?.len() >= MOST {
            return Ok(false);
        }
        let put = self.client().put_item().table_name(self.table());
        let put = put.set_item(Some(endpoint.item()));
        let put = put.condition_expression("attribute_not_exists(pk)");
        put.send().await.map_err(StoreError::unwritable)?;
        // Whoever counts last counts everybody.
        if self.endpoint_items().await?.len() > MOST {
            self.remove_endpoint(endpoint.id).await?;
            return Ok(false);
        }
        Ok(true)
    }

    /// Writes an endpoint in the place of an `old` one, as its next revision. Returns `false` if
    /// somebody else has changed it since, or if it is gone.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the table cannot be written.
    pub async fn replace(&self, old: &Endpoint, new: &Endpoint) -> Result<bool, StoreError> {
        let new = Endpoint {
            id: old.id,
            revision: old.revision.saturating_add(1),
            ..new.clone()
        };
        let revision = AttributeValue::N(old.revision.to_string());
        let put = self.client().put_item().table_name(self.table());
        let put = put
            .set_item(Some(new.item()))
            .condition_expression("#revision = :revision")
            .expression_attribute_names("#revision", "revision")
            .expression_attribute_values(":revision", revision);
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some(CONDITION) => Ok(false),
            Err(error) => Err(StoreError::unwritable(error)),
        }
    }

    /// Removes an endpoint, then what is known of it, then what is parked for it. Returns whether
    /// it was there. What is still parked by the `deadline` is sent to nobody, and expires.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the endpoint itself may still be there.
    pub async fn remove(&self, id: u64, deadline: Instant) -> Result<bool, StoreError> {
        let was_there = self.remove_endpoint(id).await?;
        let (state, cleared) = tokio::join!(
            self.delete([state_key(id)].into(), deadline),
            self.clear(id, deadline)
        );
        drop((state, cleared)); // they are nobody's now
        Ok(was_there)
    }

    async fn remove_endpoint(&self, id: u64) -> Result<bool, StoreError> {
        let (pk, sk) = key(id);
        let delete = self.client().delete_item().table_name(self.table());
        let delete = delete
            .key("pk", AttributeValue::S(pk))
            .key("sk", AttributeValue::S(sk))
            .return_values(ReturnValue::AllOld);
        let deleted = delete.send().await.map_err(StoreError::unwritable)?;
        Ok(deleted.attributes.is_some())
    }
}
