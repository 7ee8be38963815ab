//! `webhooks list`: the endpoints and the event bus, and how each does.

use operator::Exit;
use outlets::bus::BUS;
use outlets::manage::{List, Standing};
use serde::Serialize;

use super::api::ApiArgs;
use super::shown::{HEADER, row, row_of_bus};
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

/// The bus, for machines.
#[derive(Serialize)]
struct BusRow<'a> {
    id: u64,
    bus: bool,
    #[serde(flatten)]
    standing: &'a Standing,
}

/// Prints an endpoint a line, and the bus last.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let List { webhooks, bus } = args.api.reading(out, environment).await?.all().await?;
    if out.is_json() {
        for shown in &webhooks {
            out.json(shown)?;
        }
        if let Some(standing) = &bus {
            out.json(&BusRow {
                id: BUS,
                bus: true,
                standing,
            })?;
        }
        return Ok(Exit::Done);
    }
    let rows = webhooks.iter().map(|shown| row(shown, out));
    let rows = rows.chain(bus.iter().map(|standing| row_of_bus(standing, out)));
    out.rows(&HEADER, rows.collect());
    if webhooks.is_empty() && bus.is_none() {
        let target = args.api.flags(environment);
        let line = format!("nobody is told: postern webhooks add URL --events bounced{target}");
        out.note(&environment.as_called(&line));
    }
    Ok(Exit::Done)
}
