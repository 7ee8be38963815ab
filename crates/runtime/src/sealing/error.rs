//! Why there are no keys to seal with.

use shared::auth::SealError;

/// Why there are no keys to seal with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// Secrets Manager did not return the secret. The text is its error code.
    #[error("Secrets Manager did not give the sealing secret: {0}")]
    Unavailable(String),
    /// What stands there is too short to be a sealing secret.
    #[error("the sealing secret cannot be used: it needs 32 characters or more")]
    Unusable,
}

impl SealingError {
    /// Returns the stable name for logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "sealing_key_unavailable",
            Self::Unusable => "sealing_key_unusable",
        }
    }

    /// Returns Secrets Manager's error code, if it was Secrets Manager that failed.
    #[must_use]
    pub fn secrets_error(&self) -> Option<&str> {
        match self {
            Self::Unavailable(code) => Some(code),
            Self::Unusable => None,
        }
    }
}

impl From<SealError> for SealingError {
    fn from(_: SealError) -> Self {
        Self::Unusable
    }
}
