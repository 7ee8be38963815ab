//! `secret`: the keys that providers sign with.

mod check;
mod key;
mod provider;
mod retire;
mod set;
mod status;

use clap::Subcommand;
use operator::Exit;

use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern secret status
  postern secret set mailgun --stack postern
  postern secret set insider --make --stack postern
  postern secret check resend --stack postern < key.txt
  postern secret retire customerio --stack postern";

/// Put, compare, retire and show the keys that providers sign with
///
/// A key comes from standard input or from a hidden prompt, never from the command line. A receiver
/// accepts the current key and the one before it, so that a key can be changed without a gap.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Secret,
}

#[derive(Subcommand)]
enum Secret {
    Set(set::Args),
    Check(check::Args),
    Retire(retire::Args),
    Status(status::Args),
}

/// Runs the command below `secret`.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    match args.command {
        Secret::Set(args) => set::run(args, out, environment).await,
        Secret::Check(args) => check::run(args, out, environment).await,
        Secret::Retire(args) => retire::run(args, out, environment).await,
        Secret::Status(args) => status::run(args, out, environment).await,
    }
}
