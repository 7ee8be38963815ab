//! The proof that a request is a provider's, and the one place where it is made.

use std::collections::BTreeMap;
use std::fmt;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::mac::mac_of;
use crate::incoming::Incoming;
use crate::rejection::Rejection;
use crate::secrets::{Key, Secrets, Stage};

/// Proof that a request was signed with one of our secrets, and came with the key in its URL where
/// there is one. It carries the bytes that were signed; or, from a provider that does not sign
/// them, those that came, and the token that was.
///
/// Only this file makes one, in one place; only [`Delivery::seal`](crate::delivery::Delivery::seal)
/// spends it.
pub struct Authentic<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) source: Option<String>,
    pub(crate) stage: Stage,
    /// Of a signature that does not cover the body: what it covers instead.
    pub(crate) token: Option<String>,
    /// The headers that the signature covers, by their names in lower case: no other one travels
    /// on.
    pub(crate) headers: BTreeMap<String, String>,
}

/// Shows the label only: the body is somebody's mail.
impl fmt::Debug for Authentic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authentic({:?})", self.source)
    }
}

/// The one place where an [`Authentic`] is made: by the first key with which the request
/// `is_signed`, and whose URL key, if its version has one, came with it.
pub(super) fn prove<'a>(
    request: &Incoming<'a>,
    secrets: &Secrets,
    is_signed: impl Fn(&Key) -> bool,
) -> Result<Authentic<'a>, Rejection> {
    let mut rejection = Rejection::SignatureMismatch;
    let set = secrets.keys.iter().filter(|key| !key.is_unset());
    for key in set.filter(|key| is_signed(key)) {
        if has_url_key(request, key) {
            return Ok(Authentic {
                body: request.body(),
                source: key.label.clone(),
                stage: key.stage,
                token: None,
                headers: BTreeMap::new(),
            });
        }
        // Another version may have the same signing key with another URL key.
        rejection = Rejection::UrlKeyMismatch;
    }
    Err(rejection)
}

/// Compares the MACs of both texts, under the URL key itself: in constant time, whatever their
/// lengths, and no byte of what is compared can be chosen by a sender who does not know the key.
fn has_url_key(request: &Incoming<'_>, key: &Key) -> bool {
    let Some(expected) = &key.in_url else {
        return true;
    };
    let mac = |text: &str| mac_of::<Hmac<Sha256>>(expected.as_bytes(), &[], text.as_bytes());
    match (mac(expected), request.url_key().and_then(mac)) {
        (Some(expected), Some(came)) => expected.verify(&came.finalize().into_bytes()).is_ok(),
        _ => false,
    }
}
