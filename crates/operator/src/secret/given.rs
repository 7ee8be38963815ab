//! Reads what somebody gives as a key, and refuses what a receiver would refuse.

use shared::secrets::{KeyError, KeyWarning, SecretsError, read};
use shared::sender::Sender;

use super::accepted::{Pairs, signing};
use super::error::SecretError;

/// What somebody gave.
pub(super) enum Given {
    /// One key.
    Key(String),
    /// A whole secret: an object of label to key.
    Object(Pairs),
}

impl Given {
    /// Reads one key, or an object of label to key. Every signing key must be in the provider's
    /// form.
    ///
    /// # Errors
    /// Returns a [`SecretError`] that says what was given instead of the key.
    pub(super) fn read(provider: &dyn Sender, text: &str) -> Result<Self, SecretError> {
        let pairs = read(text).map_err(|reason| refused(provider, reason))?;
        for (_, key) in signing(&pairs) {
            check_key(provider, key)?;
        }
        Ok(match &pairs[..] {
            [(None, key)] => Self::Key(key.clone()),
            _ => Self::Object(pairs),
        })
    }

    /// Reads a URL key, which has no provider's form.
    ///
    /// # Errors
    /// Returns a [`SecretError`] if it cannot be one.
    pub(super) fn read_url_key(provider: &dyn Sender, text: &str) -> Result<Self, SecretError> {
        let pairs = read(text).map_err(|reason| refused(provider, reason))?;
        match &pairs[..] {
            [(None, key)] => Ok(Self::Key(key.clone())),
            _ => Err(SecretError::OneKey),
        }
    }
}

/// Checks that a key is one that the provider signs with.
fn check_key(provider: &dyn Sender, key: &str) -> Result<(), SecretError> {
    let about = provider.signing_key();
    let form = about.api_key.filter(|start| key.starts_with(start));
    let api_key = |may_sign| SecretError::ApiKey {
        name: about.provider,
        key: about.name,
        place: about.place,
        form,
        may_sign,
    };
    match provider.check_key(key) {
        Err(KeyError::Api(_)) => return Err(api_key(false)),
        Err(error) => return Err(refused(provider, SecretsError::Key(error))),
        Ok(()) => {}
    }
    match provider.doubt_key(key) {
        Some(KeyWarning::LikeAnApiKey(_)) => Err(api_key(true)),
        // Cut short, it is no better.
        Some(KeyWarning::Weak) | None if form.is_some() => Err(api_key(true)),
        Some(KeyWarning::Weak) | None => Ok(()),
    }
}

/// Returns the error for what [`read`] refuses.
pub(super) fn refused(provider: &dyn Sender, reason: SecretsError) -> SecretError {
    SecretError::Form {
        place: provider.signing_key().place,
        reason,
    }
}
