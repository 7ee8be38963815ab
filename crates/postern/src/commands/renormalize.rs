//! `renormalize`: rebuilds stored events after a parser was fixed.

use jiff::Timestamp;
use operator::Exit;
use operator::print::now;
use operator::renormalize::{self, Change, HEADER, Mode, Selection};

use super::target::TargetArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;
use crate::words;

const EXAMPLES: &str = "Examples:
  postern renormalize --verbose
  postern renormalize --provider insider --from 2026-01-02 --go";

/// After a parser was fixed, rebuild stored events from their raw; a dry run without --go
///
/// Prints how many events this tool would store otherwise, by provider and kind; with --verbose
/// each one and what of it differs. The new item is put before an old one is deleted; a second run
/// finds nothing to do.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// Only this provider's events
    #[arg(long, value_name = "NAME", value_parser = words::provider)]
    provider: Option<String>,
    /// Only what occurred at this time or later: RFC 3339, a day in UTC, or how long ago (2h)
    #[arg(long, value_name = "TIME", value_parser = words::time)]
    from: Option<Timestamp>,
    /// Only what occurred before this time
    #[arg(long, value_name = "TIME", value_parser = words::time)]
    to: Option<Timestamp>,
    /// Write what differs
    #[arg(long)]
    go: bool,
    /// Print the plan and change nothing (the default)
    #[arg(long, conflicts_with = "go")]
    dry_run: bool,
    /// The most events written a second; as fast as possible without it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rate: Option<u32>,
    /// Show keys and values, too: they name people
    #[arg(long)]
    show: bool,
    #[command(flatten)]
    target: TargetArgs,
}

/// Prints what would be stored differently, and stores it with `--go`.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    words::in_order(args.from, args.to)?;
    let target = args.target.changing(out, environment).await?;
    let events = target.events();
    let selection = Selection {
        provider: args.provider,
        from: args.from,
        to: args.to,
    };
    let mode = if args.go {
        Mode::Go(args.rate)
    } else {
        Mode::DryRun
    };
    let progress = out.progress("reading the table, events", None);
    let tell = |change: &Change| {
        if out.is_verbose() {
            out.line(&change.line(args.show));
        }
    };
    let seen = |items| progress.set(items);
    let report = renormalize::renormalize(&events, &selection, mode, tell, seen).await?;
    drop(progress);
    if !out.is_json() {
        out.rows(&HEADER, report.rows());
        out.note(&report.summary(args.show));
    }
    if args.go || out.is_json() {
        let mut receipt = report.receipt(events.table(), now());
        receipt.dry_run = !args.go;
        out.json(&receipt)?;
    }
    if !args.go && report.changed() > 0 {
        out.note(
            "A dry run: nothing was written. --go writes it; deploy this version's consumer first.",
        );
    }
    match report.failed {
        0 => Ok(Exit::Done),
        failed => Err(CommandError::NotWritten(failed)),
    }
}
