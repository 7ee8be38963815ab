//! `erase`: deletes what is stored about one person.

use operator::Exit;
use operator::erase::{self, HEADER, OUT_OF_REACH, Person};
use operator::print::now;

use super::target::TargetArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern erase kim@mail.test
  postern erase kim@mail.test --keep-suppression --go
  postern erase --customer 4711 --stack postern --go";

/// Delete one person's events and suppression; a dry run without --go
///
/// Deletes every item under the person's keys, in every channel, and the remembered times of their
/// events without a time. A second run says that nothing is left.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    who: Who,
    /// Keep the suppression, which says that this address must not be mailed
    ///
    /// "Do not mail" is often a legal duty that outlives the rest: someone who complained and asks
    /// to be forgotten must not get mail because you forgot that, too. What is kept is the address,
    /// the reason, and the time and id of one event.
    #[arg(long)]
    keep_suppression: bool,
    /// Delete
    #[arg(long)]
    go: bool,
    /// Print the plan and change nothing (the default)
    #[arg(long, conflicts_with = "go")]
    dry_run: bool,
    #[command(flatten)]
    target: TargetArgs,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Who {
    /// The person's address (or telephone number, or device token), in any spelling
    #[arg(value_name = "ADDRESS")]
    recipient: Option<String>,
    /// The person's id in your own system: events that name no recipient are kept under it
    #[arg(long, value_name = "ID")]
    customer: Option<String>,
}

/// Prints what is stored about the person, and deletes it with `--go`.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let person = match (&args.who.recipient, &args.who.customer) {
        (Some(address), _) => Person::recipient(address)?,
        (None, id) => Person::customer(id.as_deref().unwrap_or_default())?,
    };
    let target = Box::pin(args.target.changing(out, environment)).await?;
    let events = target.events();
    let mut plan = erase::plan(&events, &person, args.keep_suppression).await?;
    if let Some(outlets) = target.outlets_table() {
        plan = plan.with_parked(outlets, &person).await?;
    }
    let is_empty = plan.is_empty();
    if out.is_json() && (!args.go || is_empty) {
        out.json(&plan.json(events.table()))?;
    } else if !out.is_json() {
        out.note(&plan.summary(events.table(), &person));
        out.rows(&HEADER, plan.rows());
    }
    if args.go && !is_empty {
        let receipt = erase::erase(&events, &person, plan, now()).await;
        out.json(&receipt)?;
        if receipt.not_deleted > 0 {
            return Err(CommandError::NotDeleted(receipt.not_deleted));
        }
    } else if !is_empty {
        out.note("A dry run: nothing was deleted. --go deletes it.");
    }
    out.note(OUT_OF_REACH);
    Ok(Exit::Done)
}
