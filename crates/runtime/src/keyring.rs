//! Keeps the secrets of a running receiver up to date: rotation without a deploy.
//!
//! The secret is read from Secrets Manager before the first webhook, both its current and its
//! previous version. It is read again every five minutes.
//!
//! It is also read after a signature that matches nothing, but then at most once a minute: forged
//! requests must not become requests to Secrets Manager.
//!
//! If Secrets Manager is down, or has a secret that cannot be used, the receiver continues with the
//! keys that it has. Each such reading is logged and counted ([`Trouble`]).

mod error;
mod trouble;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata as _;
use jiff::{SignedDuration, Timestamp};
use tokio::time::timeout;

pub use self::error::KeyringError;
pub use self::trouble::Trouble;
use crate::log;
use shared::provider::Provider;
use shared::secrets::{KeyWarning, Secrets, SecretsError, Stage};

/// The age at which the secrets are read again.
const MAX_AGE: SignedDuration = SignedDuration::from_mins(5);
/// The shortest time between two readings.
const MIN_PAUSE: SignedDuration = SignedDuration::from_mins(1);
/// The longest that a webhook waits for a reading. The provider waits, too.
const PATIENCE: Duration = Duration::from_millis(900);

/// Secrets Manager's error code if a secret, or a version of it, is not there.
const NOT_FOUND: &str = "ResourceNotFoundException";

/// The code if Secrets Manager does not answer in time.
const TIMEOUT: &str = "timeout";

/// Receives the troubles.
type Report = Box<dyn Fn(&Trouble) + Send + Sync>;

/// Secrets, and the store that they come from.
pub struct Keyring {
    keys: Mutex<Keys>,
    store: Option<Store>,
}

struct Keys {
    secrets: Arc<Secrets>,
    /// When the secrets were last asked for, successfully or not.
    asked_at: Timestamp,
    /// What has been reported about the secrets. It is not reported again at each reading.
    told: Told,
}

/// What may be odd about the keys in use.
#[derive(Clone, Default, PartialEq, Eq)]
struct Told {
    /// Why the previous version does not count, if it does not.
    previous: Option<SecretsError>,
    warnings: BTreeSet<KeyWarning>,
}

/// The result of a reading.
struct Reading {
    secrets: Secrets,
    told: Told,
}

/// A secret in Secrets Manager.
pub struct Store {
    client: Client,
    arn: String,
    provider: &'static dyn Provider,
    report: Report,
}

impl Store {
    /// Returns the secret of this ARN. Its keys must be ones that this provider can use.
    #[must_use]
    pub fn new(client: Client, arn: String, provider: &'static dyn Provider) -> Self {
        Self {
            client,
            arn,
            provider,
            report: Box::new(|t| log::line("warn", Timestamp::UNIX_EPOCH, t)),
        }
    }

    /// Sends troubles to `report` instead of the log.
    #[must_use]
    pub fn reporting(mut self, report: impl Fn(&Trouble) + Send + Sync + 'static) -> Self {
        self.report = Box::new(report);
        self
    }

    /// Reads both versions at the same time.
    async fn read(&self) -> Result<Reading, KeyringError> {
        let (current, previous) =
            tokio::join!(self.version(Stage::Current), self.version(Stage::Previous));
        let current = current?.ok_or_else(|| KeyringError::Unavailable(NOT_FOUND.to_owned()))?;
        let current = self.usable(&current)?;
        // There is no previous version before the first rotation. If the reading failed, this is
        // different: the keys that are known stay.
        let previous = previous?.map(|text| self.usable(&text));
        // An unusable previous version must not keep the current one out. It is reported, too.
        let (secrets, unusable) = match previous {
            None => (current, None),
            Some(Ok(previous)) => (current.with_previous(previous), None),
            Some(Err(error)) => (current, Some(error)),
        };
        let told = Told {
            previous: unusable,
            warnings: secrets.warnings(|key| self.provider.doubt_key(key)),
        };
        Ok(Reading { secrets, told })
    }

