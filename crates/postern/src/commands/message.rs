//! `message`: prints what happened to one message.

use operator::message::{Message, MessageId, find};
use operator::number::count;
use operator::print::now;
use operator::{Error, Exit};

use super::target::TargetArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern message 49a3999c-0ce1-4ea6-ab68-afcd6dc2e794
  postern message sendgrid#14c5d75ce93.dfd.64b469
  postern message '<20260102.1@mail.example>' --json";

/// Show what happened to one message, a row a recipient
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// The id that the provider's send API returned, or PROVIDER#ID
    #[arg(value_name = "[PROVIDER#]ID")]
    id: String,
    #[command(flatten)]
    target: TargetArgs,
}

/// Prints the message's recipients, or a line of JSON a message.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let id = MessageId::parse(&args.id).map_err(Error::from)?;
    let events = args.target.reading(out, environment).await?.events();
    let messages = find(&id, &events, now()).await?;
    if messages.is_empty() {
        if out.is_json() {
            out.json(&Message::nothing(id.text()))?;
        }
        out.note(&id.nothing());
    }
    for message in &messages {
        if out.is_json() {
            out.json(message)?;
        } else {
            show(message, out);
        }
    }
    Ok(Exit::Done)
}

fn show(message: &Message, out: &Output) {
    let recipients = message.recipients.iter();
    let rows = recipients.map(|recipient| {
        let steps = recipient.steps(out.is_terminal());
        vec![recipient.name().to_owned(), steps]
    });
    out.rows(&["recipient", "what happened"], rows.collect());
    let events = message.recipients.iter().map(|one| one.events.len()).sum();
    let events = count(events, "event", "events");
    let day = message.day();
    out.note(&format!("{events} of {}, from {day}, UTC", message.message));
}
