//! The command `storm`: from the command line to an exit code.

use local::faults::{self, Injection};
use local::functions::Selection;
use local::storm::{
    CONCURRENCY, SOAK_CONCURRENCY, SOAK_ROUNDS, SOAK_STRENGTH, SOAK_WEBHOOKS, Storm, WEBHOOKS,
};
use local::terminal::say;

use crate::cli::{Settings, StormChoice};

/// Runs a storm, prints what it came to, and fails if anything is wrong.
pub(crate) async fn run(settings: Settings, choice: StormChoice) -> Result<(), String> {
    let secrets = settings.secrets()?;
    let mut faults: Vec<Injection> = Vec::new();
    if choice.all_faults || choice.soak {
        faults.extend(faults::every());
    }
    if choice.soak {
        for fault in &mut faults {
            fault.probability = (fault.probability * SOAK_STRENGTH).min(1.0);
        }
    }
    for fault in settings.fault {
        faults.retain(|other| other.fault != fault.fault);
        faults.push(fault);
    }
    let (webhooks, concurrency, rounds) = if choice.soak {
        faults.retain(|fault| fault.fault.lets_processes_live());
        (SOAK_WEBHOOKS, SOAK_CONCURRENCY, Some(SOAK_ROUNDS))
    } else {
        (WEBHOOKS, CONCURRENCY, None)
    };
    let storm = Storm {
        command: command_line(),
        webhooks: choice.webhooks.unwrap_or(webhooks),
        concurrency: choice.concurrency.unwrap_or(concurrency),
        faults,
        rounds,
        seed: settings.seed,
        secrets,
        selection: Selection::Local,
        release: settings.release,
    };
    let report = storm.run().await?;
    say(&report.text());
    if let Some(file) = choice.json {
        let json = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
        std::fs::write(&file, json + "\n")
            .map_err(|error| format!("{}: {error}", file.display()))?;
    }
    let mut defects = report.defects();
    if choice.soak {
        defects.extend(report.growth());
    }
    match defects.as_slice() {
        [] => Ok(()),
        defects => Err(defects.join(", ")),
    }
}

/// What the person typed, as anyone could type it.
fn command_line() -> String {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let build = if cfg!(debug_assertions) {
        ""
    } else {
        "--release "
    };
    format!("cargo run {build}-p local -- {}", arguments.join(" "))
}
