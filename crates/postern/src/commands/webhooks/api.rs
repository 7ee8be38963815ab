//! Finds the API of a stack's endpoints.

use operator::Target;
use operator::webhooks::Webhooks;
use outlets::manage::Hidden;

use super::super::target::TargetArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::given::{Given, is_dash};
use crate::output::Output;

/// Which stack, and who asks.
#[derive(clap::Args)]
pub(super) struct ApiArgs {
    /// `-` reads a bearer key from standard input, for a stack with ApiAuth=key
    #[arg(long, value_name = "-", allow_hyphen_values = true)]
    api_key: Option<String>,
    #[command(flatten)]
    target: TargetArgs,
}

impl ApiArgs {
    /// Returns the options that name the same stack to another command, with a blank before each.
    pub(super) fn flags(&self, environment: &Environment) -> String {
        self.target.flags(environment)
    }

    /// Finds the API for a command that only reads.
    ///
    /// # Errors
    /// Returns an error if the stack cannot be found, or has no outlets.
    pub(super) async fn reading(
        &self,
        out: &Output,
        environment: &Environment,
    ) -> Result<Webhooks, CommandError> {
        let mut given = Given::default();
        let key = self.key(&mut given, environment)?;
        let target = self.target.reading(out, environment).await?;
        of(&target, key)
    }

    /// Finds the API for a command that changes something.
    ///
    /// # Errors
    /// Returns an error if the stack cannot be found, or has no outlets.
    pub(super) async fn changing(
        &self,
        out: &Output,
        environment: &Environment,
    ) -> Result<Webhooks, CommandError> {
        self.changing_with(&mut Given::default(), out, environment)
            .await
    }

    /// The same, if more is read from standard input. The key is its first line.
    ///
    /// # Errors
    /// Returns an error if the stack cannot be found, or has no outlets.
    pub(super) async fn changing_with(
        &self,
        given: &mut Given,
        out: &Output,
        environment: &Environment,
    ) -> Result<Webhooks, CommandError> {
        let key = self.key(given, environment)?;
        let target = self.target.changing(out, environment).await?;
        of(&target, key)
    }

    fn key(
        &self,
        given: &mut Given,
        environment: &Environment,
    ) -> Result<Option<Hidden>, CommandError> {
        if is_dash("--api-key", self.api_key.as_deref())? {
            return Ok(Some(given.line("the API's key")?));
        }
        Ok(environment.api_key.clone())
    }
}

fn of(target: &Target, key: Option<Hidden>) -> Result<Webhooks, CommandError> {
    Ok(Webhooks::of(target, key)?)
}
