//! The keys that seal and unseal.

use shared::auth::SealingKey;

use super::error::SealingError;

/// The keys of the two versions of the secret.
#[derive(Debug)]
pub struct SealingKeys {
    keys: Vec<SealingKey>,
}

impl SealingKeys {
    /// Returns keys of which the first one seals.
    #[must_use]
    pub fn new(current: SealingKey, previous: Option<SealingKey>) -> Self {
        let keys = [current].into_iter().chain(previous);
        Self {
            keys: keys.collect(),
        }
    }

    /// Returns the keys that unseal, the current one first.
    #[must_use]
    pub fn all(&self) -> &[SealingKey] {
        &self.keys
    }

    /// Returns the key that seals.
    ///
    /// # Errors
    /// Never fails: there is always a current key.
    pub fn current(&self) -> Result<&SealingKey, SealingError> {
        self.keys.first().ok_or(SealingError::Unusable)
    }

    pub(super) fn versions(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(SealingKey::version)
    }
}
