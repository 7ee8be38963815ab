//! What of a webhook is in the table now.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use shared::event::Reason;
use table::item::Item;
use table::keys::{Key, SUPPRESSION, owner};
use table::read::{plain, text};

use crate::error::PageError;
use crate::inspector::Inspector;
use crate::memory::{Caught, Message};

/// The most items that are read.
const MOST: usize = 100;

/// Returns the items of a webhook's events, and the suppressions of their recipients.
pub(crate) async fn items(page: &Inspector, caught: &Caught) -> Result<Value, PageError> {
    let events = page
        .running()
        .ok_or_else(PageError::starting)?
        .target
        .events();
    let message = caught.message.as_ref();
    let normalized = message.and_then(Message::normalized);
    let all = normalized.iter().flat_map(|normalized| &normalized.events);
    let all = all.take(MOST).map(|event| {
        let item = table::item::item(event, 0);
        ["pk", "sk"].map(|name| text(&item, name).to_owned()).into()
    });
    let keys: BTreeSet<Key> = all.collect();
    let found = events.items(&keys, &[]).await?.items;
    // in the order of the table: by person, then by time
    let items = keys.iter().filter_map(|key| found.get(key)).map(plain);
    let items: Vec<Value> = items.collect();
    let people: BTreeSet<Key> = keys
        .iter()
        .map(|(pk, _)| (pk.clone(), SUPPRESSION.to_owned()))
        .collect();
    let suppressions = events.items(&people, &[]).await?.items;
    let suppressions = people.iter().filter_map(|key| suppressions.get(key));
    let suppressions: Vec<Value> = suppressions.map(suppression).collect();
    Ok(json!({"items": items, "suppression": suppressions}))
}

/// Returns the registers of a suppression in which a reason stands.
fn suppression(item: &Item) -> Value {
    let pk = text(item, "pk");
    let all = plain(item);
    let registers = Reason::ALL.into_iter().filter_map(|reason| {
        let register = all.get(reason.name())?.as_object()?;
        Some((reason.name().to_owned(), register.clone().into()))
    });
    let registers: Map<String, Value> = registers.collect();
    let owner = owner(pk);
    let address = owner.and_then(|owner| owner.address().or(owner.customer()));
    json!({"address": address.unwrap_or(pk), "key": pk, "registers": registers})
}
