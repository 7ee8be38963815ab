//! Signs what Postern itself sends, with one secret: by Standard Webhooks (the specification of
//! that name, version 1.0.0, read 2026-11-24) and by `MailPanda`'s scheme
//! (mailpanda.io/docs/webhooks, read 2026-11-21).
//!
//! A signature of one scheme never passes for one of the other, even if both have the same key.
//! Standard Webhooks signs `{id}.{timestamp}.{body}`, which is no JSON; `MailPanda`'s scheme signs
//! the body alone. A body cannot be cut into those three parts: its dots stand inside of texts, and
//! what is cut off inside a text is no JSON. `tests/outlets/confusion.rs` tries it.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};

use super::mac::mac_of;

/// What a made secret starts with, and what the key of Standard Webhooks does not include.
const PREFIX: &str = "whsec_";
/// The version of a signature by HMAC-SHA256, with the comma before the signature.
const VERSION: &str = "v1,";
/// How many characters a secret may have.
const CHARS: std::ops::RangeInclusive<usize> = 16..=256;
/// How many bytes the key in a secret of Standard Webhooks has (its specification, "Signature
/// scheme").
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Reads base64 as the libraries of Standard Webhooks do: with its padding, or without.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The secret of one endpoint. It is never printed.
#[derive(Clone)]
pub struct OutboundSecret(String);

/// Why a text cannot be the secret of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundSecretError {
    /// It is too short to be safe, or too long.
    #[error("a secret has 16 to 256 characters")]
    Length,
    /// It has white space, or characters that are not printable ASCII.
    #[error("a secret has printable ASCII characters, and no white space")]
    Characters,
}

impl OutboundSecretError {
    /// Returns the stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "secret_length",
            Self::Characters => "secret_characters",
        }
    }
}

impl OutboundSecret {
    /// Returns a secret that somebody has chosen.
    ///
    /// # Errors
    /// Returns an [`OutboundSecretError`] if it cannot be one.
    pub fn new(text: &str) -> Result<Self, OutboundSecretError> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(OutboundSecretError::Characters);
        }
        if !CHARS.contains(&text.len()) {
            return Err(OutboundSecretError::Length);
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns a secret made of random bytes, in the form of Standard Webhooks.
    #[must_use]
    pub fn made(random: [u8; 32]) -> Self {
        Self(format!("{PREFIX}{}", STANDARD.encode(random)))
    }

    /// Returns the secret, to show it to its owner once, or to seal it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the key of Standard Webhooks: the secret as base64, after `whsec_` if that is there,
    /// as the libraries read it. If this is no such key, it is the text itself, as the libraries'
    /// raw form has it.
    fn standard_key(&self) -> Vec<u8> {
        let encoded = self.0.strip_prefix(PREFIX).unwrap_or(&self.0);
        let decoded = LENIENT.decode(encoded).ok();
        let decoded = decoded.filter(|key| KEY_BYTES.contains(&key.len()));
        decoded.unwrap_or_else(|| self.0.clone().into_bytes())
    }

    fn standard_mac(&self, id: &str, timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
        let prefix = [id.as_bytes(), b".", timestamp.as_bytes(), b"."];
        mac_of(&self.standard_key(), &prefix, body)
    }

    fn body_mac(&self, body: &[u8]) -> Option<Hmac<Sha256>> {
        mac_of(self.0.as_bytes(), &[], body)
    }
}

impl fmt::Debug for OutboundSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OutboundSecret(redacted)")
    }
}

/// Compares in constant time.
impl PartialEq for OutboundSecret {
    fn eq(&self, other: &Self) -> bool {
        same_secret(&self.0, &other.0)
    }
}

impl Eq for OutboundSecret {}

/// The signatures of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signatures {
    /// The header `webhook-signature`: one entry for each secret, the newest first.
    pub standard: String,
    /// The header `x-webhook-signature`: lower-case hex, by the newest secret.
    pub hex: String,
}

/// Signs a body. The newest secret comes first; each older one that still counts adds an entry.
#[must_use]
pub fn sign_outbound(
    secrets: &[OutboundSecret],
    id: &str,
    timestamp_s: i64,
    body: &[u8],
) -> Signatures {
    let timestamp = timestamp_s.to_string();
    let entries = secrets.iter().filter_map(|secret| {
        let mac = secret.standard_mac(id, &timestamp, body)?;
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        Some(format!("{VERSION}{signature}"))
    });
    let newest = secrets.first().and_then(|secret| secret.body_mac(body));
    Signatures {
        standard: entries.collect::<Vec<_>>().join(" "),
        hex: newest.map_or_else(String::new, |mac| hex::encode(mac.finalize().into_bytes())),
    }
}

/// Which signatures of a received notification are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Whether an entry of `webhook-signature` is.
    pub standard: bool,
    /// Whether `x-webhook-signature` is.
    pub hex: bool,
}

