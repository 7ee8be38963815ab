//! `demo`: tells a story of webhooks, sends every sample, and shows what the table then holds.

mod picture;
mod story;
mod told;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use operator::samples::{self, Sample};
use operator::send::{Poster, enqueue};
use operator::{Exit, Target};
use shared::provider::Strength;
use tokio::task::JoinSet;
use tokio::time::Instant;

use self::picture::{Counts, stored, timeline};
use self::story::{Forger, KIM, LEE, MAX, SAM};
use self::told::{Sum, Told};
use super::target::PORT;
use super::up::{self, Running};
use crate::console;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::{Color, Output};
use crate::signals::interrupted;

const EXAMPLES: &str = "Examples:
  postern demo
  postern demo --samples --exit";

/// How soon what failed is tried again: a few samples cannot be read, and nobody waits for them.
const RETRY_AFTER: Duration = Duration::from_millis(100);
/// What stands for the work that is done.
const BAR: &str = "━━━━━━━━━━━━━━━━━━━━";
/// How many samples are sent at once.
const CONCURRENCY: usize = 8;

/// See it at work: a story of webhooks, every sample, and what the table says then
#[derive(clap::Args)]
#[group(id = "demo")]
#[command(before_help = EXAMPLES, args_override_self = true)]
pub(crate) struct Args {
    /// Also show how many events of each kind every provider has sent
    #[arg(long)]
    samples: bool,
    /// End when it is shown
    #[arg(long)]
    exit: bool,
    #[command(flatten)]
    up: up::Args,
}

/// Starts everything, shows what becomes of the samples, and stays up until it is stopped.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let Args {
        samples: is_matrix,
        exit: is_short,
        up,
    } = args;
    let (read_faults, open) = (up.read_faults, up.open);
    said(
        out,
        "Postern: the real functions, queue and table on this machine. Nothing leaves it.",
    );
    let began = Instant::now();
    let running = up::start(up, Some(RETRY_AFTER), out).await?;
    let functions = running.stack.functions.len();
    step(out, "started", &format!("{functions} functions"), began);
    let shown = show(running, is_matrix, out);
    let running = tokio::select! {
        shown = shown => shown?,
        () = interrupted() => return Err(CommandError::Stopped),
    };
    if is_short {
        return Ok(Exit::Done);
    }
    let following = up::follow(&running, out, environment);
    next(&running, out, environment);
    if open {
        up::open(&running, out);
    }
    up::stay(&running.stack, read_faults, out).await;
    following.abort();
    Ok(Exit::Done)
}

/// Prints a line for a person.
fn said(out: &Output, text: &str) {
    if !out.is_json() {
        out.line(text);
    }
}

/// Prints that a step is done, and how long it took.
fn step(out: &Output, name: &str, text: &str, began: Instant) {
    let seconds = began.elapsed().as_secs_f64();
    let line = format!("  {name:<9} {text:<46} {seconds:>5.1} s");
    said(out, &line.replace(BAR, &out.paint(Color::Blue, BAR)));
}

/// Sends everything, waits until the queue is empty, and shows what the table holds.
async fn show(running: Running, is_matrix: bool, out: &Output) -> Result<Running, CommandError> {
    let Running {
        stack,
        sender,
        live,
        page,
    } = running;
    let target = Arc::new(Target::local(stack.api).await?);
    let listener = Told::begin(&target).await?;
    let began = Instant::now();
    let accepted = send_samples(&sender, &target, out).await?;
    // The page remembers the last webhooks, and the samples are more than that.
    let forger = story::tell(&sender).await?;
    stack.settled().await?;
    let items = target.events().scan().await?;

    for (name, who) in [("kim", KIM), ("lee", LEE), ("sam", SAM)] {
        said(out, &format!("  {name:<9} {}", timeline(&items, who)));
    }
    said(
        out,
        &format!(
            "  {:<9} {}",
            "a forger",
            tried(&forger, stored(&items, MAX))
        ),
    );
    let bar = if out.is_terminal() { BAR } else { "" };
    let providers = target.providers().chain(target.queued()).count();
    let text = format!("{bar} {accepted} of {providers} providers");
    step(out, "samples", text.trim_start(), began);
    let told = match listener {
        Some(listener) => Some(listener.end(out).await),
        None => None,
    };
    if let Some(told) = told {
        said(out, &format!("  {:<9} {}", "listener", told.words()));
    }

    let mut counts = Counts::of(&items, accepted, stack.dead_letters());
    counts.told = told.map(|Sum { all, .. }| all);
    if out.is_json() {
        out.json(&counts)?;
    } else {
        out.line("");
        for line in counts.lines() {
            out.line(&line);
        }
        out.line("");
    }
    if is_matrix && !out.is_json() {
        let (header, rows) = counts.matrix();
        out.rows(&header, rows);
    }
    Ok(Running {
        stack,
        sender,
        live,
        page,
    })
}

