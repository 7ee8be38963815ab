//! `events`: prints the stored events.

use operator::events::{self, Filter, Problem};
use operator::recipient::Recipient;
use operator::{Error, Exit};
use table::read::plain;

use super::target::TargetArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

/// Print the stored events
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    target: TargetArgs,
}

#[derive(clap::Args)]
#[group(multiple = false)]
struct Which {
    /// Of one recipient, in any spelling
    #[arg(long, value_name = "ADDRESS")]
    recipient: Option<String>,
    /// Of one message, by the provider's message id
    #[arg(long, value_name = "ID")]
    message: Option<String>,
    /// Of one kind of problem on one day, such as bounced/2026-01-02
    #[arg(long, value_name = "KIND/DAY")]
    problem: Option<String>,
}

impl Which {
    /// Reads what was typed, before anything is asked of a stack.
    fn filter(&self) -> Result<Filter, Error> {
        Ok(match (&self.recipient, &self.message, &self.problem) {
            (Some(recipient), ..) => Filter::Recipient(Recipient::parse(recipient)?),
            (_, Some(message), _) => Filter::Message(message.clone()),
            (.., Some(problem)) => Filter::Problem(Problem::parse(problem)?),
            _ => Filter::All,
        })
    }
}

/// Prints the events as a table, or each as a line of JSON.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let filter = args.which.filter()?;
    let items = args
        .target
        .reading(out, environment)
        .await?
        .events()
        .find(&filter)
        .await?;
    if out.is_json() {
        for item in &items {
            out.json(&plain(item))?;
        }
    } else {
        out.line(&events::table(&items));
        out.note(&format!("{} events", items.len()));
    }
    Ok(Exit::Done)
}