/// Checks a received notification, as a subscriber does. The age of the timestamp is not judged.
#[must_use]
pub fn check_outbound(
    secret: &OutboundSecret,
    id: &str,
    timestamp: &str,
    body: &[u8],
    given: &Signatures,
) -> Checked {
    let mut entries = given.standard.split(' ');
    let is_good = |entry: &str| {
        let signature = entry.strip_prefix(VERSION);
        let signature = signature.and_then(|text| STANDARD.decode(text).ok());
        let mac = secret.standard_mac(id, timestamp, body);
        signature
            .zip(mac)
            .is_some_and(|(signature, mac)| mac.verify_slice(&signature).is_ok())
    };
    let is_digits = !timestamp.is_empty() && timestamp.bytes().all(|b| b.is_ascii_digit());
    let is_lower = !given.hex.bytes().any(|byte| byte.is_ascii_uppercase());
    let hex = hex::decode(&given.hex).ok().filter(|_| is_lower);
    Checked {
        standard: is_digits && !id.contains('.') && entries.any(is_good),
        hex: hex
            .zip(secret.body_mac(body))
            .is_some_and(|(signature, mac)| mac.verify_slice(&signature).is_ok()),
    }
}

/// Compares two secrets in constant time: the MACs of their digests are compared, so that neither
/// the place of the first difference nor the length shows.
#[must_use]
pub fn same_secret(one: &str, other: &str) -> bool {
    let key = Sha256::digest(one.as_bytes());
    let of = |text: &str| mac_of::<Hmac<Sha256>>(&key, &[], text.as_bytes());
    of(one).zip(of(other)).is_some_and(|(one, other)| {
        let other = other.finalize().into_bytes();
        one.verify_slice(&other).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    fn secret(text: &str) -> OutboundSecret {
        OutboundSecret::new(text).unwrap()
    }

    /// The vector of the libraries of Standard Webhooks (standard-webhooks/standard-webhooks,
    /// Apache 2.0, `libraries/*/tests`).
    #[test]
    fn the_vector_of_the_official_libraries_holds() {
        let secret = secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signed = sign_outbound(&[secret], id, 1_614_265_330, BODY);
        let wanted = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signed.standard, wanted);
    }

    #[test]
    fn a_secret_is_read_as_the_libraries_read_it_or_else_is_its_text() {
        let text = "a chosen secret".replace(' ', "_") + "!";
        let secret = secret(&text);
        assert_eq!(secret.standard_key(), text.as_bytes());
        // The base64 of 23 bytes is no key of Standard Webhooks, either.
        let short = OutboundSecret::new(&STANDARD.encode([7; 23])).unwrap();
        assert_eq!(short.standard_key(), short.expose().as_bytes());
        let made = OutboundSecret::made([7; 32]);
        let text = made.expose();
        for spelled in [text, &text[6..], text.trim_end_matches('=')] {
            let spelled = OutboundSecret::new(spelled).unwrap();
            assert_eq!(spelled.standard_key(), [7; 32]);
        }
    }

    #[test]
    fn both_secrets_sign_while_one_is_rotated_and_the_newest_alone_in_hex() {
        let (new, old) = (OutboundSecret::made([1; 32]), OutboundSecret::made([2; 32]));
        let signed = sign_outbound(&[new.clone(), old.clone()], "evt_1", 1_700_000_000, BODY);
        let check =
            |secret: &OutboundSecret| check_outbound(secret, "evt_1", "1700000000", BODY, &signed);
        let (both, standard) = ((true, true), (true, false));
        for (secret, wanted) in [(new, both), (old, standard)] {
            let checked = check(&secret);
            assert_eq!((checked.standard, checked.hex), wanted);
        }
        let another = check(&OutboundSecret::made([3; 32]));
        assert_eq!((another.standard, another.hex), (false, false));
    }

    #[test]
    fn what_is_changed_is_not_signed() {
        let secret = OutboundSecret::made([1; 32]);
        let signed = sign_outbound(std::slice::from_ref(&secret), "evt_1", 1_700_000_000, BODY);
        let check = |id: &str, timestamp: &str, body: &[u8]| {
            let checked = check_outbound(&secret, id, timestamp, body, &signed);
            (checked.standard, checked.hex)
        };
        assert_eq!(check("evt_1", "1700000000", BODY), (true, true));
        assert_eq!(check("evt_2", "1700000000", BODY), (false, true));
        assert_eq!(check("evt_1", "1700000001", BODY), (false, true));
        assert_eq!(check("evt_1", "1700000000", b"{}"), (false, false));
    }

    #[test]
    fn a_weak_or_unprintable_text_is_no_secret_and_none_is_printed() {
        let refused = |text: &str| OutboundSecret::new(text).unwrap_err().code();
        assert_eq!(refused("fifteen-chars-x"), "secret_length");
        assert_eq!(refused(&"x".repeat(257)), "secret_length");
        assert_eq!(refused("white space in the middle"), "secret_characters");
        assert_eq!(refused("schlüssel-mit-umlaut"), "secret_characters");
        let secret = secret("sixteen-chars-xx");
        assert_eq!(format!("{secret:?}"), "OutboundSecret(redacted)");
    }

    #[test]
    fn secrets_are_the_same_only_to_the_letter() {
        assert!(same_secret("one-secret", "one-secret"));
        for other in ["one-secres", "one-secret ", "", "ONE-SECRET"] {
            assert!(!same_secret("one-secret", other), "{other}");
        }
    }
}
