//! `secret check`: says which key one is, without showing it.

use serde::Serialize;
use shared::secrets::{URL_KEY, read};
use shared::sender::Sender;

use super::accepted::Pairs;
use super::error::SecretError;
use super::given::refused;
use super::store::Store;
use crate::target::Target;

/// Which key a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// One of the current version.
    Current,
    /// One of the version before, which is accepted, too.
    Previous,
    /// None that is accepted.
    Neither,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The provider.
    pub provider: &'static str,
    /// Which key it is.
    pub key: Which,
    /// Its label, if it has one.
    pub label: Option<String>,
    /// Whether it is the key in the URL, and no signing key.
    pub is_url_key: bool,
}

/// Compares a key with those that are accepted.
///
/// # Errors
/// Returns [`SecretError::NotSet`] if there is no secret, and [`SecretError::Form`] if what is
/// given is no key.
pub async fn check(
    target: &Target,
    provider: &'static dyn Sender,
    text: &str,
) -> Result<Checked, SecretError> {
    let pairs = read(text).map_err(|reason| refused(provider, reason))?;
    let [(None, key)] = &pairs[..] else {
        return Err(SecretError::OneKey);
    };
    let held = Store::of(target, provider)?.held().await?;
    if held.current.is_none() {
        return Err(SecretError::NotSet(provider.name()));
    }
    let current = named(held.keys(), key).map(|label| (Which::Current, label));
    let previous = || named(held.keys_before(), key).map(|label| (Which::Previous, label));
    let (which, label) = current.or_else(previous).unwrap_or((Which::Neither, ""));
    let is_url_key = label == URL_KEY;
    let is_label = !label.is_empty() && !is_url_key;
    Ok(Checked {
        provider: provider.name(),
        key: which,
        label: is_label.then(|| label.to_owned()),
        is_url_key,
    })
}

/// Returns the label of a key if it is one of these: an empty one for a key that has none.
fn named<'a>(keys: Option<&'a Pairs>, key: &str) -> Option<&'a str> {
    let found = keys?.iter().find(|(_, held)| held == key);
    found.map(|(label, _)| label.as_deref().unwrap_or_default())
}
