//! Keeps the secrets of a running receiver up to date: rotation without a deploy.
//!
//! The secret is read from Secrets Manager before the first webhook, both its current and its
//! previous version. It is read again every five minutes.
//!
//! It is also read after a signature that matches nothing, and while there are no keys at all, but
//! then at most once a minute: requests that nobody can check must not become requests to Secrets
//! Manager.
//!
//! If Secrets Manager is down, or has a secret that cannot be used, the receiver continues with the
//! keys that it has. Without any it refuses every webhook until there are some. Each such reading
//! is logged ([`Trouble`]).

mod error;
mod store;
mod trouble;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub use self::error::KeyringError;
pub use self::store::Store;
use self::store::{Reading, Told};
pub use self::trouble::Trouble;
use shared::secrets::Secrets;

/// The age at which the secrets are read again.
const MAX_AGE: SignedDuration = SignedDuration::from_mins(5);
/// The shortest time between two readings.
const MIN_PAUSE: SignedDuration = SignedDuration::from_mins(1);
/// The longest that a webhook waits for a reading. The provider waits, too.
const PATIENCE: Duration = Duration::from_millis(900);
/// The longest that the first reading takes. It is part of the start, which has retries.
const FIRST_PATIENCE: Duration = Duration::from_secs(3);

/// Secrets, and the store that they come from.
pub struct Keyring {
    keys: Mutex<Keys>,
    store: Option<Store>,
}

struct Keys {
    /// The secrets, or why there are none.
    secrets: Result<Arc<Secrets>, KeyringError>,
    /// When the secrets were last asked for, successfully or not.
    asked_at: Timestamp,
    /// What has been reported about the secrets. It is not reported again at each reading.
    told: Told,
}

impl Keyring {
    /// Returns a keyring that never changes: it has these keys, or none for this reason.
    #[must_use]
    pub fn given(secrets: Result<Secrets, KeyringError>) -> Self {
        Self {
            keys: Mutex::new(Keys {
                secrets: secrets.map(Arc::new),
                asked_at: Timestamp::UNIX_EPOCH,
                told: Told::default(),
            }),
            store: None,
        }
    }

    /// Reads the keys for the first time. If there are none, the keyring is without keys until a
    /// later reading finds some.
    pub async fn open(store: Store, now: Timestamp) -> Self {
        let (secrets, told) = match store.read(FIRST_PATIENCE, now).await {
            Ok(Reading { secrets, told }) => {
                store.tell(&told, &Told::default(), now);
                (Ok(Arc::new(secrets)), told)
            }
            Err(error) => (Err(error), Told::default()),
        };
        Self {
            keys: Mutex::new(Keys {
                secrets,
                asked_at: now,
                told,
            }),
            store: Some(store),
        }
    }

    /// Returns the keys. If they are old, or if there are none, they are read again first.
    ///
    /// # Errors
    /// Returns the [`KeyringError`] of the last reading if there are no keys.
    pub async fn secrets(&self, now: Timestamp) -> Result<Arc<Secrets>, KeyringError> {
        let has_keys = self.lock(|keys| keys.secrets.is_ok());
        let age = if has_keys { MAX_AGE } else { MIN_PAUSE };
        self.read_if_older_than(age, now).await;
        self.lock(|keys| keys.secrets.clone())
    }

    /// Returns other keys than `known`, if there are any by now. Call it after a signature that
    /// matched none of `known`.
    pub async fn others(&self, known: &Secrets, now: Timestamp) -> Option<Arc<Secrets>> {
        self.read_if_older_than(MIN_PAUSE, now).await;
        let secrets = self.lock(|keys| keys.secrets.clone()).ok()?;
        (*secrets != *known).then_some(secrets)
    }

    async fn read_if_older_than(&self, age: SignedDuration, now: Timestamp) {
        let Some(store) = &self.store else { return };
        let is_due = self.lock(|keys| {
            let is_due = now.duration_since(keys.asked_at).abs() >= age;
            if is_due {
                // This is set even if the reading fails: an outage must not cause a request for
                // every webhook. It is set before the reading, so there is one at a time.
                keys.asked_at = now;
            }
            is_due
        });
        if !is_due {
            return;
        }
        match store.read(PATIENCE, now).await {
            Ok(Reading { secrets, told }) => {
                let before = self.lock(|keys| {
                    keys.secrets = Ok(Arc::new(secrets));
                    std::mem::replace(&mut keys.told, told.clone())
                });
                store.tell(&told, &before, now);
            }
            Err(error) => self.lock(|keys| {
                // The keys that are known stay.
                if keys.secrets.is_err() {
                    keys.secrets = Err(error);
                }
            }),
        }
    }

    fn lock<T>(&self, work: impl FnOnce(&mut Keys) -> T) -> T {
        work(&mut self.keys.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
