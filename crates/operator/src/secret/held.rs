//! What a secret holds: its current version, and the one before.

use jiff::Timestamp;
use shared::provider::Provider;
use shared::secrets::{Secrets, SecretsError, read};

use super::accepted::Pairs;

/// Both versions that a receiver accepts.
pub(super) struct Held {
    pub(super) current: Option<Version>,
    pub(super) previous: Option<Version>,
}

/// A version of a secret.
pub(super) struct Version {
    /// Its id, by which a put is known again.
    pub(super) id: String,
    /// The text, as somebody put it.
    pub(super) text: String,
    /// When it was put.
    pub(super) created: Timestamp,
    /// Its keys, or why a receiver cannot use it.
    pub(super) keys: Result<Pairs, SecretsError>,
}

impl Held {
    /// Returns the keys of the current version, if it can be used.
    pub(super) fn keys(&self) -> Option<&Pairs> {
        self.current.as_ref()?.keys.as_ref().ok()
    }

    /// Returns the keys of the version before, if it can be used.
    pub(super) fn keys_before(&self) -> Option<&Pairs> {
        self.previous.as_ref()?.keys.as_ref().ok()
    }

    /// Returns since when the current keys are the current ones. A version that holds what the one
    /// before holds did not change them.
    pub(super) fn since(&self) -> Option<Timestamp> {
        let current = self.current.as_ref()?;
        let before = self.previous.as_ref();
        let same = before.filter(|before| before.text == current.text);
        Some(same.unwrap_or(current).created)
    }
}

/// Reads a secret as a receiver reads it.
///
/// # Errors
/// Returns what a receiver would refuse it for.
pub(super) fn keys_of(provider: &dyn Provider, text: &str) -> Result<Pairs, SecretsError> {
    Secrets::parse(text)?.checked_by(|key| provider.check_key(key))?;
    read(text)
}
