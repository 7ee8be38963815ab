//! Counts the attempts at a queue message that may be stopping the consumer.
//!
//! A message can use up the consumer's memory or time, and then nobody is left to say so. From
//! outside it looks like one that waits for the table: it was received often, and is not done. So
//! an attempt is written down before the message is touched. If it comes to an end, whatever its
//! end was, the message does not stop the consumer, and all of its attempts are crossed out.
//!
//! Attempts are remembered by their receive count. Writing one twice changes nothing.

use std::collections::{BTreeSet, HashMap};

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

/// The update expression that writes an attempt down.
pub(crate) const BEGIN: &str = "ADD #open :this SET expires_at = :expires_at";
/// The update expression that crosses every attempt out.
pub(crate) const END: &str = "REMOVE #open SET expires_at = :expires_at";

/// Returns the key of a message's item.
#[must_use]
pub fn key(message_id: &str) -> Key {
    (format!("{SORT_KEY}#{message_id}"), SORT_KEY.to_owned())
}

/// Returns the names in both expressions.
pub(crate) fn names() -> HashMap<String, String> {
    HashMap::from([("#open".to_owned(), OPEN.to_owned())])
}

/// Returns the values of an attempt that begins: how many times the message was received, and when.
pub(crate) fn beginning(receives: u32, at: Timestamp) -> HashMap<String, AttributeValue> {
    let this = AttributeValue::Ns(vec![receives.to_string()]);
    let mut values = ending(at);
    values.insert(":this".to_owned(), this);
    values
}

/// Returns the values of an attempt that ends.
pub(crate) fn ending(at: Timestamp) -> HashMap<String, AttributeValue> {
    let expires_at = at.as_second() + KEPT.as_secs();
    let expires_at = AttributeValue::N(expires_at.to_string());
    HashMap::from([(":expires_at".to_owned(), expires_at)])
}

/// Returns the receive counts of the attempts that have no end, by the updated item.
pub(crate) fn open(item: &Item) -> BTreeSet<u32> {
    let open = item.get(OPEN).and_then(|open| open.as_ns().ok());
    let open = open.into_iter().flatten();
    open.filter_map(|receives| receives.parse().ok()).collect()
}
