//! `up`: starts everything on this machine and stays up.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use operator::print::say;
use operator::secrets::for_receivers;
use operator::send::Poster;
use stack::build::{Selection, in_folder, with_cargo};
use stack::faults::{self, Fault, Faults, Injection};
use stack::{DYNAMODB_PORT, Options, Stack};
use tokio::io::{AsyncBufReadExt as _, BufReader, stdin};

use super::secrets::Secrets;
use super::target::PORT;
use crate::console::{self, Verbosity};
use crate::error::CommandError;
use crate::signals::interrupted;

/// Start everything and stay up; so it is without a command, too
#[derive(clap::Args)]
#[group(id = "up")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches of a command line, each by itself"
)]
pub(crate) struct Args {
    /// Port of the HTTP API
    #[arg(long, default_value_t = PORT)]
    port: u16,
    /// Port of the queue service
    #[arg(long, default_value_t = 9324)]
    sqs_port: u16,
    /// Port of the table service
    #[arg(long, default_value_t = DYNAMODB_PORT)]
    dynamodb_port: u16,
    #[command(flatten)]
    secrets: Secrets,
    /// A template parameter, e.g. SignatureWindow=0 to accept requests signed at any time, or
    /// Providers=insider,resend to have no others
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    parameter: Vec<(String, String)>,
    /// Folder that keeps the table and the queues between runs, killed or not; in memory without it
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Seconds after which a message that failed is tried again. AWS waits for the queue's
    /// visibility timeout, or for as long as the consumer says: one such minute is as long here
    #[arg(long, default_value_t = 1)]
    retry_after: u64,
    /// Build the functions with optimizations
    #[arg(long)]
    release: bool,
    /// Folder with the functions' binaries, built before; else they are built now
    #[arg(long, value_name = "DIR")]
    binaries: Option<PathBuf>,
    /// Show the functions' own log lines
    #[arg(long, conflicts_with = "quiet")]
    verbose: bool,
    /// Show neither webhooks nor events
    #[arg(long)]
    quiet: bool,
    /// What goes wrong, such as table:throttle=0.2; may be repeated (--help lists the faults)
    #[arg(long, value_name = "SERVICE:FAULT=PROBABILITY[,MS]", long_help = faults::help())]
    fault: Vec<Injection>,
    /// What the choices of the faults follow from
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Read faults from standard input: a line of them takes the place of those in force, an empty
    /// one ends them, the end of the input ends everything
    #[arg(long)]
    pub(super) read_faults: bool,
}

/// Starts everything and stays up until it is stopped.
pub(super) async fn run(args: Args) -> Result<(), CommandError> {
    let read_faults = args.read_faults;
    let Some((stack, _)) = start(args).await? else {
        return Ok(());
    };
    stay(&stack, read_faults).await;
    Ok(())
}

/// Starts the stack, and a sender that signs with the same keys. Returns `None` if the user stops
/// it meanwhile.
pub(super) async fn start(args: Args) -> Result<Option<(Stack, Poster)>, CommandError> {
    if args.fault.iter().any(|f| f.fault == Fault::StackKill) {
        return Err(CommandError::StackKill);
    }
    let given = args.secrets.read()?;
    let verbosity = match (args.quiet, args.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, false) => Verbosity::Outcomes,
        (false, true) => Verbosity::Lines,
    };
    let starting = Stack::start(Options {
        port: args.port,
        sqs_port: args.sqs_port,
        dynamodb_port: args.dynamodb_port,
        secrets: for_receivers(&given)?,
        parameters: args.parameter,
        data: args.data,
        retry_after: Duration::from_secs(args.retry_after),
        launcher: match args.binaries {
            Some(folder) => in_folder(folder),
            None => with_cargo(Selection::Tool, args.release),
        },
        output: console::output(verbosity),
        observer: Arc::new(|_| {}),
        faults: args.fault,
        seed: args.seed,
    });
    let stack = tokio::select! {
        stack = starting => stack?,
        () = interrupted() => return Ok(None),
    };
    console::welcome(&stack);
    let sender = Poster::new(stack.api, given);
    Ok(Some((stack, sender)))
}

/// Stays up until it is stopped. If faults are read from standard input, it also stops at the end
/// of the input.
pub(super) async fn stay(stack: &Stack, read_faults: bool) {
    if read_faults {
        tokio::select! {
            () = read(&stack.faults) => {}
            () = interrupted() => {}
        }
    } else {
        interrupted().await;
    }
    say("Stopped.");
}

/// Puts the faults of each line of standard input in force and prints the answer, until the input
/// ends.
async fn read(faults: &Faults) {
    let mut lines = BufReader::new(stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        say(&faults::answer(faults, &line));
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((pair.0.to_owned(), pair.1.to_owned()))
}
