//! Reads the sealing secret from Secrets Manager.

use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata as _, SdkError};
use shared::auth::SealingKey;
use shared::secrets::Stage;
use tokio::time::timeout;

use super::error::SealingError;
use super::keys::SealingKeys;

/// The code if Secrets Manager does not answer in time.
const TIMEOUT: &str = "timeout";
/// Secrets Manager's error code if a secret, or a version of it, is not there.
const NOT_FOUND: &str = "ResourceNotFoundException";

/// A secret in Secrets Manager.
pub(super) struct Secret {
    pub(super) client: Client,
    pub(super) name: String,
}

impl Secret {
    /// Reads both versions at the same time, within the `patience`.
    pub(super) async fn read(&self, patience: Duration) -> Result<SealingKeys, SealingError> {
        let read = timeout(patience, self.versions()).await;
        read.unwrap_or_else(|_| Err(SealingError::Unavailable(TIMEOUT.to_owned())))
    }

    async fn versions(&self) -> Result<SealingKeys, SealingError> {
        let (current, previous) =
            tokio::join!(self.version(Stage::Current), self.version(Stage::Previous));
        let missing = || SealingError::Unavailable(NOT_FOUND.to_owned());
        let (secret, version) = current?.ok_or_else(missing)?;
        let current = SealingKey::of(&secret, &version)?;
        // A previous version that cannot be used must not keep the current one out.
        let previous = previous?.and_then(|(secret, version)| {
            let is_other = version != current.version();
            SealingKey::of(&secret, &version).ok().filter(|_| is_other)
        });
        Ok(SealingKeys::new(current, previous))
    }

    /// Reads one version: its text and its id. Returns `None` if the secret does not have it.
    async fn version(&self, stage: Stage) -> Result<Option<(String, String)>, SealingError> {
        let request = self.client.get_secret_value().secret_id(&self.name);
        match request.version_stage(stage.name()).send().await {
            Ok(answer) => Ok(Some((
                answer.secret_string.unwrap_or_default(),
                answer.version_id.unwrap_or_default(),
            ))),
            Err(error) if error.code() == Some(NOT_FOUND) => Ok(None),
            Err(error) => {
                let code = match &error {
                    SdkError::TimeoutError(_) => TIMEOUT,
                    error => error.code().unwrap_or("no_answer"),
                };
                Err(SealingError::Unavailable(code.to_owned()))
            }
        }
    }
}
