//! Checks and makes HMACs (RFC 2104) over the body, or over a token instead.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

use super::mac::{gives_one_of, mac_of};
use super::proof::{Authentic, prove};
use crate::incoming::Incoming;
use crate::rejection::Rejection;
use crate::secrets::Secrets;

/// Checks an HMAC-SHA256 (RFC 2104, FIPS 180-4) over `prefix` and the raw body.
///
/// # Errors
/// Returns [`Rejection::SignatureMismatch`] if no secret gives this signature.
pub fn hmac_sha256<'a>(
    request: &Incoming<'a>,
    secrets: &Secrets,
    prefix: &[&[u8]],
    signature: &[u8; 32],
) -> Result<Authentic<'a>, Rejection> {
    hmac::<Hmac<Sha256>>(request, secrets, prefix, signature)
}

/// Checks an HMAC-SHA256 over `prefix` and `token`, **not over the body**. Any of the `signatures`
/// may be the right one.
///
/// The proof carries the token. Whoever processes it must let one token stand for one body only,
/// because anybody who has seen one signed request can send it again.
///
/// `prefix` must always have the same length. Otherwise one signature would fit several tokens.
///
/// # Errors
/// Returns [`Rejection::SignatureMismatch`] if no secret gives one of these signatures.
pub fn hmac_sha256_of_token<'a>(
    request: &Incoming<'a>,
    secrets: &Secrets,
    prefix: &[&[u8]],
    token: &str,
    signatures: &[[u8; 32]],
) -> Result<Authentic<'a>, Rejection> {
    let mut authentic = prove(request, secrets, |key| {
        mac_of(key.secret.as_bytes(), prefix, token.as_bytes())
            .is_some_and(|mac| gives_one_of(&mac, signatures))
    })?;
    authentic.token = Some(token.to_owned());
    Ok(authentic)
}

/// Checks an HMAC-SHA1 over the raw body. SHA-1's collisions do not affect HMAC (RFC 6194 section
/// 3.3). Use it only if a provider offers nothing else.
///
/// # Errors
/// Returns [`Rejection::SignatureMismatch`] if no secret gives this signature.
pub fn hmac_sha1<'a>(
    request: &Incoming<'a>,
    secrets: &Secrets,
    signature: &[u8; 20],
) -> Result<Authentic<'a>, Rejection> {
    hmac::<Hmac<Sha1>>(request, secrets, &[], signature)
}

fn hmac<'a, M: Mac + KeyInit>(
    request: &Incoming<'a>,
    secrets: &Secrets,
    prefix: &[&[u8]],
    signature: &[u8],
) -> Result<Authentic<'a>, Rejection> {
    prove(request, secrets, |key| {
        // `verify_slice` compares in constant time (RustCrypto's `ctutils`), and returns an error
        // for another length.
        mac_of::<M>(key.secret.as_bytes(), prefix, request.body())
            .is_some_and(|mac| mac.verify_slice(signature).is_ok())
    })
}

/// Returns the signature that a provider would send: lower-case hex of HMAC-SHA256.
#[must_use]
pub fn sign_hmac_sha256_hex(key: &str, prefix: &[&[u8]], body: &[u8]) -> String {
    hex::encode(sign::<Hmac<Sha256>>(key, prefix, body))
}

/// Returns the signature that a provider would send: standard base64 of HMAC-SHA256.
#[must_use]
pub fn sign_hmac_sha256_base64(key: &str, prefix: &[&[u8]], body: &[u8]) -> String {
    STANDARD.encode(sign::<Hmac<Sha256>>(key, prefix, body))
}

/// Returns the signature that a provider would send: lower-case hex of HMAC-SHA1.
#[must_use]
pub fn sign_hmac_sha1_hex(key: &str, body: &[u8]) -> String {
    hex::encode(sign::<Hmac<Sha1>>(key, &[], body))
}

fn sign<M: Mac + KeyInit>(key: &str, prefix: &[&[u8]], body: &[u8]) -> Vec<u8> {
    mac_of::<M>(key.as_bytes(), prefix, body)
        .map(|mac| mac.finalize().into_bytes().to_vec())
        .unwrap_or_default()
}
