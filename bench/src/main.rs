//! The benchmark: `cargo run --release -p bench`. Each of our functions beside a no-op floor, one
//! by hand and a Python peer doing the same job, on one machine in one run, and what a million
//! events cost.
//!
//! Prints tables, writes `bench/results.json` and `docs/charts/*.svg`. `--quick` is for
//! development: few rounds, into `target/bench`. `--charts` draws the committed results again.
//! `--standing` counts what the stack costs by the month, which takes no measuring, and writes that
//! alone into them. `--told` measures the way out, which no other run does: from a webhook to the
//! subscriber, alone and beside an endpoint that never answers, and what a notification costs.
//! `--latency` measures how soon an event is in the table, which no other run does either.
//! `scale` simulates where a stack ends, and writes `bench/scale.json` and its charts: see `scale`.
//! `--speed` measures one receiver and the consumer beside those, prints that, and writes nothing.
//!
//! Functions run behind the local stack's Runtime API, and reach its queue and table over TLS under
//! an authority of our own. Times are of this machine; ratios travel better. What a million events
//! cost is counted, not timed, but for the milliseconds.

mod charts;
mod cost;
mod delivery;
mod flow;
mod latency;
mod local;
mod measure;
mod outcome;
mod prices;
mod process;
mod report;
mod results;
mod same;
mod scale;
mod services;
mod standing;
mod stats;
mod subject;
mod subscriber;
mod targets;
mod tls;
mod told;
mod usage;
mod workload;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use stack::build::root;

use crate::cost::Part;
use crate::measure::Measured;
use crate::outcome::Outcome;
use crate::prices::Prices;
use crate::results::{Cost, Results};
use crate::services::{Services, work_folder};
use crate::stats::Spread;
use crate::subject::{
    BARE_CONSUMER, BARE_RECEIVER, CONSUMER, FLOOR, PEER_CONSUMER, PEER_RECEIVER, RECEIVER, Subject,
};
use crate::usage::Use;
use crate::workload::Mix;

/// How often everything is measured.
struct Rounds {
    cold: usize,
    /// Rounds, and webhooks in each.
    warm: (usize, usize),
    consume: usize,
    growth: usize,
    flow: usize,
}

const FULL: Rounds = Rounds {
    cold: 21,
    warm: (21, 200),
    consume: 9,
    growth: 5,
    flow: 5,
};
const QUICK: Rounds = Rounds {
    cold: 3,
    warm: (3, 60),
    consume: 2,
    growth: 1,
    flow: 1,
};

/// What `--speed` measures.
const BESIDE: [&str; 7] = [
    FLOOR,
    RECEIVER,
    CONSUMER,
    BARE_RECEIVER,
    BARE_CONSUMER,
    PEER_RECEIVER,
    PEER_CONSUMER,
];

#[tokio::main]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let committed = root().join("bench/results.json");
    let charts = root().join("docs/charts");
    if is("--charts") {
        return charts::draw(&Results::read(&committed)?, &charts);
    }
    if is("--standing") {
        return stand(&committed);
    }
    if arguments.first().is_some_and(|first| first == "scale") {
        return scale::main(&committed, &charts, &arguments).await;
    }
    let (rounds, file, charts): (_, _, PathBuf) = if is("--quick") {
        std::fs::create_dir_all(work_folder())?;
        (QUICK, work_folder().join("results.json"), work_folder())
    } else {
        (FULL, committed.clone(), charts)
    };
    // For development: measures the binaries of a folder instead of building them.
    let built = arguments
        .iter()
        .position(|argument| argument == "--functions");
    let built = built
        .and_then(|at| arguments.get(at + 1))
        .map(PathBuf::from);
    if is("--told") {
        let is_quick = is("--quick");
        let mut results = Results::read(&committed)?;
        results.told = Some(told::measure(built.as_deref(), is_quick).await?);
        results.targets = targets::judge(&results);
        report::told(&results);
        return results.write(&file);
    }
    if is("--latency") {
        let is_quick = is("--quick");
        let mut results = Results::read(&committed)?;
        let latency = latency::measure(built.as_deref(), &results, is_quick).await?;
        results.latency = Some(latency);
        results.targets = targets::judge(&results);
        report::latency(&results);
        return results.write(&file);
    }
    let services = Services::start().await?;
    let subjects = subject::all(&services, built.as_deref())?;
    same::check(&services, &subjects).await?;
    if is("--speed") {
        return speed(&subjects, &rounds).await;
    }
    let mut results = run(&services, &subjects, &rounds).await?;
    let before = Results::read(&committed)?;
    (results.told, results.latency) = (before.told, before.latency);
    results.targets = targets::judge(&results);
    report::print(&results);
    results.write(&file)?;
    charts::draw(&results, &charts)?;
    println!("\nwritten: {}", file.display());
    Ok(())
}

