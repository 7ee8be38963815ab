//! Why the local stack does not start, or does not settle.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::build::BuildError;
use crate::lambda::InvokeError;
use crate::secrets_manager::VaultError;
use crate::template::TemplateError;

/// Why the local stack does not start, or does not settle.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A port is in use, or must not be used.
    #[error("port {port} {why}", why = why(.user.as_deref(), .source))]
    Port {
        /// The port.
        port: u16,
        /// The program that has it, if that is known.
        user: Option<String>,
        /// The option that names it.
        option: &'static str,
        /// The system's reason.
        source: io::Error,
    },
    /// The system has no free port.
    #[error("no port is free: {0}")]
    NoPort(#[source] io::Error),
    /// The template cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The folder cannot hold the data of the table and the queues.
    #[error("cannot keep data in {folder}: {cause}", folder = .folder.display())]
    Data {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// Another stack uses the folder.
    #[error("{folder} is in use by the stack at {user}", folder = .folder.display())]
    DataInUse {
        /// The folder.
        folder: PathBuf,
        /// The other stack's URL and process.
        user: String,
    },
    /// The table service cannot be opened.
    #[error("cannot open the database: {0}")]
    Database(String),
    /// A table of the template cannot be created.
    #[error("cannot create the table {name}: {cause}")]
    Table {
        /// Its name.
        name: String,
        /// What the table service says.
        cause: String,
    },
    /// A queue of the template cannot be created.
    #[error("cannot create the queue {name}: {cause}")]
    Queue {
        /// Its name.
        name: String,
        /// What the queue service says.
        cause: String,
    },
    /// The stream of a table of the template cannot be read.
    #[error("cannot read the stream of the table {table}: {cause}")]
    Stream {
        /// The table's name.
        table: String,
        /// What the table service says.
        cause: String,
    },
    /// A function is to be invoked by a queue that is not in the template.
    #[error("the template has no queue {0}")]
    NoQueue(String),
    /// The secret of a receiver cannot be created.
    #[error("cannot create the secrets: {0}")]
    Secrets(#[from] VaultError),
    /// The functions' programs cannot be found.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A function does not start.
    #[error(transparent)]
    Function(#[from] InvokeError),
    /// The queue does not become empty.
    #[error("{left} webhooks are still in the queue after {patience:?}")]
    NotSettled {
        /// How many messages are left.
        left: usize,
        /// How long the stack waited.
        patience: Duration,
    },
    /// Not all that is to be told to the endpoints has been tried.
    #[error("{left} notifications are still on their way after {patience:?}")]
    NotTold {
        /// How many messages are left.
        left: usize,
        /// How long the stack waited.
        patience: Duration,
    },
}

impl Error {
    /// Returns the stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Port { .. } => "port_taken",
            Self::NoPort(_) => "no_port",
            Self::Template(_) => "template_unusable",
            Self::Data { .. } => "data_unusable",
            Self::DataInUse { .. } => "data_in_use",
            Self::Database(_) => "database_unusable",
            Self::Table { .. } => "table_not_created",
            Self::Queue { .. } => "queue_not_created",
            Self::Stream { .. } => "stream_unreadable",
            Self::NoQueue(_) => "queue_unknown",
            Self::Secrets(_) => "secret_not_created",
            Self::Build(error) => error.code(),
            Self::Function(_) => "function_not_started",
            Self::NotSettled { .. } => "not_settled",
            Self::NotTold { .. } => "not_told",
        }
    }

    /// Returns what the user can do about the error, if that is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Port { port, option, .. } => {
                let another = port.checked_add(100).unwrap_or(3100);
                Some(format!("choose another one: {option} {another}"))
            }
            Self::DataInUse { folder, .. } => Some(format!(
                "stop it, or give this one a folder of its own: --data {}2",
                folder.display()
            )),
            Self::Build(BuildError::NotThere(_)) => {
                Some("build it first: cargo build --workspace; or leave --binaries out".to_owned())
            }
            _ => None,
        }
    }
}

/// Returns why a port cannot be taken.
fn why(user: Option<&str>, source: &io::Error) -> String {
    match (source.kind(), user) {
        (io::ErrorKind::AddrInUse, Some(user)) => format!("is in use by {user}"),
        (io::ErrorKind::AddrInUse, None) => "is in use".to_owned(),
        _ => format!("cannot be used: {source}"),
    }
}
