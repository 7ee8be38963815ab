//! The log line of a reading of the keys that failed.

use jiff::Timestamp;
use runtime::log::{Head, Level};
use serde::Serialize;

use super::keys::KeysError;

/// What is wrong with the secret that holds the API's keys. It contains nothing of the secret.
#[derive(Serialize)]
pub(crate) struct Trouble {
    #[serde(flatten)]
    head: Head,
    function: &'static str,
    outcome: &'static str,
    code: &'static str,
    /// What to do.
    message: String,
}

impl Trouble {
    /// Reports a reading that returned no keys.
    pub(crate) fn of_reading(at: Timestamp, code: &'static str, message: String) -> Self {
        Self {
            head: Head::new(at, Level::Error),
            function: "api",
            outcome: "secret_refresh_failed",
            code,
            message,
        }
    }

    /// Reports that the version before the last rotation cannot be used and does not count.
    pub(crate) fn of_previous(at: Timestamp, error: KeysError) -> Self {
        Self {
            head: Head::new(at, Level::Warn),
            function: "api",
            outcome: "secret_previous_unusable",
            code: error.code(),
            message: error.to_string(),
        }
    }
}
