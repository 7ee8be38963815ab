//! Why a word about somebody cannot be said, or a list not be read.

use ::operator::Exit;

use crate::error::SuppressError;
use crate::import::error::ImportError;

/// Why an operation on the suppressions fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The stack cannot be asked, or what was typed names nobody.
    #[error(transparent)]
    Operator(#[from] operator::Error),
    /// A list cannot be imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A word must not be said.
    #[error(transparent)]
    Suppress(#[from] SuppressError),
}

impl Error {
    /// Returns the error's stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Operator(error) => error.code(),
            Self::Import(error) => error.code(),
            Self::Suppress(error) => error.code(),
        }
    }

    /// Returns how a command ends that fails with it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Operator(error) => error.exit(),
            Self::Import(error) => error.exit(),
            Self::Suppress(error) => error.exit(),
        }
    }

    /// Returns what is behind the error, if it says more than the error.
    #[must_use]
    pub fn cause(&self) -> Option<String> {
        match self {
            Self::Operator(error) => error.cause(),
            Self::Import(error) => std::error::Error::source(error).map(ToString::to_string),
            Self::Suppress(_) => None,
        }
    }

    /// Returns what the user can do about the error, if that is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Operator(error) => error.hint(),
            Self::Import(error) => error.hint(),
            Self::Suppress(error) => error.hint(),
        }
    }
}
