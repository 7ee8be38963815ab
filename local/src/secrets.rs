//! Where the local secrets come from: `--secret provider=KEY`, else `events/<provider>/secret.txt`. They are the keys that
//! providers sign with; a receiver is given what checks their signatures.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use shared::provider::Provider;
use shared::secrets::URL_KEY;

use crate::functions::root;

/// What the template sets for every receiver, and nothing here could answer.
pub(crate) const ARN_VARIABLE: &str = "WEBHOOK_SECRET_ARN";

/// The secret that a provider signs with.
///
/// # Errors
/// A text for the person at the terminal.
pub fn of(provider: &str, given: &BTreeMap<String, String>) -> Result<String, String> {
    if let Some(secret) = given.get(provider) {
        return Ok(secret.clone());
    }
    let path = root().join("events").join(provider).join("secret.txt");
    let text = std::fs::read_to_string(&path).map_err(|error| {
        format!("no secret for {provider}: give --secret {provider}=KEY, or write events/{provider}/secret.txt ({error})")
    })?;
    // An editor ends the file with a line break, which is not part of the key.
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

/// The secret that the provider's receiver is given: of each key, what checks its signatures and cannot make them. What cannot
/// sign in the first place is given as it is, for the receiver to judge.
///
/// # Errors
/// A text for the person at the terminal.
pub fn for_receiver(
    provider: &dyn Provider,
    given: &BTreeMap<String, String>,
) -> Result<String, String> {
    let secret = of(provider.name(), given)?;
    let public = |key: &str| provider.receiver_key(key).unwrap_or_else(|| key.to_owned());
    let Some(keys) = labelled(&secret) else {
        return Ok(public(&secret));
    };
    let given: Map<String, Value> = keys
        .iter()
        .map(|(label, key)| {
            let key = match key.as_str() {
                Some(key) if label != URL_KEY => Value::from(public(key)),
                _ => key.clone(),
            };
            (label.clone(), key)
        })
        .collect();
    // Unchanged to the letter where it can be: a receiver refuses what a JSON reader would quietly mend.
    Ok(if given == keys {
        secret
    } else {
        Value::from(given).to_string()
    })
}

/// The key that signs: of several labelled keys, the first.
///
/// # Errors
/// A text for the person at the terminal: no secret, or a key that cannot sign.
pub fn signing_key(
    provider: &dyn Provider,
    given: &BTreeMap<String, String>,
) -> Result<String, String> {
    let name = provider.name();
    let secret = of(name, given)?;
    let keys = labelled(&secret).unwrap_or_default();
    let mut signing = keys.iter().filter(|(label, _)| *label != URL_KEY);
    let first = signing.next().and_then(|(_, key)| key.as_str());
    let key = first.unwrap_or(&secret).to_owned();
    if provider.receiver_key(&key).is_none() {
        return Err(format!(
            "this key of {name} can check signatures, not make them: nothing can be signed as {name} would. Give --secret {name}=KEY with a private key, or leave it out for the sample's"
        ));
    }
    Ok(key)
}

/// The key in the URL, where the secret has one.
///
/// # Errors
/// A text for the person at the terminal: no secret.
pub fn url_key(
    provider: &dyn Provider,
    given: &BTreeMap<String, String>,
) -> Result<Option<String>, String> {
    let keys = labelled(&of(provider.name(), given)?).unwrap_or_default();
    Ok(keys.get(URL_KEY).and_then(Value::as_str).map(str::to_owned))
}

/// The keys of an object of label -> key.
fn labelled(secret: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(secret).ok()
}
