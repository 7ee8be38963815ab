//! What became of a request: an answer, or what is wrong.

use outlets::manage::Refusal;
use outlets::store::StoreError;
use table::asked::Unclear;
use table::read::ReadError;

use crate::answer::Answer;
use crate::line::Managed;

/// A request that went well.
pub(crate) struct Done {
    pub(crate) answer: Answer,
    /// What it changed.
    pub(crate) managed: Option<Managed>,
    /// What it said of an address: `suppressed` or `lifted`.
    pub(crate) said: Option<&'static str>,
}

impl Done {
    /// Returns the end of a request that changed nothing.
    pub(crate) fn read(answer: Answer) -> Self {
        Self {
            answer,
            managed: None,
            said: None,
        }
    }

    /// Returns the end of a request that changed something.
    pub(crate) fn managed(answer: Answer, managed: Managed) -> Self {
        Self {
            answer,
            managed: Some(managed),
            said: None,
        }
    }

    /// Returns the end of a request that said something of an address.
    pub(crate) fn said(answer: Answer, what: &'static str) -> Self {
        Self {
            answer,
            managed: None,
            said: Some(what),
        }
    }
}

/// A request that is refused.
#[derive(Debug)]
pub(crate) struct Wrong {
    pub(crate) refusal: Refusal,
    /// The stable name of what failed behind it.
    pub(crate) cause: Option<&'static str>,
}

impl Wrong {
    /// Returns a refusal, with what failed behind it.
    pub(crate) fn because(refusal: Refusal, cause: &'static str) -> Self {
        Self {
            refusal,
            cause: Some(cause),
        }
    }
}

impl From<Refusal> for Wrong {
    fn from(refusal: Refusal) -> Self {
        Self {
            refusal,
            cause: None,
        }
    }
}

impl From<Unclear> for Wrong {
    fn from(unclear: Unclear) -> Self {
        Refusal::from(unclear).into()
    }
}

impl From<ReadError> for Wrong {
    fn from(error: ReadError) -> Self {
        Self::because(Refusal::Unavailable, error.code())
    }
}

impl From<StoreError> for Wrong {
    fn from(error: StoreError) -> Self {
        let refusal = match error {
            StoreError::Late => Refusal::Unfinished,
            StoreError::Contended => Refusal::Changed,
            StoreError::Unreadable(_) | StoreError::Unwritable(_) => Refusal::Unavailable,
        };
        Self::because(refusal, error.code())
    }
}
