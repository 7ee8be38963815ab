//! What came out of the scenarios: recorded, and printed.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::cause::Told;
use super::chance::{length, number};
use super::record::Paid;
use super::scenario::{Scenario, is_drawn};
use super::setting::Opened;
use super::world::End;
use crate::outcome::Outcome;
use crate::prices::Prices;
use crate::results::Results;
use crate::stats::round;
use crate::usage::Use;

/// `bench/scale.json`.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) seed: u64,
    /// The run of the benchmark from which the milliseconds are.
    pub(crate) measured: String,
    pub(crate) outcomes: Vec<Came>,
    /// How far the model is from the local stack: what, measured, reckoned, percent.
    #[serde(default)]
    pub(crate) checks: Vec<Check>,
    /// The same scenario with more shards.
    #[serde(default)]
    pub(crate) shards: Vec<Sharded>,
    /// What one consumer stores.
    #[serde(default)]
    pub(crate) consumers: Vec<Capacity>,
}

/// What came out of one scenario.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Came {
    pub(crate) scenario: String,
    pub(crate) setting: String,
    pub(crate) sent: u64,
    pub(crate) stored: u64,
    pub(crate) in_queue: u64,
    pub(crate) at_providers: u64,
    pub(crate) given_up: u64,
    pub(crate) dead_letters: u64,
    /// The mean while webhooks came, and in the minute in which most was stored.
    pub(crate) stored_per_second_meanwhile: f64,
    pub(crate) stored_per_second: f64,
    pub(crate) oldest_seconds: f64,
    pub(crate) oldest_of_others_seconds: f64,
    pub(crate) answered_429: u64,
    pub(crate) answered_503: u64,
    /// In the minute in which most was written, and what an hour of the costliest minute costs on
    /// arm64. What is told to endpoints is not in it.
    pub(crate) write_units_per_second: f64,
    pub(crate) dollars_an_hour: f64,
    pub(crate) hours: f64,
    /// The limits in the order in which they were hit.
    pub(crate) limits: Vec<Limited>,
    pub(crate) told: Option<Telling>,
    pub(crate) series: Vec<Minute>,
}

/// A limit that was hit.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Limited {
    pub(crate) limit: String,
    pub(crate) moved_by: String,
    pub(crate) after_seconds: f64,
    pub(crate) refused: u64,
    /// Whether it was hit for less than a second.
    pub(crate) is_brief: bool,
}

/// How the way out did.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Telling {
    pub(crate) delivered: u64,
    pub(crate) failed: u64,
    pub(crate) parked: u64,
    pub(crate) most_parked: u64,
    pub(crate) healthy_behind_seconds: f64,
}

/// A minute of a scenario, as the charts show it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Minute {
    pub(crate) at: f64,
    pub(crate) sent: f64,
    pub(crate) stored: f64,
    pub(crate) oldest_seconds: f64,
    pub(crate) throttled: f64,
}

/// The model beside the local stack.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Check {
    pub(crate) what: String,
    pub(crate) measured: f64,
    pub(crate) reckoned: f64,
    /// The deviation: the median of the rounds, the least and the most.
    pub(crate) percent: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
    /// The machine's load after the last round.
    pub(crate) load: String,
}

/// What more shards would do.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Sharded {
    pub(crate) shards: usize,
    pub(crate) stored_per_second: f64,
    pub(crate) oldest_seconds: f64,
}

/// What one consumer stores a second, if nothing is refused.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Capacity {
    pub(crate) of: String,
    /// In batches of ten, and of a hundred.
    pub(crate) of_ten: f64,
    pub(crate) of_hundred: f64,
}

impl Came {
    pub(crate) fn of(
        scenario: &Scenario,
        opened: Opened,
        end: &End,
        step_ms: f64,
        priced: &Priced,
    ) -> Outcome<Self> {
        let record = &end.record;
        let limits = record.hits.in_order().into_iter();
        let limits = limits.map(|told| limited(told, step_ms));
        let series = record.series.iter().map(|point| Minute {
            at: point.minute,
            sent: round(point.sent_per_second),
            stored: round(point.stored_per_second),
            oldest_seconds: round(point.oldest_seconds),
            throttled: round(point.throttled_per_second),
        });
        let told = scenario.dead.map(|_| Telling {
            delivered: record.told.delivered,
            failed: record.told.failed,
            parked: record.told.parked,
            most_parked: record.told.most_parked,
            healthy_behind_seconds: round(record.told.healthy_behind),
        });
        let units = record.minutes.iter();
        let units = units.map(|minute| minute.write_units / minute.seconds);
        let dollars = record.minutes.iter().map(|minute| priced.an_hour(minute));
        let dollars: Outcome<Vec<f64>> = dollars.collect();
        let meanwhile = number(record.stored_meanwhile) / scenario.seconds.min(end.seconds);
        Ok(Self {
            scenario: scenario.name.to_owned(),
            setting: opened.name().to_owned(),
            sent: record.sent,
            stored: record.stored,
            in_queue: end.in_queue,
            at_providers: record.at_providers,
            given_up: record.given_up,
            dead_letters: record.dead_letters,
            stored_per_second_meanwhile: round(meanwhile),
            stored_per_second: round(record.peak()),
            oldest_seconds: round(record.oldest.0),
            oldest_of_others_seconds: round(record.oldest.1),
            answered_429: record.refused.0,
            answered_503: record.refused.1,
            write_units_per_second: round(units.fold(0.0, f64::max)),
            dollars_an_hour: round(dollars?.into_iter().fold(0.0, f64::max)),
            hours: round(end.seconds / 3_600.0),
            limits: limits.collect(),
            told,
            series: if is_drawn(scenario.name) {
                series.collect()
            } else {
                Vec::new()
            },
        })
    }

