//! Finds the stack that a command works on.

use operator::Target;
use operator::print::printable;

use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

/// The port of a local stack's HTTP API, unless another one is given.
pub(super) const PORT: u16 = 3000;

/// The stack that a command works on: the local one, unless a deployed one is named.
#[derive(clap::Args)]
#[command(next_help_heading = "Which stack")]
pub(super) struct TargetArgs {
    /// A deployed stack; else the one on this machine
    #[arg(long, value_name = "NAME", conflicts_with = "port")]
    stack: Option<String>,
    /// Its region, if not the profile's
    #[arg(long, value_name = "REGION", requires = "stack")]
    region: Option<String>,
    /// A profile of your AWS configuration
    #[arg(long, value_name = "NAME", requires = "stack")]
    profile: Option<String>,
    /// The local stack's port
    #[arg(long, value_name = "N", env = "POSTERN_PORT", hide_env = true, default_value_t = PORT)]
    port: u16,
}

impl TargetArgs {
    /// Finds the stack for a command that only reads: the one of the line, or that of
    /// `POSTERN_STACK`.
    ///
    /// # Errors
    /// Returns an error if the stack cannot be found.
    pub(super) async fn reading(
        &self,
        out: &Output,
        environment: &Environment,
    ) -> Result<Target, CommandError> {
        let name = self.stack.as_ref().or(environment.stack.as_ref());
        self.find(name, out).await
    }

    /// Finds the stack for a command that changes something: only the line names it, so that nobody
    /// erases in production because of a variable.
    ///
    /// # Errors
    /// Returns an error if the stack cannot be found.
    pub(super) async fn changing(&self, out: &Output) -> Result<Target, CommandError> {
        self.find(self.stack.as_ref(), out).await
    }

    async fn find(&self, name: Option<&String>, out: &Output) -> Result<Target, CommandError> {
        let Some(name) = name else {
            return Ok(Target::local(format!("127.0.0.1:{}", self.port)).await?);
        };
        out.note(&format!("stack {}", printable(name)));
        Err(CommandError::NoAccount)
    }
}
