//! Answers what happened to a message, for all of its recipients.

use std::collections::BTreeSet;

use jiff::Timestamp;
use outlets::manage::Refusal;
use serde::Serialize;
use shared::event::bare_message_id;
use table::announced::FIELDS;
use table::asked::{self, Unclear};
use table::batch::LookUp as _;
use table::item::Item;
use table::keys::Key;
use table::message::{Message, Recipient, keys_of};
use table::read::{Index, is_expired};
use table::store::key_of;

use super::page::{Room, announced};
use super::query::Query;
use crate::answer::Answer;
use crate::done::{Done, Wrong};
use crate::event::Event;
use crate::parts::Parts;

/// The most events of an answer.
const MOST: usize = 1_000;
/// What is needed of an item besides what it says.
const KEYS: [&str; 3] = ["pk", "sk", "message"];

/// What happened to one message.
#[derive(Serialize)]
struct Happened {
    provider: &'static str,
    /// The id as the provider's events have it.
    id: String,
    /// Its recipients, in the order of their first events.
    recipients: Vec<Recipient>,
    /// Whether there is more than is here.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
}

/// Answers what happened to the message with this id of this provider.
pub(crate) async fn message(
    parts: &Parts,
    (provider, id): (&str, &str),
    event: &Event,
    at: Timestamp,
) -> Result<Done, Wrong> {
    let provider = asked::provider(provider)?;
    let id = bare_message_id(id).filter(|id| !id.contains(char::REPLACEMENT_CHARACTER));
    let id = id.ok_or(Unclear::Message)?;
    let with_raw = Query::of(event, &["raw"])?.raw()?;
    let (key, items) = first(parts, provider, &id).await?;
    let keys: BTreeSet<Key> = items.iter().take(MOST).filter_map(key_of).collect();
    let whole = whole(parts, &keys, with_raw).await?;
    let whole: Vec<&Item> = whole.iter().filter(|item| !is_expired(item, at)).collect();
    let mut room = Room::new();
    let mut is_full = false;
    let message = Message::of(key, whole, |item| {
        let event = announced(item, with_raw)?;
        is_full = is_full || !room.takes(&event);
        (!is_full).then_some(event)
    });
    let found = message.message.split_once('#').map(|(_, id)| id.to_owned());
    let happened = Happened {
        provider,
        id: found.unwrap_or(id),
        recipients: message.recipients,
        truncated: is_full || items.len() > MOST,
    };
    Ok(Done::read(Answer::ok(&happened)))
}

/// Reads the first key of the index that has something, and one event more than is answered.
async fn first(parts: &Parts, provider: &str, id: &str) -> Result<(String, Vec<Item>), Wrong> {
    let keys = keys_of(provider, id);
    for key in &keys {
        let events = &parts.events;
        let items = events
            .indexed_at_most(Index::Message, key, MOST + 1)
            .await?;
        if !items.is_empty() {
            return Ok((key.clone(), items));
        }
    }
    Ok((keys.into_iter().next().unwrap_or_default(), Vec::new()))
}

/// Reads the events themselves, because the index does not have everything. A part of them would
/// look like all.
async fn whole(parts: &Parts, keys: &BTreeSet<Key>, with_raw: bool) -> Result<Vec<Item>, Wrong> {
    let only: Vec<&str> = KEYS.into_iter().chain(FIELDS).collect();
    let only = if with_raw { &[] } else { only.as_slice() };
    let found = parts.events.look_up(keys, only).await?;
    if !found.unread.is_empty() {
        return Err(Wrong::because(Refusal::Unavailable, "item_unread"));
    }
    Ok(found.items.into_values().collect())
}
