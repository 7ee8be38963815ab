//! `secret set`: puts a key, unless it is none, or drops one that is still in use.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};
use shared::secrets::{KeyWarning, Secrets};
use shared::sender::Sender;

use super::accepted::{Pairs, are_same, labels, lets_in_more};
use super::error::SecretError;
use super::given::{Given, refused};
use super::held::{Held, keys_of};
use super::kms::kms_key;
use super::merge::{text, with_key, with_url_key};
use super::store::Store;
use crate::target::Target;

/// How long a provider is taken to send again what it does not document.
const RETRIES: SignedDuration = SignedDuration::from_hours(24);

/// How a key is put.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// The label that the key is put under.
    pub label: Option<String>,
    /// Whether it is the key in the URL, and no signing key.
    pub is_url_key: bool,
    /// Whether a key may be dropped that the provider may still sign with.
    pub drops_previous: bool,
}

/// What was put.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Put {
    /// The provider.
    pub provider: &'static str,
    /// The labels of the current signing keys.
    pub labels: Vec<String>,
    /// Whether there was no key before.
    pub is_first: bool,
    /// Whether the version before the last put no longer counts, and let in something else.
    pub is_one_dropped: bool,
    /// The labels that were there and are not any more.
    pub labels_gone: Vec<String>,
    /// What is odd about the keys, and a receiver will warn of.
    #[serde(serialize_with = "codes")]
    pub warnings: BTreeSet<KeyWarning>,
}

/// Puts a key. `text` is what somebody gave: one key, or an object of label to key.
///
/// # Errors
/// Returns a [`SecretError`] that says why nothing was put, or that somebody else put a key in
/// between.
pub async fn set(
    target: &Target,
    provider: &'static dyn Sender,
    text_given: &str,
    ask: &Ask,
    now: Timestamp,
) -> Result<Put, SecretError> {
    // What is no key is refused before anything is asked.
    let given = if ask.is_url_key {
        Given::read_url_key(provider, text_given)?
    } else {
        Given::read(provider, text_given)?
    };
    let store = Store::of(target, provider)?;
    let held = store.held().await?;
    let next = next(provider, &held, given, ask)?;
    if !ask.drops_previous {
        drops_nothing_in_use(provider, &held, &next, now)?;
    }
    store.put(&held, &text(&next)?, kms_key(target)).await?;
    Ok(put(provider, &held, &next))
}

/// Returns the keys that the secret is to hold.
fn next(provider: &dyn Sender, held: &Held, given: Given, ask: &Ask) -> Result<Pairs, SecretError> {
    let is_addition = ask.is_url_key || ask.label.is_some();
    if let (true, Some(Err(reason))) = (is_addition, held.current.as_ref().map(|v| &v.keys)) {
        let (provider, reason) = (provider.name(), *reason);
        return Err(SecretError::NotUsable { provider, reason });
    }
    let label = ask.label.as_deref();
    let next = if ask.is_url_key {
        with_url_key(provider, held.keys(), given, label)?
    } else {
        with_key(provider, held.keys(), given, label)?
    };
    // What each key may be, it may not be beside another: twice the same, or alone as a URL key.
    keys_of(provider, &text(&next)?).map_err(|reason| refused(provider, reason))?;
    if held.keys().is_some_and(|keys| are_same(keys, &next)) {
        return Err(SecretError::Same(provider.name()));
    }
    Ok(next)
}

/// Checks that the put drops no key that the provider may still sign with.
fn drops_nothing_in_use(
    provider: &dyn Sender,
    held: &Held,
    next: &Pairs,
    now: Timestamp,
) -> Result<(), SecretError> {
    let (Some(current), true) = (&held.current, is_one_dropped(held, next)) else {
        return Ok(());
    };
    let about = provider.signing_key();
    let until = comes_again_until(provider, current.created);
    if now >= until {
        return Ok(());
    }
    Err(SecretError::TooSoon {
        provider: provider.name(),
        name: about.provider,
        put: current.created,
        until,
        is_documented: about.retries.is_some(),
    })
}

/// Returns until when a provider may send again what it signed before this time.
#[must_use]
pub fn comes_again_until(provider: &dyn Sender, put: Timestamp) -> Timestamp {
    put + provider.signing_key().retries.unwrap_or(RETRIES)
}

/// Checks whether the version before lets in what neither the current nor the next one does.
fn is_one_dropped(held: &Held, next: &Pairs) -> bool {
    let stay: Vec<&Pairs> = held.keys().into_iter().chain([next]).collect();
    held.keys_before()
        .is_some_and(|before| lets_in_more(before, &stay))
}

fn put(provider: &dyn Sender, held: &Held, next: &Pairs) -> Put {
    let before = held.keys().map(labels).unwrap_or_default();
    let labels = labels(next);
    let is_gone = |label: &String| !labels.contains(label);
    Put {
        provider: provider.name(),
        is_first: held.current.is_none(),
        is_one_dropped: is_one_dropped(held, next),
        labels_gone: before.into_iter().filter(is_gone).collect(),
        warnings: warnings(provider, next),
        labels,
    }
}

/// Returns what a receiver will warn of.
fn warnings(provider: &dyn Sender, keys: &Pairs) -> BTreeSet<KeyWarning> {
    let secrets = text(keys).ok().and_then(|text| Secrets::parse(&text).ok());
    let warnings = secrets.map(|secrets| secrets.warnings(|key| provider.doubt_key(key)));
    warnings.unwrap_or_default()
}

/// Writes the codes of warnings.
fn codes<S: Serializer>(warnings: &BTreeSet<KeyWarning>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(warnings.iter().map(|warning| warning.code()))
}
