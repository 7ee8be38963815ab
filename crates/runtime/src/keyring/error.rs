//! Why a reading of the secret returned no keys.

use shared::secrets::SecretsError;

/// Secrets Manager's error code if a secret, or a version of it, is not there.
pub(super) const NOT_FOUND: &str = "ResourceNotFoundException";
/// Secrets Manager's error code if the function may not read the secret. It is also the code for a
/// secret that is not there, if the role may read only one name with a suffix.
const DENIED: &str = "AccessDeniedException";

/// Why a reading returned no keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// There is no secret of this name yet, or the function may not read it. AWS tells the two
    /// apart only for those who may read it.
    #[error(
        "Secrets Manager has no secret {name}, or the function may not read it ({code}): make it with aws secretsmanager create-secret --name {name} --secret-string 'THE KEY'; if it is there, look at the function's role"
    )]
    Missing {
        /// The secret's name.
        name: String,
        /// Secrets Manager's error code.
        code: String,
    },
    /// Secrets Manager did not return the secret. The text is its error code.
    #[error("Secrets Manager did not give the secret: {0}")]
    Unavailable(String),
    /// What stands there cannot be used as a secret.
    #[error(transparent)]
    Unusable(#[from] SecretsError),
}

impl KeyringError {
    /// Returns the error for a secret that Secrets Manager did not return.
    pub(super) fn of_service(name: &str, code: &str) -> Self {
        match code {
            NOT_FOUND | DENIED => Self::Missing {
                name: name.to_owned(),
                code: code.to_owned(),
            },
            code => Self::Unavailable(code.to_owned()),
        }
    }

    /// Returns the stable name for logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } | Self::Unavailable(_) => "secret_unavailable",
            Self::Unusable(error) => error.code(),
        }
    }

    /// Returns Secrets Manager's error code, if it was Secrets Manager that failed.
    #[must_use]
    pub fn secrets_error(&self) -> Option<&str> {
        match self {
            Self::Missing { code, .. } | Self::Unavailable(code) => Some(code),
            Self::Unusable(_) => None,
        }
    }
}
