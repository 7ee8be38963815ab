//! What a notification says about a register of a suppression.

use aws_sdk_dynamodb::types::AttributeValue;
use outlets::fact::Fact;
use outlets::notification::{LIFTED, SET};
use serde_json::Value;
use shared::event::{Channel, Reason};
use table::item::Item;
use table::keys::{customer_key, recipient_key};
use table::suppression::order_key;

/// One word about one register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// The partition key of the register's item.
    pub(crate) pk: String,
    /// Which register it is.
    pub(crate) reason: Reason,
    /// The order of the words: of two, the one with the greater `at` is the current one.
    pub(crate) at: String,
    /// Whether the reason stands. If not, it was lifted.
    pub(crate) stands: bool,
}

impl Word {
    /// Reads the body of a notification. Returns `None` if it is not about a register.
    pub(crate) fn of(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let text = |name: &str| body.get("data")?.get(name)?.as_str();
        let stands = match body.get("type")?.as_str()? {
            SET => true,
            LIFTED => false,
            _ => return None,
        };
        let channel = text("channel")?;
        let channel = Channel::ALL.into_iter().find(|c| c.name() == channel)?;
        let pk = match text("address") {
            Some(address) => recipient_key(channel, address),
            None => customer_key(channel, text("customer_id")?),
        };
        let reason = text("reason")?;
        Some(Self {
            pk,
            reason: Reason::ALL.into_iter().find(|r| r.name() == reason)?,
            at: text("at")?.to_owned(),
            stands,
        })
    }

    /// Returns the id of the notification that says this word.
    pub(crate) fn id(&self) -> String {
        let at = AttributeValue::S(self.at.clone());
        let item = Item::from([(order_key(self.reason), at)]);
        Fact::suppression(&self.pk, self.reason).id(Some(&item))
    }
}
