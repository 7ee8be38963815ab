//! Reads and writes a secret in Secrets Manager.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata as _;
use aws_sdk_secretsmanager::primitives::DateTime;
use jiff::Timestamp;
use shared::secrets::Stage;
use shared::sender::Sender;

use super::error::SecretError;
use super::held::{Held, Version, keys_of};
use crate::services::Services;
use crate::target::Target;

/// The code if a secret, or a version of it, is not there.
const NOT_FOUND: &str = "ResourceNotFoundException";
/// The code if a secret waits for its deletion. Other requests that cannot be served have it, too.
const UNFIT: &str = "InvalidRequestException";

/// The secret of one provider.
pub(super) struct Store<'a> {
    client: Client,
    services: &'a Services,
    provider: &'static dyn Sender,
    name: String,
}

impl<'a> Store<'a> {
    /// Returns the secret of this provider in this stack. It has a name even where the provider is
    /// not on, because a key is put before its provider is switched on.
    ///
    /// # Errors
    /// Returns [`SecretError::NotOn`] if nothing is on.
    pub(super) fn of(
        target: &'a Target,
        provider: &'static dyn Sender,
    ) -> Result<Self, SecretError> {
        Ok(Self {
            client: target.secrets().secrets_manager(),
            services: target.secrets(),
            provider,
            name: name(target, provider.name())?,
        })
    }

    /// Returns the secret's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Reads both versions at the same time.
    ///
    /// # Errors
    /// Returns [`SecretError::Deleted`] if the secret waits for its deletion, and
    /// [`SecretError::Stack`] if it cannot be read.
    pub(super) async fn held(&self) -> Result<Held, SecretError> {
        let (current, previous) =
            tokio::join!(self.version(Stage::Current), self.version(Stage::Previous));
        Ok(Held {
            current: current?,
            previous: previous?,
        })
    }

    async fn version(&self, stage: Stage) -> Result<Option<Version>, SecretError> {
        let asked = self.client.get_secret_value().secret_id(&self.name);
        let answer = match asked.version_stage(stage.name()).send().await {
            Ok(answer) => answer,
            Err(error) if error.code() == Some(NOT_FOUND) => return Ok(None),
            Err(error) if error.code() == Some(UNFIT) => {
                return Err(SecretError::Deleted(self.name.clone()));
            }
            Err(error) => {
                let failed = self.services.failed("cannot read the secret", &error);
                return Err(failed.into());
            }
        };
        // We have no secrets in binary form. A receiver takes one for a blank secret.
        let text = answer.secret_string.unwrap_or_default();
        Ok(Some(Version {
            id: answer.version_id.unwrap_or_default(),
            keys: keys_of(self.provider, &text),
            text,
            created: time(answer.created_date),
        }))
    }

    /// Returns when the secret was changed, for somebody who may not read it.
    pub(super) async fn changed(&self) -> Option<Timestamp> {
        let asked = self.client.describe_secret().secret_id(&self.name);
        let answer = asked.send().await.ok()?;
        Some(time(answer.last_changed_date.or(answer.created_date)))
    }

    /// Puts a text as the current version. The first one creates the secret.
    ///
    /// # Errors
    /// Returns [`SecretError::Overtaken`] if somebody else put a version since `held` was read, and
    /// [`SecretError::Stack`] if the text cannot be put.
    pub(super) async fn put(
        &self,
        held: &Held,
        text: &str,
        kms_key: Option<&str>,
    ) -> Result<(), SecretError> {
        match &held.current {
            None => self.create(text, kms_key).await,
            Some(before) => {
                let putting = self.client.put_secret_value().secret_id(&self.name);
                let put = putting.secret_string(text).send().await;
                put.map_err(|error| self.services.failed("cannot put the key", &error))?;
                self.follows(&before.id).await
            }
        }
    }

    async fn create(&self, text: &str, kms_key: Option<&str>) -> Result<(), SecretError> {
        let creating = self.client.create_secret().name(&self.name);
        let creating = creating.set_kms_key_id(kms_key.map(str::to_owned));
        let created = creating.secret_string(text).send().await;
        created.map_err(|error| self.services.failed("cannot create the secret", &error))?;
        Ok(())
    }

    /// Checks that the version before is the one that was read.
    async fn follows(&self, id: &str) -> Result<(), SecretError> {
        let before = self.version(Stage::Previous).await?;
        if before.is_some_and(|before| before.id != id) {
            return Err(SecretError::Overtaken(self.provider.name()));
        }
        Ok(())
    }
}

/// Returns a secret's name: the stack's, and the provider's. A provider that is not on is named as
/// the others are.
fn name(target: &Target, provider: &'static str) -> Result<String, SecretError> {
    if let Some(name) = target.secret_name(provider) {
        return Ok(name.to_owned());
    }
    let mut others = target
        .providers()
        .filter_map(|other| target.secret_name(other));
    let stack = others.find_map(|name| Some(name.rsplit_once('/')?.0));
    let stack = stack.ok_or(SecretError::NotOn(provider))?;
    Ok(format!("{stack}/{provider}"))
}

fn time(at: Option<DateTime>) -> Timestamp {
    let time = at.and_then(|at| {
        let nanoseconds = i32::try_from(at.subsec_nanos()).ok()?;
        Timestamp::new(at.secs(), nanoseconds).ok()
    });
    time.unwrap_or(Timestamp::UNIX_EPOCH)
}
