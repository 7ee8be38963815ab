//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use local::faults::{self, Injection};
use local::stack::DYNAMODB_PORT;
use shared::time::from_rfc3339;

const REDRIVE_NEEDS: &str = "In an account it needs, on the dead-letter queue: sqs:ListDeadLetterSourceQueues, GetQueueAttributes,
ReceiveMessage, ChangeMessageVisibility, StartMessageMoveTask, ListMessageMoveTasks, DeleteMessage; on the queue that it is of:
sqs:GetQueueAttributes, SendMessage.";
const ERASE_NEEDS: &str = "In an account it needs dynamodb:Query and BatchWriteItem on the table.";

const RENORMALIZE_NEEDS: &str = "In an account it needs dynamodb:Scan and GetItem on the table; with --go BatchWriteItem and UpdateItem, too.";

/// Postern on one machine: the template's routes, queue and table, and the real functions. Without a command it builds the
/// functions, starts everything and stays up.
#[derive(Parser)]
#[command(name = "local", bin_name = "cargo run -p local --")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

#[derive(Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches of a command line, each by itself"
)]
pub(crate) struct Settings {
    /// Port of the HTTP API
    #[arg(long, global = true, default_value_t = 3000)]
    pub(crate) port: u16,
    /// Port of the queue service
    #[arg(long, global = true, default_value_t = 9324)]
    pub(crate) sqs_port: u16,
    /// Port of the table service
    #[arg(long, global = true, default_value_t = DYNAMODB_PORT)]
    pub(crate) dynamodb_port: u16,
    /// A provider's key, or its JSON object of label -> key; else events/<provider>/secret.txt
    // Read by `secrets`, and not here: clap shows what it cannot read, and that may be a key.
    #[arg(long, global = true, value_name = "PROVIDER=KEY")]
    pub(crate) secret: Vec<String>,
    /// A template parameter, e.g. SignatureWindow=0 to accept requests signed at any time
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) parameter: Vec<(String, String)>,
    /// Folder that keeps the table and the queues between runs, killed or not; in memory without it
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Seconds after which a message that failed is tried again (AWS waits for the queue's visibility time-out)
    #[arg(long, global = true, default_value_t = 1)]
    pub(crate) retry_after: u64,
    /// Build the functions with optimizations
    #[arg(long, global = true)]
    pub(crate) release: bool,
    /// Folder with the functions' binaries, built before; else they are built now
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) binaries: Option<PathBuf>,
    /// Show the functions' own log lines; of renormalize, every change
    #[arg(long, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
    /// Show neither webhooks nor events
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
    /// What goes wrong, such as table:throttle=0.2; may be repeated (--help lists the faults)
    #[arg(long, global = true, value_name = "SERVICE:FAULT=PROBABILITY[,MS]", long_help = faults::help())]
    pub(crate) fault: Vec<Injection>,
    /// What the choices of the faults follow from
    #[arg(long, global = true, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Read faults from standard input: a line of them takes the place of those in force, an empty one ends them, the end of
    /// the input ends everything
    #[arg(long, global = true)]
    pub(crate) read_faults: bool,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Start everything, send every provider's samples, show what the table holds, stay up
    Demo,
    /// Sign raw bodies as their provider would, and post them to a running stack
    Send {
        /// Files in a provider's folder, such as events/insider/click.json
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The provider, for files that are elsewhere
        #[arg(long)]
        provider: Option<String>,
        /// Base URL of another API, such as a deployed one; sign with its key (--secret)
        #[arg(long, value_name = "URL")]
        to: Option<String>,
    },
    /// Print the stored events
    Events {
        #[command(flatten)]
        filter: EventFilter,
        #[command(flatten)]
        table: TableChoice,
        /// One JSON object a line, every attribute
        #[arg(long)]
        json: bool,
    },
    /// Print an address as the table's keys have it, whatever its spelling
    Key {
        /// Such as 'Kim <KIM@mail.test>'
        #[arg(value_name = "ADDRESS")]
        recipient: String,
    },
    /// After a fix, move what is in the dead-letter queue back; a dry run without --go
    ///
    /// Prints how many messages there are, by provider and by what the consumer of this checkout says of them; never a body.
    /// Everything then moves: what still cannot be stored is back in the dead-letter queue after its attempts.
    #[command(verbatim_doc_comment, after_long_help = REDRIVE_NEEDS)]
    Redrive {
        /// Move the messages
        #[arg(long)]
        go: bool,
        /// Move nothing: so it is without --go, too
        #[arg(long, conflicts_with = "go")]
        dry_run: bool,
        /// The most messages a second; as fast as possible without it
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=500))]
        rate: Option<i32>,
        /// A real account's queue: credentials and region come from the environment
        ///
        /// After `aws sso login`: eval "$(aws configure export-credentials --format env)"
        #[arg(long, requires = "queue_url")]
        aws: bool,
        /// The dead-letter queue of that account
        #[arg(long, value_name = "URL", requires = "aws")]
        queue_url: Option<String>,
    },
    /// After a parser was mended, make stored events again from their raw; a dry run without --go
    ///
    /// Prints how many events this checkout would store otherwise, by provider and kind; with --verbose each one and what of it
    /// differs. The new item is put before an old one is deleted; a second run finds nothing to do.
    #[command(verbatim_doc_comment, after_long_help = RENORMALIZE_NEEDS)]
    Renormalize(Renormalizing),
    /// Send webhooks as providers do, with faults, and check that everything acknowledged is stored, once, and nothing else
    ///
    /// The stack runs in a process of its own, on ports and data of its own. Exit code 1 if anything was lost, doubled, changed,
    /// forged or made up. Before a webhook is sent, what its provider's `normalize` makes of it is what must be stored.
    #[command(verbatim_doc_comment)]
    Storm(StormChoice),
    /// Delete one person's events and suppression; a dry run without --go
    ///
    /// Deletes every item under the person's keys, in every channel, and the remembered times of their events without a time.
    /// A second run says that nothing is left.
    #[command(verbatim_doc_comment, after_long_help = ERASE_NEEDS)]
    Erase {
        #[command(flatten)]
        person: PersonChoice,
        /// Keep the suppression, which says that this address must not be mailed
        ///
        /// "Do not mail" is often a legal duty that outlives the rest: someone who complained and asks to be forgotten must not
        /// get mail because you forgot that, too. What is kept is the address, the reason, and the time and id of one event.
        #[arg(long, verbatim_doc_comment)]
        keep_suppression: bool,
        /// Delete
        #[arg(long)]
        go: bool,
        /// Delete nothing: so it is without --go, too
        #[arg(long, conflicts_with = "go")]
        dry_run: bool,
        #[command(flatten)]
        table: TableChoice,
    },
}

