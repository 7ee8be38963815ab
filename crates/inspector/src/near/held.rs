//! The secrets that the receivers have.

use std::collections::BTreeMap;

use shared::secrets::{Secrets, URL_KEY, read};
use shared::sender::Sender;

/// The texts of a provider's secret, as its receiver is given them: of a key pair the public half.
/// It has no `Debug`.
#[derive(Clone, Default)]
pub struct Versions {
    /// The current version.
    pub current: String,
    /// The version before, if there is one.
    pub previous: Option<String>,
}

/// The secrets that the receivers have, by provider.
pub type Held = BTreeMap<String, Versions>;

/// A key that a receiver has.
pub(super) struct Key {
    pub(super) label: Option<String>,
    pub(super) text: String,
    /// Whether it is of the version before.
    pub(super) is_before: bool,
}

impl Key {
    /// Checks whether this is the key for the URL, which signs nothing.
    pub(super) fn is_url_key(&self) -> bool {
        self.label.as_deref() == Some(URL_KEY)
    }
}

impl Versions {
    /// Says which keys a signature was compared with, by their labels: `matches none of: eu, us`.
    /// A key without a label is called `default`. Returns `None` if there is no key.
    #[must_use]
    pub fn none_of(&self) -> Option<String> {
        let keys = self.keys().into_iter().filter(|key| !key.is_url_key());
        let names = keys.map(|key| {
            let label = key.label.unwrap_or_else(|| "default".to_owned());
            let before = if key.is_before { " (before)" } else { "" };
            format!("{label}{before}")
        });
        let names: Vec<String> = names.collect();
        (!names.is_empty()).then(|| format!("matches none of: {}", names.join(", ")))
    }

    /// Returns every key of both versions. What cannot be read has none.
    pub(super) fn keys(&self) -> Vec<Key> {
        let current = read(&self.current).unwrap_or_default();
        let before = self.previous.as_deref().map(read);
        let before = before.and_then(Result::ok).unwrap_or_default();
        let key = |is_before| {
            move |(label, text)| Key {
                label,
                text,
                is_before,
            }
        };
        let current = current.into_iter().map(key(false));
        current.chain(before.into_iter().map(key(true))).collect()
    }

    /// Returns what the receiver checks with, or `None` if it can use nothing.
    pub(super) fn secrets(&self, provider: &dyn Sender) -> Option<Secrets> {
        let current = usable(provider, &self.current);
        let before = self.previous.as_deref();
        let before = before.and_then(|text| usable(provider, text));
        match (current, before) {
            (Some(current), Some(before)) => Some(current.with_previous(before)),
            (current, before) => current.or(before),
        }
    }

    /// Returns what the receiver checks with, of the current version alone.
    pub(super) fn current_secrets(&self, provider: &dyn Sender) -> Option<Secrets> {
        usable(provider, &self.current)
    }
}

fn usable(provider: &dyn Sender, text: &str) -> Option<Secrets> {
    let secrets = Secrets::parse(text).ok()?;
    secrets.checked_by(|key| provider.check_key(key)).ok()
}
