//! One thing that people get wrong, undone.

use shared::secrets::Secrets;
use shared::sender::Sender;

use super::case::Pairs;

/// A slip, and what undoes it. It has no `Debug`.
pub(super) struct Slip {
    /// Its stable name.
    pub(super) code: &'static str,
    /// What to fix, in words.
    pub(super) text: String,
    /// The command that fixes it.
    pub(super) command: Option<String>,
    /// What the request, or the secret, should have been.
    pub(super) undone: Undone,
}

/// What the request, or the secret, should have been.
pub(super) enum Undone {
    Headers(Pairs),
    Query(Pairs),
    Body(Vec<u8>),
    Secrets(Secrets),
    /// Another provider's receiver.
    Receiver(&'static dyn Sender, Secrets),
}

impl Slip {
    /// Returns a slip that no command fixes.
    pub(super) fn new(code: &'static str, text: impl Into<String>, undone: Undone) -> Self {
        Self {
            code,
            text: text.into(),
            command: None,
            undone,
        }
    }

    /// Returns the same slip with the command that fixes it.
    pub(super) fn by(self, command: impl Into<String>) -> Self {
        Self {
            command: Some(command.into()),
            ..self
        }
    }

    /// Checks whether this is about the key in the URL.
    pub(super) fn is_of_the_url(&self) -> bool {
        matches!(self.undone, Undone::Query(_))
    }
}
