//! What waits in the table: a notification whose next attempt is far off, or whose endpoint is
//! spared, inactive or given up.
//!
//! An endpoint has four partitions of them, because one takes a thousand writes a second. Its items
//! are sorted by when they are due.

use std::collections::HashMap;
use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use shared::time::{from_rfc3339, rfc3339_ms};
use table::item::Item;
use table::keys::Key;
use table::read::text;

use crate::fact::Fact;
use crate::hour::{LAST, whole};
use crate::ladder::KEPT;
use crate::message::{Message, Place};

/// How many partitions an endpoint has.
pub const SHARDS: u8 = 4;
/// When an undelivered notification is due: never. It sorts behind all others.
pub const NEVER: Timestamp = LAST;
/// The last time at which anything is tried.
pub const BEFORE_NEVER: Timestamp = Timestamp::constant(253_402_207_199, 0);

/// A parked notification.
#[derive(Clone, PartialEq, Eq)]
pub struct Parked {
    /// The endpoint.
    pub outlet: u64,
    /// When it is due: [`NEVER`] if its attempts are over. What waits for its endpoint is due since
    /// its first attempt, so that the oldest goes out first.
    pub due: Timestamp,
    /// The id under which it is sent.
    pub webhook_id: String,
    /// Its type, if that is known.
    pub kind: Option<String>,
    /// What it is about.
    pub fact: Fact,
    /// How many attempts were made.
    pub attempt: u32,
    /// When the first attempt was made, or was to be made.
    pub first_at: Timestamp,
    /// When it was parked.
    pub since: Timestamp,
    /// Why the latest attempt failed, if one was made.
    pub last_code: Option<String>,
    /// When it may be sent again although it was sent before.
    pub leased_until: Option<Timestamp>,
    /// How many times it was sent.
    pub leases: u32,
}

impl Parked {
    /// Returns a notification that is parked now. `attempts` were made so far.
    #[must_use]
    pub fn new(
        message: &Message,
        webhook_id: String,
        due: Timestamp,
        attempts: u32,
        now: Timestamp,
    ) -> Option<Self> {
        Some(Self {
            outlet: message.outlet,
            due: whole(due).min(NEVER),
            webhook_id,
            kind: None,
            fact: message.fact.clone()?,
            attempt: attempts,
            first_at: whole(message.first_at),
            since: whole(now),
            last_code: None,
            leased_until: None,
            leases: 0,
        })
    }

    /// Returns the same with why its latest attempt failed.
    #[must_use]
    pub fn because(self, code: &str) -> Self {
        Self {
            last_code: Some(code.to_owned()),
            ..self
        }
    }

    /// Returns the same with its type.
    #[must_use]
    pub fn of_type(self, kind: &str) -> Self {
        Self {
            kind: Some(kind.to_owned()),
            ..self
        }
    }

    /// Returns the same, due now: somebody wants another attempt.
    #[must_use]
    pub fn again(&self, now: Timestamp) -> Self {
        Self {
            due: whole(now),
            since: whole(now),
            leased_until: None,
            leases: 0,
            ..self.clone()
        }
    }

    /// Reads an item. Returns `None` if it is not a parked notification.
    #[must_use]
    pub fn of(item: &Item) -> Option<Self> {
        let time = |name: &str| from_rfc3339(text(item, name));
        let some = |name: &str| Some(text(item, name)).filter(|text| !text.is_empty());
        let owned = |name: &str| some(name).map(str::to_owned);
        let (outlet, _) = text(item, "pk").strip_prefix("parked#")?.split_once('#')?;
        let (due, webhook_id) = text(item, "sk").split_once('#')?;
        let mut fact = Fact::event(some("event_pk")?, some("event_sk")?);
        fact.reason = owned("reason");
        let parked = Self {
            outlet: outlet.parse().ok()?,
            due: from_rfc3339(due)?,
            webhook_id: webhook_id.to_owned(),
            kind: owned("type"),
            fact,
            attempt: text(item, "attempt").parse().ok()?,
            first_at: time("first_at")?,
            since: time("since")?,
            last_code: owned("last_code"),
            leased_until: time("leased_until"),
            leases: text(item, "leases").parse().unwrap_or(0),
        };
        // One whose key we would spell otherwise could be neither leased nor removed.
        let (pk, sk) = parked.key();
        (text(item, "pk") == pk && text(item, "sk") == sk).then_some(parked)
    }

