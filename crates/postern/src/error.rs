//! Why a command fails. The error is printed on stderr, with a hint that says what to do.

use std::io;
use std::path::PathBuf;

/// Why a command fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// An operation on a stack failed.
    #[error(transparent)]
    Operator(#[from] operator::Error),
    /// The local stack does not start, or does not settle.
    #[error(transparent)]
    Stack(#[from] stack::Error),
    /// The storm cannot take place.
    #[error(transparent)]
    Storm(#[from] storm::Error),
    /// A `--secret` does not have the form that it should have. Its text may be a key, so it is not
    /// shown.
    #[error("--secret is not PROVIDER=KEY")]
    SecretForm,
    /// A `--secret` has no key.
    #[error("--secret {0}=: the key is blank")]
    SecretBlank(String),
    /// A provider has more than one `--secret`.
    #[error("--secret {0} came twice")]
    SecretTwice(String),
    /// The stack was asked to die by a fault. A stack cannot restart itself.
    #[error("stack:kill is for `storm`, which starts the stack again")]
    StackKill,
    /// The user stopped the command.
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
    /// A sample of the demo was not accepted.
    #[error("{file} was answered {status}", file = .file.display())]
    SampleRefused {
        /// The sample.
        file: PathBuf,
        /// The status of the answer.
        status: u16,
    },
    /// Some of the webhooks that were sent were not accepted.
    #[error("{refused} of {sent} were refused")]
    Refused {
        /// How many were not accepted.
        refused: usize,
        /// How many were sent.
        sent: usize,
    },
    /// Some events were not written.
    #[error("{0} events were not written")]
    NotWritten(usize),
    /// Some items were not deleted.
    #[error("{0} items may still be there")]
    NotDeleted(usize),
    /// The storm found something wrong.
    #[error("{}", .0.join(", "))]
    Defects(Vec<String>),
}

impl CommandError {
    /// Returns what the user can do about the error, if that is known.
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
