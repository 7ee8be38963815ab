//! Why a stack's endpoints cannot be shown or changed. Nothing of a request is in any of it.

use crate::error::Error;
use crate::exit::Exit;
use crate::explain;

/// Why it cannot be.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The stack tells nobody.
    #[error("this stack has no outlets")]
    Off {
        /// Whether it is the one on this machine.
        is_local: bool,
    },
    /// The API wants a key.
    #[error("this stack's API wants a key (ApiAuth=key), and there is none")]
    NoKey,
    /// The key cannot be sent.
    #[error("the API's key has characters that no key has")]
    KeyUnfit,
    /// The API refuses.
    #[error("{}", refused(*.status, .message))]
    Refused {
        /// The status of its answer.
        status: u16,
        /// The stable name, or nothing.
        code: String,
        /// Its words, or nothing.
        message: String,
    },
    /// The API does not answer.
    #[error("the API of the endpoints does not answer")]
    NoAnswer {
        /// Why not.
        cause: String,
    },
    /// Its answer is none that this version knows.
    #[error("what answers is not the API of the endpoints, or another version of it")]
    Unreadable,
    /// There is no endpoint with this id.
    #[error("there is no webhook {0}")]
    NoEndpoint(u64),
    /// No request can be made.
    #[error("no request to the API can be made")]
    Request,
    /// The table of the endpoints cannot be read or written.
    #[error("the table of the outlets cannot be read or written")]
    Table {
        /// Why not.
        cause: String,
    },
    /// The stack cannot be asked.
    #[error(transparent)]
    Stack(#[from] Error),
}

/// Returns the API's words; the gateway itself says little.
fn refused(status: u16, message: &str) -> String {
    match (status, message) {
        (401 | 403, "") => "the API does not let the caller in".to_owned(),
        (404, "") => "the API does not know this route: is the stack of this version?".to_owned(),
        (status, "") => format!("the API answered {status}"),
        (_, message) => message.to_owned(),
    }
}

impl WebhookError {
    /// Returns the error's stable name. A code of the API that this version does not know has the
    /// name of its status.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Off { .. } => "outlets_off",
            Self::NoKey => "api_key_missing",
            Self::KeyUnfit => "api_key_unfit",
            Self::Refused { status, code, .. } => explain::known(code).unwrap_or(match status {
                401 | 403 => "webhooks_not_allowed",
                _ => "webhooks_refused",
            }),
            Self::NoAnswer { .. } => "api_unreachable",
            Self::Unreadable => "answer_unreadable",
            Self::NoEndpoint(_) => "webhook_unknown",
            Self::Request => "request_impossible",
            Self::Table { .. } => "outlets_table_failed",
            Self::Stack(error) => error.code(),
        }
    }

    /// Returns what is behind the error, if it says more than the error.
    #[must_use]
    pub fn cause(&self) -> Option<String> {
        match self {
            Self::NoAnswer { cause } | Self::Table { cause } => Some(cause.clone()),
            Self::Stack(error) => error.cause(),
            _ => None,
        }
    }

    /// Returns how a command ends that fails with it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Refused { status, .. } => match status {
                401 | 403 => Exit::NotAllowed,
                409 => Exit::No,
                429 | 500.. => Exit::Unreachable,
                _ => Exit::Line,
            },
            Self::NoKey => Exit::NotAllowed,
            Self::KeyUnfit | Self::Request | Self::NoEndpoint(_) => Exit::Line,
            Self::Off { .. } | Self::NoAnswer { .. } | Self::Unreadable | Self::Table { .. } => {
                Exit::Unreachable
            }
            Self::Stack(error) => error.exit(),
        }
    }

    /// Returns what the user can do about the error, if that is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Off { is_local: true } => {
                "start it without Outlets=no: postern up".to_owned()
            }
            Self::Off { is_local: false } => {
                "sam deploy --parameter-overrides Outlets=yes …      (with the parameters that you have)"
                    .to_owned()
            }
            Self::NoKey => "set POSTERN_API_KEY, or give it on standard input: --api-key -".to_owned(),
            Self::NoEndpoint(_) => "those that there are: postern webhooks list {target}".to_owned(),
            Self::Refused { status: 404, .. } => {
                "those that there are: postern webhooks list {target}".to_owned()
            }
            Self::Refused { status, code, .. } => match explain::explain(code, None) {
                Some(explanation) => explanation.cure,
                None if matches!(status, 401 | 403) => {
                    "IAM must allow execute-api:Invoke on the path: postern help permissions webhooks"
                        .to_owned()
                }
                None => return None,
            },
            Self::NoAnswer { .. } | Self::Table { .. } => "run it again".to_owned(),
            Self::Unreadable => "is this tool of the stack's version? postern doctor {target}".to_owned(),
            Self::Stack(error) => return error.hint(),
            Self::KeyUnfit | Self::Request => return None,
        };
        Some(hint)
    }
}