#[derive(Args)]
pub(crate) struct StormChoice {
    /// How many webhooks, 36000 with --soak
    #[arg(long, value_name = "N")]
    pub(crate) webhooks: Option<usize>,
    /// How many at once: 32, with --soak 4, so that few processes see much
    #[arg(long, value_name = "N")]
    pub(crate) concurrency: Option<usize>,
    /// Every fault, as often as usual; --fault changes one of them
    #[arg(long)]
    pub(crate) all_faults: bool,
    /// An hour of ten webhooks a second as fast as possible, each fault in turn: nothing may grow
    #[arg(long)]
    pub(crate) soak: bool,
    /// Write the report to a file, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

#[derive(Args)]
#[group(multiple = false)]
pub(crate) struct EventFilter {
    /// Of one recipient, in any spelling
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) recipient: Option<String>,
    /// Of one message, by the provider's message id
    #[arg(long, value_name = "ID")]
    pub(crate) message: Option<String>,
    /// Of one kind of problem on one day, such as bounced/2026-01-02
    #[arg(long, value_name = "KIND/DAY")]
    pub(crate) problem: Option<String>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct PersonChoice {
    /// The person's address (or telephone number, or device token), in any spelling
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) recipient: Option<String>,
    /// The person's id in your own system: events that name no recipient are kept under it
    #[arg(long, value_name = "ID")]
    pub(crate) customer: Option<String>,
}

