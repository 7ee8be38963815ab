//! `redrive`: shows the dead letters and moves them back.

use operator::Exit;
use operator::print::now;
use operator::redrive::{DeadLetters, HEADER, PLAN_MESSAGES};

use super::target::TargetArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern redrive
  postern redrive --go --rate 50
  postern redrive --stack postern --go";

/// After a fix, move what is in the dead-letter queue back; a dry run without --go
///
/// Prints how many messages there are, by provider and by what this tool's consumer says of them;
/// never a body. Everything then moves: what still cannot be stored is back in the dead-letter
/// queue after its attempts.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// Move the messages
    #[arg(long)]
    go: bool,
    /// Print the plan and change nothing (the default)
    #[arg(long, conflicts_with = "go")]
    dry_run: bool,
    /// The most messages a second; as fast as possible without it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=500))]
    rate: Option<i32>,
    #[command(flatten)]
    target: TargetArgs,
}

/// Prints the plan, and moves the messages with `--go`.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let target = args.target.changing(out, environment).await?;
    let letters = DeadLetters::of(&target).await?;
    let plan = letters.plan(PLAN_MESSAGES).await?;
    match (out.is_json(), args.go) {
        (true, true) => {}
        (true, false) => out.json(&plan.json(now()))?,
        (false, _) => {
            out.note(&plan.summary());
            out.rows(&HEADER, plan.rows(now()));
        }
    }
    if plan.read == 0 {
        return Ok(Exit::Done);
    }
    if args.go {
        let progress = out.progress("moving", None);
        let tell = |moved, _| progress.set(u64::try_from(moved).unwrap_or_default());
        out.json(&letters.redrive(args.rate, tell).await?)?;
        return Ok(Exit::Done);
    }
    out.note("A dry run: nothing was moved. With --go all of them go back to the queue, and what still cannot be stored comes back here.");
    out.note("That is the word of this tool's consumer: deploy its version first.");
    Ok(Exit::Done)
}
