//! Computes a MAC over parts and compares it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Checks whether the MAC, computed once, is one of these signatures.
pub(super) fn gives_one_of(mac: &Hmac<Sha256>, signatures: &[[u8; 32]]) -> bool {
    let is_match = |signature: &[u8; 32]| mac.clone().verify_slice(signature).is_ok();
    signatures.iter().any(is_match)
}

/// Computes a MAC. Returns `None` only if the algorithm refuses the key's length; HMAC accepts
/// every length.
pub(super) fn mac_of<M: Mac + KeyInit>(key: &[u8], prefix: &[&[u8]], body: &[u8]) -> Option<M> {
    let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
    for part in prefix {
        mac.update(part);
    }
    mac.update(body);
    Some(mac)
}
