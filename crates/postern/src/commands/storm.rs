//! `storm`: sends webhooks as providers do, with faults, and checks what is stored.

use std::path::PathBuf;

use operator::print::say;
use stack::build::{Selection, in_folder, with_cargo};
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
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
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
    /// The table is out for an hour, shrunk to a minute as all waiting is: nothing may be put aside
    /// because of it
    #[arg(long, conflicts_with = "soak")]
    outage: bool,
    /// What goes wrong, such as table:throttle=0.2; may be repeated (--help lists the faults)
    #[arg(long, value_name = "SERVICE:FAULT=PROBABILITY[,MS]", long_help = faults::help())]
    fault: Vec<Injection>,
    /// What the webhooks, and the choices of the faults, follow from
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    secrets: Secrets,
    /// Build with optimizations
    #[arg(long, conflicts_with = "binaries")]
    release: bool,
    /// Folder with the binaries of the functions and of this tool, built before; else they are
    /// built now
    #[arg(long, value_name = "DIR")]
    binaries: Option<PathBuf>,
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
        command: command_line(std::env::args().skip(1)),
        webhooks: args.webhooks.unwrap_or(webhooks),
        concurrency: args.concurrency.unwrap_or(concurrency),
        faults,
        rounds,
        outage: args.outage,
        seed: args.seed,
        secrets,
        build: match (&args.binaries, args.release) {
            (Some(folder), _) => folder.display().to_string(),
            (None, true) => "release".to_owned(),
            (None, false) => "debug".to_owned(),
        },
        launcher: match args.binaries {
            Some(folder) => in_folder(folder),
            None => with_cargo(Selection::Tool, args.release),
        },
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

/// Returns what the user typed, as anyone could type it, without the keys.
fn command_line(arguments: impl Iterator<Item = String>) -> String {
    let mut shown = Vec::new();
    let mut is_key = false;
    for argument in arguments {
        let is_joined = argument.starts_with("--secret=");
        match (is_key, is_joined) {
            (true, _) => shown.push("PROVIDER=KEY".to_owned()),
            (_, true) => shown.push("--secret=PROVIDER=KEY".to_owned()),
            _ => shown.push(argument.clone()),
        }
        is_key = argument == "--secret";
    }
    let build = if cfg!(debug_assertions) {
        ""
    } else {
        "--release "
    };
    format!("cargo run {build}-p postern -- {}", shown.join(" "))
}

#[cfg(test)]
mod tests {
    use super::command_line;

    #[test]
    fn a_key_is_in_no_report() {
        let typed = "storm --secret insider=k-1 --seed 3 --secret=resend=k-2";
        let told = command_line(typed.split(' ').map(str::to_owned));
        let wanted = "storm --secret PROVIDER=KEY --seed 3 --secret=PROVIDER=KEY";
        assert!(told.ends_with(wanted), "{told}");
    }
}