fn tried(forger: &Forger, stored: usize) -> String {
    let Forger {
        another_key,
        changed,
        twice: [first, second],
    } = forger;
    let answers = if first == second {
        first.to_string()
    } else {
        format!("{first} {second}")
    };
    let times = match stored {
        1 => "once".to_owned(),
        times => format!("{times} times"),
    };
    format!(
        "another key: {another_key}  a byte changed: {changed}  sent twice: {answers}, stored {times}"
    )
}

/// Sends every sample, some at once. Returns how many were accepted.
async fn send_samples(
    sender: &Arc<Poster>,
    target: &Arc<Target>,
    out: &Output,
) -> Result<usize, CommandError> {
    let all = samples::all();
    let progress = out.progress("sending samples", u64::try_from(all.len()).ok());
    let mut sending = JoinSet::new();
    let mut accepted = 0;
    let mut left = mixed(all).into_iter();
    loop {
        while sending.len() < CONCURRENCY
            && let Some(sample) = left.next()
        {
            let (sender, target) = (Arc::clone(sender), Arc::clone(target));
            sending.spawn(async move {
                let provider = registry::sender(sample.provider);
                let provider = provider.ok_or(CommandError::NoFunction(sample.provider.to_owned()));
                let provider = provider?;
                let reply = match provider.strength() {
                    Strength::Transport => enqueue(&target, provider, sample.body).await?,
                    _ => sender.send(provider, sample.body.to_vec()).await?,
                };
                let status = reply.status.as_u16();
                match status {
                    200 => Ok(()),
                    status => Err(CommandError::SampleRefused {
                        sample: sample.name,
                        status,
                    }),
                }
            });
        }
        match sending.join_next().await {
            None => return Ok(accepted),
            Some(sent) => sent.unwrap_or(Err(CommandError::Stopped))?,
        }
        accepted += 1;
        progress.set(u64::try_from(accepted).unwrap_or_default());
    }
}

/// Returns the samples with those of every provider by turns: so each provider's function has a
/// little to do all the time, and few instances.
fn mixed(samples: &[Sample]) -> Vec<&Sample> {
    let mut turns: BTreeMap<&str, usize> = BTreeMap::new();
    let mut mixed: Vec<(usize, &Sample)> = samples
        .iter()
        .map(|sample| {
            let turn = turns.entry(sample.provider).or_default();
            *turn += 1;
            (*turn, sample)
        })
        .collect();
    mixed.sort_by_key(|(turn, _)| *turn);
    mixed.into_iter().map(|(_, sample)| sample).collect()
}

/// Says where everything is now, and what to try.
fn next(running: &Running, out: &Output, environment: &Environment) {
    console::ready(&running.stack, false, out);
    if out.is_json() {
        return;
    }
    let port = match running.stack.api.port() {
        PORT => String::new(),
        port => format!(" --port {port}"),
    };
    out.line("Next, in another terminal:");
    for command in [
        format!("  postern send resend/bounced --recipient you@example.test{port}"),
        format!("  postern may-mail you@example.test{port}"),
        format!("  postern send mailpanda/click --curl{port}"),
    ] {
        out.line(&environment.as_called(&command));
    }
    out.line("Ctrl-C stops it, and nothing is kept.");
}
