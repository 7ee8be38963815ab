//! Checks and makes Standard Webhooks signatures (the specification of that name, and Svix's).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::encoding::from_base64;
use super::mac::{gives_one_of, mac_of};
use super::proof::{Authentic, prove};
use crate::incoming::Incoming;
use crate::rejection::Rejection;
use crate::secrets::{KeyError, Secrets};

/// The prefix that a key of Standard Webhooks may have.
const STANDARD_WEBHOOKS_PREFIX: &str = "whsec_";
/// The version of the signatures that are HMAC-SHA256, with the comma before the signature.
const STANDARD_WEBHOOKS_VERSION: &str = "v1,";

/// Checks a signature of Standard Webhooks (the specification of that name, and Svix's):
/// HMAC-SHA256 over `{id}.{timestamp}.{body}` by a key that is itself base64.
///
/// Only the entries of version `v1` in the right form are tried. While a key is changed, the sender
/// signs with both keys.
///
/// `timestamp` has no dot in it, since it is digits, and the id must have none. Otherwise the parts
/// could be split elsewhere.
///
/// `id` is the header with the id: its name in lower case, and its value. The proof carries that
/// one header, because its value was signed.
///
/// # Errors
/// Returns [`Rejection::IdUnreadable`] if the id has a dot. Returns
/// [`Rejection::SignatureUnreadable`] if no entry can be tried, and
/// [`Rejection::SignatureMismatch`] if none matches.
pub fn standard_webhooks<'a>(
    request: &Incoming<'a>,
    secrets: &Secrets,
    (id_header, id): (&str, &str),
    timestamp: &str,
    signatures: &[&str],
) -> Result<Authentic<'a>, Rejection> {
    if id.contains('.') {
        return Err(Rejection::IdUnreadable);
    }
    let signatures = signatures
        .iter()
        .filter_map(|entry| from_base64(entry.strip_prefix(STANDARD_WEBHOOKS_VERSION)?).ok());
    let signatures: Vec<[u8; 32]> = signatures.collect();
    if signatures.is_empty() {
        return Err(Rejection::SignatureUnreadable);
    }
    let mut authentic = prove(request, secrets, |key| {
        // This is `None` for the random key of a secret that nobody has set. It matches nothing.
        standard_webhooks_mac(&key.secret, id, timestamp, request.body())
            .is_some_and(|mac| gives_one_of(&mac, &signatures))
    })?;
    authentic.headers = BTreeMap::from([(id_header.to_owned(), id.to_owned())]);
    Ok(authentic)
}

/// Returns the signature that a provider would send by Standard Webhooks: `v1,` and standard
/// base64. If the key is not one of Standard Webhooks, the signature is empty.
#[must_use]
pub fn sign_standard_webhooks(key: &str, id: &str, timestamp: &str, body: &[u8]) -> String {
    let mac = standard_webhooks_mac(key, id, timestamp, body);
    mac.map_or_else(String::new, |mac| {
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        format!("{STANDARD_WEBHOOKS_VERSION}{signature}")
    })
}

/// Checks that a key can be one of Standard Webhooks.
///
/// # Errors
/// Returns [`KeyError::NotBase64`] if it is not base64, with or without `whsec_`.
pub fn check_standard_webhooks_key(key: &str) -> Result<(), KeyError> {
    let is_key = standard_webhooks_key(key).is_some();
    is_key.then_some(()).ok_or(KeyError::NotBase64)
}

fn standard_webhooks_key(key: &str) -> Option<Vec<u8>> {
    let key = key.strip_prefix(STANDARD_WEBHOOKS_PREFIX).unwrap_or(key);
    STANDARD.decode(key).ok().filter(|key| !key.is_empty())
}

fn standard_webhooks_mac(
    key: &str,
    id: &str,
    timestamp: &str,
    body: &[u8],
) -> Option<Hmac<Sha256>> {
    let prefix = [id.as_bytes(), b".", timestamp.as_bytes(), b"."];
    mac_of(&standard_webhooks_key(key)?, &prefix, body)
}
