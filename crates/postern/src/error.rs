//! Why a command fails: what is printed on stderr, with a hint that says what to do.

use std::io;
use std::path::PathBuf;

/// Why a command fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// An operation on a stack does not succeed.
    #[error(transparent)]
    Operator(#[from] operator::Error),
    /// The local stack does not start, or does not settle.
    #[error(transparent)]
    Stack(#[from] stack::Error),
    /// The storm cannot take place.
    #[error(transparent)]
    Storm(#[from] storm::Error),
    /// A `--secret` is not of the form that it should have. Its text may be a key, and is not
    /// shown.
    #[error("--secret is not PROVIDER=KEY")]
    SecretForm,
    /// A `--secret` has no key.
    #[error("--secret {0}=: the key is blank")]
    SecretBlank(String),
    /// A provider has two of them.
    #[error("--secret {0} came twice")]
    SecretTwice(String),
    /// The death of the stack is no fault that a stack can live through.
    #[error("stack:kill is for `storm`, which starts the stack again")]
    StackKill,
    /// The user has stopped it.
    #[error("stopped before its end")]
    Stopped,
    /// A file cannot be read or written.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Something cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A sample of the demonstration is not accepted.
    #[error("{file} was answered {status}", file = .file.display())]
    SampleRefused {
        /// The sample.
        file: PathBuf,
        /// The status of the answer.
        status: u16,
    },
    /// Webhooks that were sent are not accepted.
    #[error("{refused} of {sent} were refused")]
    Refused {
        /// How many.
        refused: usize,
        /// Of how many.
        sent: usize,
    },
    /// Events were not written.
    #[error("{0} events were not written")]
    NotWritten(usize),
    /// Items were not deleted.
    #[error("{0} items may still be there")]
    NotDeleted(usize),
    /// The storm has found something wrong.
    #[error("{}", .0.join(", "))]
    Defects(Vec<String>),
}

impl CommandError {
    /// Returns what the user can do about it, where that is known.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Operator(error) => error.hint(),
            Self::Stack(error) => error.hint(),
            Self::Storm(error) => error.hint(),
            Self::SecretForm => {
                let names = registry::PROVIDERS.iter().map(|provider| provider.name());
                let names = names.collect::<Vec<_>>().join(" ");
                Some(format!("the provider is one of {names}"))
            }
            Self::SecretTwice(_) => {
                Some("several keys are one JSON object of label -> key".to_owned())
            }
            Self::NotWritten(_) | Self::NotDeleted(_) => Some("run it again".to_owned()),
            _ => None,
        }
    }
}
