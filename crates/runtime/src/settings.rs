//! Reads a receiver's settings from its environment, once.

use shared::provider::Provider;
use shared::secrets::{SECRETS_VARIABLE, Secrets, SecretsError, variable_of};

/// The environment variable that names the secret in Secrets Manager.
const SECRET_ARN_VARIABLE: &str = "WEBHOOK_SECRET_ARN";

/// A receiver's environment.
pub(crate) struct Settings {
    pub(crate) keys: Keys,
    pub(crate) queue_url: String,
    pub(crate) window: Option<u64>,
    pub(crate) metrics_namespace: String,
}

/// Where the keys come from.
pub(crate) enum Keys {
    /// The keys are in the environment, on a developer's machine.
    Given(Secrets),
    /// The keys are in Secrets Manager, under this ARN.
    Managed(String),
}

/// Why a receiver refuses to start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error("QUEUE_URL is not set: set it to the URL of the deliveries queue")]
    QueueUrlUnset,
    #[error("SIGNATURE_WINDOW is not a whole number of seconds (0 turns the check off)")]
    WindowUnreadable,
}

impl SettingsError {
    /// Returns the stable name for logs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Secrets(secrets) => secrets.code(),
            Self::QueueUrlUnset => "queue_url_unset",
            Self::WindowUnreadable => "signature_window_unreadable",
        }
    }
}

impl Settings {
    pub(crate) fn from_environment(provider: &dyn Provider) -> Result<Self, SettingsError> {
        let secrets =
            variable(&variable_of(provider.name())).or_else(|| variable(SECRETS_VARIABLE));
        let keys = match (secrets, variable(SECRET_ARN_VARIABLE)) {
            (Some(secrets), _) => {
                Keys::Given(Secrets::parse(&secrets)?.checked_by(|key| provider.check_key(key))?)
            }
            (None, Some(arn)) if !arn.trim().is_empty() => Keys::Managed(arn),
            (None, _) => return Err(SecretsError::Unset.into()),
        };
        let queue_url = variable("QUEUE_URL").unwrap_or_default();
        if queue_url.trim().is_empty() {
            return Err(SettingsError::QueueUrlUnset);
        }
        let window = match variable("SIGNATURE_WINDOW").unwrap_or_default().trim() {
            "" => None,
            seconds => Some(
                seconds
                    .parse()
                    .map_err(|_| SettingsError::WindowUnreadable)?,
            ),
        };
        Ok(Self {
            keys,
            queue_url,
            window,
            metrics_namespace: variable("METRICS_NAMESPACE").unwrap_or_default(),
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where a receiver reads its environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
