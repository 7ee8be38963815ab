//! A storm: webhooks as providers send them, faults on every side, and then the question whether everything that was
//! acknowledged is stored, once, as it was said, and nothing else.
//!
//! [`plan`] makes the webhooks, [`driver`] sends them to a stack in a process of its own ([`stack_process`]), which is killed on the
//! way if that is wanted; [`drain`] waits until all of it is stored or dead, [`check`] compares, [`processes`] watches the
//! functions' memory, [`report`] is what comes out.
//!
//! A message that failed five times because of faults is in the dead-letter queue: nothing is lost, somebody has to redrive it.
//! The storm does that, with the same [`redrive`](crate::redrive) as a person would, and counts them.

pub mod check;
mod drain;
pub mod driver;
pub mod plan;
mod processes;
pub mod report;
mod rewrite;
mod stack_process;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use shared::time::rfc3339_ms;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::events::Events;
use crate::faults::{Fault, Injection};
use crate::functions::{self, Selection};
use crate::redrive::DeadLetters;
use crate::send::Sender;
use crate::template::Template;
use crate::terminal::{now, say};
use check::check;
use drain::Queues;
use driver::{Tally, drive};
use plan::{Plan, Signing};
use processes::Samples;
use report::{Report, Sending, Struck};
use stack_process::{Noise, Setup, StackProcess, folder, free_ports};

/// So many webhooks make a storm if nobody says otherwise.
pub const WEBHOOKS: usize = 2_000;
/// An hour of ten webhooks a second.
pub const SOAK_WEBHOOKS: usize = 36_000;
/// How often each fault has its turn in that hour: once in each quarter, so that the last one can be compared with the first.
pub const SOAK_ROUNDS: usize = 4;

/// How often dead letters are redriven before they are called dead.
const REDRIVES: usize = 3;

/// A storm to run.
pub struct Storm {
    /// The command, for the report.
    pub command: String,
    /// How many webhooks.
    pub webhooks: usize,
    /// How many at once.
    pub concurrency: usize,
    /// What goes wrong.
    pub faults: Vec<Injection>,
    /// One fault at a time instead, each in turn, in so many rounds.
    pub rounds: Option<usize>,
    /// What the choices follow from.
    pub seed: u64,
    /// By provider, as on the command line.
    pub secrets: BTreeMap<String, String>,
    /// What to build.
    pub selection: Selection,
    /// Whether to build with optimizations.
    pub release: bool,
}

/// A part of the storm: these faults, until so many webhooks have been sent.
struct Phase {
    faults: Vec<Injection>,
    until: usize,
}

/// A folder that is gone when the storm is over.
struct Data(PathBuf);

