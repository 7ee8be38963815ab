//! Every signature scheme: all cryptography of Postern is in this file. All of it is `RustCrypto`'s, but for the check of an ECDSA
//! signature: ring, which is in the binary for TLS, takes less than a third of the time for it.
//!
//! A provider names what is signed and calls one scheme. A scheme always signs the whole body that the [`Incoming`] carries,
//! so a provider cannot forget it, and returns an [`Authentic`] that carries those same bytes on; the one that does not,
//! [`hmac_sha256_of_token`], says so in what it returns. All of them get it from one function, which checks the key in the URL, too.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::signature::MultipartSigner as _;
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _, EncodePublicKey as _};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::incoming::Incoming;
use crate::rejection::Rejection;
use crate::secrets::{Key, KeyError, Secrets, Stage};

/// Proof that a request was signed with one of our secrets, and came with the key in its URL where there is one. It carries the
/// bytes that were signed; or, from a provider that does not sign them, those that came, and the token that was.
///
/// Only this file makes one, in one place; only [`Delivery::seal`](crate::delivery::Delivery::seal) spends it.
pub struct Authentic<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) source: Option<String>,
    pub(crate) stage: Stage,
    /// Of a signature that does not cover the body: what it covers instead.
    pub(crate) token: Option<String>,
    /// The headers that the signature covers, by their names in lower case: no other one travels on.
    pub(crate) headers: BTreeMap<String, String>,
}

/// Shows the label only: the body is somebody's mail.
impl fmt::Debug for Authentic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authentic({:?})", self.source)
    }
}

/// HMAC-SHA256 (RFC 2104, FIPS 180-4) over `prefix` and the raw body.
///
/// # Errors
/// [`Rejection::SignatureMismatch`] when no secret gives this signature.
pub fn hmac_sha256<'a>(
    request: &Incoming<'a>,
    secrets: &Secrets,
    prefix: &[&[u8]],
    signature: &[u8; 32],
) -> Result<Authentic<'a>, Rejection> {
    hmac::<Hmac<Sha256>>(request, secrets, prefix, signature)
}

/// HMAC-SHA256 over `prefix` and `token`, **not over the body**; any of the `signatures` may be the right one. What comes of it
/// carries the token, and whoever takes it on must let one token vouch for one body: the sender of one request that was
/// signed can be anybody who has seen it. `prefix` must be of one length, or one signature is good for several tokens.
///
/// # Errors
/// [`Rejection::SignatureMismatch`] when no secret gives one of these signatures.
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

/// HMAC-SHA1 over the raw body. SHA-1's collisions do not touch HMAC (RFC 6194 section 3.3); used only where a
/// provider offers nothing else.
///
/// # Errors
/// [`Rejection::SignatureMismatch`] when no secret gives this signature.
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
        // `verify_slice` compares in constant time (RustCrypto's `ctutils`) and is false for another length.
        mac_of::<M>(key.secret.as_bytes(), prefix, request.body())
            .is_some_and(|mac| mac.verify_slice(signature).is_ok())
    })
}

/// The one place where an [`Authentic`] is made: by the first key with which the request `is_signed`, and whose URL key, if its
/// version has one, came with it.
fn prove<'a>(
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

/// Compares the MACs of both texts, under the URL key itself: in constant time, whatever their lengths, and no byte of what is
/// compared can be chosen by a sender who does not know the key.
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

/// Whether the MAC, made once, is one of these signatures.
fn gives_one_of(mac: &Hmac<Sha256>, signatures: &[[u8; 32]]) -> bool {
    let is_match = |signature: &[u8; 32]| mac.clone().verify_slice(signature).is_ok();
    signatures.iter().any(is_match)
}

/// `None` only for a key length that the algorithm refuses; HMAC takes every length.
fn mac_of<M: Mac + KeyInit>(key: &[u8], prefix: &[&[u8]], body: &[u8]) -> Option<M> {
    let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
    for part in prefix {
        mac.update(part);
    }
    mac.update(body);
    Some(mac)
}