/// Counts what stacks cost by the month, and writes that alone into a run's file.
fn stand(path: &Path) -> Outcome<()> {
    let mut results = Results::read(path)?;
    results.standing = standing::bills(&Prices::read()?)?;
    results.targets = targets::judge(&results);
    report::standing(&results.standing);
    results.write(path)
}

/// Measures what stands beside the functions by hand, and prints it.
async fn speed(subjects: &[Subject], rounds: &Rounds) -> Outcome<()> {
    let beside: Vec<Subject> = BESIDE
        .iter()
        .map(|name| Ok(subject::find(subjects, name)?.clone()))
        .collect::<Outcome<_>>()?;
    let mut results = Results::default();
    let (mut measured, mut consumed) = (Measured::new(), Measured::new());
    measure::cold(&beside, rounds.cold, &mut measured).await?;
    measure::warm(&beside, rounds.warm, &mut measured).await?;
    measure::consume(&beside, rounds.consume, &mut consumed, &mut measured).await?;
    results.take(&measured);
    results.take_consume(&consumed);
    report::speed(&results);
    Ok(())
}

async fn run(services: &Services, subjects: &[Subject], rounds: &Rounds) -> Outcome<Results> {
    let (processor, cores, load_before) = process::machine();
    let mut results = Results {
        date: workload::now().strftime("%Y-%m-%d").to_string(),
        processor,
        cores,
        load_before,
        ..Results::default()
    };
    results.take_sizes(subjects)?;
    let mut measured = Measured::new();
    progress("starts");
    measure::cold(subjects, rounds.cold, &mut measured).await?;
    progress("webhooks");
    measure::warm(subjects, rounds.warm, &mut measured).await?;
    progress("batches");
    let mut consumed = Measured::new();
    measure::consume(subjects, rounds.consume, &mut consumed, &mut measured).await?;
    results.take(&measured);
    results.take_consume(&consumed);
    progress("growing bodies");
    for name in ["insider", CONSUMER] {
        let subject = subjects.iter().find(|subject| subject.name == name);
        let subject = subject.ok_or("a function is missing")?;
        let growth = measure::growth(subject, rounds.growth).await?;
        results.take_growth(name, growth);
    }
    progress("end to end");
    for (name, provider, webhooks) in [
        ("single events", RECEIVER, (1_500, 1)),
        ("arrays of 100", "insider", (40, 100)),
    ] {
        let provider = registry::sender(provider).ok_or("no such provider")?;
        let mut rates = Vec::new();
        for _ in 0..rounds.flow {
            rates.push(flow::run(services, subjects, provider, webhooks).await?);
        }
        results.flow.insert(name.to_owned(), Spread::of(&rates));
    }
    progress("cost");
    cost_of_scenarios(services, subjects, &mut results).await?;
    results.standing = standing::bills(&Prices::read()?)?;
    results.load_after = process::load();
    results.targets = targets::judge(&results);
    Ok(results)
}

/// What a million events cost, as they come.
async fn cost_of_scenarios(
    services: &Services,
    subjects: &[Subject],
    results: &mut Results,
) -> Outcome<()> {
    let prices = Prices::read()?;
    println!("prices of {}, {}", prices.as_of, prices.region);
    let part = |share, provider, length, mix| Part {
        share,
        provider,
        length,
        mix,
        is_alone: false,
    };
    let single = part(1.0, RECEIVER, 1, Mix::Ordinary);
    // Where little comes, no webhook has another in its batch.
    let alone = Part {
        is_alone: true,
        ..single
    };
    let scenarios: [(&str, bool, &[Part]); 5] = [
        ("single", false, &[single]),
        ("alone", false, &[alone]),
        ("single, python", true, &[single]),
        (
            "arrays of 100",
            false,
            &[part(1.0, "insider", 100, Mix::Ordinary)],
        ),
        // Half of the events one by one, half in arrays of twenty, with a day's bounces, complaints
        // and unsubscriptions.
        (
            "mixed day",
            false,
            &[
                part(0.5, RECEIVER, 1, Mix::Day),
                part(0.5, "insider", 20, Mix::Day),
            ],
        ),
    ];
    for (name, is_peer, parts) in scenarios {
        let mut used = Use::default();
        for part in parts {
            let counted = cost::count_part(services, subjects, *part, is_peer, &prices).await?;
            used.add(&counted, part.share);
        }
        let mut bills = BTreeMap::new();
        for architecture in ["arm64", "x86_64"] {
            bills.insert(architecture.to_owned(), prices.bill(&used, architecture)?);
        }
        results.cost.insert(name.to_owned(), Cost { used, bills });
    }
    Ok(())
}

fn progress(what: &str) {
    println!("measuring: {what} (load {})", process::load());
}
