//! The identity of an event: the value by which a repetition is recognized.

use crate::auth::{FINGERPRINT_DIGITS, fingerprint};

/// The longest event id of a provider that is used to the letter. A longer one is replaced by its
/// fingerprint, because a sort key has 1,024 bytes.
const PROVIDER_ID_BYTES: usize = 128;

/// The value by which a repetition of an event is recognized. A redelivery has the same id, and
/// another event has another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(String);

impl EventId {
    /// Returns the id from the provider's own event id. Use it only if that id is signed and known
    /// to survive redelivery.
    ///
    /// The id is replaced by a fingerprint if it is too long for a key, or has the form of a
    /// fingerprint itself. Otherwise whoever holds one provider's key could name, and overwrite, an
    /// event of another provider.
    #[must_use]
    pub fn of_provider(provider: &str, id: &str) -> Self {
        let is_like_ours = id.len() == FINGERPRINT_DIGITS
            && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if id.len() > PROVIDER_ID_BYTES || is_like_ours {
            return Self::of(&[Some(provider), Some(id)]);
        }
        Self(id.to_owned())
    }

    /// Returns the id of one of several facts under one provider id. The facts are numbered in the
    /// provider's order.
    #[must_use]
    pub fn nth(&self, index: usize) -> Self {
        Self(format!("{}.{index}", self.0))
    }

    /// Returns the id of one of several events under one provider id, which differ in their text.
    #[must_use]
    pub fn told_apart_by(&self, raw: &str) -> Self {
        Self::of(&[Some(self.as_str()), Some(raw)])
    }

    /// Returns a hash over the facts that make the event what it is.
    #[must_use]
    pub fn of(facts: &[Option<&str>]) -> Self {
        Self(fingerprint(facts))
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns an RFC 5322 Message-ID without angle brackets, which some providers write and others do
/// not. Returns `None` if nothing is left.
#[must_use]
pub fn bare_message_id(id: &str) -> Option<String> {
    let id = id.trim();
    let id = id.strip_prefix('<').unwrap_or(id);
    let id = id.strip_suffix('>').unwrap_or(id);
    (!id.is_empty()).then(|| id.to_owned())
}
