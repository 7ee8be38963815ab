//! `suppress lift`: takes an address off the list.

use ::suppress::{Lift, Registers, Said, Speaker, State, elsewhere};
use operator::Exit;
use operator::events::when;
use operator::print::printable;

use super::super::target::TargetArgs;
use super::speaker::speaker;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;
use crate::typed;

const EXAMPLES: &str = "Examples:
  postern suppress lift kim@mail.test
  postern suppress lift kim@mail.test --why \"new mailbox\" --go";

/// Take an address off the list; a dry run without --go
///
/// Lifts every reason that stands for the address. An opt-out of a list, group or topic stays, and
/// so does whatever the provider's own list has.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// The address, in any spelling
    #[arg(value_name = "ADDRESS")]
    address: String,
    /// Why: kept with the event
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// Lift a complaint, too
    #[arg(long)]
    even_complaint: bool,
    /// Lift
    #[arg(long)]
    go: bool,
    #[command(flatten)]
    target: TargetArgs,
}

/// Prints what stands for the address, and lifts it with `--go`.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let target = args.target.changing(out, environment).await?;
    let events = target.events();
    let speaker = speaker(&target, &events, args.why);
    let lift = speaker
        .plan_lift(&args.address, args.even_complaint)
        .await?;
    for scope in &lift.narrower {
        out.note(&printable(&format!("the opt-out of {scope} stays")));
    }
    let said = done(&speaker, lift, args.go).await?;
    if out.is_json() {
        out.json(&said)?;
    } else {
        for line in text(&said) {
            out.line(&printable(&line));
        }
    }
    match said.state {
        State::Planned => {
            let line = typed::with("--go", environment);
            out.note(&format!("A dry run: nothing was lifted.  {line}"));
        }
        State::NotWritten => return Err(CommandError::NotWritten(said.before.len())),
        State::Done | State::Already => {}
    }
    Ok(Exit::Done)
}

async fn done(speaker: &Speaker<'_>, lift: Lift, go: bool) -> Result<Said, CommandError> {
    if go {
        return Ok(speaker.lift(lift).await?);
    }
    Ok(lift.planned())
}

fn text(said: &Said) -> Vec<String> {
    let Said {
        address, before, ..
    } = said;
    match said.state {
        State::Already => vec![format!("{address} is on no list: nothing to lift")],
        State::Planned => lines("would be lifted", "is", address, before),
        State::Done => lines("lifted", "was", address, before),
        State::NotWritten => lines("not lifted", "is", address, before),
    }
}

/// Returns a line for each reason, with whose own list may still have the address.
fn lines(done: &str, verb: &str, address: &str, registers: &Registers) -> Vec<String> {
    let lines = registers.iter().map(|(reason, standing)| {
        let since = when(&standing.since, true);
        let elsewhere = standing.origin().and_then(elsewhere);
        let elsewhere = elsewhere.map_or_else(String::new, |elsewhere| format!("; {elsewhere}"));
        format!("{done}: {address} {verb} {reason} since {since}{elsewhere}")
    });
    lines.collect()
}
