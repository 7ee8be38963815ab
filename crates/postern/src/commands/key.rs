//! `key`: prints an address as the table's keys have it.

use operator::Exit;
use operator::recipient::Recipient;

use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern key 'Kim <KIM@mail.test>'";

/// Print an address as the table's keys have it, whatever its spelling
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// An address, a telephone number or a device token
    #[arg(value_name = "ADDRESS")]
    recipient: String,
}

/// Prints the canonical form.
pub(super) fn run(args: &Args, out: &Output) -> Result<Exit, CommandError> {
    let recipient = Recipient::parse(&args.recipient).map_err(operator::Error::from)?;
    if out.is_json() {
        out.json(&serde_json::json!({"address": recipient.canonical()}))?;
    } else {
        out.line(recipient.canonical());
    }
    Ok(Exit::Done)
}
