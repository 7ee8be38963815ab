//! The service's errors.

use thiserror::Error;

/// Why a request was refused, worded as AWS words it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VaultError {
    /// No secret has this name or ARN.
    #[error("Secrets Manager can't find the specified secret.")]
    NoSecret,
    /// The secret has no such version. The text is what names the version.
    #[error("Secrets Manager can't find the specified secret value for {0}")]
    NoVersion(String),
    /// A secret of this name exists.
    #[error("The operation failed because the secret {0} already exists.")]
    SecretExists(String),
    /// A version of this id exists, and holds something else.
    #[error(
        "You can't use ClientRequestToken {token} because that value is already in use for a version of secret {arn}."
    )]
    VersionExists {
        /// The token, which is the version's id.
        token: String,
        /// The secret's ARN.
        arn: String,
    },
    /// A parameter has a value that it cannot have. The text says which.
    #[error("{0}")]
    InvalidParameter(String),
    /// The parameters do not go together. The text says why.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// A required parameter is absent, or breaks a constraint of AWS's model.
    #[error("{0}")]
    Validation(String),
    /// The request is not JSON, or a field has another type.
    #[error("{0}")]
    Malformed(String),
    /// The value is there until the stack stops, and cannot be kept for longer.
    #[error("The secret could not be kept in the stack's folder.")]
    NotKept,
    /// The `x-amz-target` header names no action of this service.
    #[error("The action {0} is not valid for this endpoint.")]
    UnknownAction(String),
}

impl VaultError {
    /// Returns the name of the error's shape: its code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSecret | Self::NoVersion(_) => "ResourceNotFoundException",
            Self::SecretExists(_) | Self::VersionExists { .. } => "ResourceExistsException",
            Self::InvalidParameter(_) => "InvalidParameterException",
            Self::InvalidRequest(_) => "InvalidRequestException",
            Self::Validation(_) => "ValidationException",
            Self::Malformed(_) => "SerializationException",
            Self::NotKept => "InternalServiceError",
            Self::UnknownAction(_) => "UnknownOperationException",
        }
    }
}
