//! Reads and changes what is known of endpoints.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use table::item::Item;
use table::read::text;
use tokio::time::Instant;

use super::error::StoreError;
use super::table::Outlets;
use crate::breaker::State;
use crate::endpoint::state_key;

/// The attribute with the text.
const STATE: &str = "state";
/// How many times a change is tried if others change the same state. Each time one of them does.
const TRIES: usize = 64;

/// A state before and after a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// The state before.
    pub before: State,
    /// The state after.
    pub after: State,
}

impl Changed {
    /// Returns what to log of it, if it is more than another failure: `opened`, `closed` or
    /// `disabled`.
    #[must_use]
    pub fn outcome(&self) -> Option<&'static str> {
        let Self { before, after } = self;
        if after.is_disabled() {
            return (!before.is_disabled()).then_some("disabled");
        }
        match (before.is_open(), after.is_open()) {
            (false, true) => Some("opened"),
            (true, false) => Some("closed"),
            _ => None,
        }
    }
}

impl Outlets {
    /// Reads what is known of an endpoint. Nothing is known of one that never failed.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the table cannot be read.
    pub async fn state(&self, id: u64) -> Result<State, StoreError> {
        let item = self.reader.item(state_key(id)).await?;
        Ok(item.as_ref().map(state_of).unwrap_or_default())
    }

    /// Reads what is known of these endpoints, by the `deadline`.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the table cannot be read.
    pub async fn states(
        &self,
        ids: &BTreeSet<u64>,
        deadline: Instant,
    ) -> Result<BTreeMap<u64, State>, StoreError> {
        let keys = ids.iter().map(|id| state_key(*id)).collect();
        let found = self.reader.items(&keys, &[], deadline).await?;
        if !found.unread.is_empty() {
            return Err(StoreError::Late);
        }
        let state = |id: u64| {
            let item = found.items.get(&state_key(id));
            (id, item.map(state_of).unwrap_or_default())
        };
        Ok(ids.iter().copied().map(state).collect())
    }

    /// Changes what is known of an endpoint. If somebody else changes it at the same moment,
    /// `change` is made of what they have written. A change that changes nothing is not written.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the table cannot be read or written.
    pub async fn change_state(
        &self,
        id: u64,
        change: impl Fn(&State) -> State,
    ) -> Result<Changed, StoreError> {
        let mut item = self.reader.item(state_key(id)).await?;
        for _ in 0..TRIES {
            let before = item.as_ref().map(state_of).unwrap_or_default();
            let after = change(&before);
            if after == before {
                return Ok(Changed { before, after });
            }
            match self.write_state(id, item.as_ref(), &after).await? {
                Written::Done => return Ok(Changed { before, after }),
                Written::Other(Some(other)) => item = Some(other),
                Written::Other(None) => item = self.reader.item(state_key(id)).await?,
            }
        }
        Err(StoreError::Contended)
    }

    /// Writes a state if the stored text is the one that was read.
    async fn write_state(
        &self,
        id: u64,
        read: Option<&Item>,
        state: &State,
    ) -> Result<Written, StoreError> {
        let (pk, sk) = state_key(id);
        let put = self.client().put_item().table_name(self.table());
        let put = put
            .item("pk", AttributeValue::S(pk))
            .item("sk", AttributeValue::S(sk))
            .item(STATE, AttributeValue::S(state.encode()))
            .expression_attribute_names("#state", STATE)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = match read.and_then(|read| read.get(STATE)) {
            None => put.condition_expression("attribute_not_exists(#state)"),
            Some(text) => put
                .condition_expression("#state = :read")
                .expression_attribute_values(":read", text.clone()),
        };
        match put.send().await {
            Ok(_) => Ok(Written::Done),
            Err(SdkError::ServiceError(error))
                if error.err().is_conditional_check_failed_exception() =>
            {
                let other = match error.into_err() {
                    PutItemError::ConditionalCheckFailedException(error) => error.item,
                    _ => None,
                };
                Ok(Written::Other(other))
            }
            Err(error) => Err(StoreError::unwritable(error)),
        }
    }
}

/// What became of a write.
enum Written {
    Done,
    /// Somebody else has written this, or something that DynamoDB did not tell.
    Other(Option<Item>),
}

/// Reads a state. A text that is none counts as nothing known, and gives way to the next change.
fn state_of(item: &Item) -> State {
    State::decode(text(item, STATE)).unwrap_or_default()
}
