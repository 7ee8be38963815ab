//! `suppress`: who is not to be mailed, and what the operator says to it.

mod add;
mod import;
mod lift;
mod list;
mod speaker;

use clap::Subcommand;
use operator::Exit;

use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern suppress list --reason complained
  postern suppress add kim@mail.test --why \"asked by telephone\"
  postern suppress lift kim@mail.test --go
  postern suppress import suppression_bounces.csv --from sendgrid";

/// List who is not to be mailed; add, lift, or import addresses
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::Args),
    Add(add::Args),
    Lift(lift::Args),
    Import(import::Args),
}

/// Runs one of the commands.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    match args.command {
        Command::List(args) => list::run(args, out, environment).await,
        Command::Add(args) => add::run(args, out, environment).await,
        Command::Lift(args) => lift::run(args, out, environment).await,
        Command::Import(args) => import::run(args, out, environment).await,
    }
}
