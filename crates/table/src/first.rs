//! What was said first about something, and stays. Whoever comes first writes the item, and
//! everybody reads it.
//!
//! One atomic update keeps the value that is there, or else sets ours, and returns the one that
//! holds. [`crate::sight`] and [`crate::token`] are built on it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::item::Item;

/// A value that holds if it is the first under its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct First {
    /// The attribute that holds the value.
    pub attribute: &'static str,
    /// The value.
    pub value: String,
    /// When the value may be forgotten, in Unix seconds. `None` means never.
    pub expires_at: Option<i64>,
}

impl First {
    /// Returns the update expression. It does not change a value that is there already.
    #[must_use]
    pub fn expression(&self) -> &'static str {
        match self.expires_at {
            None => "SET #first = if_not_exists(#first, :first)",
            Some(_) => {
                "SET #first = if_not_exists(#first, :first), #expires_at = if_not_exists(#expires_at, :expires_at)"
            }
        }
    }

    /// Returns the names in the expression.
    #[must_use]
    pub fn names(&self) -> HashMap<String, String> {
        let first = ("#first".to_owned(), self.attribute.to_owned());
        let expires_at = self.expires_at;
        let expires_at = expires_at.map(|_| ("#expires_at".to_owned(), "expires_at".to_owned()));
        [first].into_iter().chain(expires_at).collect()
    }

    /// Returns the values in the expression.
    #[must_use]
    pub fn values(&self) -> HashMap<String, AttributeValue> {
        let first = (":first".to_owned(), AttributeValue::S(self.value.clone()));
        let expires_at = self.expires_at.map(|seconds| {
            let seconds = AttributeValue::N(seconds.to_string());
            (":expires_at".to_owned(), seconds)
        });
        [first].into_iter().chain(expires_at).collect()
    }

    /// Reads from the updated item which value holds.
    #[must_use]
    pub fn holding(&self, item: &Item) -> Option<String> {
        item.get(self.attribute)?.as_s().ok().cloned()
    }
}
