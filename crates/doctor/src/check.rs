//! What a check says.

use std::future::Future;

use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use serde::Serialize;

use operator::cause::{is_denial, root_cause};

/// How a check ended. The order is that of how much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// All is well.
    Ok,
    /// It was not tried, or could not be found out.
    Skipped,
    /// Somebody should look at it.
    Warning,
    /// Webhooks are lost or refused, or nobody would be told if they were.
    Failed,
}

impl State {
    /// Returns the word that scripts read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skipped => "skipped",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

/// One line of the checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The check. One that found several things has a line for each.
    pub id: &'static str,
    /// How it ended.
    pub state: State,
    /// What was found.
    pub text: String,
    /// What to do: a line to paste, or a sentence.
    pub fix: Option<String>,
    /// Whether what was to be asked did not answer.
    #[serde(skip)]
    pub(crate) is_unanswered: bool,
}

impl Check {
    fn new(id: &'static str, state: State, text: impl Into<String>, fix: Option<String>) -> Self {
        Self {
            id,
            state,
            text: text.into(),
            fix,
            is_unanswered: false,
        }
    }

    pub(crate) fn ok(id: &'static str, text: impl Into<String>) -> Self {
        Self::new(id, State::Ok, text, None)
    }

    /// Returns a line about what is well, and could still be made better.
    pub(crate) fn advice(
        id: &'static str,
        text: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self::new(id, State::Ok, text, Some(fix.into()))
    }

    pub(crate) fn warning(
        id: &'static str,
        text: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self::new(id, State::Warning, text, Some(fix.into()))
    }

    pub(crate) fn failed(
        id: &'static str,
        text: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self::new(id, State::Failed, text, Some(fix.into()))
    }

    pub(crate) fn left_out(id: &'static str, text: impl Into<String>) -> Self {
        Self::new(id, State::Skipped, text, None)
    }

    /// Returns the line of a check that did not end.
    pub(crate) fn unanswered(id: &'static str, cause: &str) -> Self {
        Self {
            is_unanswered: true,
            ..Self::new(id, State::Skipped, format!("skipped: {cause}"), None)
        }
    }

    /// Returns the line of a check that could not read what it needs.
    pub(crate) fn unread(id: &'static str, unread: &Unread) -> Self {
        let fix = match unread {
            Unread::NotAllowed(_) => Some("postern doctor --policy".to_owned()),
            Unread::Failed(_) => None,
        };
        Self {
            is_unanswered: fix.is_none(),
            ..Self::new(id, State::Skipped, format!("skipped: {unread}"), fix)
        }
    }
}

/// Why something could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unread {
    /// The caller may not.
    #[error("not allowed: {0}")]
    NotAllowed(String),
    /// The service failed, or did not answer.
    #[error("{0}")]
    Failed(String),
}

/// Makes a call. `action` is its name in a policy.
pub(crate) async fn ask<T, E, R>(
    action: &'static str,
    call: impl Future<Output = Result<T, SdkError<E, R>>>,
) -> Result<T, Unread>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    call.await.map_err(|error| unread(action, &error))
}

/// Returns why a call failed.
pub(crate) fn unread<E, R>(action: &'static str, error: &SdkError<E, R>) -> Unread
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let code = error.code().map(str::to_owned);
    if code.as_deref().is_some_and(is_denial) {
        return Unread::NotAllowed(action.to_owned());
    }
    let cause = code.unwrap_or_else(|| root_cause(error));
    Unread::Failed(format!("{action} failed ({cause})"))
}
