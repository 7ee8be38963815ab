//! Seals what must be stored and read again by Postern alone: AES-256-GCM (NIST SP 800-38D) by
//! ring, under a key that is derived by HKDF-SHA256 (RFC 5869).
//!
//! A sealed text names the version of the secret that its key comes from, so that it can be sealed
//! anew before that version is gone. The nonce is the caller's, because nothing here is random.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};

/// What a sealed text starts with.
const FORMAT: &str = "s1";
/// Binds the derived key to its use.
const USE: &[&[u8]] = &[b"postern outlets seal 1"];
/// The fewest characters of a secret that a key is derived from.
const CHARS: usize = 32;

/// Why a text cannot be sealed or unsealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The secret is too short to derive a key from, or its version has no name.
    #[error("the sealing secret has fewer than 32 characters, or no version")]
    Key,
    /// The text is not a sealed one.
    #[error("the text is not sealed")]
    Unreadable,
    /// None of the keys is of the version that sealed the text.
    #[error("the text is sealed by another version of the secret")]
    Version,
    /// The text was changed, belongs elsewhere, or was sealed by another key.
    #[error("the text is not what was sealed")]
    Changed,
}

impl SealError {
    /// Returns the stable name for logs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Key => "sealing_key_unusable",
            Self::Unreadable => "sealed_unreadable",
            Self::Version => "sealed_by_another_version",
            Self::Changed => "sealed_changed",
        }
    }
}

/// The key that one version of the sealing secret gives. It is never printed.
#[derive(Clone)]
pub struct SealingKey {
    key: LessSafeKey,
    version: String,
}

impl SealingKey {
    /// Derives the key of a version of the sealing secret.
    ///
    /// # Errors
    /// Returns [`SealError::Key`] if the secret is too short, or if the version's name cannot stand
    /// in a sealed text.
    pub fn of(secret: &str, version: &str) -> Result<Self, SealError> {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if secret.len() < CHARS || version.is_empty() || !version.bytes().all(is_name) {
            return Err(SealError::Key);
        }
        let extracted = Salt::new(HKDF_SHA256, &[]).extract(secret.as_bytes());
        let expanded = extracted.expand(USE, &AES_256_GCM);
        let key = expanded.map(UnboundKey::from).map_err(|_| SealError::Key)?;
        Ok(Self {
            key: LessSafeKey::new(key),
            version: version.to_owned(),
        })
    }

    /// Returns the name of the secret's version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey({}, redacted)", self.version)
    }
}

/// Seals a text for one place, which `context` names. A nonce must never be used twice with one
/// key.
///
/// # Errors
/// Returns [`SealError::Key`] if the text is longer than AES-GCM seals.
pub fn seal(
    key: &SealingKey,
    nonce: [u8; NONCE_LEN],
    context: &str,
    plain: &str,
) -> Result<String, SealError> {
    let mut bytes = plain.as_bytes().to_vec();
    let aad = Aad::from(context.as_bytes());
    let sealed = Nonce::assume_unique_for_key(nonce);
    let sealed = key.key.seal_in_place_append_tag(sealed, aad, &mut bytes);
    sealed.map_err(|_| SealError::Key)?;
    let text = URL_SAFE_NO_PAD.encode([nonce.as_slice(), &bytes].concat());
    Ok(format!("{FORMAT}.{}.{text}", key.version))
}

/// Returns the version of the secret that sealed a text. Returns `None` if the text is not sealed.
#[must_use]
pub fn sealed_by(sealed: &str) -> Option<&str> {
    Some(parts(sealed)?.0)
}

fn parts(sealed: &str) -> Option<(&str, &str)> {
    let rest = sealed.strip_prefix(FORMAT)?.strip_prefix('.')?;
    rest.split_once('.')
}

/// Unseals a text that was sealed for this `context`, by the key of its version.
///
/// # Errors
/// Returns a [`SealError`] that says which of these it is not.
pub fn unseal(keys: &[SealingKey], context: &str, sealed: &str) -> Result<String, SealError> {
    let (version, text) = parts(sealed).ok_or(SealError::Unreadable)?;
    let key = keys.iter().find(|key| key.version == version);
    let key = key.ok_or(SealError::Version)?;
    let bytes = URL_SAFE_NO_PAD.decode(text);
    let bytes = bytes.map_err(|_| SealError::Unreadable)?;
    let (nonce, bytes) = bytes
        .split_at_checked(NONCE_LEN)
        .ok_or(SealError::Unreadable)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Unreadable)?;
    let mut bytes = bytes.to_vec();
    let aad = Aad::from(context.as_bytes());
    let plain = key.key.open_in_place(nonce, aad, &mut bytes);
    let plain = plain.map_err(|_| SealError::Changed)?;
    String::from_utf8(plain.to_vec()).map_err(|_| SealError::Changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    const PLACE: &str = "outlet 3 secret";

    fn key(version: &str) -> SealingKey {
        SealingKey::of(SECRET, version).unwrap()
    }

    #[test]
    fn what_is_sealed_is_unsealed_in_its_own_place_by_its_own_version() {
        let sealed = seal(&key("v-1"), [9; 12], PLACE, "whsec_x").unwrap();
        assert!(sealed.starts_with("s1.v-1."), "{sealed}");
        assert_eq!(sealed_by(&sealed), Some("v-1"));
        let unsealed = |keys: &[SealingKey], place| unseal(keys, place, &sealed);
        assert_eq!(
            unsealed(&[key("v-2"), key("v-1")], PLACE).unwrap(),
            "whsec_x"
        );
        assert_eq!(unsealed(&[key("v-2")], PLACE), Err(SealError::Version));
        assert_eq!(
            unsealed(&[key("v-1")], "outlet 4 secret"),
            Err(SealError::Changed)
        );
        let other = SealingKey::of(&SECRET.to_uppercase(), "v-1").unwrap();
        assert_eq!(unsealed(&[other], PLACE), Err(SealError::Changed));
    }

    #[test]
    fn one_changed_character_anywhere_is_noticed() {
        let sealed = seal(&key("v1"), [9; 12], PLACE, "whsec_x").unwrap();
        for place in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            let unsealed = unseal(&[key("v1")], PLACE, &changed);
            assert!(unsealed.as_deref() != Ok("whsec_x"), "{place}: {changed}");
        }
    }

    #[test]
    fn a_weak_secret_and_an_odd_version_give_no_key_and_none_is_printed() {
        let refused = |secret: &str, version: &str| SealingKey::of(secret, version).unwrap_err();
        assert_eq!(refused(&SECRET[..31], "v1"), SealError::Key);
        assert_eq!(refused(SECRET, "v.1"), SealError::Key);
        assert_eq!(refused(SECRET, ""), SealError::Key);
        assert_eq!(format!("{:?}", key("v1")), "SealingKey(v1, redacted)");
    }
}
