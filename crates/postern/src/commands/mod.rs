//! The commands: one file for each, with its own arguments.

mod completions;
mod demo;
mod doctor;
mod erase;
mod events;
mod function;
mod help;
mod key;
mod keys;
mod listen;
mod may_mail;
mod message;
mod problems;
mod redrive;
mod renormalize;
mod secret;
mod send;
mod storm;
mod suppress;
mod target;
mod up;
mod webhooks;

use clap::Subcommand;
use operator::Exit;

use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

/// The commands, in the order in which a new user meets them.
#[derive(Subcommand)]
pub(crate) enum Command {
    Demo(demo::Args),
    Up(up::Args),
    Send(send::Args),
    Listen(listen::Args),
    Events(events::Args),
    Message(message::Args),
    MayMail(may_mail::Args),
    Problems(problems::Args),
    Suppress(suppress::Args),
    Webhooks(webhooks::Args),
    Redrive(redrive::Args),
    Renormalize(renormalize::Args),
    Erase(erase::Args),
    Doctor(doctor::Args),
    Secret(secret::Args),
    Key(key::Args),
    Storm(storm::Args),
    Completions(completions::Args),
    Help(help::Args),
    #[command(hide = true)]
    Function(function::Args),
}

impl Command {
    /// Checks whether the command is a function of the stack, which a Runtime API calls.
    pub(crate) fn is_function(&self) -> bool {
        matches!(self, Self::Function(_))
    }

    /// Runs the command. Help is made of the `grammar`.
    pub(crate) async fn run(
        self,
        out: &Output,
        environment: &Environment,
        grammar: &dyn Fn() -> clap::Command,
    ) -> Result<Exit, CommandError> {
        match self {
            Self::Demo(args) => demo::run(args, out, environment).await,
            Self::Up(args) => up::run(args, out, environment).await,
            Self::Send(args) => send::run(args, out, environment).await,
            Self::Listen(args) => listen::run(args, out, environment).await,
            Self::Events(args) => events::run(args, out, environment).await,
            Self::Message(args) => message::run(args, out, environment).await,
            Self::MayMail(args) => may_mail::run(args, out, environment).await,
            Self::Problems(args) => problems::run(args, out, environment).await,
            Self::Suppress(args) => suppress::run(args, out, environment).await,
            Self::Webhooks(args) => webhooks::run(args, out, environment).await,
            Self::Redrive(args) => redrive::run(args, out, environment).await,
            Self::Renormalize(args) => renormalize::run(args, out, environment).await,
            Self::Erase(args) => erase::run(args, out, environment).await,
            Self::Doctor(args) => doctor::run(args, out, environment).await,
            Self::Secret(args) => secret::run(args, out, environment).await,
            Self::Key(args) => key::run(&args, out),
            Self::Storm(args) => storm::run(args, out).await,
            Self::Completions(args) => Ok(completions::run(&args, grammar())),
            Self::Help(args) => help::run(&args, out, grammar),
            Self::Function(args) => function::run(&args).await,
        }
    }
}
