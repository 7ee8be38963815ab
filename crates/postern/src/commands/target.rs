//! Finds the stack that a command works on.

use operator::Target;
#[cfg(feature = "account")]
use operator::account::{Login, find, stack_name};
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
    #[arg(long, value_name = "NAME", conflicts_with = "port", value_parser = name)]
    stack: Option<String>,
    /// Its region, if not the profile's
    #[arg(long, value_name = "REGION", requires = "stack")]
    region: Option<String>,
    /// A profile of your AWS configuration
    #[arg(long, value_name = "NAME", requires = "stack")]
    profile: Option<String>,
    /// The local stack's port [default: 3000]
    // `POSTERN_PORT` is the default, and no value: it does not contradict --stack.
    #[arg(long, value_name = "N")]
    port: Option<u16>,
}

impl TargetArgs {
    /// Checks whether the line names a deployed stack.
    pub(super) fn is_deployed(&self) -> bool {
        self.stack.is_some()
    }

    /// Returns the base URL of the local stack, whether it is up or not.
    pub(super) fn local_url(&self, environment: &Environment) -> String {
        format!("http://127.0.0.1:{}", self.port(environment))
    }

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
        self.find(self.name(environment), out, environment).await
    }

    /// Returns the name of the deployed stack that a command reads, if it is not the local one.
    pub(super) fn name<'a>(&'a self, environment: &'a Environment) -> Option<&'a str> {
        self.stack.as_deref().or(environment.stack.as_deref())
    }

    /// Returns the region of the line.
    pub(super) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Returns the options that name the same stack to another command, with a blank before each. A
    /// command that changes something takes it from the line alone.
    pub(super) fn flags(&self, environment: &Environment) -> String {
        let name = self.name(environment);
        let is_another = name.is_none() && self.port(environment) != PORT;
        let port = is_another.then(|| self.port(environment).to_string());
        let options = [
            ("stack", name),
            ("region", self.region()),
            ("profile", self.profile.as_deref()),
            ("port", port.as_deref()),
        ];
        let given = options.into_iter().filter_map(|(option, value)| {
            let value = printable(value?);
            Some(format!(" --{option} {value}"))
        });
        given.collect()
    }

    /// Finds the stack for a command that changes something: only the line names it, so that nobody
    /// erases in production because of a variable.
    ///
    /// # Errors
    /// Returns an error if the stack cannot be found.
    pub(super) async fn changing(
        &self,
        out: &Output,
        environment: &Environment,
    ) -> Result<Target, CommandError> {
        self.is_meant(environment)?;
        self.find(self.stack.as_deref(), out, environment).await
    }

    /// Checks that who has set `POSTERN_STACK` says which stack is to change: it is not taken from
    /// there, and the local one would be changed in its place.
    fn is_meant(&self, environment: &Environment) -> Result<(), CommandError> {
        match &environment.stack {
            Some(name) if self.stack.is_none() && self.port.is_none() => {
                Err(CommandError::StackNotSaid(name.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Returns the port of the local stack: that of the line, of `POSTERN_PORT`, or the usual one.
    fn port(&self, environment: &Environment) -> u16 {
        let usual = environment.port.as_ref().ok().copied().flatten();
        self.port.or(usual).unwrap_or(PORT)
    }

    async fn find(
        &self,
        name: Option<&str>,
        out: &Output,
        environment: &Environment,
    ) -> Result<Target, CommandError> {
        let Some(name) = name else {
            if let Err(text) = &environment.port {
                return Err(CommandError::Port(text.clone()));
            }
            return Ok(Target::local(format!("127.0.0.1:{}", self.port(environment))).await?);
        };
        self.deployed(name, out).await
    }

    /// Finds a deployed stack, and says which it is.
    #[cfg(feature = "account")]
    async fn deployed(&self, name: &str, out: &Output) -> Result<Target, CommandError> {
        let login = Login {
            region: self.region.clone(),
            profile: self.profile.clone(),
        };
        let stack = find(name, &login).await.map_err(operator::Error::from)?;
        out.note(&stack.banner());
        Ok(Target::deployed(stack))
    }

    #[cfg(not(feature = "account"))]
    #[expect(
        clippy::unused_async,
        reason = "with the feature `account` it asks the account"
    )]
    async fn deployed(&self, _: &str, _: &Output) -> Result<Target, CommandError> {
        Err(CommandError::NoAccount)
    }
}

/// Checks the form of a stack's name.
#[cfg(feature = "account")]
fn name(text: &str) -> Result<String, String> {
    stack_name(text)
}

/// Passes on the name of a stack, which nothing in this build can look up.
#[cfg(not(feature = "account"))]
#[expect(clippy::unnecessary_wraps, reason = "a value parser returns a result")]
fn name(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}
