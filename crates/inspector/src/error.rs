//! Why the page gets no answer.

use http::StatusCode;
use operator::Exit;
use operator::asked::Asked;
use operator::send::SendError;
use operator::webhooks::WebhookError;
use serde_json::{Value, json};

/// Why the page gets no answer: a status, a stable name, and words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct PageError {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl PageError {
    /// Returns the error if what was asked for is not, or is no more.
    pub(crate) fn missing(what: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: "not_here",
            message: format!("{what} is not here, or not any more"),
        }
    }

    /// Returns the error if the question is wrong.
    pub(crate) fn asked(code: &'static str, message: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code,
            message: message.to_owned(),
        }
    }

    /// Returns the error if the stack does not run yet.
    pub(crate) fn starting() -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            code: "starting",
            message: "the stack starts: ask again in a moment".to_owned(),
        }
    }

    /// Returns the error if a part of the stack has none of its own words.
    pub(crate) fn failed(message: String) -> Self {
        Self {
            status: StatusCode::BAD_GATEWAY,
            code: "stack_failed",
            message,
        }
    }

    /// Returns the answer.
    pub(crate) fn json(&self) -> Value {
        json!({"error": {"code": self.code, "message": self.message}})
    }

    fn of(exit: Exit, code: &'static str, message: String) -> Self {
        let status = match exit {
            Exit::Line => StatusCode::BAD_REQUEST,
            _ => StatusCode::BAD_GATEWAY,
        };
        Self {
            status,
            code,
            message,
        }
    }
}

impl From<operator::Error> for PageError {
    fn from(error: operator::Error) -> Self {
        Self::of(error.exit(), error.code(), error.to_string())
    }
}

impl From<SendError> for PageError {
    fn from(error: SendError) -> Self {
        Self::of(error.exit(), error.code(), error.to_string())
    }
}

impl From<Asked> for PageError {
    fn from(error: Asked) -> Self {
        Self::of(error.exit(), error.code(), error.to_string())
    }
}

impl From<WebhookError> for PageError {
    fn from(error: WebhookError) -> Self {
        Self::of(error.exit(), error.code(), error.to_string())
    }
}
