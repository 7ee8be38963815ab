//! Why a storm cannot take place. Defects that it finds are in its report.

use std::io;

use operator::webhooks::WebhookError;
use stack::BuildError;
use stack::template::TemplateError;
use table::read::ReadError;

/// Why a storm cannot take place.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The programs cannot be found.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The template cannot be read.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The template's consumer does not say how long it keeps events.
    #[error("the template's consumer has no RETENTION_DAYS")]
    NoRetention,
    /// The stack's table or queue cannot be read, or a webhook cannot be signed.
    #[error(transparent)]
    Operator(#[from] operator::Error),
    /// No ports are free for the stack.
    #[error("no three ports are free")]
    NoPorts,
    /// The keys cannot be written down for the stack.
    #[error("the keys cannot be written beside the stack's data: {0}")]
    NoKeys(#[source] io::Error),
    /// The stack's process cannot be started.
    #[error("the stack cannot be started: {0}")]
    NoProcess(#[source] io::Error),
    /// The stack ended, or said nothing, before it was ready.
    #[error("the stack did not start: {0}")]
    NotStarted(String),
    /// The stack does not read the faults that are sent to it.
    #[error("the stack does not listen: {0}")]
    Deaf(#[source] io::Error),
    /// The stack does not say which faults are in force.
    #[error("the stack does not answer")]
    Silent,
    /// The stack answered something else than which faults are in force.
    #[error("{0}")]
    Answer(String),
    /// An endpoint that is to be told cannot be started.
    #[error("no endpoint can be started: {0}")]
    Sink(String),
    /// The stack has nothing that tells others.
    #[error("the stack has no outlets")]
    NoOutlets,
    /// The endpoints cannot be changed.
    #[error(transparent)]
    Webhooks(#[from] WebhookError),
    /// The table of what waits cannot be read.
    #[error("the table of the outlets cannot be read")]
    Outlets(#[source] ReadError),
    /// Nothing has moved in the queue for a long time.
    #[error("{0} messages stay in the queue")]
    Stuck(usize),
}

impl Error {
    /// Returns the stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Build(error) => error.code(),
            Self::Template(_) => "template_unusable",
            Self::NoRetention => "retention_missing",
            Self::Operator(error) => error.code(),
            Self::NoPorts => "no_ports",
            Self::NoKeys(_) => "keys_not_written",
            Self::NoProcess(_) => "stack_not_spawned",
            Self::NotStarted(_) => "stack_not_started",
            Self::Deaf(_) | Self::Silent | Self::Answer(_) => "stack_silent",
            Self::Sink(_) => "sink_not_started",
            Self::Webhooks(error) => error.code(),
            Self::Outlets(error) => error.code(),
            Self::NoOutlets => "outlets_missing",
            Self::Stuck(_) => "queue_stuck",
        }
    }

    /// Returns what the user can do about the error, if that is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Operator(error) => error.hint(),
            Self::Webhooks(error) => error.hint(),
            _ => None,
        }
    }
}
