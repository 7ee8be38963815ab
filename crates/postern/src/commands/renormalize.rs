//! `renormalize`: rebuilds stored events after a parser was fixed.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use operator::print::{now, say};
use operator::renormalize::{self, Change, Mode, Selection};
use shared::time::from_rfc3339;

use super::provider;
use super::target::Table;
use crate::console::{hide_panic_messages, print_receipt};
use crate::error::CommandError;

const NEEDS: &str = "In an account it needs dynamodb:Scan and GetItem on the table; with --go BatchWriteItem and UpdateItem, too.";

/// After a parser was fixed, rebuild stored events from their raw; a dry run without --go
///
/// Prints how many events this checkout would store otherwise, by provider and kind; with --verbose
/// each one and what of it differs. The new item is put before an old one is deleted; a second run
/// finds nothing to do.
#[derive(clap::Args)]
#[command(after_long_help = NEEDS)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches of a command line, each by itself"
)]
pub(crate) struct Args {
    /// Only this provider's events
    #[arg(long, value_name = "NAME", value_parser = provider::known)]
    provider: Option<String>,
    /// Only what occurred at this time or later: RFC 3339, or a day in UTC
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Timestamp>,
    /// Only what occurred before this time: RFC 3339, or a day in UTC
    #[arg(long, value_name = "TIME", value_parser = time)]
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
    /// Show every change
    #[arg(long)]
    verbose: bool,
    /// Show keys and values, too: they name people
    #[arg(long)]
    show: bool,
    #[command(flatten)]
    table: Table,
}

/// Prints what would be stored differently, and stores it with `--go`.
pub(super) async fn run(args: Args) -> Result<(), CommandError> {
    hide_panic_messages();
    let events = args.table.events().await?;
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
    let tell = |change: &Change| {
        if args.verbose {
            say(&change.line(args.show));
        }
    };
    let report = renormalize::renormalize(&events, &selection, mode, tell).await?;
    say(&report.text(args.show));
    if args.go {
        print_receipt(&report.receipt(events.table(), now()))?;
    } else if report.changed() > 0 {
        say(
            "A dry run: nothing was written. --go writes it; deploy this checkout's consumer first.",
        );
    }
    match report.failed {
        0 => Ok(()),
        failed => Err(CommandError::NotWritten(failed)),
    }
}

fn time(text: &str) -> Result<Timestamp, String> {
    let day = text.parse::<Date>().ok();
    let midnight = day.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    midnight
        .filter(|_| !text.contains(['T', 't', ' ']))
        .map(|midnight| midnight.timestamp())
        .or_else(|| from_rfc3339(text))
        .ok_or_else(|| "expected 2026-01-02 or 2026-01-02T03:04:05Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_midnight_and_a_time_has_a_zone() {
        let seconds = |text| time(text).map(Timestamp::as_second).ok();
        assert_eq!(seconds("2026-01-02"), Some(1_767_312_000));
        assert_eq!(seconds("2026-01-02T03:04:05+01:00"), Some(1_767_319_445));
        assert_eq!(seconds("2026-01-02T03:04:05"), None);
        assert_eq!(seconds("2026-13-02"), None);
    }
}
