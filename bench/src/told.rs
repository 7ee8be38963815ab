//! From a provider's webhook to the subscriber: through the whole local stack, with the functions
//! as they are deployed. One endpoint is measured, alone and beside one that never answers.
//!
//! AWS looks at a table's stream four times a second. The local stack looks more often, so each
//! notification gets a wait of up to a quarter of a second, from a generator with a seed.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::delivery;
use crate::outcome::Outcome;
use crate::prices::Prices;
use crate::process;
use crate::results::{Spreads, Told};
use crate::stats::{Spread, percentile};
use crate::subject::silent;
use crate::subscriber::Run;
use crate::workload;

/// Nobody else is told.
pub(crate) const ALONE: &str = "alone";
/// Another endpoint has stopped to answer just now, and its breaker is not open yet.
pub(crate) const NEWLY: &str = "beside one that has just died";
/// Another endpoint is dead, and its breaker is open.
pub(crate) const BESIDE: &str = "beside a dead one";

/// How much is measured.
struct Rounds {
    count: usize,
    webhooks: usize,
    /// Webhooks a second: few enough that nothing waits for a processor.
    rate: u32,
}

const FULL: Rounds = Rounds {
    count: 5,
    webhooks: 600,
    rate: 20,
};
const QUICK: Rounds = Rounds {
    count: 1,
    webhooks: 200,
    rate: 20,
};

/// How long it takes until the breaker of an endpoint that never answers is open, and all that was
/// tried meanwhile is over.
const DYING: Duration = Duration::from_secs(75);

/// Measures everything. `built` is a folder of binaries to take instead of building them.
pub(crate) async fn measure(built: Option<&Path>, is_quick: bool) -> Outcome<Told> {
    let rounds = if is_quick { QUICK } else { FULL };
    let prices = Prices::read()?;
    let polls = prices.assumption("stream_polls_per_second")?;
    let (processor, cores, load_before) = process::machine();
    let mut series: BTreeMap<&str, Vec<Vec<f64>>> = BTreeMap::new();
    for round in 0..rounds.count {
        println!("round {round} (load {})", process::load());
        let mut waits = Waits::of(round, polls);
        let mut note = |who, took: Vec<f64>| {
            let took = took.into_iter().map(|ms| ms + waits.one()).collect();
            series.entry(who).or_default().push(took);
        };
        let mut run = Run::start(built, silent(), false).await?;
        run.send(20, rounds.rate).await?; // each function has had something to do
        note(ALONE, run.send(rounds.webhooks, rounds.rate).await?);
        drop(run);
        let mut run = Run::start(built, silent(), true).await?;
        let dying = usize::try_from(DYING.as_secs())? * usize::try_from(rounds.rate)?;
        note(NEWLY, run.send(dying, rounds.rate).await?);
        note(BESIDE, run.send(rounds.webhooks, rounds.rate).await?);
    }
    println!("cost");
    let used = delivery::count_all(built, &prices).await?;
    let mut bills = BTreeMap::new();
    for architecture in ["arm64", "x86_64"] {
        let bill = delivery::bill(&used, &prices, architecture)?;
        bills.insert(architecture.to_owned(), bill);
    }
    let alone = series.get(ALONE).cloned().unwrap_or_default();
    Ok(Told {
        date: workload::now().strftime("%Y-%m-%d").to_string(),
        processor,
        cores,
        load_before,
        load_after: process::load(),
        rate: f64::from(rounds.rate),
        p50_ms: spreads(&series, 50),
        p99_ms: spreads(&series, 99),
        p99_over_alone: series
            .iter()
            .filter(|(who, _)| **who != ALONE)
            .map(|(who, took)| {
                let ratio = Spread::of_ratio(&at(took, 99), &at(&alone, 99));
                ((*who).to_owned(), ratio)
            })
            .collect(),
        used,
        bills,
    })
}

fn spreads(series: &BTreeMap<&str, Vec<Vec<f64>>>, percent: usize) -> Spreads {
    let spread = |took: &Vec<Vec<f64>>| Spread::of(&at(took, percent));
    let spreads = series.iter();
    spreads
        .map(|(who, took)| ((*who).to_owned(), spread(took)))
        .collect()
}

/// A percentile of each round.
fn at(rounds: &[Vec<f64>], percent: usize) -> Vec<f64> {
    rounds
        .iter()
        .map(|took| percentile(took, percent))
        .collect()
}

/// The waits for AWS's next look at the stream.
struct Waits {
    state: u32,
    longest_ms: f64,
}

impl Waits {
    fn of(seed: usize, polls_per_second: f64) -> Self {
        Self {
            state: u32::try_from(seed).unwrap_or_default().wrapping_add(1),
            longest_ms: 1_000.0 / polls_per_second,
        }
    }

    /// The next wait, by a linear congruential generator (the constants of Numerical Recipes).
    fn one(&mut self) -> f64 {
        self.state = self
            .state
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        f64::from(self.state) / f64::from(u32::MAX) * self.longest_ms
    }
}
