//! `redrive`: shows the dead letters and moves them back.

use operator::print::{now, say};
use operator::redrive::{DeadLetters, PLAN_MESSAGES};
use operator::services::Services;

use super::target::Local;
use crate::console::{hide_panic_messages, print_receipt};
use crate::error::CommandError;

const NEEDS: &str = "In an account it needs, on the dead-letter queue: sqs:ListDeadLetterSourceQueues, GetQueueAttributes,
ReceiveMessage, ChangeMessageVisibility, StartMessageMoveTask, ListMessageMoveTasks, DeleteMessage; on the queue that it is of:
sqs:GetQueueAttributes, SendMessage.";

/// After a fix, move what is in the dead-letter queue back; a dry run without --go
///
/// Prints how many messages there are, by provider and by what the consumer of this checkout says
/// of them; never a body. Everything then moves: what still cannot be stored is back in the
/// dead-letter queue after its attempts.
#[derive(clap::Args)]
#[command(after_long_help = NEEDS)]
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
    local: Local,
    /// A real account's queue: credentials and region come from the environment
    ///
    /// After `aws sso login`: eval "$(aws configure export-credentials --format env)"
    #[arg(long, requires = "queue_url", conflicts_with = "port")]
    aws: bool,
    /// The dead-letter queue of that account
    #[arg(long, value_name = "URL", requires = "aws")]
    queue_url: Option<String>,
}

/// Prints the plan, and moves the messages with `--go`.
pub(super) async fn run(args: &Args) -> Result<(), CommandError> {
    hide_panic_messages();
    let letters = match &args.queue_url {
        Some(url) => DeadLetters::open(Services::account().await, url.clone()).await?,
        None => DeadLetters::of(&args.local.target().await?).await?,
    };
    let plan = letters.plan(PLAN_MESSAGES).await?;
    say(&plan.text(now()));
    if plan.read == 0 {
        return Ok(());
    }
    if args.go {
        let tell = |moved, to_move| say(&format!("{moved} of {to_move} have moved"));
        return Ok(print_receipt(&letters.redrive(args.rate, tell).await?)?);
    }
    say(
        "A dry run: nothing was moved. With --go all of them go back to the queue, and what still cannot be stored comes back here.",
    );
    say("That is the word of this checkout's consumer: deploy it first.");
    Ok(())
}
