//! Reads what happened to a message.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use table::announced::Announced;
use table::item::Item;
use table::keys::Key;
use table::message::Message;
use table::read::{Index, is_expired, text};
use table::store::key_of;

use super::id::MessageId;
use crate::error::Error;
use crate::events::Events;

/// Reads under way at once.
const CONCURRENCY: usize = 8;

/// Reads what happened to a message. Two providers may have named a message the same.
///
/// # Errors
/// Returns [`Error::Service`] if the table cannot be read.
pub async fn find(id: &MessageId, events: &Events, now: Timestamp) -> Result<Vec<Message>, Error> {
    let of_each: Vec<Vec<Item>> = stream::iter(id.keys())
        .map(|keys| first(events, keys))
        .buffered(CONCURRENCY)
        .try_collect()
        .await?;
    let keys: BTreeSet<Key> = of_each.iter().flatten().filter_map(key_of).collect();
    // The index does not have everything.
    let whole = events.items(&keys, &[]).await?.items;
    let mut messages: BTreeMap<String, Vec<&Item>> = BTreeMap::new();
    for item in whole.values().filter(|item| !is_expired(item, now)) {
        let message = text(item, "message").to_owned();
        messages.entry(message).or_default().push(item);
    }
    let messages = messages.into_iter();
    Ok(messages
        .map(|(key, items)| Message::of(key, items, Announced::of))
        .collect())
}

/// Reads the first of some keys of the index that has something.
async fn first(events: &Events, keys: Vec<String>) -> Result<Vec<Item>, Error> {
    for key in keys {
        let items = events.indexed(Index::Message, key).await?;
        if !items.is_empty() {
            return Ok(items);
        }
    }
    Ok(Vec::new())
}
