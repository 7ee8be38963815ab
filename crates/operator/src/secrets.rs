//! Finds the local secrets: those of a `--keys` file, or else the invented keys of the samples.
//!
//! They are the keys that providers sign with. A receiver is given only what checks their
//! signatures. Both are read by the rules of [`shared::secrets::read`].

use std::collections::BTreeMap;

use registry::SENDERS;
use serde_json::{Map, Value};
use shared::secrets::{URL_KEY, read};
use shared::sender::Sender;

use crate::error::Error;
use crate::samples;

/// Returns the secret that a provider signs with: the one given, or that of its samples.
///
/// # Errors
/// Returns [`Error::NoSecret`] if none is given and there is no sample's.
pub fn of(provider: &str, given: &BTreeMap<String, String>) -> Result<String, Error> {
    let of_samples = || samples::key(provider).map(str::to_owned);
    let secret = given.get(provider).cloned().or_else(of_samples);
    secret.ok_or_else(|| Error::NoSecret(provider.to_owned()))
}

/// Returns what every receiver is given, by provider: see [`for_receiver`].
///
/// # Errors
/// Returns [`Error::NoSecret`] if a provider's secret cannot be read.
pub fn for_receivers(given: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Error> {
    let secrets = SENDERS.iter().map(|provider| {
        let secret = for_receiver(*provider, given)?;
        Ok((provider.name().to_owned(), secret))
    });
    secrets.collect()
}

/// Returns the secret that the provider's receiver is given. Each key is replaced by what checks
/// its signatures and cannot make them.
///
/// A key that cannot sign anyway is passed on as it is, so that the receiver judges it.
///
/// # Errors
/// Returns [`Error::NoSecret`] if the provider's secret cannot be read.
pub fn for_receiver(
    provider: &dyn Sender,
    given: &BTreeMap<String, String>,
) -> Result<String, Error> {
    let secret = of(provider.name(), given)?;
    // If it is refused here, the receiver refuses it, too, and says why.
    let Ok(keys) = read(&secret) else {
        return Ok(secret);
    };
    let public = |key: &str| provider.receiver_key(key).unwrap_or_else(|| key.to_owned());
    let given: Vec<(Option<String>, String)> = keys
        .iter()
        .map(|(label, key)| match label.as_deref() {
            Some(URL_KEY) => (label.clone(), key.clone()),
            _ => (label.clone(), public(key)),
        })
        .collect();
    Ok(match &given[..] {
        [(None, key)] => key.clone(),
        // If nothing changed, the text is passed on to the letter: the receiver reads it by the
        // same rules.
        _ if given == keys => secret,
        _ => labelled(given),
    })
}

/// Writes these keys as a JSON object. Several keys always have labels.
fn labelled(keys: Vec<(Option<String>, String)>) -> String {
    let pairs = keys
        .into_iter()
        .map(|(label, key)| (label.unwrap_or_default(), Value::from(key)));
    Value::from(pairs.collect::<Map<String, Value>>()).to_string()
}

/// Returns the key that signs. If there are several labelled keys, this is the first.
///
/// # Errors
/// Returns [`Error::NoSecret`] or [`Error::Secret`] if the secret cannot be read. Returns
/// [`Error::KeyCannotSign`] if the key can only check signatures.
pub fn signing_key(
    provider: &dyn Sender,
    given: &BTreeMap<String, String>,
) -> Result<String, Error> {
    let name = provider.name();
    let keys = readable(name, given)?;
    let mut signing = keys
        .into_iter()
        .filter(|(label, _)| label.as_deref() != Some(URL_KEY));
    let key = signing.next().map(|(_, key)| key).unwrap_or_default();
    if provider.receiver_key(&key).is_none() {
        return Err(Error::KeyCannotSign(name));
    }
    Ok(key)
}

/// Returns the key for the URL, if the secret has one.
///
/// # Errors
/// Returns [`Error::NoSecret`] or [`Error::Secret`] if the secret cannot be read.
pub fn url_key(
    provider: &dyn Sender,
    given: &BTreeMap<String, String>,
) -> Result<Option<String>, Error> {
    let keys = readable(provider.name(), given)?.into_iter();
    let mut url_keys = keys.filter(|(label, _)| label.as_deref() == Some(URL_KEY));
    Ok(url_keys.next().map(|(_, key)| key))
}

/// Reads the keys of a provider's secret.
fn readable(
    provider: &str,
    given: &BTreeMap<String, String>,
) -> Result<Vec<(Option<String>, String)>, Error> {
    let secret = of(provider, given)?;
    read(&secret).map_err(|reason| Error::Secret {
        provider: provider.to_owned(),
        reason,
    })
}
