//! Finds the keys to sign with: one that is given, or those of a running stack.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use shared::secrets::{URL_KEY, read};
use shared::sender::Sender;

use super::chosen::Chosen;
use super::error::SendError;
use super::queued::is_queued;
use crate::secrets::for_receiver;
use crate::target::Target;

/// Returns the key in a file, for the one provider whose webhooks are sent.
///
/// # Errors
/// Returns [`SendError::KeyOfOne`] if there are several, and [`SendError::File`] if the file cannot
/// be read.
pub fn of_file(file: &Path, chosen: &[Chosen]) -> Result<BTreeMap<String, String>, SendError> {
    let names: BTreeSet<&str> = chosen.iter().map(|chosen| chosen.sender.name()).collect();
    if names.len() > 1 {
        let names: Vec<&str> = names.into_iter().collect();
        return Err(SendError::KeyOfOne(names.join(" ")));
    }
    let secret = std::fs::read_to_string(file).map_err(|source| SendError::File {
        path: file.to_owned(),
        source,
    })?;
    let names = names.into_iter();
    Ok(names
        .map(|name| (name.to_owned(), secret.clone()))
        .collect())
}

/// Returns the keys with which the local stack's receivers check, where they are others than the
/// samples'.
///
/// # Errors
/// Returns [`SendError::NotOn`] for a provider that the stack does not have,
/// [`SendError::PublicKey`] for a key that makes no signature, and a service's error if a secret
/// cannot be read.
pub async fn of_stack(
    target: &Target,
    chosen: &[Chosen],
) -> Result<BTreeMap<String, String>, SendError> {
    let mut keys = BTreeMap::new();
    let senders: BTreeMap<&str, &'static dyn Sender> = chosen
        .iter()
        .filter(|chosen| !is_queued(chosen.sender))
        .map(|chosen| (chosen.sender.name(), chosen.sender))
        .collect();
    for (name, sender) in senders {
        let secret = target.secret_name(name);
        let secret = secret.ok_or(SendError::NotOn(sender.name()))?;
        let client = target.secrets().secrets_manager();
        let read = client.get_secret_value().secret_id(secret).send().await;
        let read = read.map_err(|error| {
            let error = error.into_service_error();
            target.secrets().failed("a secret cannot be read", &error)
        })?;
        let current = read.secret_string().unwrap_or_default().to_owned();
        let of_samples = for_receiver(sender, &BTreeMap::new())?;
        if current.trim() == of_samples.trim() {
            continue;
        }
        if !can_sign(sender, &current) {
            return Err(SendError::PublicKey(sender.name()));
        }
        keys.insert(name.to_owned(), current);
    }
    Ok(keys)
}

fn can_sign(sender: &dyn Sender, secret: &str) -> bool {
    // What cannot be read is said when it is to sign.
    let Ok(keys) = read(secret) else {
        return true;
    };
    let mut signing = keys
        .iter()
        .filter(|(label, _)| label.as_deref() != Some(URL_KEY));
    signing.any(|(_, key)| sender.receiver_key(key).is_some())
}
