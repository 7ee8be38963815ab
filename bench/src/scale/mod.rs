//! Where a stack ends: a simulation in virtual time, `cargo run --release -p bench -- scale`.
//!
//! It knows AWS's documented limits (`bench/limits.json`) and the milliseconds that the benchmark
//! has measured (`bench/results.json`). Keys, sizes, batches, back-off, breaker and pace are the
//! product's own code, over the real samples of every provider.
//!
//! Time goes in steps of a tenth of a second. Webhooks are not followed one by one: those that have
//! everything in common are counted together, and chance has a seed.

mod around;
mod buckets;
mod cause;
pub(crate) mod chance;
mod check;
mod consumers;
pub(crate) mod figures;
mod keyspace;
mod known;
pub(crate) mod limits;
mod lines;
mod mix;
mod outlets;
mod providers;
mod queue;
mod record;
mod report;
mod scenario;
pub(crate) mod setting;
mod table;
#[cfg(test)]
mod tests;
mod world;

use std::path::{Path, PathBuf};

use stack::build::root;

use self::check::compare;
use self::figures::{Batch, Figures};
use self::known::Known;
use self::lines::draw;
use self::report::{Came, Capacity, Priced, Report, Sharded};
use self::scenario::{BLOCKED, SCENARIOS};
use self::setting::Opened;
use self::table::Shards;
use self::world::{End, STEP_MS};
use crate::outcome::Outcome;
use crate::services::work_folder;
use crate::stats::round;

/// How many shards are tried, beside the product's own.
const MORE_SHARDS: [usize; 3] = [32, 64, 128];

/// Simulates where a stack ends, and writes what came out. With `--check` the model is compared
/// with the local stack instead, and that alone is written.
///
/// `--quick` is for development: a tenth of each scenario's time, into `target/bench`. So is
/// `--functions`, a folder of functions to take instead of building them.
pub(crate) async fn main(results: &Path, charts: &Path, arguments: &[String]) -> Outcome<()> {
    let is = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let given = |flag: &str| {
        let place = arguments.iter().position(|argument| argument == flag)?;
        arguments.get(place + 1)
    };
    let seed = given("--seed").map_or(Ok(1), |seed| seed.parse())?;
    let known = Known::read(results, seed)?;
    let (file, charts): (PathBuf, PathBuf) = if is("--quick") {
        std::fs::create_dir_all(work_folder())?;
        (work_folder().join("scale.json"), work_folder())
    } else {
        (root().join("bench/scale.json"), charts.to_owned())
    };
    let earlier = if file.exists() {
        Report::read(&file)?
    } else {
        Report::default()
    };
    let report = if is("--check") {
        Report {
            checks: compare(&known, given("--functions").map(Path::new)).await?,
            ..earlier
        }
    } else {
        Report {
            checks: earlier.checks,
            ..simulate(&known, is("--quick"))?
        }
    };
    report.print();
    report.write(&file)?;
    if report.outcomes.is_empty() {
        return Ok(());
    }
    draw(&report, &charts)
}

/// Simulates every scenario, as shipped, tuned, and with the quotas raised.
fn simulate(known: &Known, is_quick: bool) -> Outcome<Report> {
    let mut report = Report {
        seed: known.seed,
        measured: known.results.date.clone(),
        ..Report::default()
    };
    let priced = Priced::of(&known.results)?;
    let scenarios = SCENARIOS.map(|scenario| if is_quick { scenario.quick() } else { scenario });
    for scenario in &scenarios {
        for opened in Opened::ALL {
            let began = std::time::Instant::now();
            let end = known.happen(scenario, opened, Shards::default())?;
            let came = Came::of(scenario, opened, &end, STEP_MS, &priced)?;
            let took = began.elapsed().as_secs_f64();
            eprintln!("{}, {}: {took:.1} s", scenario.name, opened.name());
            kept(
                &came,
                &end,
                opened.setting(&known.limits)?.retention_seconds,
            )?;
            report.outcomes.push(came);
        }
    }
    for shards in [Shards::default()]
        .into_iter()
        .chain(MORE_SHARDS.map(Shards))
    {
        let scenario = if is_quick { BLOCKED.quick() } else { BLOCKED };
        let end = known.happen(&scenario, Opened::Lifted, shards)?;
        report.shards.push(Sharded {
            shards: shards.0,
            stored_per_second: round(end.record.peak()),
            oldest_seconds: round(end.record.oldest.0),
        });
    }
    report.consumers = capacities(known)?;
    Ok(report)
}

/// Returns what one consumer stores of some mixes, by the template's memory.
fn capacities(known: &Known) -> Outcome<Vec<Capacity>> {
    let setting = Opened::Shipped.setting(&known.limits)?;
    let figures = Figures::of(&known.results, &known.prices, &known.limits, &setting)?;
    let a_second = |messages: f64, unsigned: f64, tokens: f64| {
        let batch = Batch {
            signed: messages * (1.0 - unsigned),
            unsigned: messages * unsigned,
            tokens: messages * tokens,
            sights: 0.0,
        };
        round(messages * 1_000.0 / (figures.consumer_ms(&batch) + 2.0 * figures.queue_ms))
    };
    let of = |of: &str, unsigned: f64, tokens: f64| Capacity {
        of: of.to_owned(),
        of_ten: a_second(10.0, unsigned, tokens),
        of_hundred: a_second(100.0, unsigned, tokens),
    };
    Ok(vec![
        of("signed webhooks", 0.0, 0.0),
        of("webhooks with a shared secret", 1.0, 0.0),
        of("webhooks with a token (Mailgun)", 1.0, 1.0),
    ])
}

/// Checks that nothing was lost: all that was sent is somewhere, and no message is older than the
/// queue keeps one.
fn kept(came: &Came, end: &End, retention_seconds: u64) -> Outcome<()> {
    let (found, sent) = (came.all_of_it(), came.sent);
    if found != sent {
        return Err(format!("{}: {found} of {sent} were found", came.scenario).into());
    }
    if end.record.oldest.0 >= chance::number(retention_seconds) {
        return Err(format!("{}: a message has expired", came.scenario).into());
    }
    Ok(())
}
