//! The log line of a reading of the secret that failed, or that returned keys with something odd
//! about them.

use jiff::Timestamp;
use serde::Serialize;

use super::error::KeyringError;
use crate::log::Metrics;
use shared::secrets::{KeyWarning, SecretsError, Stage};

/// What is wrong with the secret of a running receiver. It contains no key and no other text from
/// the secret.
#[derive(Serialize)]
pub struct Trouble {
    level: &'static str,
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
    /// Metric: 1 if the receiver continues with the keys that it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_refresh_failed: Option<u8>,
    #[serde(rename = "_aws", skip_serializing_if = "Option::is_none")]
    metrics: Option<Metrics>,
}

impl Trouble {
    /// Reports a reading that returned no keys. It is counted without a dimension for the alarm,
    /// and by provider for the dashboard.
    pub(super) fn of_reading(provider: &'static str, error: &KeyringError, at: Timestamp) -> Self {
        let secrets_error = match error {
            KeyringError::Unavailable(code) => Some(code.clone()),
            KeyringError::Unusable(_) => None,
        };
        let metrics = Metrics::at(at).of(&[&[], &["provider"]], &["secret_refresh_failed"], &[]);
        Self {
            level: "error",
            outcome: "secret_refresh_failed",
            secrets_error,
            secret_refresh_failed: Some(1),
            metrics: Some(metrics),
            ..Self::new(provider, error.code(), error.to_string())
        }
    }

    /// Reports that the version before the last rotation cannot be used and does not count.
    pub(super) fn of_previous(provider: &'static str, error: SecretsError) -> Self {
        Self {
            outcome: "secret_previous_unusable",
            stage: Some(Stage::Previous.name()),
            ..Self::new(provider, error.code(), error.to_string())
        }
    }

    /// Reports that a key in use is odd.
    pub(crate) fn of_key(provider: &'static str, warning: KeyWarning) -> Self {
        Self::new(provider, warning.code(), warning.to_string())
    }

    fn new(provider: &'static str, code: &'static str, message: String) -> Self {
        Self {
            level: "warn",
            provider,
            outcome: "secret_odd",
            code,
            secrets_error: None,
            stage: None,
            message,
            secret_refresh_failed: None,
            metrics: None,
        }
    }

    /// Returns the stable name of what is wrong.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }
}