    /// Returns the item to write.
    #[must_use]
    pub fn item(&self) -> Item {
        let (pk, sk) = self.key();
        let number = |number: i64| AttributeValue::N(number.to_string());
        let mut item: Item = HashMap::from([
            ("pk".to_owned(), AttributeValue::S(pk)),
            ("sk".to_owned(), AttributeValue::S(sk)),
            ("attempt".to_owned(), number(self.attempt.into())),
            (
                "expires_at".to_owned(),
                number(self.expires_at().as_second()),
            ),
        ]);
        let texts = [
            ("event_pk", Some(self.fact.pk.clone())),
            ("event_sk", Some(self.fact.sk.clone())),
            ("reason", self.fact.reason.clone()),
            ("type", self.kind.clone()),
            ("first_at", Some(rfc3339_ms(self.first_at))),
            ("since", Some(rfc3339_ms(self.since))),
            ("last_code", self.last_code.clone()),
            ("leased_until", self.leased_until.map(rfc3339_ms)),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                item.insert(name.to_owned(), AttributeValue::S(text));
            }
        }
        if self.leases > 0 {
            item.insert("leases".to_owned(), number(self.leases.into()));
        }
        item
    }

    /// Returns the key of the item.
    #[must_use]
    pub fn key(&self) -> Key {
        let sk = format!("{}#{}", rfc3339_ms(self.due), self.webhook_id);
        (partition(self.outlet, self.shard()), sk)
    }

    /// Returns the item as it is to be removed: its key, and when it was parked.
    #[must_use]
    pub fn held(&self) -> (Key, String) {
        (self.key(), rfc3339_ms(self.since))
    }

    /// Returns the number of the item's partition.
    #[must_use]
    pub fn shard(&self) -> u8 {
        shard_of(&self.webhook_id)
    }

    /// Returns the message of the next attempt. A probe is the attempt that was to come anyway.
    #[must_use]
    pub fn message(&self, is_probe: bool) -> Message {
        let place = Place {
            shard: self.shard(),
            sk: self.key().1,
            since: rfc3339_ms(self.since),
        };
        Message {
            attempt: self.attempt.saturating_add(1),
            parked: Some(place),
            probe: is_probe,
            ..Message::first(self.outlet, self.fact.clone(), self.first_at)
        }
    }

    /// Checks whether there are no more attempts, unless somebody asks for one.
    #[must_use]
    pub fn is_undelivered(&self) -> bool {
        self.due >= NEVER
    }

    /// Checks whether it was sent a moment ago, and what became of that is not known yet.
    #[must_use]
    pub fn is_leased(&self, now: Timestamp) -> bool {
        self.leased_until.is_some_and(|until| until > now)
    }

    /// Returns when it is forgotten, delivered or not.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        let kept = SignedDuration::try_from(KEPT).unwrap_or_default();
        self.first_at.checked_add(kept).unwrap_or(LAST)
    }
}

/// Shows nothing that names a person.
impl fmt::Debug for Parked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            outlet,
            due,
            webhook_id,
            attempt,
            ..
        } = self;
        write!(f, "Parked({outlet} {webhook_id} {due} after {attempt})")
    }
}

/// Returns the partition of an endpoint with this number.
#[must_use]
pub fn partition(outlet: u64, shard: u8) -> String {
    format!("parked#{outlet}#{shard}")
}

/// Returns the number of the partition in which a notification is parked.
#[must_use]
pub fn shard_of(webhook_id: &str) -> u8 {
    let sum = webhook_id.bytes().fold(0_u8, u8::wrapping_add);
    sum % SHARDS
}

/// Returns the item that a message comes from: its key, and when it was parked.
#[must_use]
pub fn place_of(message: &Message) -> Option<(Key, String)> {
    let place = message.parked.as_ref()?;
    let key = (partition(message.outlet, place.shard), place.sk.clone());
    Some((key, place.since.clone()))
}

#[cfg(test)]
mod tests;
