//! Which event: the value that makes a repetition recognizable.

use crate::auth::{FINGERPRINT_DIGITS, fingerprint};

/// The longest event id of a provider that is used to the letter; a longer one is replaced by its
/// fingerprint, because a sort key has 1,024 bytes.
const PROVIDER_ID_BYTES: usize = 128;

/// What makes a repetition of an event recognizable: a redelivery has the same id, another event
/// has another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(String);

impl EventId {
    /// The provider's own event id, where it is signed and known to survive redelivery. Not to the
    /// letter where it is too long for a key, or has the form of a fingerprint: whoever holds one
    /// provider's key could otherwise name, and overwrite, an event of another one.
    #[must_use]
    pub fn of_provider(provider: &str, id: &str) -> Self {
        let is_like_ours = id.len() == FINGERPRINT_DIGITS
            && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if id.len() > PROVIDER_ID_BYTES || is_like_ours {
            return Self::of(&[Some(provider), Some(id)]);
        }
        Self(id.to_owned())
    }

    /// One of several facts under one provider id, numbered in the order that the provider wrote
    /// them.
    #[must_use]
    pub fn nth(&self, index: usize) -> Self {
        Self(format!("{}.{index}", self.0))
    }

    /// One of several events under one provider id, told apart by its text.
    #[must_use]
    pub fn told_apart_by(&self, raw: &str) -> Self {
        Self::of(&[Some(self.as_str()), Some(raw)])
    }

    /// A hash over the facts that make the event what it is.
    #[must_use]
    pub fn of(facts: &[Option<&str>]) -> Self {
        Self(fingerprint(facts))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An RFC 5322 Message-ID without the angle brackets that some providers write and others do not;
/// `None` where nothing is left.
#[must_use]
pub fn bare_message_id(id: &str) -> Option<String> {
    let id = id.trim();
    let id = id.strip_prefix('<').unwrap_or(id);
    let id = id.strip_suffix('>').unwrap_or(id);
    (!id.is_empty()).then(|| id.to_owned())
}
