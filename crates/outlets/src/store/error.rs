//! Why the table could not be read or written.

use std::error::Error;

use table::read::ReadError;

/// Why the table of the outlets could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be read.
    #[error("the table of the outlets cannot be read")]
    Unreadable(#[source] Box<dyn Error + Send + Sync>),
    /// It cannot be written.
    #[error("the table of the outlets cannot be written")]
    Unwritable(#[source] Box<dyn Error + Send + Sync>),
    /// Others changed the same item each time.
    #[error("others change the same item of the outlets all the time")]
    Contended,
    /// Not all of it was done by the deadline.
    #[error("the table of the outlets did not answer in time")]
    Late,
}

impl StoreError {
    /// Returns the stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "outlets_unreadable",
            Self::Unwritable(_) => "outlets_unwritable",
            Self::Contended => "outlets_contended",
            Self::Late => "outlets_late",
        }
    }

    pub(super) fn unreadable(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Unreadable(Box::new(error))
    }

    pub(super) fn unwritable(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Unwritable(Box::new(error))
    }
}

impl From<ReadError> for StoreError {
    fn from(error: ReadError) -> Self {
        Self::unreadable(error)
    }
}
