//! A storm sends webhooks as providers do, with faults on every side. Afterwards it checks whether
//! everything that was acknowledged is stored, once, as it was said, and nothing else.
//!
//! | file | what it does |
//! |---|---|
//! | `plan.rs`, `rewrite.rs` | make the webhooks, from the providers' samples |
//! | `driver.rs` | sends them |
//! | `stack_process.rs`, `weather.rs` | the stack in a process of its own; its faults, its deaths and new starts |
//! | `processes.rs` | the functions' memory and open files along the way |
//! | `drain.rs` | waits until all of it is stored or put aside |
//! | `check.rs`, `findings.rs` | compare the table and the dead letters |
//! | `sinks.rs`, `sinks/` | three endpoints that are told: one well, one with faults, one dead; and the event bus |
//! | `outbox.rs` | waits until they have been told, and reads what is held for the dead one |
//! | `told.rs`, `wanted.rs`, `telling.rs` | compare what they want with what they were told |
//! | `report.rs` | what comes out |
//!
//! Faults put nothing aside: afterwards the dead-letter queue has the poison that was sent, and
//! nothing else.

mod bomb;
pub mod check;
mod drain;
pub mod driver;
mod error;
pub mod findings;
mod outbox;
pub mod plan;
mod processes;
pub mod report;
mod rewrite;
pub mod sinks;
mod stack_process;
pub mod telling;
pub mod told;
mod wanted;
mod weather;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use shared::time::rfc3339_ms;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

pub use drain::settle;
pub use error::Error;

use check::check;
use driver::{Tally, drive};
use operator::Target;
use operator::print::now;
use operator::send::Poster;
use outbox::{held, until_told};
use plan::{Plan, Signing};
use processes::Samples;
use registry::SENDERS;
use report::{Report, Sending};
use sinks::{Sinks, subscribe};
use stack::BuildError;
use stack::build::{Launcher, Program, TOOL};
use stack::faults::{Fault, Injection, Service, Trouble};
use stack::template::{TEMPLATE, Template, providers};
use stack_process::{Setup, binaries, free_ports};
use told::{may_double, told};
use wanted::{ANNOUNCED_DAYS, Wanted};
use weather::{Data, Weather};

/// How many webhooks a storm has by default.
pub const WEBHOOKS: usize = 2_000;
/// How many webhooks are under way at once by default.
pub const CONCURRENCY: usize = 32;
/// How many webhooks a soak has: an hour of ten webhooks a second.
pub const SOAK_WEBHOOKS: usize = 36_000;
/// How many webhooks of a soak are under way at once. The number is small, so that few processes
/// see much of the hour.
pub const SOAK_CONCURRENCY: usize = 4;
/// How often each fault has its turn in a soak. It is once in each quarter of the hour, so that the
/// last quarter can be compared with the first.
pub const SOAK_ROUNDS: usize = 4;
/// How many times more often a fault strikes if it is in force alone.
pub const SOAK_STRENGTH: f64 = 5.0;

/// How long an outage of an hour is in a storm, where a second stands for each minute of waiting.
pub const OUTAGE: Duration = Duration::from_mins(1);
/// What an outage of the table is: it throttles every request.
const TABLE_OUT: Injection = Injection {
    fault: Fault::Answer(Service::Table, Trouble::Throttle),
    probability: 1.0,
    within: Duration::ZERO,
};

/// What stands for an hour in everything that waits to be told.
///
/// An endpoint is switched off after five days without a success. These last ten minutes then, so
/// that an endpoint that hangs for 15 s is not switched off. The retries, which last 75.6 hours,
/// are over after six minutes. What is parked is kept for 14 days, 28 minutes here: longer than a
/// large storm takes to tell its sinks.
pub const HOUR: Duration = Duration::from_secs(5);

/// A storm to run.
pub struct Storm {
    /// The command, for the report.
    pub command: String,
    /// How many webhooks to send.
    pub webhooks: usize,
    /// How many webhooks to send at once.
    pub concurrency: usize,
    /// The faults.
    pub faults: Vec<Injection>,
    /// In how many rounds each fault has its turn alone. `None` puts all faults in force at once.
    pub rounds: Option<usize>,
    /// Whether the table is out for an hour, shrunk as all waiting is, in the middle of the storm.
    pub outage: bool,
    /// The seed that all choices follow from.
    pub seed: u64,
    /// The secrets by provider, as on the command line.
    pub secrets: BTreeMap<String, String>,
    /// Finds the programs: the functions', and that of the tool, which runs the stack.
    pub launcher: Launcher,
    /// How they were built, for the report.
    pub build: String,
}

