//! Keeps the keys that seal endpoints' secrets up to date: rotation without a deploy.
//!
//! Both versions of the secret are read, and read again every five minutes, or after a text that
//! neither of them has sealed, but then at most once a minute. If Secrets Manager is down, the keys
//! that are known stay.

mod error;
mod keys;
mod read;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use jiff::{SignedDuration, Timestamp};

pub use self::error::SealingError;
pub use self::keys::SealingKeys;
use self::read::Secret;

/// The age at which the keys are read again.
const MAX_AGE: SignedDuration = SignedDuration::from_mins(5);
/// The shortest time between two readings if there are keys, and if there are none.
const MIN_PAUSE: SignedDuration = SignedDuration::from_mins(1);
const RETRY_PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// The longest that a reading takes.
const PATIENCE: Duration = Duration::from_secs(3);

/// The secret in Secrets Manager, and the keys that were read of it.
pub struct Sealing {
    secret: Secret,
    known: Mutex<Known>,
}

struct Known {
    keys: Result<Arc<SealingKeys>, SealingError>,
    asked_at: Timestamp,
}

impl Sealing {
    /// Reads the keys for the first time. If that fails, they are read when they are needed.
    pub async fn open(client: Client, name: String, now: Timestamp) -> Self {
        let secret = Secret { client, name };
        let keys = secret.read(PATIENCE).await.map(Arc::new);
        let known = Known {
            keys,
            asked_at: now,
        };
        Self {
            secret,
            known: Mutex::new(known),
        }
    }

    /// Returns the keys. If they are old, or if there are none, they are read again first.
    ///
    /// # Errors
    /// Returns the [`SealingError`] of the last reading if there are no keys.
    pub async fn keys(&self, now: Timestamp) -> Result<Arc<SealingKeys>, SealingError> {
        let has_keys = self.lock(|known| known.keys.is_ok());
        let age = if has_keys { MAX_AGE } else { RETRY_PAUSE };
        self.read_if_older_than(age, now).await;
        self.lock(|known| known.keys.clone())
    }

    /// Returns other keys than these, if there are any by now. Call it after a text that was sealed
    /// by another version: the secret may have been rotated a moment ago.
    pub async fn others(&self, these: &SealingKeys, now: Timestamp) -> Option<Arc<SealingKeys>> {
        self.read_if_older_than(MIN_PAUSE, now).await;
        let keys = self.lock(|known| known.keys.clone()).ok()?;
        let are_same = keys.versions().eq(these.versions());
        (!are_same).then_some(keys)
    }

    async fn read_if_older_than(&self, age: SignedDuration, now: Timestamp) {
        let is_due = self.lock(|known| {
            let is_due = now.duration_since(known.asked_at).abs() >= age;
            if is_due {
                // It is set before the reading, so there is one at a time.
                known.asked_at = now;
            }
            is_due
        });
        if !is_due {
            return;
        }
        let read = self.secret.read(PATIENCE).await.map(Arc::new);
        self.lock(|known| {
            if read.is_ok() || known.keys.is_err() {
                known.keys = read;
            }
        });
    }

    fn lock<T>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        work(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
