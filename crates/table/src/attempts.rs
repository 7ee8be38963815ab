//! Counts the attempts at a queue message that may be stopping the consumer.
//!
//! A message can use up the consumer's memory or time, and then nobody is left to say so. From
//! outside it looks like one that waits for the table: it was received often, and is not done. So
//! an attempt is written down before the message is touched, and crossed out when the attempt ends,
//! whatever its end was. What is left are the attempts that stopped the consumer.
//!
//! Attempts are remembered by their receive count. Writing one twice changes nothing.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};

use crate::item::Item;
use crate::keys::Key;

/// Starts the partition key, and is the sort key.
pub const SORT_KEY: &str = "attempts";
/// The attribute with the receive counts of the attempts that have no end.
const OPEN: &str = "open";
/// How long attempts are remembered: longer than any queue keeps a message.
const KEPT: SignedDuration = SignedDuration::from_hours(15 * 24);

/// One attempt at one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt<'a> {
    /// The message's id.
    pub message_id: &'a str,
    /// How many times the message was received, this time included.
    pub receives: u32,
    /// When the attempt began.
    pub at: Timestamp,
}

impl Attempt<'_> {
    /// Returns the key of the message's item.
    #[must_use]
    pub fn key(&self) -> Key {
        let pk = format!("{SORT_KEY}#{}", self.message_id);
        (pk, SORT_KEY.to_owned())
    }

    /// Returns the update expression that writes the attempt down.
    #[must_use]
    pub fn begins(&self) -> &'static str {
        "ADD #open :this SET expires_at = :expires_at"
    }

    /// Returns the update expression that crosses the attempt out.
    #[must_use]
    pub fn ends(&self) -> &'static str {
        "DELETE #open :this SET expires_at = :expires_at"
    }

    /// Returns the names in both expressions.
    #[must_use]
    pub fn names(&self) -> HashMap<String, String> {
        HashMap::from([("#open".to_owned(), OPEN.to_owned())])
    }

    /// Returns the values in both expressions.
    #[must_use]
    pub fn values(&self) -> HashMap<String, AttributeValue> {
        let this = AttributeValue::Ns(vec![self.receives.to_string()]);
        let expires_at = self.at.as_second() + KEPT.as_secs();
        let expires_at = AttributeValue::N(expires_at.to_string());
        HashMap::from([
            (":this".to_owned(), this),
            (":expires_at".to_owned(), expires_at),
        ])
    }
}

/// Returns how many attempts have no end, by the updated item.
#[must_use]
pub fn open(item: &Item) -> usize {
    let open = item.get(OPEN).and_then(|open| open.as_ns().ok());
    open.map_or(0, Vec::len)
}
