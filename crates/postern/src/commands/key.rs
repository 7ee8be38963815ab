//! `key`: prints an address as the table's keys have it.

use operator::print::say;
use operator::recipient::Recipient;

use crate::error::CommandError;

/// Print an address as the table's keys have it, whatever its spelling
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Such as 'Kim <KIM@mail.test>'
    #[arg(value_name = "ADDRESS")]
    recipient: String,
}

/// Prints the canonical form.
pub(super) fn run(args: &Args) -> Result<(), CommandError> {
    say(Recipient::parse(&args.recipient)?.canonical());
    Ok(())
}
