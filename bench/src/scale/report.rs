//! What came out of the scenarios: recorded, and printed.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::cause::Cause;
use super::chance::{length, number};
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
    /// In the busiest minute.
    pub(crate) stored_per_second: f64,
    pub(crate) oldest_seconds: f64,
    pub(crate) oldest_of_others_seconds: f64,
    pub(crate) answered_429: u64,
    pub(crate) answered_503: u64,
    pub(crate) write_units_per_second: f64,
    /// In the busiest minute, on arm64.
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
        let limits = limits.map(|(cause, since, refused)| limited(cause, since, refused, step_ms));
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
        let peak = record.peak();
        let units = end.write_units / number(record.stored.max(1));
        Ok(Self {
            scenario: scenario.name.to_owned(),
            setting: opened.name().to_owned(),
            sent: record.sent,
            stored: record.stored,
            in_queue: end.in_queue,
            at_providers: record.at_providers,
            given_up: record.given_up,
            dead_letters: record.dead_letters,
            stored_per_second: round(peak),
            oldest_seconds: round(record.oldest.0),
            oldest_of_others_seconds: round(record.oldest.1),
            answered_429: record.refused.0,
            answered_503: record.refused.1,
            write_units_per_second: round(units * peak),
            dollars_an_hour: round(priced.an_hour(end, peak)?),
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

fn limited(cause: Cause, since: u64, refused: u64, step_ms: f64) -> Limited {
    let (limit, moved_by) = cause.told();
    Limited {
        limit: limit.to_owned(),
        moved_by: moved_by.to_owned(),
        after_seconds: round(number(since) * step_ms / 1_000.0),
        refused,
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

    /// Returns what an hour costs in which so many are stored each second, in dollars, on arm64.
    /// Written again and refused by Lambda is paid for, too.
    fn an_hour(&self, end: &End, stored_per_second: f64) -> Outcome<f64> {
        let record = &end.record;
        let each = |all: f64| all / number(record.stored.max(1));
        let answered = number(record.accepted + record.refused.1);
        let used = Use {
            webhooks: each(answered),
            queue_sends: each(number(record.accepted)),
            queue_receives: each(number(record.receives)),
            queue_deletes: each(number(record.consumer_runs)),
            consumer_runs: each(number(record.consumer_runs)),
            receiver_cpu_ms: each(record.receiver_cpu_ms),
            consumer_cpu_ms: each(record.consumer_cpu_ms),
            event_write_units: each(end.write_units),
            suppression_write_units: 0.0,
            first_sight_write_units: 0.0,
            ..self.single
        };
        let million = self.prices.bill(&used, "arm64")?.total;
        Ok(million / 1e6 * stored_per_second * 3_600.0)
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
            "  stored a second {:.0}, oldest {:.0} s (others {:.0} s), 429 {}, 503 {}, given up {}, \
             dead letters {}",
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
