//! The proof that a request comes from a provider. It is made in one place.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::kept_back::without;
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
    pub(crate) body: Cow<'a, [u8]>,
    pub(crate) source: Option<String>,
    pub(crate) stage: Stage,
    /// The token that the signature covers, if it does not cover the body.
    pub(crate) token: Option<String>,
    /// Our own secrets that may come with a request: all of them, since whoever reads one can show
    /// it. A body that quotes one must not carry it on.
    kept_back: Vec<String>,
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

impl<'a> Authentic<'a> {
    /// Makes a proof. This is the only place that does.
    fn of(body: &'a [u8], source: Option<String>, stage: Stage, kept_back: Vec<String>) -> Self {
        Authentic {
            body: Cow::Borrowed(body),
            source,
            stage,
            token: None,
            kept_back,
            headers: BTreeMap::new(),
        }
    }

    /// Returns the same proof of what the signed bytes say: unpacked, or the field of a form.
    pub(crate) fn carrying(self, body: Vec<u8>) -> Self {
        Self {
            body: Cow::Owned(body),
            ..self
        }
    }

    /// Returns what travels on: the body without our own secrets in it. `MailerSend` sends the
    /// webhook's URL with each event, with the key that is in it.
    pub(crate) fn travelling(&self) -> Vec<u8> {
        without(&self.kept_back, &self.body)
    }
}

/// Proves that a request is signed, by the first key with which it `is_signed`. If the key's
/// version has a URL key, the request must have it, too.
pub(super) fn prove<'a>(
    request: &Incoming<'a>,
    secrets: &Secrets,
    is_signed: impl Fn(&Key) -> bool,
) -> Result<Authentic<'a>, Rejection> {
    let kept_back = secrets.keys.iter().filter_map(|key| key.in_url.clone());
    proven(request, secrets, is_signed, kept_back.collect())
}

/// Proves that a request shows one of the secrets, likewise.
pub(super) fn prove_shown<'a>(
    request: &Incoming<'a>,
    secrets: &Secrets,
    is_shown: impl Fn(&Key) -> bool,
) -> Result<Authentic<'a>, Rejection> {
    let keys = secrets.keys.iter();
    let kept_back = keys.flat_map(|key| key.in_url.iter().chain([&key.secret]));
    proven(request, secrets, is_shown, kept_back.cloned().collect())
}

/// Proves that a message comes from a queue that vouches for it.
pub(super) fn prove_by_queue(body: &str) -> Authentic<'_> {
    Authentic::of(body.as_bytes(), None, Stage::Current, Vec::new())
}

/// Proves that the operator said something, which the caller of this has checked.
pub(super) fn prove_by_caller(words: &str) -> Authentic<'_> {
    Authentic::of(words.as_bytes(), None, Stage::Current, Vec::new())
}

fn proven<'a>(
    request: &Incoming<'a>,
    secrets: &Secrets,
    is_vouched_for: impl Fn(&Key) -> bool,
    kept_back: Vec<String>,
) -> Result<Authentic<'a>, Rejection> {
    let mut rejection = Rejection::SignatureMismatch;
    for key in secrets.keys.iter().filter(|key| is_vouched_for(key)) {
        if has_url_key(request, key) {
            let (source, stage) = (key.label.clone(), key.stage);
            return Ok(Authentic::of(request.body(), source, stage, kept_back));
        }
        // Another version may have the same signing key with another URL key.
        rejection = Rejection::UrlKeyMismatch;
    }
    Err(rejection)
}

/// Checks whether the request has the URL key, in its URL or in the header `X-Postern-Key`.
fn has_url_key(request: &Incoming<'_>, key: &Key) -> bool {
    let Some(expected) = &key.in_url else {
        return true;
    };
    let came = [request.url_key(), request.key_header()];
    came.into_iter()
        .flatten()
        .any(|came| is_same(expected, came))
}

/// Compares the MACs of both texts, with the expected text as the key. This takes constant time for
/// any lengths. A sender who does not know the text cannot choose a byte of what is compared.
pub(super) fn is_same(expected: &str, came: &str) -> bool {
    let mac = |text: &str| mac_of::<Hmac<Sha256>>(expected.as_bytes(), &[], text.as_bytes());
    match (mac(expected), mac(came)) {
        (Some(expected), Some(came)) => expected.verify(&came.finalize().into_bytes()).is_ok(),
        _ => false,
    }
}
