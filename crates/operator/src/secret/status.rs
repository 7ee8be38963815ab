//! `secret status`: how the key of each provider stands.

use futures_util::future::join_all;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use shared::secrets::{KeyWarning, Secrets};
use shared::sender::Sender;
use shared::time::rfc3339_ms;

use super::accepted::{labels, lets_in_more, url_key};
use super::error::SecretError;
use super::held::Held;
use super::signed::Signed;
use super::store::Store;
use crate::exit::Exit;
use crate::target::Target;

/// What a receiver can do with a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It can check signatures.
    Ok,
    /// There is no key. The receiver refuses everything.
    NotSet,
    /// The key cannot be used. A receiver that starts refuses everything.
    Unusable,
    /// The secret waits for its deletion. A receiver that starts refuses everything.
    Deleted,
    /// There is a secret, and whoever asks may not read it.
    NotReadable,
}

impl State {
    /// Returns its word in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NotSet => "not_set",
            Self::Unusable => "unusable",
            Self::Deleted => "deleted",
            Self::NotReadable => "not_readable",
        }
    }
}

/// What the version before lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    /// Nothing that the current one does not.
    Nothing,
    /// Another key.
    AnotherKey,
}

/// How the key of one provider stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The provider.
    pub provider: &'static str,
    /// The secret's name.
    pub name: String,
    /// What a receiver can do with it.
    pub state: State,
    /// What is wrong with it, if it cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// The labels of the current signing keys.
    pub labels: Vec<String>,
    /// Whether the URL must have a key, too.
    pub url_key: bool,
    /// Since when the current keys are the current ones.
    #[serde(serialize_with = "rfc3339")]
    pub current_since: Option<Timestamp>,
    /// What the version before lets in.
    pub previous: Before,
    /// The codes of what is odd about the keys.
    pub warnings: Vec<&'static str>,
    /// How many webhooks each version signed in 24 hours. It is `None` where it is not known.
    pub signed_24h: Option<Signed>,
}

/// Returns how the keys of these providers stand. Nothing of `signed_24h` is known yet.
///
/// # Errors
/// Returns the error of the first provider that could not be asked.
pub async fn status(
    target: &Target,
    providers: &[&'static dyn Sender],
) -> Result<Vec<Status>, SecretError> {
    let asked = providers.iter().map(|provider| of(target, *provider));
    join_all(asked).await.into_iter().collect()
}

async fn of(target: &Target, provider: &'static dyn Sender) -> Result<Status, SecretError> {
    let store = Store::of(target, provider)?;
    match store.held().await {
        Ok(held) => Ok(of_held(provider, store.name(), &held)),
        Err(SecretError::Deleted(name)) => Ok(empty(provider, &name, State::Deleted)),
        Err(error) if error.exit() == Exit::NotAllowed => {
            // Who may not read a secret may still know that it is there, and since when.
            let changed = store.changed().await.ok_or(error)?;
            Ok(Status {
                current_since: Some(changed),
                ..empty(provider, store.name(), State::NotReadable)
            })
        }
        Err(error) => Err(error),
    }
}

fn of_held(provider: &dyn Sender, name: &str, held: &Held) -> Status {
    let keys = match held.current.as_ref().map(|current| &current.keys) {
        None => return empty(provider, name, State::NotSet),
        Some(Err(reason)) => {
            return Status {
                code: Some(reason.code()),
                current_since: held.since(),
                ..empty(provider, name, State::Unusable)
            };
        }
        Some(Ok(keys)) => keys,
    };
    let before = held.keys_before();
    let is_another = before.is_some_and(|before| lets_in_more(before, &[keys]));
    let current = held.current.as_ref();
    let secrets = current.and_then(|current| Secrets::parse(&current.text).ok());
    let warnings = secrets.map(|secrets| secrets.warnings(|key| provider.doubt_key(key)));
    let warnings = warnings.unwrap_or_default().into_iter();
    Status {
        labels: labels(keys),
        url_key: url_key(keys).is_some(),
        current_since: held.since(),
        previous: if is_another {
            Before::AnotherKey
        } else {
            Before::Nothing
        },
        warnings: warnings.map(KeyWarning::code).collect(),
        ..empty(provider, name, State::Ok)
    }
}

fn empty(provider: &dyn Sender, name: &str, state: State) -> Status {
    Status {
        provider: provider.name(),
        name: name.to_owned(),
        state,
        code: None,
        labels: Vec::new(),
        url_key: false,
        current_since: None,
        previous: Before::Nothing,
        warnings: Vec::new(),
        signed_24h: None,
    }
}

/// Writes a time as everywhere else.
#[expect(clippy::ref_option, reason = "serde passes the field by reference")]
fn rfc3339<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    at.map(rfc3339_ms).serialize(serializer)
}
