//! What a secret is to hold after a put: what it holds, with the key that was given.

use shared::secrets::{URL_KEY, is_label};
use shared::sender::Sender;

use super::accepted::{Pairs, labels, signing, url_key};
use super::error::SecretError;
use super::given::Given;

/// Returns the keys of the next version.
///
/// - A key without a label replaces the only one, and keeps its label.
/// - A key with a label replaces that label's, or stands beside the others.
/// - An object is the whole secret.
///
/// # Errors
/// Returns [`SecretError::LabelNeeded`] if it is not clear whose place the key takes, and another
/// [`SecretError`] if the label cannot be one.
pub(super) fn with_key(
    provider: &dyn Sender,
    held: Option<&Pairs>,
    given: Given,
    label: Option<&str>,
) -> Result<Pairs, SecretError> {
    let key = match (given, label) {
        (Given::Object(pairs), None) => return Ok(pairs),
        (Given::Object(_), Some(_)) => return Err(SecretError::LabelWithObject),
        (Given::Key(key), _) => key,
    };
    let none = Pairs::new();
    let held = held.unwrap_or(&none);
    let place = match label {
        Some(label) => Some(checked(label)?.to_owned()),
        None => only_label(provider, held)?,
    };
    let bare = signing(held).find(|(label, _)| label.is_none());
    let is_moved = bare.is_some_and(|(_, bare)| bare == key);
    if bare.is_some() && place.is_some() && !is_moved {
        return Err(SecretError::LabelNeeded {
            provider: provider.name(),
            labels: Vec::new(),
        });
    }
    let mut pairs = held.clone();
    pairs.retain(|(label, _)| label.is_some());
    match pairs.iter_mut().find(|(label, _)| *label == place) {
        Some(pair) => pair.1 = key,
        None => pairs.push((place, key)),
    }
    Ok(pairs)
}

/// Returns the keys of the next version, with another URL key, or with a first one. Beside a URL
/// key every signing key has a label: `label` is for the one that has none.
///
/// # Errors
/// Returns [`SecretError::NotSet`] if there is no signing key, and
/// [`SecretError::UrlKeyNeedsLabel`] if it needs a label. Returns [`SecretError::UrlIsSigned`] if
/// the provider signs its URL, which a key in it would change.
pub(super) fn with_url_key(
    provider: &dyn Sender,
    held: Option<&Pairs>,
    given: Given,
    label: Option<&str>,
) -> Result<Pairs, SecretError> {
    let Given::Key(key) = given else {
        return Err(SecretError::OneKey);
    };
    let name = provider.name();
    if provider.signs_url() {
        return Err(SecretError::UrlIsSigned(name));
    }
    let mut pairs = held.ok_or(SecretError::NotSet(name))?.clone();
    pairs.retain(|(label, _)| label.as_deref() != Some(URL_KEY));
    let label = label.map(checked).transpose()?;
    for pair in pairs.iter_mut().filter(|(label, _)| label.is_none()) {
        let label = label.ok_or(SecretError::UrlKeyNeedsLabel(name))?;
        pair.0 = Some(label.to_owned());
    }
    pairs.push((Some(URL_KEY.to_owned()), key));
    Ok(pairs)
}

/// Writes a secret: one bare key, or an object that keeps the order.
pub(super) fn text(pairs: &Pairs) -> Result<String, serde_json::Error> {
    if let [(None, key)] = &pairs[..] {
        return Ok(key.clone());
    }
    let pairs = pairs.iter().map(|(label, key)| {
        let label = serde_json::to_string(label.as_deref().unwrap_or_default())?;
        Ok(format!("{label}:{}", serde_json::to_string(key)?))
    });
    let pairs: Result<Vec<String>, serde_json::Error> = pairs.collect();
    Ok(format!("{{{}}}", pairs?.join(",")))
}

/// Returns the label whose place a key without one takes.
fn only_label(provider: &dyn Sender, held: &Pairs) -> Result<Option<String>, SecretError> {
    let mut keys = signing(held);
    match (keys.next(), keys.next()) {
        (Some(_), Some(_)) => Err(SecretError::LabelNeeded {
            provider: provider.name(),
            labels: labels(held),
        }),
        (Some((label, _)), None) => Ok(label.map(str::to_owned)),
        // Only a secret that cannot be used has a URL key alone.
        (None, _) if url_key(held).is_some() => Err(SecretError::LabelNeeded {
            provider: provider.name(),
            labels: Vec::new(),
        }),
        (None, _) => Ok(None),
    }
}

fn checked(label: &str) -> Result<&str, SecretError> {
    if !is_label(label) {
        return Err(SecretError::Label(label.to_owned()));
    }
    Ok(label)
}
