//! Checks and makes ECDSA signatures over the body, with P-256 and SHA-256 (FIPS 186-5).

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

/// The base64 length of the longest signature. In ASN.1 DER, an ECDSA signature of P-256 has at
/// most 72 bytes.
const ECDSA_BASE64_LENGTH: usize = 96;

/// Checks a signature with ECDSA, P-256 and SHA-256 (FIPS 186-5) over `prefix` and the raw body.
///
/// The signature is base64 of ASN.1 DER (RFC 3279, 2.2.3). The keys are base64 of a DER
/// `SubjectPublicKeyInfo`.
///
/// Both signatures that belong to one nonce are accepted, as OpenSSL does, because nothing here is
/// recognized by its signature.
///
/// # Errors
/// Returns [`Rejection::SignatureUnreadable`] if the signature has another form, and
/// [`Rejection::SignatureMismatch`] if no key matches it.
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
        // This is `None` for the random key of a secret that nobody has set. It matches nothing.
        public_key(&key.secret).is_some_and(|public_key| {
            let point = public_key.to_sec1_point(false);
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
                .verify(&signed, &der)
                .is_ok()
        })
    })
}

/// Returns the signature that a provider would send: base64 of the ASN.1 DER of an ECDSA signature.
/// It is always the same for the same input (RFC 6979).
///
/// The key is base64 of a DER `PrivateKeyInfo` (PKCS #8). If it is not such a key, the signature is
/// empty.
#[must_use]
pub fn sign_ecdsa_p256_sha256(key: &str, prefix: &[&[u8]], body: &[u8]) -> String {
    let signature: Option<Signature> =
        private_key(key).and_then(|key| key.try_multipart_sign(&[prefix, &[body]].concat()).ok());
    signature.map_or_else(String::new, |signature| STANDARD.encode(signature.to_der()))
}

/// Returns the public key that belongs to a private one, both in base64. Returns `None` if the key
/// is not a private key.
#[must_use]
pub fn p256_public_key_of(private: &str) -> Option<String> {
    let public = private_key(private)?.verifying_key().to_public_key_der();
    Some(STANDARD.encode(public.ok()?))
}

/// Checks that a key is a P-256 public key.
///
/// # Errors
/// Returns [`KeyError::Private`] for a private key, and [`KeyError::NotAPublicKey`] for any other
/// text.
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