impl Data {
    /// In memory where the system has such a folder: what was written there outlives a killed process as it does on a disk,
    /// and the storm is about functions, not about how fast a disk flushes.
    fn new(seed: u64) -> Self {
        let memory = Path::new("/dev/shm");
        let temporary = if memory.is_dir() {
            memory.to_owned()
        } else {
            std::env::temp_dir()
        };
        Self(temporary.join(format!("postern-storm-{}-{seed}", std::process::id())))
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Storm {
    /// Runs it.
    ///
    /// # Errors
    /// A text for the person at the terminal: the storm could not take place. What it found is in the report.
    pub async fn run(self) -> Result<Report, String> {
        let began = now();
        let binaries = self.build().await?;
        let plan = Plan::new(
            self.webhooks,
            self.seed,
            began,
            retention_days()?,
            &self.secrets,
        )?;
        let data = Data::new(self.seed);
        let local = binaries.get("local").ok_or("local has no binary")?;
        let setup = Setup {
            program: local.clone(),
            binaries: folder(local),
            data: data.0.clone(),
            ports: free_ports(self.seed).await?,
            secrets: self.secrets.clone().into_iter().collect(),
        };
        let mut weather = Weather::start(&setup, &self, &plan).await?;

        let (progress, done) = watch::channel(0);
        let mut tally = Tally::default();
        let mut samples = Samples::default();
        let started = Instant::now();
        let sender = Sender::new(
            format!("127.0.0.1:{}", setup.ports[0]),
            self.secrets.clone(),
        );
        let functions: Vec<String> = binaries
            .into_keys()
            .filter(|name| name != "local")
            .collect();
        let parent = weather.parent.subscribe();
        let watching = processes::watch(parent, &functions, done.clone(), &mut samples);
        tokio::select! {
            weathered = async {
                let mut from = 0;
                for phase in self.phases(plan.order.len()) {
                    weather.set(&phase.faults).await?;
                    let order = plan.order.get(from..phase.until).unwrap_or_default();
                    let driving = drive(&plan, order, &sender, self.concurrency, &progress, &mut tally);
                    let (weathered, ()) = tokio::join!(weather.pass(done.clone(), phase.until), driving);
                    weathered?;
                    from = phase.until;
                }
                Ok::<(), String>(())
            } => weathered?,
            () = watching => {}
        }
        let sending_s = started.elapsed().as_secs_f64();
        weather.set(&[]).await?;
        say("the storm is over; waiting for the queue");

        let calm = Instant::now();
        let queues = Queues::new(setup.ports[1])?;
        let (dead, redriven) = settle(&queues, setup.ports[1]).await?;
        let draining_s = calm.elapsed().as_secs_f64();
        let items = Events::new(format!("127.0.0.1:{}", setup.ports[2]))?
            .scan()
            .await?;
        let found = check(&plan, &tally.sent, items, &dead);
        let growth = samples.growth(plan.order.len());
        let (struck, noise) = weather.end().await;
        Ok(Report {
            command: self.command,
            date: rfc3339_ms(began),
            machine: report::machine(),
            build: if self.release { "release" } else { "debug" }.to_owned(),
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
            redriven,
            noise,
            processes: growth,
        })
    }

    async fn build(&self) -> Result<BTreeMap<String, PathBuf>, String> {
        let (selection, release) = (self.selection, self.release);
        let built = tokio::task::spawn_blocking(move || {
            let template = template()?;
            let functions = template.functions.iter().map(|f| f.package.as_str());
            let packages: Vec<&str> = functions.chain(["local"]).collect();
            functions::build(&packages, selection, release)
        });
        built.await.map_err(|error| error.to_string())?
    }

    fn phases(&self, count: usize) -> Vec<Phase> {
        let Some(rounds) = self.rounds else {
            return vec![Phase {
                faults: self.faults.clone(),
                until: count,
            }];
        };
        let parts = rounds * self.faults.len();
        let faults = (0..rounds).flat_map(|_| &self.faults);
        faults
            .enumerate()
            .map(|(part, fault)| Phase {
                faults: vec![*fault],
                until: count * (part + 1) / parts,
            })
            .collect()
    }
}

/// The stack in the storm.
struct Weather<'a> {
    setup: &'a Setup,
    seed: u64,
    stack: Option<StackProcess>,
    noise: Noise,
    faults: Vec<Injection>,
    struck: Struck,
    /// When it is killed: after so many webhooks.
    kills: Vec<usize>,
    starts: u64,
    parent: watch::Sender<Option<u32>>,
}

impl<'a> Weather<'a> {
    async fn start(setup: &'a Setup, storm: &Storm, plan: &Plan) -> Result<Self, String> {
        let kill = storm.faults.iter().find(|f| f.fault == Fault::StackKill);
        let mut weather = Self {
            setup,
            seed: storm.seed,
            stack: None,
            noise: Noise::default(),
            faults: Vec::new(),
            struck: Struck::default(),
            kills: kill.map_or_else(Vec::new, |kill| kills(kill.probability, plan.order.len())),
            starts: 0,
            parent: watch::Sender::new(None),
        };
        weather.restart().await?;
        Ok(weather)
    }

    async fn restart(&mut self) -> Result<(), String> {
        self.starts += 1;
        let seed = self.seed.wrapping_add(self.starts);
        let noise = Noise::clone(&self.noise);
        let stack = StackProcess::start(self.setup, &self.faults, seed, noise).await?;
        self.parent.send_replace(stack.id());
        self.stack = Some(stack);
        Ok(())
    }

    /// Puts these faults in force; the stack's death is this one's business.
    async fn set(&mut self, faults: &[Injection]) -> Result<(), String> {
        let of_the_stack = faults.iter().filter(|f| f.fault != Fault::StackKill);
        self.faults = of_the_stack.copied().collect();
        if let Some(stack) = &mut self.stack {
            stack.set(&self.faults).await?;
        }
        Ok(())
    }

