//! The secrets, and what becomes of their versions.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use super::error::VaultError;
use super::kept;
use super::secret::{CURRENT, Described, Outline, Secret, Value};

/// The longest name of a secret.
const MAX_NAME: usize = 512;

/// Writes a text down that holds all secrets that are not given at every start. Returns whether it
/// could.
pub type Keep = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// The secrets of one account. Clones share them.
#[derive(Clone, Default)]
pub struct Vault {
    secrets: Arc<Mutex<BTreeMap<String, Secret>>>,
    keep: Option<Keep>,
}

impl Vault {
    /// Returns a vault with the secrets of a text that an earlier one has passed to its `keep`.
    /// Returns `None` if the text is none.
    #[must_use]
    pub fn kept(text: Option<&str>, keep: Keep) -> Option<Self> {
        let secrets = text.map_or_else(|| Some(BTreeMap::new()), kept::read)?;
        Some(Self {
            secrets: Arc::new(Mutex::new(secrets)),
            keep: Some(keep),
        })
    }

    /// Checks whether there is a secret of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.lock(|secrets| secrets.contains_key(name))
    }

    /// Puts a secret there that is given at every start, so it is not kept.
    ///
    /// # Errors
    /// Returns a [`VaultError`] if there is a secret of this name, or if it cannot be one.
    pub fn give(&self, name: &str, value: Value) -> Result<(), VaultError> {
        check_name(name)?;
        let (id, value) = (version_id(None)?, value.checked()?);
        self.lock(|secrets| {
            if secrets.contains_key(name) {
                return Err(VaultError::SecretExists(name.to_owned()));
            }
            let mut secret = Secret::new(name);
            secret.is_given = true;
            if let Some(value) = value {
                secret.put(id, value);
            }
            secrets.insert(name.to_owned(), secret);
            Ok(())
        })
    }

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
            self.keep(secrets)?;
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
            let described = secret.described(name, secret.place(&token));
            self.keep(secrets)?;
            Ok(described)
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

    fn keep(&self, secrets: &BTreeMap<String, Secret>) -> Result<(), VaultError> {
        let Some(keep) = &self.keep else {
            return Ok(());
        };
        let is_kept = kept::written(secrets).is_some_and(|text| keep(&text));
        is_kept.then_some(()).ok_or(VaultError::NotKept)
    }

    fn lock<T>(&self, work: impl FnOnce(&mut BTreeMap<String, Secret>) -> T) -> T {
        work(&mut self.secrets.lock().unwrap_or_else(PoisonError::into_inner))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_survives_with_its_versions() {
        let text = Arc::new(Mutex::new(None));
        let open = |text: &Arc<Mutex<Option<String>>>| {
            let (left, text) = (text.lock().unwrap().clone(), Arc::clone(text));
            let keep: Keep = Arc::new(move |new| {
                *text.lock().unwrap() = Some(new.to_owned());
                true
            });
            Vault::kept(left.as_deref(), keep).unwrap()
        };
        let first = open(&text);
        first.give("local/resend", Value::text("given")).unwrap();
        let one = first.create("local/own", None, Value::text("1")).unwrap();
        first.put("local/own", None, Value::text("2")).unwrap();

        let second = open(&text);
        assert!(!second.has("local/resend"));
        let current = second.get("local/own", None, None).unwrap();
        assert_eq!(current.value, Value::text("2"));
        let previous = second.get("local/own", None, Some("AWSPREVIOUS")).unwrap();
        assert_eq!((previous.id, previous.arn), (one.id, one.arn));
        assert_eq!(previous.created, one.created);
        assert!(Vault::kept(Some("[]"), Arc::new(|_| true)).is_none());
    }

    #[test]
    fn what_cannot_be_kept_is_an_error() {
        let vault = Vault::kept(None, Arc::new(|_| false)).unwrap();
        let refused = vault.create("local/own", None, Value::text("1"));
        assert_eq!(refused, Err(VaultError::NotKept));
    }
}
