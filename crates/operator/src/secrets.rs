//! Where the local secrets come from: `--secret provider=KEY`, else `events/<provider>/secret.txt`.
//! They are the keys that providers sign with; a receiver is given what checks their signatures.
//! Both are read by the rules of [`shared::secrets::read`].

use std::collections::BTreeMap;

use registry::SENDERS;
use serde_json::{Map, Value};
use shared::secrets::{URL_KEY, read};
use shared::sender::Sender;

use crate::error::Error;
use crate::samples::folder;

/// The secret that a provider signs with.
///
/// # Errors
/// Returns [`Error::NoSecret`].
pub fn of(provider: &str, given: &BTreeMap<String, String>) -> Result<String, Error> {
    if let Some(secret) = given.get(provider) {
        return Ok(secret.clone());
    }
    let path = folder().join(provider).join("secret.txt");
    std::fs::read_to_string(&path).map_err(|source| Error::NoSecret {
        provider: provider.to_owned(),
        source,
    })
}

/// Returns what every receiver is given, by its provider: see [`for_receiver`].
///
/// # Errors
/// Returns [`Error::NoSecret`].
pub fn for_receivers(given: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Error> {
    let secrets = SENDERS.iter().map(|provider| {
        let secret = for_receiver(*provider, given)?;
        Ok((provider.name().to_owned(), secret))
    });
    secrets.collect()
}

/// The secret that the provider's receiver is given: of each key, what checks its signatures and
/// cannot make them. What cannot sign in the first place is given as it is, for the receiver to
/// judge.
///
/// # Errors
/// Returns [`Error::NoSecret`].
pub fn for_receiver(
    provider: &dyn Sender,
    given: &BTreeMap<String, String>,
) -> Result<String, Error> {
    let secret = of(provider.name(), given)?;
    // What is refused here, the receiver refuses, too, and says why.
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
        // Unchanged to the letter where it can be: the receiver reads it by the same rules.
        _ if given == keys => secret,
        _ => labelled(given),
    })
}

/// These keys as a JSON object; a bare one is never among several.
fn labelled(keys: Vec<(Option<String>, String)>) -> String {
    let pairs = keys
        .into_iter()
        .map(|(label, key)| (label.unwrap_or_default(), Value::from(key)));
    Value::from(pairs.collect::<Map<String, Value>>()).to_string()
}

/// The key that signs: of several labelled keys, the first.
///
/// # Errors
/// Returns [`Error::NoSecret`], [`Error::Secret`] or [`Error::KeyCannotSign`].
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

/// The key in the URL, where the secret has one.
///
/// # Errors
/// Returns [`Error::NoSecret`] or [`Error::Secret`].
pub fn url_key(
    provider: &dyn Sender,
    given: &BTreeMap<String, String>,
) -> Result<Option<String>, Error> {
    let keys = readable(provider.name(), given)?.into_iter();
    let mut url_keys = keys.filter(|(label, _)| label.as_deref() == Some(URL_KEY));
    Ok(url_keys.next().map(|(_, key)| key))
}

/// The keys of a provider's secret, or why there are none.
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