    /// Returns what is where. Together they are what was sent.
    pub(crate) fn all_of_it(&self) -> u64 {
        self.stored + self.in_queue + self.at_providers + self.given_up + self.dead_letters
    }
}

fn limited(told: Told, step_ms: f64) -> Limited {
    let (limit, moved_by) = told.cause.told();
    Limited {
        limit: limit.to_owned(),
        moved_by: moved_by.to_owned(),
        after_seconds: round(number(told.since) * step_ms / 1_000.0),
        refused: told.refused,
        is_brief: told.is_brief,
    }
}

/// What things cost.
pub(crate) struct Priced {
    prices: Prices,
    /// What the benchmark has counted of one event a webhook: its lines.
    single: Use,
}

impl Priced {
    pub(crate) fn of(results: &Results) -> Outcome<Self> {
        let single = results.cost.get("single");
        Ok(Self {
            prices: Prices::read()?,
            single: single
                .ok_or("bench/results.json has no single events")?
                .used,
        })
    }

    /// Returns what an hour of this costs, in dollars, on arm64. What is written again, and what
    /// Lambda refuses, is paid for, too.
    fn an_hour(&self, paid: &Paid) -> Outcome<f64> {
        // A webhook's line is written when it comes, and a batch's when it is stored.
        let lines = number(paid.accepted + paid.consumer_runs);
        let used = Use {
            webhooks: number(paid.answered),
            queue_sends: number(paid.accepted),
            queue_receives: number(paid.receives),
            queue_deletes: number(paid.deletes),
            consumer_runs: number(paid.consumer_runs),
            receiver_cpu_ms: paid.receiver_cpu_ms,
            consumer_cpu_ms: paid.consumer_cpu_ms,
            event_write_units: paid.write_units,
            log_bytes: self.single.log_bytes / self.single.log_lines * lines,
            log_lines: lines,
            ..Use::default()
        };
        // The bill is that of a million times what was used.
        let once = self.prices.bill(&used, "arm64")?.total / 1e6;
        Ok(once * 3_600.0 / paid.seconds.max(1.0))
    }
}

impl Report {
    pub(crate) fn read(path: &Path) -> Outcome<Self> {
        Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
    }

    pub(crate) fn write(&self, path: &Path) -> Outcome<()> {
        // A line for each outcome: a number a line would be thirty thousand.
        let text = serde_json::to_string(self)?;
        let text = text.replace(r#"{"scenario""#, "\n{\"scenario\"");
        let text = text.replace(r#","checks""#, ",\n\"checks\"");
        let text = text.replace(r#","shards""#, ",\n\"shards\"");
        std::fs::write(
            path,
            text.replace(r#","consumers""#, ",\n\"consumers\"") + "\n",
        )?;
        Ok(())
    }

    /// Prints everything.
    pub(crate) fn print(&self) {
        for came in &self.outcomes {
            came.print();
        }
        if !self.shards.is_empty() {
            println!(
                "\neverything bounces, 40,000 a second, quotas raised, by the shards of by_problem"
            );
        }
        for more in &self.shards {
            println!(
                "  {:4} shards: {:8.0} stored a second, oldest {:8.0} s",
                more.shards, more.stored_per_second, more.oldest_seconds
            );
        }
        if !self.consumers.is_empty() {
            println!("\none consumer stores a second, in batches of 10 and of 100");
        }
        for can in &self.consumers {
            println!("  {:60} {:9.0} {:9.0}", can.of, can.of_ten, can.of_hundred);
        }
        if !self.checks.is_empty() {
            println!("\nthe model beside the local stack");
        }
        for check in &self.checks {
            println!(
                "  {:60} {:9.1} measured {:9.1} reckoned {:+6.1} % ({:+.1} to {:+.1})",
                check.what, check.measured, check.reckoned, check.percent, check.least, check.most
            );
        }
    }
}

impl Came {
    fn print(&self) {
        println!("\n{}: {}", self.scenario, self.setting);
        println!(
            "  stored a second {:.0}, at most {:.0}, oldest {:.0} s (others {:.0} s), 429 {}, 503 {}, \
             given up {}, dead letters {}",
            self.stored_per_second_meanwhile,
            self.stored_per_second,
            self.oldest_seconds,
            self.oldest_of_others_seconds,
            self.answered_429,
            self.answered_503,
            self.given_up,
            self.dead_letters
        );
        println!(
            "  sent {}, stored {}, in the queue {}, at the providers {}; write units a second \
             {:.0}, dollars an hour {:.2}",
            self.sent,
            self.stored,
            self.in_queue,
            self.at_providers,
            self.write_units_per_second,
            self.dollars_an_hour
        );
        if let Some(told) = &self.told {
            println!(
                "  told: delivered {}, failed {}, parked {} (most at once {}), the healthy one \
                 behind {:.0} s",
                told.delivered,
                told.failed,
                told.parked,
                told.most_parked,
                told.healthy_behind_seconds
            );
        }
        for (place, limited) in self.limits.iter().enumerate() {
            println!(
                "  limit {} after {:.0} s: {} ({} refused or held); {}",
                length(place) + 1,
                limited.after_seconds,
                limited.limit,
                limited.refused,
                limited.moved_by
            );
        }
    }
}
