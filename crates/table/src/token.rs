//! Tokens. A provider may sign a token instead of the body.
//!
//! Whoever has seen one such request could send it again with another body. So the first body that
//! comes with a token is remembered, as its SHA-256, in an item of its own under the token.
//!
//! A delivery with the same token and another body is not stored. It fails instead, and waits in
//! the dead-letter queue with its evidence, because the first one may have been the forgery. A
//! redelivery has the same body, and passes.

use jiff::Timestamp;
use shared::auth::sha256_hex;
use shared::delivery::Delivery;

use crate::first::First;
use crate::item::remembered_until;
use crate::keys::{Key, key};

/// The sort key of a token's item.
pub const SORT_KEY: &str = "token";
/// The attribute that holds the SHA-256 of the body.
const BODY: &str = "body_sha256";

/// A delivery's claim to its token, for its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The key of the token's item.
    pub key: Key,
    body: String,
    received_at: Timestamp,
}

/// Whether a claim holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The token stands for this body.
    Holds,
    /// The token stands for another body.
    Taken,
    /// The table did not answer.
    NotKnown,
}

impl Claim {
    /// Returns the claim of a delivery. Returns `None` if the signature covers the body itself.
    #[must_use]
    pub fn of(delivery: &Delivery) -> Option<Self> {
        let token = delivery.token()?;
        Some(Self {
            key: (
                key(&format!("{SORT_KEY}#{}", delivery.provider()), token),
                SORT_KEY.to_owned(),
            ),
            body: sha256_hex(delivery.body()),
            received_at: delivery.received_at(),
        })
    }

    /// Returns what must be remembered if nothing is. It expires as an event of its time would, but
    /// not while another body may still come back from the dead-letter queue.
    #[must_use]
    pub fn first(&self, retention_days: u32) -> First {
        First {
            attribute: BODY,
            value: self.body.clone(),
            expires_at: remembered_until(self.received_at, retention_days),
        }
    }

    /// Compares the body that holds with this one.
    #[must_use]
    pub fn standing(&self, holding: Option<&str>) -> Standing {
        match holding {
            Some(body) if body == self.body => Standing::Holds,
            Some(_) => Standing::Taken,
            None => Standing::NotKnown,
        }
    }
}
