//! What is thought of one signature.

use serde::{Serialize, Serializer};

/// What is thought of one signature of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// One of the secrets has made it.
    Ok,
    /// None of them has.
    Bad,
    /// There is none.
    Missing,
    /// There is no secret to check it with.
    Unchecked,
}

impl Verdict {
    /// Returns the word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Bad => "BAD",
            Self::Missing => "MISSING",
            Self::Unchecked => "unchecked",
        }
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.word().to_lowercase())
    }
}
