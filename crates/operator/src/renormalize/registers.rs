//! Turns suppression items of the first shape, which had one `reason` for all, into registers.
//!
//! Rebuilding a person's events says most of it again, but not what has expired since. Therefore
//! the word that stands is carried over as it is, with its time and its event.

use aws_sdk_dynamodb::types::AttributeValue;
use shared::address::{AddressError, Mailbox};
use shared::event::Channel;
use table::item::Item;
use table::keys::{Key, SUPPRESSION, customer_key, recipient_key};
use table::read::text;
use table::store::key_of;
use table::suppression::Change;

/// The attributes of the first shape.
const ATTRIBUTES: [&str; 4] = ["at", "since", "event", "reason"];

/// An item of the first shape and the register that it becomes.
#[derive(Clone, Debug)]
pub(super) struct Moved {
    pub(super) before: Key,
    pub(super) change: Change,
}

impl Moved {
    /// Reads an item. Returns `None` if the item does not have the first shape, or if its text has
    /// several addresses: then nobody can be suppressed.
    pub(super) fn of(item: &Item) -> Option<Self> {
        if text(item, "sk") != SUPPRESSION {
            return None;
        }
        let before = key_of(item)?;
        let change = Change::of_first_shape(item, partition_now(&before.0)?)?;
        Some(Self { before, change })
    }

    /// Checks whether the register stays in the item that it came from.
    pub(super) fn stays(&self) -> bool {
        self.change.register.pk == self.before.0
    }
}

/// Returns the partition that a person of the first schema has today. That schema kept customers
/// among the addresses, and addresses in every spelling.
fn partition_now(pk: &str) -> Option<String> {
    let (channel, name) = pk.split_once('#')?;
    let channel = Channel::ALL.into_iter().find(|c| c.name() == channel)?;
    if channel != Channel::Email {
        return Some(pk.to_owned());
    }
    match Mailbox::one(name) {
        Ok(mailbox) => Some(recipient_key(channel, mailbox.key())),
        Err(AddressError::NoAddress) => Some(customer_key(channel, name)),
        Err(_) => None,
    }
}

/// Removes what is left of the first shape from an item that is a register now.
pub(super) async fn strip(client: &aws_sdk_dynamodb::Client, table: &str, key: &Key) -> bool {
    let names = ATTRIBUTES.map(|name| (format!("#{name}"), name.to_owned()));
    let removed = names.each_ref().map(|(placeholder, _)| placeholder.clone());
    let update = client
        .update_item()
        .table_name(table)
        .key("pk", AttributeValue::S(key.0.clone()))
        .key("sk", AttributeValue::S(key.1.clone()))
        .update_expression(format!("REMOVE {}", removed.join(", ")))
        .set_expression_attribute_names(Some(names.into()));
    update.send().await.is_ok()
}