#[derive(Args)]
pub(crate) struct Renormalizing {
    /// Only this provider's events
    #[arg(long, value_name = "NAME", value_parser = provider)]
    pub(crate) provider: Option<String>,
    /// Only what occurred at this time or later: RFC 3339, or a day in UTC
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) from: Option<Timestamp>,
    /// Only what occurred before this time: RFC 3339, or a day in UTC
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) to: Option<Timestamp>,
    /// Write what differs
    #[arg(long)]
    pub(crate) go: bool,
    /// Write nothing: so it is without --go, too
    #[arg(long, conflicts_with = "go")]
    pub(crate) dry_run: bool,
    /// The most events written a second; as fast as possible without it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) rate: Option<u32>,
    /// Show keys and values, too: they name people
    #[arg(long)]
    pub(crate) show: bool,
    #[command(flatten)]
    pub(crate) table: TableChoice,
}

#[derive(Args)]
pub(crate) struct TableChoice {
    /// A real account's table: credentials and region come from the environment
    ///
    /// After `aws sso login`: eval "$(aws configure export-credentials --format env)"
    #[arg(long, requires = "table")]
    pub(crate) aws: bool,
    /// The table of that account
    #[arg(long, value_name = "NAME", requires = "aws")]
    pub(crate) table: Option<String>,
}

fn provider(name: &str) -> Result<String, String> {
    let known = || {
        let names: Vec<&str> = consumer::PROVIDERS.iter().map(|p| p.name()).collect();
        format!("expected one of {}", names.join(", "))
    };
    consumer::provider(name).ok_or_else(known)?;
    Ok(name.to_owned())
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

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((pair.0.to_owned(), pair.1.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn is_understood(line: &str) -> bool {
        Cli::try_parse_from(line.split(' ')).is_ok()
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn nothing_is_done_to_an_account_or_a_person_by_half_a_command() {
        for line in [
            "local redrive",
            "local redrive --dry-run",
            "local erase --recipient a@b.test --dry-run",
            "local redrive --go --rate 500 --sqs-port 1",
            "local redrive --aws --queue-url https://sqs/1/dead",
            "local erase --recipient a@b.test",
            "local erase --customer 7 --go --keep-suppression --aws --table T",
            "local events --aws --table T --recipient a@b.test",
            "local renormalize",
            "local renormalize --dry-run --provider insider --from 2026-01-02 --to 2026-01-02T03:04:05Z --verbose --show",
            "local renormalize --go --rate 10000 --aws --table T",
            "local send a.json --to https://api.test",
        ] {
            assert!(is_understood(line), "{line}");
        }
        for line in [
            "local redrive --aws",
            "local redrive --queue-url https://sqs/1/dead",
            "local redrive --rate 0",
            "local redrive --rate 501",
            "local erase",
            "local erase --go",
            "local erase --recipient a@b.test --customer 7",
            "local erase --recipient a@b.test --aws",
            "local erase --recipient a@b.test --table T",
            "local events --table T",
            "local renormalize --go --dry-run",
            "local redrive --go --dry-run",
            "local erase --recipient a@b.test --go --dry-run",
            "local renormalize --provider nobody",
            "local renormalize --from yesterday",
            "local renormalize --rate 0",
            "local renormalize --table T",
        ] {
            assert!(!is_understood(line), "{line}");
        }
    }

    #[test]
    fn a_day_is_its_midnight_and_a_time_has_a_zone() {
        let seconds = |text| time(text).map(Timestamp::as_second).ok();
        assert_eq!(seconds("2026-01-02"), Some(1_767_312_000));
        assert_eq!(seconds("2026-01-02T03:04:05+01:00"), Some(1_767_319_445));
        assert_eq!(seconds("2026-01-02T03:04:05"), None);
        assert_eq!(seconds("2026-13-02"), None);
    }
}
