//! Why the operator's word is not taken.

use ::operator::events::when;
use ::operator::exit::Exit;

/// Why the operator's word is not taken.
#[derive(Debug, thiserror::Error)]
pub enum SuppressError {
    /// A complaint is not lifted by accident.
    #[error("{address} complained on {}: nothing was lifted", when(since, true))]
    Complained {
        /// The address.
        address: String,
        /// Since when, RFC 3339.
        since: String,
    },
}

impl SuppressError {
    /// Returns the error's stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Complained { .. } => "complaint_not_lifted",
        }
    }

    /// Returns what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let Self::Complained { address, .. } = self;
        Some(format!(
            "if this person has asked for your mail since: postern suppress lift {address} --even-complaint {{target}}"
        ))
    }

    /// Returns how the command ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Complained { .. } => Exit::No,
        }
    }
}
