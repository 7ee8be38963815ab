//! ECDSA over the body with P-256 and SHA-256 (FIPS 186-5).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::MultipartSigner as _;
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _, EncodePublicKey as _};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};

use super::proof::{Authentic, prove};
use crate::incoming::Incoming;
use crate::rejection::Rejection;
use crate::secrets::{KeyError, Secrets};

/// The longest ECDSA signature of P-256 in ASN.1 DER is 72 bytes: in base64, this many characters.
const ECDSA_BASE64_LENGTH: usize = 96;

/// ECDSA with P-256 and SHA-256 (FIPS 186-5) over `prefix` and the raw body; the signature is
/// base64 of ASN.1 DER (RFC 3279, 2.2.3), the keys are base64 of a DER `SubjectPublicKeyInfo`. Both
/// signatures that go with one nonce are taken, as OpenSSL does: nothing here is recognized by its
/// signature.
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

/// The signature that a provider would send: base64 of the ASN.1 DER of an ECDSA signature, always
/// the same for the same input (RFC 6979). The key is base64 of a DER `PrivateKeyInfo` (PKCS #8);
/// empty for one that is none.
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
