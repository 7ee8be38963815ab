//! The keys of the table: whose timeline an event is in, and where in it.

use shared::auth::fingerprint;
use shared::event::{Address, Channel, Event, Scope};
use shared::time::rfc3339_ms;

use crate::shard::{nobody_key, shard_of};

/// Partition and sort key.
pub type Key = (String, String);

/// The sort key of a suppression item; with `#` behind it, the start of those of narrower scopes.
pub const SUPPRESSION: &str = "suppression";
/// The largest partition key that DynamoDB takes, in bytes.
const KEY_BYTES: usize = 2048;
/// The longest id of a list, group, topic or stream that is used to the letter, in bytes: a sort
/// key has 1,024.
const SCOPE_ID_BYTES: usize = 512;
/// Before the channel in the partition key of an event that names a customer and no recipient.
const CUSTOMER: &str = "customer";

/// The partition key: whose timeline the event is in.
#[must_use]
pub fn partition_key(event: &Event) -> String {
    let address = event.recipient.as_ref().and_then(Address::key);
    match (address, &event.customer_id) {
        (Some(address), _) => recipient_key(event.channel, address),
        (None, Some(customer)) => customer_key(event.channel, customer),
        (None, None) => nobody_key(event.channel, shard_of(event.id.as_str())),
    }
}

/// Whether the event names a recipient with an address, or a customer.
#[must_use]
pub fn names_somebody(event: &Event) -> bool {
    let address = event.recipient.as_ref().and_then(Address::key);
    address.is_some() || event.customer_id.is_some()
}

/// The partition key of a recipient in one channel, by the canonical form of its address
/// ([`Address::key`]).
#[must_use]
pub fn recipient_key(channel: Channel, address: &str) -> String {
    key(channel.name(), address)
}

/// The partition key of a person of whom only the team's own id is known. No channel is called
/// `customer`, so it meets no address, whatever the id is; ids are told apart by case.
#[must_use]
pub fn customer_key(channel: Channel, customer: &str) -> String {
    key(&format!("{CUSTOMER}#{}", channel.name()), customer)
}

/// The sort key: in order of time.
#[must_use]
pub fn sort_key(event: &Event) -> String {
    let time = rfc3339_ms(event.occurred_at.time());
    format!("{time}#{}", event.id.as_str())
}

/// `<prefix>#<value>`, with a fingerprint in place of a value too long for a key.
pub(crate) fn key(prefix: &str, value: &str) -> String {
    let key = format!("{prefix}#{value}");
    if key.len() <= KEY_BYTES {
        return key;
    }
    format!("{prefix}#~{}", fingerprint(&[Some(value)]))
}

/// Returns the sort key of the suppression item for a scope; `None` for a narrow one that nothing
/// names.
#[must_use]
pub fn suppression_key(scope: &Scope, provider: &str) -> Option<String> {
    if *scope == Scope::Global {
        return Some(SUPPRESSION.to_owned());
    }
    let id = scope.id()?;
    let scope = scope.name();
    Some(if id.len() <= SCOPE_ID_BYTES {
        format!("{SUPPRESSION}#{scope}#{provider}#{id}")
    } else {
        format!(
            "{SUPPRESSION}#{scope}#{provider}#~{}",
            fingerprint(&[Some(id)])
        )
    })
}

/// Returns whether a sort key is one of a suppression item, of whatever scope.
#[must_use]
pub fn is_suppression(sk: &str) -> bool {
    sk.strip_prefix(SUPPRESSION)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
}