/// The signature that a provider would send: lower-case hex of HMAC-SHA256. For senders: `local` and the tests.
#[must_use]
pub fn sign_hmac_sha256_hex(key: &str, prefix: &[&[u8]], body: &[u8]) -> String {
    hex::encode(sign::<Hmac<Sha256>>(key, prefix, body))
}

/// The signature that a provider would send: standard base64 of HMAC-SHA256.
#[must_use]
pub fn sign_hmac_sha256_base64(key: &str, prefix: &[&[u8]], body: &[u8]) -> String {
    STANDARD.encode(sign::<Hmac<Sha256>>(key, prefix, body))
}

/// The signature that a provider would send: lower-case hex of HMAC-SHA1.
#[must_use]
pub fn sign_hmac_sha1_hex(key: &str, body: &[u8]) -> String {
    hex::encode(sign::<Hmac<Sha1>>(key, &[], body))
}

fn sign<M: Mac + KeyInit>(key: &str, prefix: &[&[u8]], body: &[u8]) -> Vec<u8> {
    mac_of::<M>(key.as_bytes(), prefix, body)
        .map(|mac| mac.finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

/// Reads a signature of exactly `N` bytes in hex, in either case.
///
/// # Errors
/// [`Rejection::SignatureUnreadable`].
pub fn from_hex<const N: usize>(text: &str) -> Result<[u8; N], Rejection> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| Rejection::SignatureUnreadable)?;
    Ok(bytes)
}

/// Reads a signature of exactly `N` bytes in standard padded base64 (RFC 4648 section 4).
///
/// # Errors
/// [`Rejection::SignatureUnreadable`].
pub fn from_base64<const N: usize>(text: &str) -> Result<[u8; N], Rejection> {
    // The length is checked first, so that a megabyte of header is not decoded to be thrown away.
    if text.len() != N.div_ceil(3) * 4 {
        return Err(Rejection::SignatureUnreadable);
    }
    let bytes = STANDARD
        .decode(text)
        .map_err(|_| Rejection::SignatureUnreadable)?;
    <[u8; N]>::try_from(bytes).map_err(|_| Rejection::SignatureUnreadable)
}

/// SHA-256 (FIPS 180-4) of these bytes, in hex: all 256 bits, for what a stranger may have made.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The length of a [`fingerprint`], in hexadecimal digits.
pub const FINGERPRINT_DIGITS: usize = 32;

/// SHA-256 over length-prefixed parts, so that no two lists of parts share an input; `None` differs from empty text.
/// The first 128 bits in hex: enough that two events of one table never meet, and short in every key.
#[must_use]
pub fn fingerprint(parts: &[Option<&str>]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        match part {
            None => hash.update([0]),
            Some(text) => {
                hash.update([1]);
                hash.update((text.len() as u64).to_be_bytes());
                hash.update(text.as_bytes());
            }
        }
    }
    let digest = hash.finalize();
    let mut digits = hex::encode(digest);
    digits.truncate(FINGERPRINT_DIGITS);
    digits
}

/// What a key of Standard Webhooks may have in front.
const STANDARD_WEBHOOKS_PREFIX: &str = "whsec_";
/// The version of the signatures that are HMAC-SHA256, with what stands between it and the signature.
const STANDARD_WEBHOOKS_VERSION: &str = "v1,";

/// Standard Webhooks (the specification of that name, and Svix's): HMAC-SHA256 over `{id}.{timestamp}.{body}` by a key that is
/// itself base64. Of the entries, those of version `v1` in the right form are tried; while a key is changed, the sender signs
/// with both. `timestamp` has no dot in it, since it is digits, and the id must have none: the parts could be split elsewhere.
///
/// `id` is the header with the id: its name in lower case, and its value. The proof carries that one header on, because its
/// value was signed.
///
/// # Errors
/// [`Rejection::IdUnreadable`]; [`Rejection::SignatureUnreadable`] where no entry can be tried; [`Rejection::SignatureMismatch`].
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
        // None for the random key of a secret that nobody has set: it matches nothing.
        standard_webhooks_mac(&key.secret, id, timestamp, request.body())
            .is_some_and(|mac| gives_one_of(&mac, &signatures))
    })?;
    authentic.headers = BTreeMap::from([(id_header.to_owned(), id.to_owned())]);
    Ok(authentic)
}

