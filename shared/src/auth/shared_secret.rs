//! Checks a secret that the sender shows with each request. It covers nothing of the request.

use super::proof::{Authentic, is_same, prove_shown};
use crate::incoming::Incoming;
use crate::rejection::Rejection;
use crate::secrets::{KeyError, Secrets};

/// The fewest characters of a shared secret: 128 bits, even if it is written in hexadecimal.
const FEWEST_CHARS: usize = 32;

/// Checks that the request shows one of the secrets, in one of these places: as the Basic password
/// of the user `postern` (RFC 7617), as a bearer token (RFC 6750), in the header `X-Postern-Key`,
/// or as the key in the URL.
///
/// Whoever has seen one request can make others, so what is let in by it must not overwrite
/// anything.
///
/// # Errors
/// Returns what [`Incoming`] says if there is no credential to compare, and
/// [`Rejection::CredentialMismatch`] if none of them is one of the secrets.
pub fn shared_secret<'a>(
    request: &Incoming<'a>,
    secrets: &Secrets,
) -> Result<Authentic<'a>, Rejection> {
    let shown = request.credentials()?;
    let is_shown = |secret: &str| shown.iter().any(|shown| is_same(secret, shown));
    prove_shown(request, secrets, |key| is_shown(&key.secret)).map_err(
        |rejection| match rejection {
            Rejection::SignatureMismatch => Rejection::CredentialMismatch,
            rejection => rejection,
        },
    )
}

/// Checks that a shared secret cannot be guessed, and is written the same in a header and in a URL.
///
/// # Errors
/// Returns [`KeyError::SharedShort`] if it has fewer than 32 characters, and
/// [`KeyError::SharedUnfit`] if it has others than letters, digits, `-`, `.`, `_` and `~`.
pub fn check_shared_secret(key: &str) -> Result<(), KeyError> {
    if key.len() < FEWEST_CHARS {
        return Err(KeyError::SharedShort);
    }
    // These are unreserved in RFC 3986, and allowed in Basic and Bearer.
    let is_fit = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    if !key.bytes().all(is_fit) {
        return Err(KeyError::SharedUnfit);
    }
    Ok(())
}

/// Returns the value of the header `Authorization` that a provider would send: Basic, for the user
/// `postern`.
#[must_use]
pub fn sign_basic(key: &str) -> String {
    let pair = format!("{}:{key}", crate::incoming::USER);
    format!("Basic {}", super::encoding::to_base64(pair.as_bytes()))
}
