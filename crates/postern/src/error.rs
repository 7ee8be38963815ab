//! Why a command fails. The error is printed on stderr, with a hint that says what to do.

use std::io;
use std::path::PathBuf;

use jiff::Timestamp;
use operator::Exit;

/// Why a command fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// An operation on a stack failed.
    #[error(transparent)]
    Operator(#[from] operator::Error),
    /// A provider's key cannot be put, compared or shown.
    #[error(transparent)]
    Secret(#[from] operator::secret::SecretError),
    /// No key can be read.
    #[error("no key can be read ({0})")]
    NoKey(#[source] io::Error),
    /// A stack's endpoints cannot be shown or changed.
    #[error(transparent)]
    Webhooks(#[from] operator::webhooks::WebhookError),
    /// Standard input has too few lines.
    #[error("standard input has no line for {0}")]
    NoLine(String),
    /// What belongs on standard input stands on the line. It is not repeated.
    #[error("{0} takes `-` alone: what it reads comes from standard input; nothing was done")]
    OnTheLine(&'static str),
    /// What should be the name of a header is none. It may hold a value, and is not repeated.
    #[error("--header takes the name of a header, and its value comes from standard input")]
    HeaderName,
    /// What was given to check signatures with cannot be a secret.
    #[error("{0}: nothing can be checked with it")]
    NoSecret(shared::auth::OutboundSecretError),
    /// The endpoint of this machine cannot listen.
    #[error("no endpoint can listen at port {port} ({source})")]
    NoListener {
        /// The port that was asked for.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
    /// A word about somebody cannot be said, or a list not be read.
    #[error(transparent)]
    Suppress(#[from] suppress::Error),
    /// Nothing can be sent.
    #[error(transparent)]
    Send(#[from] operator::send::SendError),
    /// The local stack does not start, or does not settle.
    #[error(transparent)]
    Stack(#[from] stack::Error),
    /// The storm cannot take place.
    #[error(transparent)]
    Storm(#[from] storm::Error),
    /// A port is taken: by another stack, or by another program.
    #[error("{by}")]
    PortTaken {
        /// Who has it.
        by: String,
        /// The stable name.
        code: &'static str,
        /// The options that choose other ports, all three of them.
        others: String,
    },
    /// There is no provider of this name.
    #[error("`{0}` is no provider")]
    NoProvider(String),
    /// The file of the keys is not one JSON object of provider -> key. Its text is not shown.
    #[error("{path}: {cause}", path = .path.display())]
    Keys {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// A fault strikes what only a storm has: a stack cannot restart itself, and has no endpoints.
    #[error("{0} is for `storm`, which starts the stack again and has endpoints of its own")]
    OfAStorm(&'static str),
    /// A list has no address.
    #[error("there is no address in {0}: nobody was asked about")]
    NobodyAsked(String),
    /// There is no function of this name.
    #[error("`{0}` is no function")]
    NoFunction(String),
    /// A span of time ends before it begins.
    #[error("--from {from} is not before --to {to}")]
    Reversed {
        /// Its beginning.
        from: Timestamp,
        /// Its end.
        to: Timestamp,
    },
    /// There is no help of this name.
    #[error("there is no help on `{0}`")]
    NoHelp(String),
    /// This binary cannot ask an account.
    #[cfg(not(feature = "account"))]
    #[error("this postern was built without the account's crates, so there is no --stack")]
    NoAccount,
    /// A command that changes something, and no stack on its line, although `POSTERN_STACK` names
    /// one.
    #[error("POSTERN_STACK={0} is for commands that change nothing; nothing was done")]
    StackNotSaid(String),
    /// `POSTERN_PORT` is no port.
    #[error("POSTERN_PORT={0} is no port")]
    Port(String),
    /// The file of this program is not known.
    #[error("cannot find this program's own file: {0}")]
    NoProgram(#[source] io::Error),
    /// Standard output has not taken all of the result.
    #[error("the result cannot be printed: {0}")]
    NotPrinted(&'static str),
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
    #[error("{sample} was answered {status}")]
    SampleRefused {
        /// The sample.
        sample: &'static str,
        /// The status of the answer.
        status: u16,
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
    /// Returns the error's stable name.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Operator(error) => error.code(),
            Self::Secret(error) => error.code(),
            Self::NoKey(_) => "key_unreadable",
            Self::Send(error) => error.code(),
            Self::Webhooks(error) => error.code(),
            Self::NoLine(_) => "line_missing",
            Self::OnTheLine(_) => "key_on_the_line",
            Self::HeaderName => "header_name_unfit",
            Self::NoSecret(error) => error.code(),
            Self::NoListener { .. } => "port_taken",
            Self::Suppress(error) => error.code(),
            Self::Stack(error) => error.code(),
            Self::Storm(error) => error.code(),
            Self::PortTaken { code, .. } => code,
            Self::NoProvider(_) => "provider_unknown",
            Self::Keys { .. } => "keys_unreadable",
            Self::OfAStorm(_) => "fault_unusable",
            Self::NoFunction(_) => "function_unknown",
            Self::Reversed { .. } => "times_reversed",
            Self::StackNotSaid(_) => "stack_not_said",
            Self::NobodyAsked(_) => "nobody_asked",
            Self::NoHelp(_) => "help_unknown",
            #[cfg(not(feature = "account"))]
            Self::NoAccount => "account_left_out",
            Self::Port(_) => "port_unreadable",
            Self::NoProgram(_) => "program_unknown",
            Self::NotPrinted(_) => "not_printed",
            Self::Stopped => "stopped",
            Self::File { .. } => "file_unreadable",
            Self::Json(_) => "not_json",
            Self::SampleRefused { .. } => "sample_refused",
            Self::NotWritten(_) => "not_written",
            Self::NotDeleted(_) => "not_deleted",
            Self::Defects(_) => "defects",
        }
    }

    /// Returns how the command ends.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Operator(error) => error.exit(),
            Self::Secret(error) => error.exit(),
            Self::Send(error) => error.exit(),
            Self::Webhooks(error) => error.exit(),
            Self::Suppress(error) => error.exit(),
            Self::Stack(stack::Error::Template(_)) => Exit::Line,
            Self::Stack(_)
            | Self::PortTaken { .. }
            | Self::Storm(_)
            | Self::NoProgram(_)
            | Self::NoListener { .. }
            | Self::NotPrinted(_)
            | Self::Json(_) => Exit::Unreachable,
            Self::Keys { .. }
            | Self::OfAStorm(_)
            | Self::NoFunction(_)
            | Self::NoProvider(_)
            | Self::Reversed { .. }
            | Self::StackNotSaid(_)
            | Self::NobodyAsked(_)
            | Self::NoHelp(_)
            | Self::Port(_)
            | Self::NoKey(_)
            | Self::NoLine(_)
            | Self::OnTheLine(_)
            | Self::HeaderName
            | Self::NoSecret(_)
            | Self::File { .. } => Exit::Line,
            #[cfg(not(feature = "account"))]
            Self::NoAccount => Exit::Line,
            Self::SampleRefused { .. } | Self::Defects(_) => Exit::No,
            Self::Stopped | Self::NotWritten(_) | Self::NotDeleted(_) => Exit::Partly,
        }
    }

    /// Returns what is behind the error, if it says more than the error.
    pub(crate) fn cause(&self) -> Option<String> {
        match self {
            Self::Operator(error) => error.cause(),
            Self::Secret(error) => error.cause(),
            Self::Send(error) => error.cause(),
            Self::Webhooks(error) => error.cause(),
            Self::Suppress(error) => error.cause(),
            _ => None,
        }
    }

    /// Returns what the user can do about the error, if that is known. A command in it is written
    /// as `postern …`, and `{target}` stands for the options that name the stack.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Operator(error) => error.hint(),
            Self::Secret(error) => error.hint(),
            Self::NoKey(_) => Some("give it on standard input: < key.txt".to_owned()),
            Self::Webhooks(error) => error.hint(),
            Self::NoLine(_) | Self::OnTheLine(_) => {
                Some("give it on standard input: < secret.txt".to_owned())
            }
            Self::HeaderName => Some("such as: --header x-token < value.txt".to_owned()),
            Self::NoListener { .. } => Some("another one, or any: --at-port 0".to_owned()),
            Self::Send(error) => error.hint(),
            Self::Suppress(error) => error.hint(),
            Self::Stack(error) => error.hint(),
            Self::Storm(error) => error.hint(),
            Self::PortTaken { others, .. } => Some(format!("{{line}} {others}")),
            Self::NoProvider(_) => {
                let names = registry::PROVIDERS.iter().map(|provider| provider.name());
                Some(format!("one of: {}", names.collect::<Vec<_>>().join(" ")))
            }
            Self::Keys { .. } => Some(
                "write one JSON object: {\"resend\": \"whsec_…\", \"mailgun\": \"…\"}".to_owned(),
            ),
            Self::Reversed { .. } => Some("exchange them".to_owned()),
            Self::StackNotSaid(name) => Some(format!(
                "{{line}} --stack {name}      (the one on this machine: --port 3000)"
            )),
            Self::NoHelp(_) => Some("postern help".to_owned()),
            #[cfg(not(feature = "account"))]
            Self::NoAccount => Some(
                "cargo install --path crates/postern --features account, or cargo run -p postern --features account -- …"
                    .to_owned(),
            ),
            Self::NotWritten(_) | Self::NotDeleted(_) => Some("run it again".to_owned()),
            _ => None,
        }
    }
}
