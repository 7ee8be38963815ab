//! `events`: prints the stored events.

use operator::Error;
use operator::events::{self, Filter, Problem};
use operator::print::{json, say};
use operator::recipient::Recipient;
use table::read::plain;

use super::target::Table;
use crate::error::CommandError;

/// Print the stored events
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    table: Table,
    /// One JSON object a line, every attribute
    #[arg(long)]
    json: bool,
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
pub(super) async fn run(args: &Args) -> Result<(), CommandError> {
    let filter = args.which.filter()?;
    let items = args.table.events().await?.find(&filter).await?;
    if args.json {
        for item in &items {
            say(&json(&plain(item))?);
        }
    } else {
        say(&events::table(&items));
        say(&format!("{} events", items.len()));
    }
    Ok(())
}
