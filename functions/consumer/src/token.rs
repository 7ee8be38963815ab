//! Tokens: what a signature covers that does not cover the body.
//!
//! Whoever has seen one such request could send it again with another body. So the first body that a token comes with is
//! remembered, as its SHA-256, in an item of its own under the token; a delivery with the same token and another body is not
//! stored. It fails instead, and waits in the dead-letter queue with its evidence, because the first one may have been the
//! forgery. A redelivery is the same body, and passes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared::auth::sha256_hex;
use shared::delivery::Delivery;

use crate::first::First;
use crate::item::{expires_at, key};

/// The sort key of such an item.
pub const SORT_KEY: &str = "token";
/// The attribute that holds the SHA-256 of the body.
const BODY: &str = "body_sha256";

/// What a delivery would use its token for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The partition key of the token.
    pub pk: String,
    body: String,
    received_at: Timestamp,
}

/// Whether a claim holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The token vouches for this body.
    Holds,
    /// It vouches for another one.
    Taken,
    /// The table did not say.
    NotKnown,
}

impl Claim {
    /// The claim of a delivery; `None` where the signature covers the body itself.
    #[must_use]
    pub fn of(delivery: &Delivery) -> Option<Self> {
        let token = delivery.token()?;
        Some(Self {
            pk: key(&format!("{SORT_KEY}#{}", delivery.provider()), token),
            body: sha256_hex(delivery.body()),
            received_at: delivery.received_at(),
        })
    }

    /// What the bodies that hold, by partition key, say of this one.
    #[must_use]
    pub fn standing(&self, holding: &BTreeMap<String, String>) -> Standing {
        match holding.get(&self.pk) {
            Some(body) if *body == self.body => Standing::Holds,
            Some(_) => Standing::Taken,
            None => Standing::NotKnown,
        }
    }
}

/// The claims of a batch, in its order: of several with one token, the first. Each expires as an event of its time would.
pub fn collect<'a>(
    claims: impl Iterator<Item = &'a Claim>,
    retention_days: u32,
) -> BTreeMap<String, First> {
    let mut firsts = BTreeMap::new();
    for claim in claims {
        firsts.entry(claim.pk.clone()).or_insert_with(|| First {
            sort_key: SORT_KEY,
            attribute: BODY,
            value: claim.body.clone(),
            expires_at: expires_at(claim.received_at, retention_days),
        });
    }
    firsts
}
