//! What there is to tell: the key of something that stands in the table, never its content.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use shared::auth::fingerprint;
use shared::event::Reason;
use table::item::Item;
use table::keys::SUPPRESSION;
use table::read::text;
use table::suppression::order_key;

/// How many bytes a partition key may have, and a sort key (DynamoDB developer guide, "Quotas").
const PK_BYTES: RangeInclusive<usize> = 1..=2_048;
const SK_BYTES: RangeInclusive<usize> = 1..=1_024;

/// What a notification is about.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fact {
    /// The partition key of its item.
    pub pk: String,
    /// The sort key of its item.
    pub sk: String,
    /// The name of the register, if the item is a suppression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Fact {
    /// Returns what there is to tell of an event.
    #[must_use]
    pub fn event(pk: &str, sk: &str) -> Self {
        Self {
            pk: pk.to_owned(),
            sk: sk.to_owned(),
            reason: None,
        }
    }

    /// Returns what there is to tell of a register of a person's suppression.
    #[must_use]
    pub fn suppression(pk: &str, reason: Reason) -> Self {
        Self {
            pk: pk.to_owned(),
            sk: SUPPRESSION.to_owned(),
            reason: Some(reason.name().to_owned()),
        }
    }

    /// Returns the register, if there is one of this name.
    #[must_use]
    pub fn register(&self) -> Option<Reason> {
        let name = self.reason.as_deref()?;
        Reason::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// Checks whether a table can have this key, and the item there such a register.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let is_key = PK_BYTES.contains(&self.pk.len()) && SK_BYTES.contains(&self.sk.len());
        let is_register = self.register().is_some() && self.sk == SUPPRESSION;
        is_key && (self.reason.is_none() || is_register)
    }

    /// Returns the id of its notification. A suppression has the id of the word that its `item` has
    /// now, so that two late messages about one word are one.
    #[must_use]
    pub fn id(&self, item: Option<&Item>) -> String {
        match self.register() {
            None => event_id(&self.pk, &self.sk),
            Some(reason) => {
                let at = item.map_or("", |item| text(item, &order_key(reason)));
                suppression_id(&self.pk, reason, at)
            }
        }
    }
}

/// Shows nothing that names a person.
impl std::fmt::Debug for Fact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fact({})", event_id(&self.pk, &self.sk))
    }
}

/// Returns the id of an event's notification: the same for every endpoint, retry and replay. It has
/// no dot, which Standard Webhooks forbids.
#[must_use]
pub fn event_id(pk: &str, sk: &str) -> String {
    format!("evt_{}", fingerprint(&[Some(pk), Some(sk)]))
}

fn suppression_id(pk: &str, reason: Reason, at: &str) -> String {
    let parts = [Some(pk), Some(SUPPRESSION), Some(reason.name()), Some(at)];
    format!("sup_{}", fingerprint(&parts))
}
