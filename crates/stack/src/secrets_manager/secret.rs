//! A secret and its versions.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::error::VaultError;
use crate::clock::now;
use crate::template::{ACCOUNT, REGION};

/// The label of the version that counts, and of the one before it.
pub(super) const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";

/// The longest value of a secret, in bytes.
const MAX_VALUE: usize = 65_536;

/// A secret.
pub(super) struct Secret {
    pub(super) arn: String,
    pub(super) created: Timestamp,
    /// Whether the secret is put there at every start, and so is not kept.
    pub(super) is_given: bool,
    /// Every version, the newest last. The last one is current, the one before it previous. The
    /// others have no label, and are found by their ids.
    pub(super) versions: Vec<Version>,
}

/// A version of a secret.
pub(super) struct Version {
    pub(super) id: String,
    pub(super) value: Value,
    pub(super) created: Timestamp,
}

/// What a version holds: text, or bytes in base64.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Value {
    /// The text.
    #[serde(rename = "SecretString")]
    pub text: Option<String>,
    /// The bytes, in base64.
    #[serde(rename = "SecretBinary")]
    pub binary: Option<String>,
}

/// A version of a secret, as an answer describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// The secret's ARN.
    pub arn: String,
    /// The secret's name.
    pub name: String,
    /// The version's id. A secret that was created without a value has none.
    pub id: Option<String>,
    /// The version's labels.
    pub stages: Vec<&'static str>,
    /// What it holds.
    pub value: Value,
    /// When it was put there.
    pub created: Option<Timestamp>,
}

/// A secret, as an answer describes it without what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The secret's ARN.
    pub arn: String,
    /// The secret's name.
    pub name: String,
    /// When it was created.
    pub created: Timestamp,
    /// When a value was last put there, or else when it was created.
    pub changed: Timestamp,
    /// The labels of each version that has one, by its id.
    pub versions: BTreeMap<String, Vec<&'static str>>,
}

impl Value {
    /// Returns a text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self {
            text: Some(text.to_owned()),
            binary: None,
        }
    }

    /// Returns the value if it is one, or `None` if it holds nothing. For AWS an empty text is
    /// nothing.
    pub(super) fn checked(self) -> Result<Option<Self>, VaultError> {
        let filled = |part: Option<String>| part.filter(|part| !part.is_empty());
        let (text, binary) = (filled(self.text), filled(self.binary));
        if text.is_some() && binary.is_some() {
            let both = "You can't specify both SecretString and SecretBinary.";
            return Err(VaultError::InvalidParameter(both.to_owned()));
        }
        if text.as_ref().is_some_and(|text| text.len() > MAX_VALUE) {
            return Err(VaultError::Validation(format!(
                "1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length less than or equal to {MAX_VALUE}"
            )));
        }
        let is_value = text.is_some() || binary.is_some();
        Ok(is_value.then_some(Self { text, binary }))
    }
}

impl Secret {
    pub(super) fn new(name: &str) -> Self {
        // As on AWS, an ARN ends in six random characters: a new secret of an old name has another.
        let random: String = Uuid::new_v4()
            .simple()
            .to_string()
            .chars()
            .take(6)
            .collect();
        Self {
            arn: format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-{random}"),
            created: now(),
            is_given: false,
            versions: Vec::new(),
        }
    }

    pub(super) fn put(&mut self, id: String, value: Value) {
        let created = now();
        self.versions.push(Version { id, value, created });
    }

    pub(super) fn has(&self, id: &str, value: &Value) -> bool {
        let mut versions = self.versions.iter();
        versions.any(|version| version.id == id && version.value == *value)
    }

    pub(super) fn place(&self, id: &str) -> Option<usize> {
        self.versions.iter().position(|version| version.id == id)
    }

    pub(super) fn place_of(&self, stage: &str) -> Option<usize> {
        let age = match stage {
            CURRENT => 1,
            PREVIOUS => 2,
            _ => return None,
        };
        self.versions.len().checked_sub(age)
    }

    pub(super) fn described(&self, name: &str, place: Option<usize>) -> Described {
        let version = place.and_then(|place| self.versions.get(place));
        let stages = [CURRENT, PREVIOUS].into_iter();
        Described {
            arn: self.arn.clone(),
            name: name.to_owned(),
            id: version.map(|version| version.id.clone()),
            stages: stages
                .filter(|stage| place.is_some() && self.place_of(stage) == place)
                .collect(),
            value: version.map(|v| v.value.clone()).unwrap_or_default(),
            created: version.map(|version| version.created),
        }
    }
}
