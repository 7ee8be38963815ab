//! The command line: one file for each command, with its own arguments.

mod demo;
mod erase;
mod events;
mod key;
mod provider;
mod redrive;
mod renormalize;
mod secrets;
mod send;
mod storm;
mod target;
mod up;

use clap::{Parser, Subcommand};

use crate::error::CommandError;

/// Postern on one machine: the template's routes, queue and table, and the real functions. Without
/// a command it builds the functions, starts everything and stays up.
#[derive(Parser)]
#[command(
    name = "postern",
    bin_name = "cargo run -p postern --",
    args_conflicts_with_subcommands = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    up: up::Args,
}

#[derive(Subcommand)]
enum Command {
    Up(up::Args),
    Demo(demo::Args),
    Send(send::Args),
    Events(events::Args),
    Key(key::Args),
    Redrive(redrive::Args),
    Renormalize(renormalize::Args),
    Storm(storm::Args),
    Erase(erase::Args),
}

/// Runs the command that was typed.
pub(crate) async fn run(cli: Cli) -> Result<(), CommandError> {
    match cli.command {
        None => up::run(cli.up).await,
        Some(Command::Up(args)) => up::run(args).await,
        Some(Command::Demo(args)) => demo::run(args).await,
        Some(Command::Send(args)) => send::run(&args).await,
        Some(Command::Events(args)) => events::run(&args).await,
        Some(Command::Key(args)) => key::run(&args),
        Some(Command::Redrive(args)) => redrive::run(&args).await,
        Some(Command::Renormalize(args)) => renormalize::run(args).await,
        Some(Command::Storm(args)) => storm::run(args).await,
        Some(Command::Erase(args)) => erase::run(&args).await,
    }
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
            "postern redrive",
            "postern redrive --dry-run",
            "postern erase --recipient a@b.test --dry-run",
            "postern redrive --go --rate 500 --port 1",
            "postern redrive --aws --queue-url https://sqs/1/dead",
            "postern erase --recipient a@b.test",
            "postern erase --customer 7 --go --keep-suppression --aws --table T",
            "postern events --aws --table T --recipient a@b.test",
            "postern renormalize",
            "postern renormalize --dry-run --provider insider --from 2026-01-02 --to 2026-01-02T03:04:05Z --verbose --show",
            "postern renormalize --go --rate 10000 --aws --table T",
            "postern send a.json --to https://api.test",
            "postern --port 1 --quiet",
            "postern up --port 1 --data d",
            "postern demo --port 1 --sqs-port 2",
            "postern storm --all-faults --fault queue:drop=0.1 --seed 3",
        ] {
            assert!(is_understood(line), "{line}");
        }
        for line in [
            "postern redrive --aws",
            "postern redrive --queue-url https://sqs/1/dead",
            "postern redrive --rate 0",
            "postern redrive --rate 501",
            "postern erase",
            "postern erase --go",
            "postern erase --recipient a@b.test --customer 7",
            "postern erase --recipient a@b.test --aws",
            "postern erase --recipient a@b.test --table T",
            "postern events --table T",
            "postern renormalize --go --dry-run",
            "postern redrive --go --dry-run",
            "postern erase --recipient a@b.test --go --dry-run",
            "postern renormalize --provider nobody",
            "postern renormalize --from yesterday",
            "postern renormalize --rate 0",
            "postern renormalize --table T",
            // This is an option of `up`, which `erase` would ignore.
            "postern --port 1 erase --customer 7",
            "postern events --data d",
            "postern events --aws --table T --port 5", // an account has no port
            "postern redrive --aws --queue-url https://sqs/1/dead --port 5",
            "postern send a.json --to https://api.test --port 5",
            "postern send a.json --provider nobody",
            "postern storm --release --binaries d",
        ] {
            assert!(!is_understood(line), "{line}");
        }
    }
}
