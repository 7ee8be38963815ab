//! The model beside the local stack, at a small scale: the same webhooks, the same parameters, and
//! limits that the local stack has, too: how many consumers there are, how much a batch has, how
//! long the table takes, and what it leaves undone.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use operator::Target;
use stack::Stack;
use stack::poller::Observer;

use super::chance::{length, number};
use super::figures::Figures;
use super::known::Known;
use super::mix::{Class, Kinds, Mix, Sending};
use super::report::Check;
use super::scenario::{Load, Scenario};
use super::setting::Opened;
use super::table::Shards;
use super::world::{End, Plan, run};
use crate::local::Local;
use crate::outcome::Outcome;
use crate::process;
use crate::stats::{percentile, round};
use crate::subject::{RECEIVER, silent};
use crate::workload::{self, Events, Mix as Workload};

/// A stack that is slow enough to be reckoned.
struct Case {
    consumers: usize,
    batch: usize,
    /// How long the table takes for each request.
    table_ms: u64,
    /// Whether it leaves a part of some batches undone.
    is_partial: bool,
    webhooks: usize,
}

/// What the local stack takes for a batch by itself, which no figure of AWS says: it is all that is
/// taken from a measurement of it.
const ITSELF: Case = Case::new(2, 1, 0, false, 200);

const CASES: [Case; 5] = [
    Case::new(2, 10, 200, false, 1_000),
    Case::new(4, 10, 200, false, 1_500),
    Case::new(2, 1, 100, false, 200),
    Case::new(8, 5, 400, false, 800),
    Case::new(2, 10, 100, true, 1_000),
];

/// How many batches are cut in two, where some are.
const PARTIAL: f64 = 0.3;
/// Seeds over which the model's rate is averaged: which batches are cut in two is chance.
const SEEDS: u64 = 20;
/// How often every case is measured.
const ROUNDS: usize = 3;
/// The longest wait for all of them to be stored.
const PATIENCE: Duration = Duration::from_mins(3);
/// The clock's step, in milliseconds.
const STEP_MS: f64 = 5.0;
/// The webhooks that come first and last, in percent, are not counted: batches fill and run dry.
const EDGES: usize = 10;

impl Case {
    const fn new(
        consumers: usize,
        batch: usize,
        table_ms: u64,
        is_partial: bool,
        webhooks: usize,
    ) -> Self {
        Self {
            consumers,
            batch,
            table_ms,
            is_partial,
            webhooks,
        }
    }

    fn name(&self) -> String {
        let partial = if self.is_partial {
            ", some batches cut in two"
        } else {
            ""
        };
        format!(
            "{} consumers, batches of {}, {} ms a write{partial}: stored a second",
            self.consumers, self.batch, self.table_ms
        )
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.table_ms > 0 {
            faults.push(format!("table:slow=1,{}", self.table_ms));
        }
        if self.is_partial {
            faults.push(format!("table:partial={PARTIAL}"));
        }
        faults
    }
}

/// Compares the two, in so many rounds of all cases. What the local stack takes by itself is
/// measured before and after each: what slows the machine for a while is in both. No round is left
/// out. `built` is a folder of functions to take instead of building them.
pub(crate) async fn compare(known: &Known, built: Option<&Path>) -> Outcome<Vec<Check>> {
    let mut all = CASES.map(|case| (case, Rounds::default()));
    for round in 0..ROUNDS {
        for (case, rounds) in &mut all {
            let before = itself_ms(built).await?;
            let stored = measured(case, built).await?;
            let itself = f64::midpoint(before, itself_ms(built).await?);
            let reckoned = reckoned(case, itself, known)?;
            println!(
                "round {round}, {}: {stored:.1}, reckoned {reckoned:.1}; by itself {itself:.1} ms, load {}",
                case.name(),
                process::load()
            );
            rounds.measured.push(stored);
            rounds.reckoned.push(reckoned);
            rounds.percent.push((reckoned / stored - 1.0) * 100.0);
        }
    }
    let load = process::load();
    Ok(all
        .iter()
        .map(|(case, rounds)| rounds.check(case, &load))
        .collect())
}

/// What came out of a case, round by round.
#[derive(Default)]
struct Rounds {
    measured: Vec<f64>,
    reckoned: Vec<f64>,
    percent: Vec<f64>,
}

impl Rounds {
    fn check(&self, case: &Case, load: &str) -> Check {
        let of = |values: &[f64], percent| round(percentile(values, percent));
        Check {
            what: case.name(),
            measured: of(&self.measured, 50),
            reckoned: of(&self.reckoned, 50),
            percent: of(&self.percent, 50),
            least: of(&self.percent, 0),
            most: of(&self.percent, 100),
            load: load.to_owned(),
        }
    }
}

