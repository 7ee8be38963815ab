//! The keys that a provider signs with. They have labels, belong to the current or the previous
//! version, and are never empty and never printed.
//!
//! A version may also hold a URL key, under the label [`URL_KEY`]. This is a second secret, which
//! every request must have as its query parameter `key`. It signs nothing by itself.

mod error;
mod label;
mod text;

use std::collections::BTreeSet;
use std::fmt;

pub use self::error::{KeyError, KeyWarning, SecretsError};
pub use self::label::URL_KEY;
pub use self::text::{is_label, read};

/// The environment variable that holds the secrets. If several functions share one environment,
/// each reads [`variable_of`] its provider first.
pub const SECRETS_VARIABLE: &str = "WEBHOOK_SECRETS";

/// Returns the environment variable with the secrets of one provider: `WEBHOOK_SECRETS_CUSTOMERIO`.
#[must_use]
pub fn variable_of(provider: &str) -> String {
    format!("{SECRETS_VARIABLE}_{}", provider.to_ascii_uppercase())
}

/// A key with fewer characters is accepted with a warning. [`read`] refuses an even shorter one.
const STRONG_KEY_CHARS: usize = 16;

/// One or more keys of one provider. They are never empty, never blank and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    pub(crate) keys: Vec<Key>,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) label: Option<String>,
    pub(crate) secret: String,
    pub(crate) stage: Stage,
    /// The URL key that a request signed with this key must have. Each version of a secret has its
    /// own.
    pub(crate) in_url: Option<String>,
}

/// The version of a secret that a key belongs to (Secrets Manager's staging labels).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The version that providers should sign with.
    Current,
    /// The version before the last rotation. It is accepted until nobody signs with it.
    Previous,
}

impl Stage {
    /// Returns Secrets Manager's word, which logs use, too.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Current => "AWSCURRENT",
            Self::Previous => "AWSPREVIOUS",
        }
    }
}

impl Secrets {
    /// Reads a secret by the rules of [`read`], and takes the [`URL_KEY`] out of the signing keys.
    ///
    /// # Errors
    /// Returns a [`SecretsError`] if [`read`] refuses the secret, or if its URL key cannot be one.
    pub fn parse(text: &str) -> Result<Self, SecretsError> {
        let keys = read(text)?.into_iter().map(|(label, secret)| Key {
            label,
            secret,
            stage: Stage::Current,
            in_url: None,
        });
        let keys = bound_to_url_key(keys.collect())?;
        Ok(Self { keys })
    }

    /// Returns the one key that a text is to the letter, with any white space around it, for
    /// whoever looks for what a sender did wrong. A receiver [parses](Self::parse). Returns `None`
    /// if the text is empty.
    #[must_use]
    pub fn verbatim(text: &str) -> Option<Self> {
        let key = Key {
            label: None,
            secret: text.to_owned(),
            stage: Stage::Current,
            in_url: None,
        };
        (!text.is_empty()).then(|| Self { keys: vec![key] })
    }

    /// Returns these secrets if every key passes `check`, which is the provider's.
    ///
    /// # Errors
    /// Returns [`SecretsError::Key`] for the first key that does not pass.
    pub fn checked_by(
        self,
        check: impl Fn(&str) -> Result<(), KeyError>,
    ) -> Result<Self, SecretsError> {
        for key in &self.keys {
            check(&key.secret)?;
        }
        Ok(self)
    }

    /// Returns what is odd about the keys that can be used. It is the first doubt about each key.
    /// `doubt` is the provider's.
    #[must_use]
    pub fn warnings(&self, doubt: impl Fn(&str) -> Option<KeyWarning>) -> BTreeSet<KeyWarning> {
        let warning = |key: &Key| {
            let is_weak = |key: &str| key.chars().count() < STRONG_KEY_CHARS;
            let any_is_weak = is_weak(&key.secret) || key.in_url.as_deref().is_some_and(is_weak);
            let weak = any_is_weak.then_some(KeyWarning::Weak);
            weak.or_else(|| doubt(&key.secret))
        };
        self.keys.iter().filter_map(warning).collect()
    }

    /// Returns these secrets, followed by those from before the last rotation.
    #[must_use]
    pub fn with_previous(mut self, previous: Self) -> Self {
        let previous = previous.keys.into_iter().map(|key| Key {
            stage: Stage::Previous,
            ..key
        });
        self.keys.extend(previous);
        self
    }
}

/// Takes the URL key out of the signing keys of its version, and makes each of them require it.
fn bound_to_url_key(keys: Vec<Key>) -> Result<Vec<Key>, SecretsError> {
    let is_url_key = |key: &Key| key.label.as_deref() == Some(URL_KEY);
    let (url_keys, mut keys): (Vec<Key>, Vec<Key>) = keys.into_iter().partition(is_url_key);
    // There is at most one, because a label is there once.
    let url_key = url_keys.into_iter().next().map(|key| key.secret);
    if keys.is_empty() {
        return Err(SecretsError::UrlKeyAlone);
    }
    if let Some(url_key) = &url_key {
        // These are unreserved in RFC 3986, so no URL, gateway or form writes them differently. The
        // comma, with which the gateway joins a repeated parameter, is not among them.
        let is_fit = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        if !url_key.bytes().all(is_fit) {
            return Err(SecretsError::UrlKeyUnfit);
        }
        if keys.iter().any(|key| key.secret == *url_key) {
            return Err(SecretsError::UrlKeySigns);
        }
    }
    for key in &mut keys {
        key.in_url.clone_from(&url_key);
    }
    Ok(keys)
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({} redacted)", self.keys.len())
    }
}
