//! `suppress add`: puts addresses on the list by hand.

use ::suppress::{Said, State};
use operator::Exit;
use operator::events::when;
use operator::print::printable;

use super::super::target::TargetArgs;
use super::speaker::speaker;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern suppress add kim@mail.test --why \"asked by telephone\"
  postern suppress add kim@mail.test lee@mail.test --stack postern";

/// Put addresses on the list, for the reason `manual`
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// The addresses, in any spelling
    #[arg(value_name = "ADDRESS", required = true)]
    addresses: Vec<String>,
    /// Why: kept with the event
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    #[command(flatten)]
    target: TargetArgs,
}

/// Prints what became of each address.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let target = args.target.changing(out, environment).await?;
    let events = target.events();
    let speaker = speaker(&target, &events, args.why);
    let all = speaker.add(&args.addresses).await?;
    for said in &all {
        if out.is_json() {
            out.json(said)?;
        } else {
            out.line(&printable(&text(said)));
        }
    }
    let failed = all.iter().filter(|said| said.state == State::NotWritten);
    match failed.count() {
        0 => Ok(Exit::Done),
        failed => Err(CommandError::NotWritten(failed)),
    }
}

fn text(said: &Said) -> String {
    let Said { address, after, .. } = said;
    let since = after.get("manual").map(|manual| when(&manual.since, true));
    let since = since.unwrap_or_default();
    match said.state {
        State::Already => format!("known: {address} is manual since {since}"),
        State::NotWritten => format!("not written: {address}"),
        State::Done | State::Planned => format!("added: {address} is manual since {since}"),
    }
}
