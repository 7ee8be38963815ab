//! Keeps the bearer keys up to date: rotation without a deploy.
//!
//! The secret is read before the first request, both its current and its previous version, and
//! again every five minutes. It is also read after a key that is none, and while there are no keys
//! at all, but then at most once a minute.
//!
//! If Secrets Manager is down, or has a secret that cannot be used, the keys that are known stay.
//! Without any, nobody is let in.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata as _, SdkError};
use jiff::{SignedDuration, Timestamp};
use runtime::log;
use tokio::time::timeout;

use super::keys::{Keys, KeysError};
use super::trouble::Trouble;

/// The age at which the keys are read again.
const MAX_AGE: SignedDuration = SignedDuration::from_mins(5);
/// The shortest time between two readings.
const MIN_PAUSE: SignedDuration = SignedDuration::from_mins(1);
/// The longest that a request waits for a reading.
const PATIENCE: Duration = Duration::from_millis(900);
/// The longest that the first reading takes.
const FIRST_PATIENCE: Duration = Duration::from_secs(3);

/// Secrets Manager's words for the two versions.
const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";
/// Secrets Manager's error code if a secret, or a version of it, is not there.
const NOT_FOUND: &str = "ResourceNotFoundException";

/// Why a reading returned no keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReadError {
    #[error(
        "Secrets Manager did not give the secret with the API's keys ({0}): is it there, and may the function read it?"
    )]
    Unavailable(String),
    #[error(transparent)]
    Unusable(#[from] KeysError),
}

impl ReadError {
    /// Returns the stable name.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "secret_unavailable",
            Self::Unusable(error) => error.code(),
        }
    }
}

/// The keys, and the secret that they come from.
pub(crate) struct Keyring {
    client: Client,
    name: String,
    known: Mutex<Known>,
}

struct Known {
    keys: Option<Arc<Keys>>,
    /// When the secret was last asked for, successfully or not.
    asked_at: Timestamp,
}

impl Keyring {
    /// Reads the keys for the first time.
    pub(crate) async fn open(client: Client, name: String, now: Timestamp) -> Self {
        let keyring = Self {
            client,
            name,
            known: Mutex::new(Known {
                keys: None,
                asked_at: now,
            }),
        };
        keyring.read(FIRST_PATIENCE, now).await;
        keyring
    }

    /// Returns the keys, if there are any. Old ones are read again first.
    pub(crate) async fn keys(&self, now: Timestamp) -> Option<Arc<Keys>> {
        let has_keys = self.lock(|known| known.keys.is_some());
        let age = if has_keys { MAX_AGE } else { MIN_PAUSE };
        self.read_if_older_than(age, now).await;
        self.lock(|known| known.keys.clone())
    }

    /// Returns other keys than these, if there are any by now. Call it after a key that was none.
    pub(crate) async fn others(&self, than: &Keys, now: Timestamp) -> Option<Arc<Keys>> {
        self.read_if_older_than(MIN_PAUSE, now).await;
        let keys = self.lock(|known| known.keys.clone())?;
        (*keys != *than).then_some(keys)
    }

    async fn read_if_older_than(&self, age: SignedDuration, now: Timestamp) {
        let is_due = self.lock(|known| {
            let is_due = now.duration_since(known.asked_at).abs() >= age;
            if is_due {
                // Set before the reading, and if it fails: one request, not one for each caller.
                known.asked_at = now;
            }
            is_due
        });
        if is_due {
            self.read(PATIENCE, now).await;
        }
    }

    /// Reads the secret. If that fails, the keys that are known stay.
    async fn read(&self, patience: Duration, now: Timestamp) {
        let late = || Err(ReadError::Unavailable("timeout".to_owned()));
        let read = timeout(patience, self.versions(now)).await;
        match read.unwrap_or_else(|_| late()) {
            Ok(keys) => self.lock(|known| known.keys = Some(Arc::new(keys))),
            Err(error) => {
                let line = Trouble::of_reading(now, error.code(), error.to_string());
                log::line(&line);
            }
        }
    }

    async fn versions(&self, now: Timestamp) -> Result<Keys, ReadError> {
        let (current, previous) = tokio::join!(self.version(CURRENT), self.version(PREVIOUS));
        let missing = || ReadError::Unavailable(NOT_FOUND.to_owned());
        let current = Keys::read(&current?.ok_or_else(missing)?)?;
        // There is no previous version before the first rotation.
        match previous?.map(|text| Keys::read(&text)) {
            None => Ok(current),
            Some(Ok(previous)) => Ok(current.with_previous(previous)),
            Some(Err(error)) => {
                log::line(&Trouble::of_previous(now, error));
                Ok(current)
            }
        }
    }

    /// Reads one version. Returns `None` if the secret does not have it.
    async fn version(&self, stage: &str) -> Result<Option<String>, ReadError> {
        let request = self.client.get_secret_value().secret_id(&self.name);
        match request.version_stage(stage).send().await {
            Ok(answer) => Ok(Some(answer.secret_string.unwrap_or_default())),
            Err(error) if error.code() == Some(NOT_FOUND) => Ok(None),
            Err(error) => {
                let code = match &error {
                    SdkError::TimeoutError(_) => "timeout",
                    error => error.code().unwrap_or("no_answer"),
                };
                Err(ReadError::Unavailable(code.to_owned()))
            }
        }
    }

    fn lock<T>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        work(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