/// The signature that a provider would send by Standard Webhooks: `v1,` and standard base64; empty for a key that is none.
#[must_use]
pub fn sign_standard_webhooks(key: &str, id: &str, timestamp: &str, body: &[u8]) -> String {
    let mac = standard_webhooks_mac(key, id, timestamp, body);
    mac.map_or_else(String::new, |mac| {
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        format!("{STANDARD_WEBHOOKS_VERSION}{signature}")
    })
}

/// Whether a key can be one of Standard Webhooks.
///
/// # Errors
/// [`KeyError::NotBase64`].
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

/// The longest ECDSA signature of P-256 in ASN.1 DER is 72 bytes: in base64, this many characters.
const ECDSA_BASE64_LENGTH: usize = 96;

/// ECDSA with P-256 and SHA-256 (FIPS 186-5) over `prefix` and the raw body; the signature is base64 of ASN.1 DER (RFC 3279,
/// 2.2.3), the keys are base64 of a DER `SubjectPublicKeyInfo`. Both signatures that go with one nonce are taken, as OpenSSL
/// does: nothing here is recognized by its signature.
///
/// # Errors
/// [`Rejection::SignatureUnreadable`], [`Rejection::SignatureMismatch`].
pub fn ecdsa_p256_sha256<'a>(
    request: &Incoming<'a>,
    secrets: &Secrets,
    prefix: &[&[u8]],
    signature: &str,
) -> Result<Authentic<'a>, Rejection> {
    // The length is checked first, so that a megabyte of header is not decoded to be thrown away.
    let der = (signature.len() <= ECDSA_BASE64_LENGTH)
        .then(|| STANDARD.decode(signature).ok())
        .flatten()
        .filter(|der| Signature::from_der(der).is_ok())
        .ok_or(Rejection::SignatureUnreadable)?;
    let signed = [prefix, &[request.body()]].concat().concat();
    prove(request, secrets, |key| {
        // None for the random key of a secret that nobody has set: it matches nothing.
        public_key(&key.secret).is_some_and(|public_key| {
            let point = public_key.to_sec1_point(false);
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
                .verify(&signed, &der)
                .is_ok()
        })
    })
}

/// The signature that a provider would send: base64 of the ASN.1 DER of an ECDSA signature, always the same for the same
/// input (RFC 6979). The key is base64 of a DER `PrivateKeyInfo` (PKCS #8); empty for one that is none.
#[must_use]
pub fn sign_ecdsa_p256_sha256(key: &str, prefix: &[&[u8]], body: &[u8]) -> String {
    let signature: Option<Signature> =
        private_key(key).and_then(|key| key.try_multipart_sign(&[prefix, &[body]].concat()).ok());
    signature.map_or_else(String::new, |signature| STANDARD.encode(signature.to_der()))
}

/// The public key that belongs to a private one, both as above; `None` for what is no private key.
#[must_use]
pub fn p256_public_key_of(private: &str) -> Option<String> {
    let public = private_key(private)?.verifying_key().to_public_key_der();
    Some(STANDARD.encode(public.ok()?))
}

/// Whether a key is a P-256 public key.
///
/// # Errors
/// [`KeyError::NotAPublicKey`], [`KeyError::Private`].
pub fn check_p256_public_key(key: &str) -> Result<(), KeyError> {
    match (public_key(key), private_key(key)) {
        (Some(_), _) => Ok(()),
        (None, Some(_)) => Err(KeyError::Private),
        (None, None) => Err(KeyError::NotAPublicKey),
    }
}

fn public_key(key: &str) -> Option<VerifyingKey> {
    VerifyingKey::from_public_key_der(&STANDARD.decode(key).ok()?).ok()
}

fn private_key(key: &str) -> Option<SigningKey> {
    SigningKey::from_pkcs8_der(&STANDARD.decode(key).ok()?).ok()
}
