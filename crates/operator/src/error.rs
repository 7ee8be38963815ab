//! Why an operation fails, and what the user can do about it.

use std::path::PathBuf;

#[cfg(feature = "account")]
use crate::account::error::AccountError;
use crate::asked::Asked;
pub(crate) use crate::cause::root_cause;
use crate::exit::Exit;
use crate::print::printable;
use shared::address::{AddressError, Mailbox};
use shared::secrets::SecretsError;

/// Why an operation fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was typed names nobody.
    #[error("\"{0}\" names nobody")]
    Nobody(String),
    /// What was typed is not the address of one mailbox.
    #[error("\"{}\": {reason}", printable(.text))]
    Address {
        /// What was typed.
        text: String,
        /// What is wrong with it.
        reason: AddressError,
    },
    /// What was asked for cannot be.
    #[error(transparent)]
    Asked(#[from] Asked),
    /// Nothing answers at the address of the local stack.
    #[error("no local stack answers at {url}")]
    NoStack {
        /// The URL that was asked.
        url: String,
        /// Why there is no answer.
        cause: String,
    },
    /// What answers is not a local stack of this version.
    #[error("what answers at {0} is no local stack")]
    NotAStack(String),
    /// A service of AWS or of the local stack failed.
    #[error("{what} ({cause})")]
    Service {
        /// What could not be done.
        what: &'static str,
        /// Why it could not be done.
        cause: String,
        /// What the user should check first.
        hint: &'static str,
    },
    /// The queue is not a dead-letter queue. It is not read, because a receive counts there.
    #[error("{0} is not a dead-letter queue: no queue sends its dead letters there")]
    NotADeadLetterQueue(String),
    /// A move of dead letters ended before all of them had moved.
    #[error("the move ended as {status} ({reason}) after {moved} of {to_move} messages")]
    MoveEnded {
        /// How it ended, in the queue service's words.
        status: String,
        /// Why it ended, in the queue service's words.
        reason: String,
        /// How many messages moved.
        moved: i64,
        /// How many messages were to move.
        to_move: i64,
    },
    /// There is no secret to sign with.
    #[error("there is no key of {0} to sign with")]
    NoSecret(String),
    /// A secret cannot be used.
    #[error("the secret of {provider}: {reason} ({code})", code = reason.code())]
    Secret {
        /// The provider.
        provider: String,
        /// What is wrong with it.
        reason: SecretsError,
    },
    /// A key can check signatures but not make them.
    #[error(
        "this key of {0} can check signatures, not make them: nothing can be signed as {0} would"
    )]
    KeyCannotSign(&'static str),
    /// Nothing says which provider a file belongs to.
    #[error("{file} is not in a provider's folder", file = .0.display())]
    NoProvider(PathBuf),
    /// No request can be built from a URL and headers.
    #[error("cannot build the request: {0}")]
    Request(String),
    /// An API did not answer.
    #[error("no answer from {url} ({cause})")]
    NoAnswer {
        /// The API's URL without its query, which may hold a key.
        url: String,
        /// Why there is no answer.
        cause: String,
    },
    /// A deployed stack cannot be found or asked.
    #[cfg(feature = "account")]
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Something cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl Error {
    /// Returns the error's stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Nobody(_) => "nobody_named",
            Self::Address { reason, .. } => reason.code(),
            Self::Asked(asked) => asked.code(),
            Self::NoStack { .. } => "stack_unreachable",
            Self::NotAStack(_) => "stack_unknown",
            Self::Service { .. } => "service_failed",
            Self::NotADeadLetterQueue(_) => "not_a_dead_letter_queue",
            Self::MoveEnded { .. } => "move_ended",
            Self::NoSecret(_) => "secret_missing",
            Self::Secret { reason, .. } => reason.code(),
            Self::KeyCannotSign(_) => "key_cannot_sign",
            Self::NoProvider(_) => "provider_unknown",
            Self::Request(_) => "request_impossible",
            Self::NoAnswer { .. } => "api_unreachable",
            #[cfg(feature = "account")]
            Self::Account(error) => error.code(),
            Self::Json(_) => "not_json",
        }
    }

    /// Returns what is behind the error, if it says more than the error.
    #[must_use]
    pub fn cause(&self) -> Option<String> {
        match self {
            Self::NoStack { cause, .. } => Some(cause.clone()),
            #[cfg(feature = "account")]
            Self::Account(error) => error.cause(),
            _ => None,
        }
    }

    /// Returns how a command ends that fails with it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Asked(asked) => asked.exit(),
            Self::Nobody(_)
            | Self::Address { .. }
            | Self::NoSecret(_)
            | Self::Secret { .. }
            | Self::KeyCannotSign(_)
            | Self::NoProvider(_)
            | Self::Request(_) => Exit::Line,
            Self::NoStack { .. }
            | Self::NotAStack(_)
            | Self::Service { .. }
            | Self::NotADeadLetterQueue(_)
            | Self::NoAnswer { .. }
            | Self::Json(_) => Exit::Unreachable,
            #[cfg(feature = "account")]
            Self::Account(error) => error.exit(),
            Self::MoveEnded { .. } => Exit::Partly,
        }
    }

    /// Returns what the user can do about the error, if that is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Nobody(_) => "give an address, or the id of a customer".to_owned(),
            Self::Address {
                text,
                reason: AddressError::MoreThanAddress,
            } => meant_address(text)?,
            Self::Address {
                reason: AddressError::ControlCharacter,
                ..
            } => "type it again: something invisible was pasted with it".to_owned(),
            Self::Address { .. } => {
                "give one address, such as kim@mail.test, in any spelling".to_owned()
            }
            Self::Asked(asked) => return asked.hint(),
            Self::NoStack { .. } => {
                "start one in another terminal: postern up      (a deployed one: --stack NAME)"
                    .to_owned()
            }
            Self::NotAStack(_) => {
                "is another program on this port? choose the stack's with --port".to_owned()
            }
            Self::Service { hint, .. } => (*hint).to_owned(),
            #[cfg(feature = "account")]
            Self::Account(error) => return error.hint(),
            Self::MoveEnded { .. } => "the others are still in the dead-letter queue".to_owned(),
            Self::NoSecret(_) => "give it in a file: --key FILE".to_owned(),
            Self::KeyCannotSign(_) => {
                "give the private key, or none for the samples' own".to_owned()
            }
            Self::NoProvider(_) => format!("give --provider, one of {}", providers()),
            Self::Request(_) | Self::NoAnswer { .. } => {
                "is it up? a base URL is such as http://127.0.0.1:3000".to_owned()
            }
            _ => return None,
        };
        Some(hint)
    }
}

/// Asks whether the address in a text is meant.
fn meant_address(text: &str) -> Option<String> {
    let mailbox = Mailbox::one(text).ok()?;
    let address = printable(mailbox.key());
    Some(format!(
        "is it `{address}`? write that, or `Name <{address}>`"
    ))
}

/// Lists the names of the providers.
fn providers() -> String {
    let names: Vec<&str> = registry::PROVIDERS.iter().map(|p| p.name()).collect();
    names.join(", ")
}
