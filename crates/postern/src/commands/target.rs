//! Finds the stack that a command works on.

use operator::events::Events;
use operator::services::Services;
use operator::{Error, Target};

/// The port of a local stack's HTTP API, unless another one is given.
pub(super) const PORT: u16 = 3000;

/// The local stack.
#[derive(clap::Args)]
pub(super) struct Local {
    /// Port of the local stack's HTTP API
    #[arg(long, default_value_t = PORT)]
    port: u16,
}

impl Local {
    /// Asks the local stack where its parts are.
    pub(super) async fn target(&self) -> Result<Target, Error> {
        Target::local(format!("127.0.0.1:{}", self.port)).await
    }

    /// Returns the base URL of the HTTP API.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// The local stack's table, or a real account's.
#[derive(clap::Args)]
pub(super) struct Table {
    #[command(flatten)]
    local: Local,
    /// A real account's table: credentials and region come from the environment
    ///
    /// After `aws sso login`: eval "$(aws configure export-credentials --format env)"
    #[arg(long, requires = "name", conflicts_with = "port")]
    aws: bool,
    /// The table of that account
    #[arg(id = "name", long = "table", value_name = "NAME", requires = "aws")]
    name: Option<String>,
}

impl Table {
    /// Returns the table's reader.
    pub(super) async fn events(&self) -> Result<Events, Error> {
        Ok(match &self.name {
            Some(name) => Events::named(Services::account().await, name.clone()),
            None => Events::of(&self.local.target().await?),
        })
    }
}
