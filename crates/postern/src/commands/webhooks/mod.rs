//! `webhooks`: the endpoints that the stack tells what happens.

mod add;
mod api;
mod id;
mod list;
mod pause;
mod remove;
mod replay;
mod resume;
mod retry;
mod rotate;
mod shown;
mod test;
mod undelivered;

use clap::Subcommand;
use operator::Exit;

use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern webhooks add https://crm.example.com/hooks --events bounced:hard,complained
  postern webhooks test 3
  postern webhooks list --stack postern
  postern webhooks undelivered 3
  postern webhooks replay 3 --from 2026-03-01 --go";

/// List, add, test and remove the endpoints that are told what happens
///
/// Each is posted to as soon as an event that it wants is stored, with two signatures. What fails
/// is tried again for three days, and kept for 14. A secret comes from standard input or a hidden
/// prompt, never from the command line.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Webhooks,
}

#[derive(Subcommand)]
enum Webhooks {
    List(list::Args),
    Add(add::Args),
    Test(test::Args),
    Rotate(rotate::Args),
    Pause(pause::Args),
    Resume(resume::Args),
    Remove(remove::Args),
    Undelivered(undelivered::Args),
    Retry(retry::Args),
    Replay(replay::Args),
}

/// Runs the command below `webhooks`.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    match args.command {
        Webhooks::List(args) => list::run(args, out, environment).await,
        Webhooks::Add(args) => add::run(args, out, environment).await,
        Webhooks::Test(args) => test::run(args, out, environment).await,
        Webhooks::Rotate(args) => rotate::run(args, out, environment).await,
        Webhooks::Pause(args) => pause::run(args, out, environment).await,
        Webhooks::Resume(args) => resume::run(args, out, environment).await,
        Webhooks::Remove(args) => remove::run(args, out, environment).await,
        Webhooks::Undelivered(args) => undelivered::run(args, out, environment).await,
        Webhooks::Retry(args) => retry::run(args, out, environment).await,
        Webhooks::Replay(args) => replay::run(args, out, environment).await,
    }
}