/// A part of the storm: its faults are in force until `until` webhooks have been sent.
struct Phase {
    faults: Vec<Injection>,
    until: usize,
    /// How long it lasts at least.
    lasts: Duration,
}

impl Storm {
    /// Runs the storm. Meanwhile `tell` is called with its progress.
    ///
    /// # Errors
    /// Returns an [`Error`] if the storm cannot take place. Defects that it finds are in the
    /// report.
    pub async fn run(self, tell: impl Fn(&str)) -> Result<Report, Error> {
        let began = now();
        let programs = self.programs().await?;
        let plan = Plan::new(
            self.webhooks,
            self.seed,
            began,
            retention_days()?,
            &self.secrets,
        )?;
        let data = Data::new(self.seed);
        let tool = programs
            .get(TOOL)
            .ok_or_else(|| BuildError::NoBinary(TOOL.to_owned()))?;
        let sinks = Sinks::start(self.seed, HOUR).await?;
        let setup = Setup {
            program: tool.path.clone(),
            binaries: binaries(&programs),
            data: data.0.clone(),
            ports: free_ports(self.seed).await?,
            secrets: self.secrets.clone(),
            hour: HOUR,
            parameters: parameters(),
            bus: sinks.1.address,
        };
        let webhooks = plan.order.len();
        let mut weather = Weather::start(&setup, &sinks, &self.faults, self.seed, webhooks).await?;
        let target = Target::local(format!("127.0.0.1:{}", setup.ports[0])).await?;
        let subscribed = subscribe(&target, &sinks).await?;

        let (progress, done) = watch::channel(0);
        let mut tally = Tally::default();
        let mut samples = Samples::default();
        let started = Instant::now();
        let sender = Poster::new(
            format!("127.0.0.1:{}", setup.ports[0]),
            self.secrets.clone(),
        );
        let functions: Vec<String> = programs.into_keys().filter(|name| name != TOOL).collect();
        let parent = weather.parent.subscribe();
        let watching = processes::watch(parent, &functions, done.clone(), &mut samples);
        tokio::select! {
            weathered = async {
                let mut from = 0;
                for phase in self.phases(plan.order.len()) {
                    weather.set(&phase.faults).await?;
                    let over = Instant::now() + phase.lasts;
                    let order = plan.order.get(from..phase.until).unwrap_or_default();
                    let driving = drive(&plan, order, &sender, self.concurrency, &progress, &mut tally);
                    let (weathered, ()) = tokio::join!(weather.pass(done.clone(), phase.until), driving);
                    weathered?;
                    sleep_until(over).await;
                    from = phase.until;
                }
                Ok::<(), Error>(())
            } => weathered?,
            () = watching => {}
        }
        let sending_s = started.elapsed().as_secs_f64();
        weather.set(&self.on_the_way_out()).await?;
        tell("the storm is over; waiting for the queue");

        let calm = Instant::now();
        let dead = settle(&target).await?;
        let draining_s = calm.elapsed().as_secs_f64();
        let items = target.events().scan().await?;
        tell("everything is stored; waiting for the sinks");
        let telling = Instant::now();
        let wanted = Wanted::of(&sinks, &items, began, now());
        until_told(&target, &sinks, &subscribed, &wanted).await?;
        weather.set(&[]).await?;
        let held = held(&target, &sinks, &subscribed).await?;
        let mut told = told(&sinks, &wanted, &held, may_double(&self.faults));
        told.telling_s = rounded(telling.elapsed().as_secs_f64());
        let found = check(&plan, &tally.sent, items, &dead);
        let growth = samples.growth(plan.order.len());
        let (struck, noise) = weather.end().await;
        Ok(Report {
            command: self.command,
            date: rfc3339_ms(began),
            machine: report::machine(),
            build: self.build,
            seed: self.seed,
            faults: self.faults.iter().map(ToString::to_string).collect(),
            struck,
            sending_s: rounded(sending_s),
            draining_s: rounded(draining_s),
            sending: Sending::of(tally, |number| {
                let webhook = plan.webhooks.get(number);
                webhook.is_some_and(|webhook| webhook.signing == Signing::Right)
            }),
            found,
            told,
            noise,
            processes: growth,
        })
    }

