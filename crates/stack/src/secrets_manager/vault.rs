//! The secrets, and what becomes of their versions.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::error::VaultError;
use crate::template::{ACCOUNT, REGION};

const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";

/// The longest name of a secret.
const MAX_NAME: usize = 512;
/// The longest value of a secret, in bytes.
const MAX_VALUE: usize = 65_536;

/// The secrets of one account. Clones share them.
#[derive(Clone, Default)]
pub struct Vault(Arc<Mutex<BTreeMap<String, Secret>>>);

struct Secret {
    arn: String,
    created: Timestamp,
    /// Every version, the newest last. The last one is current, the one before it previous. The
    /// others have no label, and are found by their ids.
    versions: Vec<Version>,
}

struct Version {
    id: String,
    value: Value,
    created: Timestamp,
}

/// What a version holds: text, or bytes in base64.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
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
    fn checked(self) -> Result<Option<Self>, VaultError> {
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

impl Vault {
    /// Creates a secret. Its value is the current version, if it has one. The version's id is the
    /// `token`, or else random.
    ///
    /// # Errors
    /// Returns a [`VaultError`] if there is a secret of this name, or if a parameter cannot be
    /// used.
    pub fn create(
        &self,
        name: &str,
        token: Option<String>,
        value: Value,
    ) -> Result<Described, VaultError> {
        check_name(name)?;
        let (id, value) = (version_id(token)?, value.checked()?);
        self.lock(|secrets| {
            if let Some(secret) = secrets.get(name) {
                let exists = VaultError::SecretExists(name.to_owned());
                let is_retry = value.is_some_and(|value| secret.has(&id, &value));
                let place = secret.place(&id);
                return is_retry
                    .then(|| secret.described(name, place))
                    .ok_or(exists);
            }
            let mut secret = Secret::new(name);
            if let Some(value) = value {
                secret.put(id, value);
            }
            let described = secret.described(name, secret.place_of(CURRENT));
            secrets.insert(name.to_owned(), secret);
            Ok(described)
        })
    }

    /// Puts a value into a secret. It becomes the current version, and the current one becomes the
    /// previous one. The same `token` with the same value changes nothing.
    ///
    /// # Errors
    /// Returns a [`VaultError`] if there is no such secret, if the token was used for another
    /// value, or if a parameter cannot be used.
    pub fn put(
        &self,
        secret_id: &str,
        token: Option<String>,
        value: Value,
    ) -> Result<Described, VaultError> {
        let (token, value) = (version_id(token)?, value.checked()?);
        let value = value.ok_or(VaultError::InvalidRequest(
            "You must provide either SecretString or SecretBinary.",
        ))?;
        self.lock(|secrets| {
            let (name, secret) = find(secrets, secret_id)?;
            let is_used = secret.place(&token).is_some();
            if is_used && !secret.has(&token, &value) {
                let arn = secret.arn.clone();
                return Err(VaultError::VersionExists { token, arn });
            }
            if !is_used {
                secret.put(token.clone(), value);
            }
            Ok(secret.described(name, secret.place(&token)))
        })
    }

    /// Returns a version of a secret: the one of this id, or with this label, or the current one.
    ///
    /// # Errors
    /// Returns a [`VaultError`] if there is no such secret or version.
    pub fn get(
        &self,
        secret_id: &str,
        version_id: Option<&str>,
        stage: Option<&str>,
    ) -> Result<Described, VaultError> {
        self.lock(|secrets| {
            let (name, secret) = find(secrets, secret_id)?;
            let label = stage.unwrap_or(CURRENT);
            let (place, wanted) = match version_id {
                Some(id) => (secret.place(id), format!("VersionId: {id}")),
                None => (secret.place_of(label), format!("staging label: {label}")),
            };
            let place = place.ok_or(VaultError::NoVersion(wanted))?;
            if stage.is_some_and(|stage| secret.place_of(stage) != Some(place)) {
                return Err(VaultError::InvalidRequest(
                    "You provided a VersionStage that is not associated to the provided VersionId.",
                ));
            }
            Ok(secret.described(name, Some(place)))
        })
    }

    /// Returns what there is of a secret, without what it holds.
    ///
    /// # Errors
    /// Returns a [`VaultError`] if there is no such secret.
    pub fn describe(&self, secret_id: &str) -> Result<Outline, VaultError> {
        self.lock(|secrets| {
            let (name, secret) = find(secrets, secret_id)?;
            let places = 0..secret.versions.len();
            let versions = places.map(|place| secret.described(name, Some(place)));
            let labelled = versions.filter(|version| !version.stages.is_empty());
            let newest = secret.versions.last().map(|version| version.created);
            Ok(Outline {
                arn: secret.arn.clone(),
                name: name.clone(),
                created: secret.created,
                changed: newest.unwrap_or(secret.created),
                versions: labelled
                    .filter_map(|version| Some((version.id?, version.stages)))
                    .collect(),
            })
        })
    }

    fn lock<T>(&self, work: impl FnOnce(&mut BTreeMap<String, Secret>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Secret {
    fn new(name: &str) -> Self {
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
            versions: Vec::new(),
        }
    }

    fn put(&mut self, id: String, value: Value) {
        let created = now();
        self.versions.push(Version { id, value, created });
    }

    fn has(&self, id: &str, value: &Value) -> bool {
        let mut versions = self.versions.iter();
        versions.any(|version| version.id == id && version.value == *value)
    }

    fn place(&self, id: &str) -> Option<usize> {
        self.versions.iter().position(|version| version.id == id)
    }

    fn place_of(&self, stage: &str) -> Option<usize> {
        let age = match stage {
            CURRENT => 1,
            PREVIOUS => 2,
            _ => return None,
        };
        self.versions.len().checked_sub(age)
    }

    fn described(&self, name: &str, place: Option<usize>) -> Described {
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

/// Finds a secret by its name, or by its ARN with or without the random end.
fn find<'a>(
    secrets: &'a mut BTreeMap<String, Secret>,
    id: &str,
) -> Result<(&'a String, &'a mut Secret), VaultError> {
    let is_meant = |name: &str, secret: &Secret| {
        let (whole, short) = (&secret.arn, secret.arn.rsplit_once('-'));
        name == id || whole == id || short.is_some_and(|(short, _)| short == id)
    };
    let mut secrets = secrets.iter_mut();
    let found = secrets.find(|(name, secret)| is_meant(name, secret));
    found.ok_or(VaultError::NoSecret)
}

fn check_name(name: &str) -> Result<(), VaultError> {
    let is_fit = |b: u8| b.is_ascii_alphanumeric() || b"/_+=.@!-".contains(&b);
    if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(is_fit) {
        return Err(VaultError::Validation(
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!".to_owned(),
        ));
    }
    Ok(())
}

/// Returns the id of a new version.
fn version_id(token: Option<String>) -> Result<String, VaultError> {
    match token {
        None => Ok(Uuid::new_v4().to_string()),
        Some(token) if (32..=64).contains(&token.len()) => Ok(token),
        Some(_) => Err(VaultError::InvalidParameter(
            "ClientRequestToken must be 32-64 characters long.".to_owned(),
        )),
    }
}

#[expect(clippy::disallowed_methods, reason = "when a version was put there")]
fn now() -> Timestamp {
    Timestamp::now()
}
