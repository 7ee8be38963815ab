//! The keys of the table. They say whose timeline an event belongs to, and where in it.

use shared::auth::fingerprint;
use shared::event::{Address, Channel, Event, Scope};
use shared::time::rfc3339_ms;

use crate::shard::{NOBODY, nobody_key, shard_of};

/// A partition key and a sort key.
pub type Key = (String, String);

/// The sort key of a suppression item. With a `#` after it, it starts the sort keys of items for
/// narrower scopes.
pub const SUPPRESSION: &str = "suppression";
/// The largest partition key that DynamoDB accepts, in bytes.
const KEY_BYTES: usize = 2048;
/// The longest id of a list, group, topic or stream that is used to the letter, in bytes. A sort
/// key may have 1,024 bytes.
const SCOPE_ID_BYTES: usize = 512;
/// Precedes the channel in the partition key of an event that names a customer and no recipient.
const CUSTOMER: &str = "customer";

/// Returns the partition key, which says whose timeline the event belongs to.
#[must_use]
pub fn partition_key(event: &Event) -> String {
    let address = event.recipient.as_ref().and_then(Address::key);
    match (address, &event.customer_id) {
        (Some(address), _) => recipient_key(event.channel, address),
        (None, Some(customer)) => customer_key(event.channel, customer),
        (None, None) => nobody_key(event.channel, shard_of(event.id.as_str())),
    }
}

/// Checks whether the event names a customer, or a recipient with an address.
#[must_use]
pub fn names_somebody(event: &Event) -> bool {
    let address = event.recipient.as_ref().and_then(Address::key);
    address.is_some() || event.customer_id.is_some()
}

/// Returns the partition key of a recipient in one channel. `address` is the canonical form of its
/// address ([`Address::key`]).
#[must_use]
pub fn recipient_key(channel: Channel, address: &str) -> String {
    key(channel.name(), address)
}

/// Returns the partition key of a person who is only known by the team's own id.
///
/// No channel is called `customer`, so the key never equals that of an address, whatever the id is.
/// Ids that differ in case are different.
#[must_use]
pub fn customer_key(channel: Channel, customer: &str) -> String {
    key(&format!("{CUSTOMER}#{}", channel.name()), customer)
}

/// Returns the sort key, which sorts events by time.
#[must_use]
pub fn sort_key(event: &Event) -> String {
    let time = rfc3339_ms(event.occurred_at.time());
    format!("{time}#{}", event.id.as_str())
}

/// Joins `<prefix>#<value>`. A value that is too long for a key is replaced by its fingerprint.
pub(crate) fn key(prefix: &str, value: &str) -> String {
    let key = format!("{prefix}#{value}");
    if key.len() <= KEY_BYTES {
        return key;
    }
    format!("{prefix}#~{}", fingerprint(&[Some(value)]))
}

/// Returns the sort key of the suppression item for a scope. Returns `None` for a narrow scope
/// without an id.
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

/// Checks whether a sort key is that of a suppression item, of any scope.
#[must_use]
pub fn is_suppression(sk: &str) -> bool {
    sk.strip_prefix(SUPPRESSION)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
}

/// Whose timeline a partition key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner<'a> {
    /// A recipient's: the channel and the canonical address.
    Recipient(&'a str, &'a str),
    /// A person's who is only known by the team's own id: the channel and the id.
    Customer(&'a str, &'a str),
    /// Nobody's: the channel.
    Nobody(&'a str),
}

impl<'a> Owner<'a> {
    /// Returns the channel.
    #[must_use]
    pub fn channel(self) -> &'a str {
        match self {
            Self::Recipient(channel, _) | Self::Customer(channel, _) | Self::Nobody(channel) => {
                channel
            }
        }
    }

    /// Returns the canonical address.
    #[must_use]
    pub fn address(self) -> Option<&'a str> {
        match self {
            Self::Recipient(_, address) => Some(address),
            _ => None,
        }
    }

    /// Returns the team's own id of the person.
    #[must_use]
    pub fn customer(self) -> Option<&'a str> {
        match self {
            Self::Customer(_, id) => Some(id),
            _ => None,
        }
    }
}

/// Reads whose timeline a partition key is. Returns `None` if it is no timeline's key.
#[must_use]
pub fn owner(pk: &str) -> Option<Owner<'_>> {
    let is_channel = |name: &str| Channel::ALL.iter().any(|channel| channel.name() == name);
    let (first, rest) = pk.split_once('#')?;
    if is_channel(first) {
        return Some(Owner::Recipient(first, rest));
    }
    let (channel, rest) = rest.split_once('#')?;
    match first {
        CUSTOMER if is_channel(channel) => Some(Owner::Customer(channel, rest)),
        NOBODY if is_channel(channel) => Some(Owner::Nobody(channel)),
        _ => None,
    }
}