    /// Reports what is odd about the keys in use, unless it was reported before.
    fn tell(&self, told: &Told, before: &Told) {
        let name = self.provider.name();
        if let Some(error) = told.previous.filter(|_| told.previous != before.previous) {
            (self.report)(&Trouble::of_previous(name, error));
        }
        for warning in told.warnings.difference(&before.warnings) {
            (self.report)(&Trouble::of_key(name, *warning));
        }
    }

    fn usable(&self, secret: &str) -> Result<Secrets, SecretsError> {
        Secrets::parse(secret)?.checked_by(|key| self.provider.check_key(key))
    }

    /// Reads one version. Returns `None` if the secret does not have it.
    async fn version(&self, stage: Stage) -> Result<Option<String>, KeyringError> {
        let request = self.client.get_secret_value().secret_id(&self.arn);
        let answer = request.version_stage(stage.name()).send().await;
        match answer {
            // We have no secrets in binary form. Such a secret counts as blank and is refused.
            Ok(answer) => Ok(Some(answer.secret_string.unwrap_or_default())),
            Err(error) if error.code() == Some(NOT_FOUND) => Ok(None),
            Err(error) => {
                let code = error.code().unwrap_or("no_answer");
                Err(KeyringError::Unavailable(code.to_owned()))
            }
        }
    }
}

impl Keyring {
    /// Returns a keyring whose keys never change.
    #[must_use]
    pub fn given(secrets: Secrets) -> Self {
        Self {
            keys: Mutex::new(Keys {
                secrets: Arc::new(secrets),
                asked_at: Timestamp::UNIX_EPOCH,
                told: Told::default(),
            }),
            store: None,
        }
    }

    /// Reads the keys for the first time.
    ///
    /// # Errors
    /// Returns a [`KeyringError`] if there is no key. Without a key the function must not start.
    pub async fn open(store: Store, now: Timestamp) -> Result<Self, KeyringError> {
        let Reading { secrets, told } = store.read().await?;
        store.tell(&told, &Told::default());
        Ok(Self {
            keys: Mutex::new(Keys {
                secrets: Arc::new(secrets),
                asked_at: now,
                told,
            }),
            store: Some(store),
        })
    }

    /// Returns the keys. If they are old, they are read again first.
    pub async fn secrets(&self, now: Timestamp) -> Arc<Secrets> {
        self.read_if_older_than(MAX_AGE, now).await;
        self.lock(|keys| Arc::clone(&keys.secrets))
    }

    /// Returns other keys than `known`, if there are any by now. Call it after a signature that
    /// matched none of `known`.
    pub async fn others(&self, known: &Secrets, now: Timestamp) -> Option<Arc<Secrets>> {
        self.read_if_older_than(MIN_PAUSE, now).await;
        let secrets = self.lock(|keys| Arc::clone(&keys.secrets));
        (*secrets != *known).then_some(secrets)
    }

    async fn read_if_older_than(&self, age: SignedDuration, now: Timestamp) {
        let Some(store) = &self.store else { return };
        let is_due = self.lock(|keys| {
            let is_due = now.duration_since(keys.asked_at) >= age;
            if is_due {
                // This is set even if the reading fails: an outage must not cause a request for
                // every webhook.
                keys.asked_at = now;
            }
            is_due
        });
        if !is_due {
            return;
        }
        let read = timeout(PATIENCE, store.read()).await;
        let read = read.unwrap_or_else(|_| Err(KeyringError::Unavailable(TIMEOUT.to_owned())));
        match read {
            Ok(Reading { secrets, told }) => {
                let before = self.lock(|keys| {
                    keys.secrets = Arc::new(secrets);
                    std::mem::replace(&mut keys.told, told.clone())
                });
                store.tell(&told, &before);
            }
            Err(error) => (store.report)(&Trouble::of_reading(store.provider.name(), &error, now)),
        }
    }

    fn lock<T>(&self, work: impl FnOnce(&mut Keys) -> T) -> T {
        work(&mut self.keys.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
