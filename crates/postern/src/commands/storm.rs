//! `storm`: sends webhooks as providers do, with faults, and checks what is stored.

use std::path::PathBuf;

use operator::Exit;
use stack::faults::{self, Injection};
use storm::{
    CONCURRENCY, SOAK_CONCURRENCY, SOAK_ROUNDS, SOAK_STRENGTH, SOAK_WEBHOOKS, Storm, WEBHOOKS,
};

use super::keys::Keys;
use super::up::launcher;
use crate::error::CommandError;
use crate::output::Output;
use crate::signals::interrupted;
use crate::typed::arguments;

const EXAMPLES: &str = "Examples:
  postern storm --all-faults
  postern storm --webhooks 50000 --fault queue:drop=0.2 --report storm.json
  postern storm --outage";

/// Send webhooks with every fault, and check that all of it is stored, once
///
/// The stack runs in a process of its own, on ports and data of its own. Exit code 1 if anything
/// was lost, doubled, changed, forged or made up. Before a webhook is sent, what its provider's
/// `normalize` makes of it is what must be stored.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// How many webhooks, 36000 with --soak
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    webhooks: Option<usize>,
    /// How many at once: 32, with --soak 4, so that few processes see much
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    concurrency: Option<usize>,
    /// Every fault, as often as usual; --fault changes one of them
    #[arg(long)]
    all_faults: bool,
    /// An hour of ten webhooks a second as fast as possible, each fault in turn: nothing may grow
    #[arg(long)]
    soak: bool,
    /// The table is out for an hour, shrunk to a minute as all waiting is: nothing may be put aside
    /// because of it
    #[arg(long, conflicts_with = "soak")]
    outage: bool,
    /// What goes wrong, such as table:throttle=0.2 (`postern help faults`)
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Injection>,
    /// What the webhooks, and the choices of the faults, follow from
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    keys: Keys,
    /// Folder with the functions' own binaries and this tool; else this program is all of them
    #[arg(long, value_name = "DIR")]
    binaries: Option<PathBuf>,
    /// Write the report to a file, as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// Runs a storm, prints its report, and fails if anything is wrong.
pub(super) async fn run(args: Args, out: &Output) -> Result<Exit, CommandError> {
    tokio::select! {
        done = storm(args, out) => done,
        () = interrupted() => Err(CommandError::Stopped),
    }
}

async fn storm(args: Args, out: &Output) -> Result<Exit, CommandError> {
    let secrets = args.keys.read()?;
    let mut faults: Vec<Injection> = Vec::new();
    if args.all_faults || args.soak {
        faults.extend(faults::every());
    }
    if args.soak {
        for fault in &mut faults {
            fault.probability = (fault.probability * SOAK_STRENGTH).min(1.0);
        }
    }
    for fault in args.fault {
        faults.retain(|other| other.fault != fault.fault);
        faults.push(fault);
    }
    let (webhooks, concurrency, rounds) = if args.soak {
        faults.retain(|fault| fault.fault.lets_processes_live());
        (SOAK_WEBHOOKS, SOAK_CONCURRENCY, Some(SOAK_ROUNDS))
    } else {
        (WEBHOOKS, CONCURRENCY, None)
    };
    let storm = Storm {
        command: command_line(&arguments()),
        webhooks: args.webhooks.unwrap_or(webhooks),
        concurrency: args.concurrency.unwrap_or(concurrency),
        faults,
        rounds,
        outage: args.outage,
        seed: args.seed,
        secrets,
        build: match &args.binaries {
            Some(folder) => folder.display().to_string(),
            None => BUILD.to_owned(),
        },
        launcher: launcher(args.binaries)?,
    };
    let report = storm.run(|text| out.note(text)).await?;
    if out.is_json() {
        out.json(&report)?;
    } else {
        out.line(&report.text());
    }
    if let Some(path) = args.report {
        let json = serde_json::to_string_pretty(&report)?;
        let written = std::fs::write(&path, json + "\n");
        written.map_err(|source| CommandError::File { path, source })?;
    }
    let mut defects = report.defects();
    if args.soak {
        defects.extend(report.growth());
    }
    match defects {
        defects if defects.is_empty() => Ok(Exit::Done),
        defects => Err(CommandError::Defects(defects)),
    }
}

/// How this program was built.
const BUILD: &str = if cfg!(debug_assertions) {
    "debug"
} else {
    "release"
};

/// Returns what the user typed, as anyone could type it.
fn command_line(typed: &[String]) -> String {
    let build = if cfg!(debug_assertions) {
        ""
    } else {
        "--release "
    };
    format!("cargo run {build}-p postern -- {}", typed.join(" "))
}

/// Reads a number of which there must be one: a storm of nothing finds nothing.
fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("expected 1 or more: a storm of nothing finds nothing".to_owned()),
        Ok(number) => Ok(number),
        Err(_) => Err("expected a whole number".to_owned()),
    }
}
