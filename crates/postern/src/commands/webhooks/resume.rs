//! `webhooks resume`: has an endpoint told again.

use operator::Exit;

use super::api::ApiArgs;
use super::id::endpoint;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern webhooks resume 3
  postern webhooks resume 3 --drop-held --stack postern";

/// Tell an endpoint again, after a pause or after it was turned off
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// The endpoint's id
    #[arg(value_name = "ID", value_parser = endpoint)]
    id: u64,
    /// Forget what was held, instead of sending it
    #[arg(long)]
    drop_held: bool,
    #[command(flatten)]
    api: ApiArgs,
}

/// Resumes it.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let api = args.api.changing(out, environment).await?;
    let shown = api.resume(args.id, args.drop_held).await?;
    if out.is_json() {
        out.json(&shown)?;
    } else if args.drop_held {
        out.line("resumed: what was held is dropped");
    } else {
        out.line("resumed: what was held is sent, the oldest first");
    }
    Ok(Exit::Done)
}
