//! Reads a receiver's settings from its environment, once.

use shared::provider::Provider;
use shared::secrets::{SECRETS_VARIABLE, Secrets, SecretsError, variable_of};

/// The environment variable that names the secret in Secrets Manager.
const SECRET_NAME_VARIABLE: &str = "WEBHOOK_SECRET_NAME";

/// A receiver's environment.
pub(crate) struct Settings {
    pub(crate) keys: Keys,
    pub(crate) queue_url: String,
    pub(crate) window: Option<u64>,
}

/// Where the keys come from.
pub(crate) enum Keys {
    /// The keys are in the environment, on a developer's machine. They cannot change, and neither
    /// can what is wrong with them.
    Given(Result<Secrets, SecretsError>),
    /// The keys are in Secrets Manager, under this name.
    Managed(String),
}

/// Why a receiver refuses to start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("QUEUE_URL is not set: set it to the URL of the deliveries queue")]
    QueueUrlUnset,
    #[error("SIGNATURE_WINDOW is not a whole number of seconds (0 turns the check off)")]
    WindowUnreadable,
}

impl SettingsError {
    /// Returns the stable name for logs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::QueueUrlUnset => "queue_url_unset",
            Self::WindowUnreadable => "signature_window_unreadable",
        }
    }
}

impl Settings {
    pub(crate) fn from_environment(provider: &dyn Provider) -> Result<Self, SettingsError> {
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
            keys: Keys::from_environment(provider),
            queue_url,
            window,
        })
    }
}

impl Keys {
    fn from_environment(provider: &dyn Provider) -> Self {
        let given = variable(&variable_of(provider.name())).or_else(|| variable(SECRETS_VARIABLE));
        let name = variable(SECRET_NAME_VARIABLE).filter(|name| !name.trim().is_empty());
        match (given, name) {
            (Some(given), _) => Self::Given(
                Secrets::parse(&given)
                    .and_then(|secrets| secrets.checked_by(|key| provider.check_key(key))),
            ),
            (None, Some(name)) => Self::Managed(name),
            (None, None) => Self::Given(Err(SecretsError::Unset)),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where a receiver reads its environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
