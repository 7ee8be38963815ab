//! `webhooks pause`: has an endpoint told nothing for a while.

use operator::Exit;

use super::api::ApiArgs;
use super::id::endpoint;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern webhooks pause 3";

/// Tell an endpoint nothing for a while; what it misses is held for 14 days
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// The endpoint's id
    #[arg(value_name = "ID", value_parser = endpoint)]
    id: u64,
    #[command(flatten)]
    api: ApiArgs,
}

/// Pauses it.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let api = args.api.changing(out, environment).await?;
    let shown = api.pause(args.id).await?;
    if out.is_json() {
        out.json(&shown)?;
    } else {
        out.line("paused: held 14 days");
    }
    Ok(Exit::Done)
}
