//! `webhooks list`: the endpoints, and how each does.

use operator::Exit;

use super::api::ApiArgs;
use super::shown::{HEADER, row};
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern webhooks list
  postern webhooks list --json --stack postern";

/// List the endpoints, and how each does
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    api: ApiArgs,
}

/// Prints an endpoint a line.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let all = args.api.reading(out, environment).await?.list().await?;
    if out.is_json() {
        for shown in &all {
            out.json(shown)?;
        }
        return Ok(Exit::Done);
    }
    out.rows(&HEADER, all.iter().map(|shown| row(shown, out)).collect());
    if all.is_empty() {
        let target = args.api.flags(environment);
        let line = format!("nobody is told: postern webhooks add URL --events bounced{target}");
        out.note(&environment.as_called(&line));
    }
    Ok(Exit::Done)
}
