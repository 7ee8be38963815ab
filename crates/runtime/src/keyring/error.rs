//! Why a reading of the secret returned no keys.

use shared::secrets::SecretsError;

/// Why a reading returned no keys.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// Secrets Manager did not return the secret. The text is its error code.
    #[error("Secrets Manager did not give the secret: {0}")]
    Unavailable(String),
    /// Secrets Manager returned something that cannot be used as a secret.
    #[error("the secret in Secrets Manager cannot be used: {0}")]
    Unusable(#[from] SecretsError),
}

impl KeyringError {
    /// Returns the stable name for logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "secret_unavailable",
            Self::Unusable(error) => error.code(),
        }
    }
}