    /// Kills and restarts the stack whenever it is time, until so many webhooks are done.
    async fn pass(&mut self, mut done: watch::Receiver<usize>, until: usize) -> Result<(), String> {
        while let Some(kill) = self.kills.first().copied().filter(|kill| *kill < until) {
            self.kills.remove(0);
            if done.wait_for(|done| *done >= kill).await.is_err() {
                return Ok(());
            }
            self.count().await?;
            if let Some(stack) = self.stack.take() {
                stack.kill().await;
            }
            let name = Fault::StackKill.name().to_owned();
            *self.struck.0.entry(name).or_default() += 1;
            self.restart().await?;
        }
        Ok(())
    }

    /// Adds up what has struck since the stack was started.
    async fn count(&mut self) -> Result<(), String> {
        if let Some(stack) = &mut self.stack {
            self.struck.add(stack.set(&self.faults).await?);
        }
        Ok(())
    }

    async fn end(mut self) -> (Struck, Vec<String>) {
        let _ = self.count().await; // the storm is over, and a count is all that is missing
        if let Some(stack) = self.stack.take() {
            stack.kill().await;
        }
        let noise = self.noise.lock().unwrap_or_else(PoisonError::into_inner);
        (self.struck, noise.clone())
    }
}

/// After how many webhooks the stack is killed: evenly, as often as the probability says, and at least once.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of webhooks times a probability"
)]
fn kills(probability: f64, count: usize) -> Vec<usize> {
    let kills = (count as f64 * probability).round().max(1.0) as usize;
    (0..kills)
        .map(|kill| count * (2 * kill + 1) / (2 * kills))
        .collect()
}

/// Waits until everything is stored or dead, redrives what is dead, and returns what stays dead and how much was redriven.
async fn settle(queues: &Queues, port: u16) -> Result<(Vec<String>, u64), String> {
    let mut redriven = 0;
    queues.drained().await?;
    let mut dead = queues.dead().await?;
    for _ in 0..REDRIVES {
        let could_be_stored = dead.iter().filter(|letter| {
            let normalized = consumer::normalize(letter);
            normalized.is_ok_and(|normalized| normalized.malformed.is_empty())
        });
        let count = could_be_stored.count() as u64;
        if count == 0 {
            break;
        }
        redriven += count;
        let letters = DeadLetters::local(format!("127.0.0.1:{port}")).await?;
        letters.redrive(None).await?;
        queues.drained().await?;
        dead = queues.dead().await?;
    }
    Ok((dead, redriven))
}

fn template() -> Result<Template, String> {
    let path = functions::root().join("template.yaml");
    Template::read(&path, &[], "").map_err(|error| error.to_string())
}

/// How long the template's consumer keeps events.
fn retention_days() -> Result<u32, String> {
    let functions = template()?.functions;
    let days = functions
        .iter()
        .find_map(|function| function.environment.get("RETENTION_DAYS"));
    let days = days.and_then(|days| days.parse().ok());
    days.ok_or_else(|| "the template's consumer has no RETENTION_DAYS".to_owned())
}

fn rounded(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stack_is_killed_evenly_and_at_least_once() {
        assert_eq!(kills(0.001, 4_000), [500, 1500, 2500, 3500]);
        assert_eq!(kills(0.000_1, 500), [250]);
    }

    #[test]
    fn in_a_soak_each_fault_has_its_turn_in_each_round() {
        let faults: Vec<Injection> = crate::faults::every().take(3).collect();
        let storm = Storm {
            command: String::new(),
            webhooks: 0,
            concurrency: 1,
            faults: faults.clone(),
            rounds: Some(2),
            seed: 1,
            secrets: BTreeMap::new(),
            selection: Selection::Local,
            release: false,
        };
        let phases = storm.phases(60);
        let ends: Vec<usize> = phases.iter().map(|phase| phase.until).collect();
        assert_eq!(ends, [10, 20, 30, 40, 50, 60]);
        let in_force: Vec<Injection> = phases.into_iter().flat_map(|p| p.faults).collect();
        assert_eq!(in_force, [faults.clone(), faults].concat());
    }
}
