//! Why nothing can be sent, and what to type instead.

use std::io;
use std::path::PathBuf;

use crate::error::Error;
use crate::exit::Exit;

/// Why nothing can be sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// An operation failed.
    #[error(transparent)]
    Operation(#[from] Error),
    /// There is neither a file nor a sample of this name.
    #[error("`{name}` is no sample, and there is no such file")]
    Unknown {
        /// What was typed.
        name: String,
        /// The sample that may be meant.
        meant: Option<&'static str>,
    },
    /// The URL is that of another provider's webhooks.
    #[error("{url} is where {theirs} posts, and this is a webhook of {ours}")]
    AnotherProvider {
        /// The URL that was typed.
        url: String,
        /// Its provider.
        theirs: String,
        /// The provider of what is to be sent.
        ours: &'static str,
    },
    /// The shell has found no file for a pattern.
    #[error("no file is like `{0}`")]
    Pattern(String),
    /// A file says what becomes of a body. It is none.
    #[error("{file} is an expectation, not a webhook's body", file = .file.display())]
    Expectation {
        /// The file.
        file: PathBuf,
        /// What to send instead.
        instead: Option<String>,
    },
    /// A file is a request as the gateway passes it on. The body is inside.
    #[error("{file} is a recorded request, not a webhook's body", file = .file.display())]
    Request {
        /// The file.
        file: PathBuf,
        /// What to send instead.
        instead: Option<String>,
    },
    /// A folder has no body in it.
    #[error("{} has no webhook's body in it", .0.display())]
    Empty(PathBuf),
    /// Nothing says whose webhook a file is.
    #[error("{name} does not say its provider{said}")]
    NoProvider {
        /// The file.
        name: String,
        /// What its folder says.
        said: String,
    },
    /// There is no provider of this name.
    #[error("`{0}` is no provider")]
    NoSuchProvider(String),
    /// Nothing was named.
    #[error("nothing to send was named")]
    Nothing,
    /// An API's URL is none.
    #[error("`{url}` is no URL: {why}")]
    Url {
        /// What was typed.
        url: String,
        /// What is wrong with it.
        why: &'static str,
        /// What is likely to be right.
        meant: Option<String>,
    },
    /// One key for the webhooks of several providers.
    #[error("--key is one provider's, and these are webhooks of several: {0}")]
    KeyOfOne(String),
    /// A body has no place for another recipient.
    #[error("{0} names no recipient by a mail address, so it cannot be about another")]
    NoRecipient(String),
    /// What was typed is not one mail address.
    #[error("`{text}` is no mail address: {why}")]
    Recipient {
        /// What was typed.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// A provider signs no time, so none can be wrong.
    #[error("{0} signs no time, so a webhook of it cannot be too old")]
    NoSignedTime(&'static str),
    /// A provider's key cannot be changed into another one.
    #[error("no other key of {0} can be made of this one")]
    NoOtherKey(&'static str),
    /// A body is no text, so that it cannot stand in a command line.
    #[error("{0} is no text: it cannot stand in a curl line")]
    NoText(String),
    /// A provider has no webhook, so nothing can be posted for it.
    #[error("{0} has no webhook: its events come through a queue of its own")]
    NoWebhook(&'static str),
    /// A provider's own queue, in an account, takes what its topic sends and nothing else.
    #[error("{0}'s own queue takes what its topic sends and nothing else")]
    OwnQueue(&'static str),
    /// A provider signs nothing, so nothing can be wrong with it.
    #[error("{0} signs nothing, so nothing of it can be wrong")]
    NothingSigned(&'static str),
    /// A provider is not on in the stack.
    #[error("{0} is not on in this stack")]
    NotOn(&'static str),
    /// A key of the running stack checks signatures and makes none.
    #[error("the stack's key of {0} checks signatures and makes none")]
    PublicKey(&'static str),
    /// A file or folder cannot be read.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl SendError {
    /// Returns the error's stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Operation(error) => error.code(),
            Self::Unknown { .. } | Self::Pattern(_) => "sample_unknown",
            Self::Expectation { .. } => "file_is_expectation",
            Self::Request { .. } => "file_is_request",
            Self::Empty(_) => "folder_empty",
            Self::NoProvider { .. } | Self::NoSuchProvider(_) => "provider_unknown",
            Self::Nothing => "nothing_named",
            Self::Url { .. } => "url_unreadable",
            Self::AnotherProvider { .. } => "url_of_another",
            Self::KeyOfOne(_) => "key_of_one",
            Self::NoRecipient(_) => "recipient_missing",
            Self::Recipient { .. } => "recipient_unreadable",
            Self::NoSignedTime(_) => "time_unsigned",
            Self::NoOtherKey(_) => "key_unchangeable",
            Self::NoText(_) => "body_not_text",
            Self::NotOn(_) => "provider_off",
            Self::NoWebhook(_) => "provider_without_webhook",
            Self::OwnQueue(_) => "queue_of_topic",
            Self::NothingSigned(_) => "nothing_signed",
            Self::PublicKey(_) => "key_cannot_sign",
            Self::File { .. } => "file_unreadable",
        }
    }

    /// Returns how a command ends that fails with it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Operation(error) => error.exit(),
            _ => Exit::Line,
        }
    }

    /// Returns what is behind the error, if it says more than the error.
    #[must_use]
    pub fn cause(&self) -> Option<String> {
        match self {
            Self::Operation(error) => error.cause(),
            _ => None,
        }
    }

    /// Returns what the user can do about the error, if that is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::AnotherProvider { url, theirs, .. } => {
                let base = url.split("/webhooks/").next().unwrap_or_default();
                format!("--to {base}, or a sample of {theirs}: postern send --list {theirs}")
            }
            Self::Operation(error) => return error.hint(),
            Self::Unknown { meant: None, .. } | Self::Nothing => {
                "one of: postern send --list".to_owned()
            }
            Self::Unknown {
                meant: Some(meant), ..
            } => format!("did you mean `{meant}`?  all of them: postern send --list"),
            Self::Pattern(_) => {
                "name a sample (postern send --list), a file, or a folder".to_owned()
            }
            Self::Expectation { instead, .. } | Self::Request { instead, .. } => {
                return instead.as_ref().map(|name| format!("postern send {name}"));
            }
            Self::NoProvider { .. } => format!("--provider, one of: {}", providers()),
            Self::NoSuchProvider(_) => format!("one of: {}", providers()),
            Self::Url { meant, .. } => {
                let meant = meant.as_deref().unwrap_or("http://127.0.0.1:3000");
                format!("--to {meant}")
            }
            Self::KeyOfOne(_) => "send each provider's by itself".to_owned(),
            Self::NoRecipient(_) => "leave --recipient out, or name another sample".to_owned(),
            Self::NoOtherKey(_) => "--break signature".to_owned(),
            Self::NoText(_) => "send it without --curl".to_owned(),
            Self::NoWebhook(_) => {
                "leave --to and --curl out: it goes to the local stack".to_owned()
            }
            Self::OwnQueue(_) => {
                "send a mail by it, with the configuration set of the stack".to_owned()
            }
            Self::NothingSigned(_) => "leave --break out".to_owned(),
            Self::NotOn(_) => "is it among the stack's Providers?".to_owned(),
            Self::PublicKey(_) => "give the private key that belongs to it: --key FILE".to_owned(),
            Self::Empty(_) | Self::Recipient { .. } | Self::NoSignedTime(_) | Self::File { .. } => {
                return None;
            }
        };
        Some(hint)
    }
}

/// Lists the names of the providers.
fn providers() -> String {
    let names: Vec<&str> = registry::PROVIDERS.iter().map(|p| p.name()).collect();
    names.join(" ")
}
