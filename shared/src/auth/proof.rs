//! The proof that a request comes from a provider. It is made in one place.

use std::collections::BTreeMap;
use std::fmt;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::mac::mac_of;
use crate::incoming::Incoming;
use crate::rejection::Rejection;
use crate::secrets::{Key, Secrets, Stage};

/// The proof that a request was signed with one of our secrets, and came with the key in its URL if
/// there is one.
///
/// It carries the bytes that were signed. If a provider does not sign the body, it carries the body
/// that came, and the token that was signed.
///
/// Only this file makes a proof, in one place. Only
/// [`Delivery::seal`](crate::delivery::Delivery::seal) consumes it.
pub struct Authentic<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) source: Option<String>,
    pub(crate) stage: Stage,
    /// The token that the signature covers, if it does not cover the body.
    pub(crate) token: Option<String>,
    /// The headers that the signature covers, by their names in lower case. No other header travels
    /// on.
    pub(crate) headers: BTreeMap<String, String>,
}

/// Shows only the label, because the body is somebody's mail.
impl fmt::Debug for Authentic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authentic({:?})", self.source)
    }
}

/// Makes an [`Authentic`]. This is the only place that does.
///
/// It takes the first key with which the request `is_signed`. If the key's version has a URL key,
/// the request must have it, too.
pub(super) fn prove<'a>(
    request: &Incoming<'a>,
    secrets: &Secrets,
    is_signed: impl Fn(&Key) -> bool,
) -> Result<Authentic<'a>, Rejection> {
    let mut rejection = Rejection::SignatureMismatch;
    for key in secrets.keys.iter().filter(|key| is_signed(key)) {
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

/// Compares the MACs of both texts, with the URL key itself as the key. This takes constant time
/// for any lengths. A sender who does not know the key cannot choose a byte of what is compared.
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
