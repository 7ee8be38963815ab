//! What stands in the registers of one suppression item, and who said so.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use shared::event::Reason;
use table::item::Item;
use table::keys::Key;
use table::read::text;
use table::suppression::register;

use super::found::found;
use crate::failure::Error;
use ::operator::events::Events;

/// A reason that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Since when, RFC 3339.
    pub since: String,
    /// The sort key of the event that said so.
    pub event: String,
    /// The provider of that event, if it is still stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The provider whose list the event was imported from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

impl Standing {
    /// Returns the provider that said so, or whose list did.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.from.as_deref().or(self.provider.as_deref())
    }
}

/// The reasons that stand for an address, by their names.
pub type Registers = BTreeMap<&'static str, Standing>;

/// Reads the registers of suppression items, and who said so. An event that has expired says no
/// more.
///
/// # Errors
/// Returns [`Error::Operator`] if the table cannot be read.
pub(super) async fn registers(events: &Events, items: &[&Item]) -> Result<Vec<Registers>, Error> {
    let mut all: Vec<Registers> = items.iter().map(|item| registers_of(item)).collect();
    let keys = all.iter().zip(items);
    let keys = keys.flat_map(|(registers, item)| {
        let pk = text(item, "pk").to_owned();
        let events = registers.values();
        events.map(move |standing| (pk.clone(), standing.event.clone()))
    });
    let keys: BTreeSet<Key> = keys.collect();
    let said = found(events, &keys).await?;
    for (registers, item) in all.iter_mut().zip(items) {
        for standing in registers.values_mut() {
            let key = (text(item, "pk").to_owned(), standing.event.clone());
            if let Some(event) = said.get(&key) {
                standing.provider = Some(text(event, "provider").to_owned());
                standing.from = imported_from(event);
            }
        }
    }
    Ok(all)
}

fn registers_of(item: &Item) -> Registers {
    let standing = Reason::ALL.into_iter().filter_map(|reason| {
        let standing = register(item, reason)?;
        let standing = Standing {
            since: standing.since.to_owned(),
            event: standing.event.to_owned(),
            provider: None,
            from: None,
        };
        Some((reason.name(), standing))
    });
    standing.collect()
}

fn imported_from(event: &Item) -> Option<String> {
    let metadata = event.get("metadata").map(AttributeValue::as_m);
    let metadata = metadata.and_then(Result::ok)?;
    Some(metadata.get("from")?.as_s().ok()?.clone())
}
