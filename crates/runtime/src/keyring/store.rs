//! Reads a secret from Secrets Manager.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata as _, SdkError};
use jiff::Timestamp;
use tokio::time::timeout;

use super::error::{KeyringError, NOT_FOUND};
use super::trouble::Trouble;
use crate::log;
use shared::provider::Provider;
use shared::secrets::{KeyWarning, Secrets, SecretsError, Stage};

/// The code if Secrets Manager does not answer in time.
const TIMEOUT: &str = "timeout";

/// Receives the troubles.
type Report = Box<dyn Fn(&Trouble) + Send + Sync>;

/// What may be odd about the keys in use.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// Why the previous version does not count, if it does not.
    previous: Option<SecretsError>,
    warnings: BTreeSet<KeyWarning>,
}

/// The result of a reading.
pub(super) struct Reading {
    pub(super) secrets: Secrets,
    pub(super) told: Told,
}

/// A secret in Secrets Manager.
pub struct Store {
    client: Client,
    name: String,
    provider: &'static dyn Provider,
    report: Report,
}

impl Store {
    /// Returns the secret of this name. Its keys must be ones that this provider can use.
    #[must_use]
    pub fn new(client: Client, name: String, provider: &'static dyn Provider) -> Self {
        Self {
            client,
            name,
            provider,
            report: Box::new(log::line),
        }
    }

    /// Sends troubles to `report` instead of the log.
    #[must_use]
    pub fn reporting(mut self, report: impl Fn(&Trouble) + Send + Sync + 'static) -> Self {
        self.report = Box::new(report);
        self
    }

    /// Reads both versions at the same time. A reading that fails, or that takes longer than
    /// `patience`, is reported.
    pub(super) async fn read(
        &self,
        patience: Duration,
        now: Timestamp,
    ) -> Result<Reading, KeyringError> {
        let late = || KeyringError::of_service(&self.name, TIMEOUT);
        let read = timeout(patience, self.versions()).await;
        let read = read.unwrap_or_else(|_| Err(late()));
        if let Err(error) = &read {
            (self.report)(&Trouble::of_reading(now, self.provider.name(), error));
        }
        read
    }

    async fn versions(&self) -> Result<Reading, KeyringError> {
        let (current, previous) =
            tokio::join!(self.version(Stage::Current), self.version(Stage::Previous));
        let missing = || KeyringError::of_service(&self.name, NOT_FOUND);
        let current = self.usable(&current?.ok_or_else(missing)?)?;
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
    pub(super) fn tell(&self, told: &Told, before: &Told, now: Timestamp) {
        let name = self.provider.name();
        if let Some(error) = told.previous.filter(|_| told.previous != before.previous) {
            (self.report)(&Trouble::of_previous(now, name, error));
        }
        for warning in told.warnings.difference(&before.warnings) {
            (self.report)(&Trouble::of_key(now, name, *warning));
        }
    }

    fn usable(&self, secret: &str) -> Result<Secrets, SecretsError> {
        Secrets::parse(secret)?.checked_by(|key| self.provider.check_key(key))
    }

    /// Reads one version. Returns `None` if the secret does not have it.
    async fn version(&self, stage: Stage) -> Result<Option<String>, KeyringError> {
        let request = self.client.get_secret_value().secret_id(&self.name);
        let answer = request.version_stage(stage.name()).send().await;
        match answer {
            // We have no secrets in binary form. Such a secret counts as blank and is refused.
            Ok(answer) => Ok(Some(answer.secret_string.unwrap_or_default())),
            Err(error) if error.code() == Some(NOT_FOUND) => Ok(None),
            Err(error) => {
                let code = match &error {
                    SdkError::TimeoutError(_) => TIMEOUT,
                    error => error.code().unwrap_or("no_answer"),
                };
                Err(KeyringError::of_service(&self.name, code))
            }
        }
    }
}
