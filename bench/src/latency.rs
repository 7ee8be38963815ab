//! From the 200 of a webhook to its event in the table: through the whole local stack, with the
//! functions as they are deployed and the template's default parameters.
//!
//! What AWS adds is modelled. The table takes each call as long as `prices.json` assumes, which
//! lets webhooks queue as they would there. Two things are added to each time: how long Lambda
//! takes to receive a message and to hand it over, which was measured on AWS (`limits.json` has the
//! source), and that the consumer has a fraction of a processor.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use operator::send::Poster;
use serde_json::Value;
use shared::sender::Sender;
use stack::Stack;
use stack::lambda::Output;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::local::{Local, unobserved};
use crate::outcome::Outcome;
use crate::prices::Prices;
use crate::process;
use crate::results::{Latency, Results};
use crate::scale::chance::Chance;
use crate::scale::figures::Figures;
use crate::scale::limits::Limits;
use crate::scale::setting::Opened;
use crate::stats::{Spread, count, percentile};
use crate::subject::RECEIVER;
use crate::subscriber::lock;
use crate::workload::{self, Events, Mix, no_others};

/// A rate: its name, the pause between two webhooks, and how many there are in a round.
type Rate = (&'static str, Duration, usize);

const RATES: [Rate; 3] = [
    ("500 a second", Duration::from_millis(2), 15_000),
    ("10 a second", Duration::from_millis(100), 600),
    ("1 a minute", Duration::from_mins(1), 6),
];
const ROUNDS: usize = 3;
/// For development.
const QUICK: [Rate; 2] = [
    ("500 a second", Duration::from_millis(2), 2_000),
    ("10 a second", Duration::from_millis(100), 50),
];

/// Two routes: as shipped, each takes 200 webhooks a second, and the local gateway takes them all.
const PROVIDERS: [&str; 2] = [RECEIVER, "insider"];
/// The longest wait for the last event.
const PATIENCE: Duration = Duration::from_mins(1);

/// Measures everything. `built` is a folder of binaries to take instead of building them.
pub(crate) async fn measure(
    built: Option<&Path>,
    results: &Results,
    is_quick: bool,
) -> Outcome<Latency> {
    let (rates, rounds) = if is_quick {
        (&QUICK[..], 1)
    } else {
        (&RATES[..], ROUNDS)
    };
    let added = Added::of(results)?;
    let (processor, cores, load_before) = process::machine();
    let mut took: BTreeMap<&str, Vec<Vec<f64>>> = BTreeMap::new();
    for round in 0..rounds {
        let mut chance = Chance::new(u64::try_from(round)?);
        for (name, pause, webhooks) in rates {
            println!("round {round}: {name} (load {})", process::load());
            let stored = Run::start(built, &added).await?.send(*pause, *webhooks);
            let stored = stored.await?.into_iter();
            let with_added = stored.map(|(ms, batch)| ms + added.ms(batch, &mut chance));
            took.entry(name).or_default().push(with_added.collect());
        }
    }
    let spreads = |percent: usize| {
        let of = |rounds: &Vec<Vec<f64>>| -> Vec<f64> {
            rounds
                .iter()
                .map(|took| percentile(took, percent))
                .collect()
        };
        let spreads = took.iter();
        spreads
            .map(|(name, rounds)| ((*name).to_owned(), Spread::of(&of(rounds))))
            .collect()
    };
    Ok(Latency {
        date: workload::now().strftime("%Y-%m-%d").to_string(),
        processor,
        cores,
        load_before,
        load_after: process::load(),
        webhooks: rates
            .iter()
            .map(|(name, _, webhooks)| ((*name).to_owned(), *webhooks))
            .collect(),
        p50_ms: spreads(50),
        p99_ms: spreads(99),
    })
}

/// What AWS adds.
struct Added {
    figures: Figures,
    /// Percent -> milliseconds of Lambda's polling, from 0 to 100.
    polling: Vec<(f64, f64)>,
}

impl Added {
    fn of(results: &Results) -> Outcome<Self> {
        let (prices, limits) = (Prices::read()?, Limits::read()?);
        let setting = Opened::Shipped.setting(&limits)?;
        let of = |name: &str| limits.of(&format!("sqs_to_lambda_ms_{name}"));
        let (p10, p99) = (of("p10")?, of("p99")?);
        Ok(Self {
            figures: Figures::of(results, &prices, &limits, &setting)?,
            // Beyond what was measured: nothing is faster, and the last hundredth takes up to
            // twice as long.
            polling: vec![
                (0.0, p10),
                (10.0, p10),
                (50.0, of("p50")?),
                (90.0, of("p90")?),
                (99.0, p99),
                (100.0, 2.0 * p99),
            ],
        })
    }

    /// Returns what is added to a webhook that was in a batch of so many.
    fn ms(&self, batch: usize, chance: &mut Chance) -> f64 {
        let cpu = self.figures.consumer_cpu_ms(count(batch));
        self.polled(chance.part() * 100.0) + cpu * (self.figures.slower - 1.0)
    }

    /// Returns the milliseconds of polling at this percentile, on the line between two that were
    /// measured.
    fn polled(&self, percent: f64) -> f64 {
        let pairs = self.polling.iter().zip(self.polling.iter().skip(1));
        let mut pairs = pairs.filter(|(_, (end, _))| percent <= *end);
        pairs.next().map_or(f64::NAN, |(start, end)| {
            start.1 + (end.1 - start.1) * (percent - start.0) / (end.0 - start.0)
        })
    }
}

/// What the functions have said.
#[derive(Default)]
struct Said {
    /// The gateway's id of a request -> the message.
    accepted: HashMap<String, String>,
    /// Message -> when its batch was stored, and how many there were in it.
    stored: HashMap<String, (Instant, usize)>,
}

impl Said {
    fn line(&mut self, line: &str) {
        let now = Instant::now();
        let line: Value = serde_json::from_str(line).unwrap_or_default();
        let text = |name: &str| line.get(name).and_then(Value::as_str).map(str::to_owned);
        match text("outcome").as_deref() {
            Some("accepted") => {
                self.accepted
                    .extend(text("request_id").zip(text("message_id")));
            }
            Some("stored") => {
                let messages = line.get("messages").and_then(Value::as_array);
                let messages: Vec<&str> = messages
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                for id in &messages {
                    let id = (*id).to_owned();
                    self.stored.entry(id).or_insert((now, messages.len()));
                }
            }
            _ => {}
        }
    }
}

struct Run {
    _stack: Stack,
    poster: Arc<Poster>,
    providers: Vec<(&'static dyn Sender, Events)>,
    said: Arc<Mutex<Said>>,
}

impl Run {
    async fn start(built: Option<&Path>, added: &Added) -> Outcome<Self> {
        let said = Arc::<Mutex<Said>>::default();
        let output: Output = {
            let said = Arc::clone(&said);
            Arc::new(move |_, line| lock(&said).line(line))
        };
        let stack = Local {
            built,
            parameters: vec![("Providers", PROVIDERS.join(","))],
            faults: vec![format!("table:slow=1,{:.0}", added.figures.table_ms)],
            output,
        };
        let stack = stack.start(unobserved()).await?;
        let providers = PROVIDERS.iter().map(|name| {
            let sender = registry::sender(name).ok_or("no such provider")?;
            Ok((sender, Events::new(name, Mix::Ordinary)?))
        });
        let providers: Outcome<Vec<_>> = providers.collect();
        Ok(Self {
            poster: Arc::new(Poster::new(stack.api, no_others())),
            _stack: stack,
            providers: providers?,
            said,
        })
    }

    /// Sends so many webhooks with this pause between them. Returns how long each took from its
    /// 200 to the table, in milliseconds, and how many were in its batch.
    async fn send(mut self, pause: Duration, webhooks: usize) -> Outcome<Vec<(f64, usize)>> {
        // Each function has had something to do.
        for _ in 0..8 {
            self.post().await??;
        }
        sleep(Duration::from_secs(1)).await;
        let mut ticks = interval(pause);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut sending = JoinSet::new();
        for _ in 0..webhooks {
            ticks.tick().await;
            sending.spawn(self.post());
        }
        let mut answered = Vec::new();
        while let Some(sent) = sending.join_next().await {
            answered.push(sent???);
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let took = took(&lock(&self.said), &answered);
            if took.len() == answered.len() {
                return Ok(took);
            }
            if Instant::now() > deadline {
                return Err(format!("{} of {webhooks} were stored", took.len()).into());
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Sends the next webhook, of each provider in its turn. Its task ends with the gateway's id of
    /// the request, and when it was answered.
    fn post(&mut self) -> tokio::task::JoinHandle<Outcome<(String, Instant)>> {
        self.providers.rotate_left(1);
        let next = self.providers.first_mut();
        let next = next.map(|(sender, events)| (*sender, events.one().to_string()));
        let poster = Arc::clone(&self.poster);
        tokio::spawn(async move {
            let (sender, body) = next.ok_or("no provider")?;
            let reply = poster.send(sender, body.into_bytes()).await?;
            let now = Instant::now();
            if reply.status != 200 {
                return Err(format!("a webhook was answered {}", reply.status).into());
            }
            Ok((reply.request_id.ok_or("an answer without an id")?, now))
        })
    }
}

/// Returns how long each of these took, as far as they are stored, and how many were in its batch.
fn took(said: &Said, answered: &[(String, Instant)]) -> Vec<(f64, usize)> {
    let took = answered.iter().filter_map(|(request, at)| {
        let (stored, batch) = said.stored.get(said.accepted.get(request)?)?;
        // The event may be in the table before the answer is read.
        let took = stored.saturating_duration_since(*at);
        Some((took.as_secs_f64() * 1_000.0, *batch))
    });
    took.collect()
}

#[cfg(test)]
mod tests {
    use stack::build::root;

    use super::*;

    #[test]
    fn polling_takes_as_long_as_was_measured_and_in_between() {
        let results = Results::read(&root().join("bench/results.json")).unwrap();
        let added = Added::of(&results).unwrap();
        let polled = [0.0, 10.0, 30.0, 50.0, 99.0, 100.0].map(|percent| added.polled(percent));
        let wanted = [13.7, 13.7, 14.95, 16.2, 105.0, 210.0];
        assert!(
            polled
                .iter()
                .zip(wanted)
                .all(|(one, other)| (one - other).abs() < 1e-9),
            "{polled:?}"
        );
        let mut chance = Chance::new(1);
        let least = added.polled(0.0);
        assert!(added.ms(10, &mut chance) > least && added.ms(1, &mut chance) < 300.0);
    }

    #[test]
    fn a_message_is_found_by_the_gateway_s_id() {
        let mut said = Said::default();
        let now = Instant::now();
        said.line(r#"{"outcome":"accepted","request_id":"r","message_id":"m"}"#);
        assert_eq!(took(&said, &[("r".to_owned(), now)]), []);
        said.line(r#"{"outcome":"stored","messages":["m","n"]}"#);
        said.line("no JSON");
        let took = took(&said, &[("r".to_owned(), now), ("other".to_owned(), now)]);
        let batches: Vec<usize> = took.iter().map(|(_, batch)| *batch).collect();
        assert_eq!(batches, [2]);
    }
}