    /// Returns the faults that stay until everybody has been told: those of the stream, the bus and
    /// the endpoints. What is told comes later than what is sent.
    fn on_the_way_out(&self) -> Vec<Injection> {
        let last = self.phases(1).pop();
        let mut faults = last.map_or_else(Vec::new, |phase| phase.faults);
        faults.retain(|injection| injection.fault.is_on_the_way_out());
        faults
    }

    async fn programs(&self) -> Result<BTreeMap<String, Program>, Error> {
        let launcher = Arc::clone(&self.launcher);
        let found = tokio::task::spawn_blocking(move || {
            let template = template()?;
            let functions = template.functions.iter().map(|f| f.package.as_str());
            let packages: Vec<&str> = functions.chain([TOOL]).collect();
            Ok(launcher(&packages)?)
        });
        found.await.map_err(|_| BuildError::Stopped)?
    }

    fn phases(&self, count: usize) -> Vec<Phase> {
        let phase = |faults: &[Injection], until, lasts| Phase {
            faults: faults.to_vec(),
            until,
            lasts,
        };
        if self.outage {
            return vec![
                phase(&self.faults, count / 3, Duration::ZERO),
                phase(&table_is_out(&self.faults), count * 2 / 3, OUTAGE),
                phase(&self.faults, count, Duration::ZERO),
            ];
        }
        let Some(rounds) = self.rounds else {
            return vec![phase(&self.faults, count, Duration::ZERO)];
        };
        let parts = rounds * self.faults.len();
        let faults = (0..rounds).flat_map(|_| &self.faults);
        faults
            .enumerate()
            .map(|(part, fault)| {
                let until = count * (part + 1) / parts;
                phase(&[*fault], until, Duration::ZERO)
            })
            .collect()
    }
}

/// Returns these faults, and the outage of the table.
fn table_is_out(faults: &[Injection]) -> Vec<Injection> {
    let others = faults.iter().filter(|other| other.fault != TABLE_OUT.fault);
    others.copied().chain([TABLE_OUT]).collect()
}

fn template() -> Result<Template, Error> {
    let all = providers(SENDERS.iter().map(|provider| provider.name()));
    let chosen: Vec<(String, String)> = parameters().into_iter().chain([all]).collect();
    Ok(Template::parse(TEMPLATE, &chosen, "")?)
}

/// Returns what a storm asks of the template.
fn parameters() -> Vec<(String, String)> {
    let days = ANNOUNCED_DAYS.to_string();
    let bus = ("EventBusArn", sinks::ARN);
    [("Outlets", "yes"), ("AnnounceMaxAgeDays", &days), bus]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

/// Returns for how many days the template's consumer keeps events.
fn retention_days() -> Result<u32, Error> {
    let functions = template()?.functions;
    let days = functions
        .iter()
        .find_map(|function| function.environment.get("RETENTION_DAYS"));
    let days = days.and_then(|days| days.parse().ok());
    days.ok_or(Error::NoRetention)
}

fn rounded(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use stack::build::in_program;

    use super::*;

    #[test]
    fn in_a_soak_each_fault_has_its_turn_in_each_round() {
        let faults: Vec<Injection> = stack::faults::every().take(3).collect();
        let storm = Storm {
            command: String::new(),
            webhooks: 0,
            concurrency: 1,
            faults: faults.clone(),
            rounds: Some(2),
            outage: false,
            seed: 1,
            secrets: BTreeMap::new(),
            launcher: in_program(TOOL.into()),
            build: String::new(),
        };
        let phases = storm.phases(60);
        let ends: Vec<usize> = phases.iter().map(|phase| phase.until).collect();
        assert_eq!(ends, [10, 20, 30, 40, 50, 60]);
        let in_force: Vec<Injection> = phases.into_iter().flat_map(|p| p.faults).collect();
        assert_eq!(in_force, [faults.clone(), faults].concat());
    }
}
