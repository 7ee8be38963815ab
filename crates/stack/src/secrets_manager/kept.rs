//! The text that keeps secrets: all those that nobody gives a second time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::secret::{Secret, Value, Version};

/// A secret in the text.
#[derive(Serialize, Deserialize)]
struct Entry {
    arn: String,
    created: String,
    versions: Vec<EntryVersion>,
}

#[derive(Serialize, Deserialize)]
struct EntryVersion {
    id: String,
    created: String,
    #[serde(flatten)]
    value: Value,
}

/// Reads the secrets of a text. Returns `None` if [`written`] has not written it.
pub(super) fn read(text: &str) -> Option<BTreeMap<String, Secret>> {
    let entries: BTreeMap<String, Entry> = serde_json::from_str(text).ok()?;
    let secrets = entries
        .into_iter()
        .map(|(name, entry)| Some((name, entry.secret()?)));
    secrets.collect()
}

/// Returns the text of these secrets, without those that are given at every start.
pub(super) fn written(secrets: &BTreeMap<String, Secret>) -> Option<String> {
    let own = secrets.iter().filter(|(_, secret)| !secret.is_given);
    let entries = own.map(|(name, secret)| (name, Entry::of(secret)));
    let entries: BTreeMap<&String, Entry> = entries.collect();
    serde_json::to_string_pretty(&entries).ok()
}

impl Entry {
    fn of(secret: &Secret) -> Self {
        let versions = secret.versions.iter().map(|version| EntryVersion {
            id: version.id.clone(),
            created: version.created.to_string(),
            value: version.value.clone(),
        });
        Self {
            arn: secret.arn.clone(),
            created: secret.created.to_string(),
            versions: versions.collect(),
        }
    }

    fn secret(self) -> Option<Secret> {
        let versions = self.versions.into_iter().map(|version| {
            Some(Version {
                id: version.id,
                created: time(&version.created)?,
                value: version.value,
            })
        });
        Some(Secret {
            arn: self.arn,
            created: time(&self.created)?,
            is_given: false,
            versions: versions.collect::<Option<_>>()?,
        })
    }
}

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}
