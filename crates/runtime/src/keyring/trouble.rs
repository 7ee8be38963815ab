//! The log line of a reading of the secret that failed, or that returned keys with something odd
//! about them.

use jiff::Timestamp;
use serde::Serialize;

use super::error::KeyringError;
use crate::log::{Head, Level};
use shared::secrets::{KeyWarning, SecretsError, Stage};

/// What is wrong with the secret of a receiver. It contains no key and no other text from the
/// secret.
#[derive(Serialize)]
pub struct Trouble {
    #[serde(flatten)]
    head: Head,
    provider: &'static str,
    outcome: &'static str,
    code: &'static str,
    /// Secrets Manager's error code.
    #[serde(skip_serializing_if = "Option::is_none")]
    secrets_error: Option<String>,
    /// The version that the line is about, if it is not about the whole reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<&'static str>,
    /// What to do.
    message: String,
}

impl Trouble {
    /// Reports a reading that returned no keys.
    pub(crate) fn of_reading(at: Timestamp, provider: &'static str, error: &KeyringError) -> Self {
        Self {
            head: Head::new(at, Level::Error),
            outcome: "secret_refresh_failed",
            secrets_error: error.secrets_error().map(str::to_owned),
            ..Self::new(at, provider, error.code(), error.to_string())
        }
    }

    /// Reports that the version before the last rotation cannot be used and does not count.
    pub(super) fn of_previous(at: Timestamp, provider: &'static str, error: SecretsError) -> Self {
        Self {
            outcome: "secret_previous_unusable",
            stage: Some(Stage::Previous.name()),
            ..Self::new(at, provider, error.code(), error.to_string())
        }
    }

    /// Reports that a key in use is odd.
    pub(crate) fn of_key(at: Timestamp, provider: &'static str, warning: KeyWarning) -> Self {
        Self::new(at, provider, warning.code(), warning.to_string())
    }

    fn new(at: Timestamp, provider: &'static str, code: &'static str, message: String) -> Self {
        Self {
            head: Head::new(at, Level::Warn),
            provider,
            outcome: "secret_odd",
            code,
            secrets_error: None,
            stage: None,
            message,
        }
    }

    /// Returns the stable name of what is wrong.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }
}
