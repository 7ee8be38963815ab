//! `webhooks remove`: removes an endpoint.

use operator::Exit;

use super::api::ApiArgs;
use super::id::endpoint;
use super::shown::{HEADER, row};
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;
use crate::typed;

const EXAMPLES: &str = "Examples:
  postern webhooks remove 3
  postern webhooks remove 3 --go --stack postern";

/// Remove an endpoint, with all that waits for it; a dry run without --go
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// The endpoint's id
    #[arg(value_name = "ID", value_parser = endpoint)]
    id: u64,
    /// Remove
    #[arg(long)]
    go: bool,
    #[command(flatten)]
    api: ApiArgs,
}

/// Prints the endpoint, and removes it with `--go`.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let api = args.api.changing(out, environment).await?;
    if args.go {
        let removed = api.remove(args.id).await?;
        if out.is_json() {
            out.json(&removed)?;
        } else {
            out.line(&format!("removed: {}", removed.id));
        }
        return Ok(Exit::Done);
    }
    let shown = api.one(args.id).await?;
    if out.is_json() {
        out.json(&shown)?;
    } else {
        out.rows(&HEADER, vec![row(&shown, out)]);
    }
    let line = typed::with("--go", environment);
    out.note(&format!("A dry run: nothing was removed.  {line}"));
    Ok(Exit::Done)
}
