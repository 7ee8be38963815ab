//! What is said of a request.

use serde::Serialize;

use super::slip::Slip;

/// What went wrong with a request, by what would match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NearMiss {
    /// The stable name of the slip.
    pub slip: &'static str,
    /// What to fix, in words. It has nothing secret.
    pub text: String,
    /// The command that fixes it, if there is one.
    pub command: Option<String>,
}

impl From<Slip> for NearMiss {
    fn from(slip: Slip) -> Self {
        Self {
            slip: slip.code,
            text: slip.text,
            command: slip.command,
        }
    }
}
