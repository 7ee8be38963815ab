//! Checks a MAC over a URL and the decoded field of a form, as Mandrill makes it.

use hmac::{Hmac, Mac as _};
use percent_encoding::percent_decode;
use sha1::Sha1;

use super::encoding::to_base64;
use super::mac::mac_of;
use super::proof::{Authentic, prove};
use crate::incoming::Incoming;
use crate::rejection::Rejection;
use crate::secrets::{KeyError, Secrets};

/// The fewest characters of a key in front of its URL: as many as of any key.
const FEWEST_CHARS: usize = 8;

/// Checks an HMAC-SHA1 over the configured URL, and the name and decoded value of the form's only
/// field. A secret is `KEY@URL`: see [`check_form_key`].
///
/// The proof carries the decoded value, and nothing else of the form. A form of several fields is
/// not accepted: names and values are signed without anything between them, so that the same
/// signature would fit a value that was cut in two.
///
/// # Errors
/// Returns [`Rejection::NotAForm`] if the body is not a form of that one field, and
/// [`Rejection::SignatureMismatch`] if no secret gives this signature.
pub fn hmac_sha1_of_form<'a>(
    request: &Incoming<'a>,
    secrets: &Secrets,
    field: &str,
    signature: &[u8; 20],
) -> Result<Authentic<'a>, Rejection> {
    let value = only_field(request.body(), field).ok_or(Rejection::NotAForm)?;
    let authentic = prove(request, secrets, |key| {
        let mac = mac_of_field(&key.secret, field.as_bytes(), &value);
        mac.is_some_and(|mac| mac.verify_slice(signature).is_ok())
    })?;
    Ok(authentic.carrying(value))
}

/// Returns the value of the only field of a form, if the form has this field and no other.
#[must_use]
pub fn only_field(body: &[u8], field: &str) -> Option<Vec<u8>> {
    let (name, value) = only_pair(body)?;
    (name == field.as_bytes()).then_some(value)
}

/// Checks that a secret is `KEY@URL`: the signing key, and the public URL exactly as the provider
/// has it, because the URL is signed.
///
/// # Errors
/// Returns [`KeyError::NoUrl`] if it is not.
pub fn check_form_key(secret: &str) -> Result<(), KeyError> {
    let is_whole = split(secret).is_some_and(|(key, url)| {
        let rest = url.strip_prefix("https://");
        let host = rest.and_then(|rest| rest.split(['/', '?']).next());
        let has_host = host.is_some_and(|host| !host.is_empty());
        key.chars().count() >= FEWEST_CHARS && has_host && !url.contains('#')
    });
    is_whole.then_some(()).ok_or(KeyError::NoUrl)
}

/// Returns the signature that a provider would send with a form of one field: standard base64 of
/// HMAC-SHA1.
#[must_use]
pub fn sign_hmac_sha1_of_form(secret: &str, body: &[u8]) -> String {
    let (name, value) = only_pair(body).unwrap_or_default();
    let mac = mac_of_field(secret, &name, &value);
    let mac = mac.map(|mac| mac.finalize().into_bytes());
    to_base64(mac.as_ref().map_or(&[], |mac| mac.as_slice()))
}

/// Returns the form that has this one field.
#[must_use]
pub fn form_of(field: &str, value: &[u8]) -> Vec<u8> {
    let value = percent_encoding::percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
    format!("{field}={value}").into_bytes()
}

/// Splits a secret into its key and its URL. Mandrill's keys are of the base64url alphabet, so the
/// first `@` is ours; a URL may have one of its own.
fn split(secret: &str) -> Option<(&str, &str)> {
    secret.split_once('@').filter(|(key, _)| !key.is_empty())
}

fn mac_of_field(secret: &str, name: &[u8], value: &[u8]) -> Option<Hmac<Sha1>> {
    let (key, url) = split(secret)?;
    mac_of(key.as_bytes(), &[url.as_bytes(), name], value)
}

/// Reads a form (`application/x-www-form-urlencoded`) of one field: its name and its value. `+` is
/// a space, `%XX` a byte, and nothing else is decoded.
fn only_pair(body: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut pairs = body.split(|byte| *byte == b'&').filter(|p| !p.is_empty());
    let (pair, None) = (pairs.next()?, pairs.next()) else {
        return None;
    };
    let mut halves = pair.splitn(2, |byte| *byte == b'=');
    let mut half = || decoded(halves.next().unwrap_or_default());
    Some((half(), half()))
}

fn decoded(text: &[u8]) -> Vec<u8> {
    let space = |byte: &u8| if *byte == b'+' { b' ' } else { *byte };
    let spaced: Vec<u8> = text.iter().map(space).collect();
    percent_decode(&spaced).collect()
}
