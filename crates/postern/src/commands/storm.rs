//! `storm`: sends webhooks as providers do, with faults, and checks what is stored.

use std::path::PathBuf;

use operator::print::say;
use stack::build::Selection;
use stack::faults::{self, Injection};
use storm::{
    CONCURRENCY, SOAK_CONCURRENCY, SOAK_ROUNDS, SOAK_STRENGTH, SOAK_WEBHOOKS, Storm, WEBHOOKS,
};

use super::secrets::Secrets;
use crate::error::CommandError;
use crate::signals::interrupted;

/// Send webhooks as providers do, with faults, and check that everything acknowledged is stored,
/// once, and nothing else
///
/// The stack runs in a process of its own, on ports and data of its own. Exit code 1 if anything
/// was lost, doubled, changed, forged or made up. Before a webhook is sent, what its provider's
/// `normalize` makes of it is what must be stored.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many webhooks, 36000 with --soak
    #[arg(long, value_name = "N")]
    webhooks: Option<usize>,
    /// How many at once: 32, with --soak 4, so that few processes see much
    #[arg(long, value_name = "N")]
    concurrency: Option<usize>,
    /// Every fault, as often as usual; --fault changes one of them
    #[arg(long)]
    all_faults: bool,
    /// An hour of ten webhooks a second as fast as possible, each fault in turn: nothing may grow
    #[arg(long)]
    soak: bool,
    /// What goes wrong, such as table:throttle=0.2; may be repeated (--help lists the faults)
    #[arg(long, value_name = "SERVICE:FAULT=PROBABILITY[,MS]", long_help = faults::help())]
    fault: Vec<Injection>,
    /// What the webhooks, and the choices of the faults, follow from
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    secrets: Secrets,
    /// Build the functions with optimizations
    #[arg(long)]
    release: bool,
    /// Write the report to a file, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Runs a storm, prints its report, and fails if anything is wrong.
pub(super) async fn run(args: Args) -> Result<(), CommandError> {
    tokio::select! {
        done = storm(args) => done,
        () = interrupted() => Err(CommandError::Stopped),
    }
}

async fn storm(args: Args) -> Result<(), CommandError> {
    let secrets = args.secrets.read()?;
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
        command: command_line(),
        webhooks: args.webhooks.unwrap_or(webhooks),
        concurrency: args.concurrency.unwrap_or(concurrency),
        faults,
        rounds,
        seed: args.seed,
        secrets,
        selection: Selection::Tool,
        release: args.release,
    };
    let report = storm.run(say).await?;
    say(&report.text());
    if let Some(path) = args.json {
        let json = serde_json::to_string_pretty(&report)?;
        let written = std::fs::write(&path, json + "\n");
        written.map_err(|source| CommandError::File { path, source })?;
    }
    let mut defects = report.defects();
    if args.soak {
        defects.extend(report.growth());
    }
    match defects {
        defects if defects.is_empty() => Ok(()),
        defects => Err(CommandError::Defects(defects)),
    }
}

/// Returns the command line in a form that any user could type.
fn command_line() -> String {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let build = if cfg!(debug_assertions) {
        ""
    } else {
        "--release "
    };
    format!("cargo run {build}-p postern -- {}", arguments.join(" "))
}