/// Returns how long a batch takes the local stack that waits for nothing.
async fn itself_ms(built: Option<&Path>) -> Outcome<f64> {
    let batches = measured(&ITSELF, built).await?;
    Ok(number(length(ITSELF.consumers)) / batches * 1_000.0)
}

/// Returns how many webhooks the local stack stores a second.
async fn measured(case: &Case, built: Option<&Path>) -> Outcome<f64> {
    let stored = Arc::<Mutex<Vec<Instant>>>::default();
    let observer: Observer = {
        let stored = Arc::clone(&stored);
        Arc::new(move |handled| {
            if handled.stored {
                let mut stored = stored.lock().unwrap_or_else(PoisonError::into_inner);
                stored.push(Instant::now());
            }
        })
    };
    let parameters = [
        ("BatchSize", case.batch),
        ("MaximumConcurrency", case.consumers),
    ];
    let stack = Local {
        built,
        parameters: parameters
            .map(|(name, value)| (name, value.to_string()))
            .into(),
        faults: case.faults(),
        output: silent(),
    };
    let stack = stack.start(observer).await?;
    enqueue(&stack, case.webhooks).await?;
    let began = Instant::now();
    loop {
        let stored = stored
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if stored.len() >= case.webhooks {
            return rate(stored);
        }
        if began.elapsed() > PATIENCE {
            return Err(format!("{} of {} were stored", stored.len(), case.webhooks).into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Puts so many messages into the queue, as the receiver would.
async fn enqueue(stack: &Stack, webhooks: usize) -> Outcome<()> {
    let target = Target::local(stack.api).await?;
    let queue = target.queues().sqs();
    let mut events = Events::new(RECEIVER, Workload::Ordinary)?;
    for _ in 0..webhooks {
        let message = workload::message(RECEIVER, &events.one().to_string())?;
        let sending = queue.send_message().queue_url(target.queue_url());
        sending.message_body(message).send().await?;
    }
    Ok(())
}

/// Returns the rate between the edges.
fn rate(mut stored: Vec<Instant>) -> Outcome<f64> {
    stored.sort();
    let edge = stored.len() * EDGES / 100;
    let (first, last) = (stored.get(edge), stored.get(stored.len() - edge - 1));
    let (Some(first), Some(last)) = (first, last) else {
        return Err("too few webhooks".into());
    };
    let between = stored.len() - 2 * edge - 1;
    Ok(number(length(between)) / last.duration_since(*first).as_secs_f64())
}

/// Returns how many the model stores a second.
fn reckoned(case: &Case, itself_ms: f64, known: &Known) -> Outcome<f64> {
    let mut setting = Opened::Lifted.setting(&known.limits)?;
    setting.consumer.concurrency = case.consumers;
    setting.consumer.batch_size = case.batch;
    setting.consumer.window = Duration::ZERO;
    let mut figures = Figures::of(&known.results, &known.prices, &known.limits, &setting)?;
    // The functions of the local stack have whole processors, and a queue in the same process.
    figures.slower = 1.0;
    figures.queue_ms = 0.0;
    figures.table_ms = number(case.table_ms);
    figures.hand_over_ms = itself_ms - figures.consumer_cpu_ms(1.0);
    let mix = Mix {
        classes: vec![Class {
            problem: None,
            is_nobody: false,
            item_units: 1,
            message_units: 1,
            problem_units: 0,
            beside: 0,
        }],
        senders: vec![Sending {
            name: RECEIVER,
            cpu_ms: known.results.median("cpu_ms", RECEIVER),
            is_signed: true,
            has_token: false,
            message_bytes: 1_000.0,
            shares: vec![1.0],
        }],
    };
    let seconds = 2.0;
    let scenario = Scenario {
        name: "",
        kinds: Kinds::Day,
        load: Load::Sudden(number(length(case.webhooks)) / seconds),
        seconds,
        watched_seconds: PATIENCE.as_secs_f64(),
        outage: None,
        dead: None,
    };
    let of_seed = |seed| {
        let end = run(&Plan {
            scenario: &scenario,
            setting: &setting,
            mix: &mix,
            figures: &figures,
            limits: &known.limits,
            shards: Shards::default(),
            partial: if case.is_partial { PARTIAL } else { 0.0 },
            seed: known.seed + seed,
            step_ms: STEP_MS,
        })?;
        Ok(drained(&end))
    };
    let rates: Outcome<Vec<f64>> = (0..SEEDS).map(of_seed).collect();
    Ok(rates?.iter().sum::<f64>() / number(SEEDS))
}

/// Returns how many were stored a second, from first to last.
fn drained(end: &End) -> f64 {
    number(end.record.stored) / end.seconds
}
