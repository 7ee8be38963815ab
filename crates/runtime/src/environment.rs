//! Reads the environment of the functions of the way out: `fanout`, `deliver`, `sweep` and `api`.

use std::str::FromStr;

/// Why a function does not start: a variable is missing or says nothing usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    /// The variable is not set, or is blank.
    #[error("{0} is not set")]
    Unset(&'static str),
    /// The variable is not what it should be.
    #[error("{0} cannot be read")]
    Unreadable(&'static str),
}

impl EnvironmentError {
    /// Returns the stable name for logs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unset(_) => "variable_unset",
            Self::Unreadable(_) => "variable_unreadable",
        }
    }
}

/// Returns a variable that must be there.
///
/// # Errors
/// Returns [`EnvironmentError::Unset`] if it is not set, or blank.
pub fn needed(name: &'static str) -> Result<String, EnvironmentError> {
    optional(name).ok_or(EnvironmentError::Unset(name))
}

/// Returns a variable, unless it is not set or blank.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where these functions read their environment"
)]
pub fn optional(name: &'static str) -> Option<String> {
    let value = std::env::var(name).ok()?;
    (!value.trim().is_empty()).then_some(value)
}

/// Returns the host names of a variable, which stand between commas, in lower case.
#[must_use]
pub fn hosts(name: &'static str) -> Vec<String> {
    let text = optional(name).unwrap_or_default();
    let hosts = text.split(',').map(str::trim);
    let hosts = hosts.filter(|host| !host.is_empty());
    hosts.map(str::to_ascii_lowercase).collect()
}

/// Returns a variable as a number, unless it is not set or blank.
///
/// # Errors
/// Returns [`EnvironmentError::Unreadable`] if it is none.
pub fn number<T: FromStr>(name: &'static str) -> Result<Option<T>, EnvironmentError> {
    let number = |text: String| text.trim().parse().ok();
    optional(name)
        .map(|text| number(text).ok_or(EnvironmentError::Unreadable(name)))
        .transpose()
}
