//! Why a reading of the secret gave no keys.

use shared::secrets::SecretsError;

/// Why a reading gave no keys.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// Secrets Manager did not give the secret: its error code.
    #[error("Secrets Manager did not give the secret: {0}")]
    Unavailable(String),
    /// It gave one that is no secret.
    #[error("the secret in Secrets Manager cannot be used: {0}")]
    Unusable(#[from] SecretsError),
}

impl KeyringError {
    /// The stable name for logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "secret_unavailable",
            Self::Unusable(error) => error.code(),
        }
    }
}
