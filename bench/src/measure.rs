//! The measurements of functions one by one: start, webhooks, batches, growing bodies.
//!
//! Every round measures every subject, so that a minute in which the machine is slow is in all of
//! them, and ratios are taken round by round.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::Value;
use stack::lambda::Lambda;

use crate::outcome::Outcome;
use crate::process::{cpu, peak_memory};
use crate::stats::{count, percentile};
use crate::subject::{BARE_CONSUMER, CONSUMER, PEER_CONSUMER, Subject};
use crate::workload::{self, Events, Mix};

/// Values by subject, one per round.
pub(crate) type Series = BTreeMap<String, Vec<f64>>;

/// A series of each measurement.
pub(crate) type Measured = BTreeMap<&'static str, Series>;

/// Notes one value.
pub(crate) fn note(measured: &mut Measured, what: &'static str, of: &str, value: f64) {
    let series = measured.entry(what).or_default();
    series.entry(of.to_owned()).or_default().push(value);
}

/// How many webhooks a new instance takes, to say what its first one cost.
const AFTER_START: usize = 40;

/// Whether a subject is invoked by the queue.
pub(crate) fn is_consumer(subject: &Subject) -> bool {
    [CONSUMER, BARE_CONSUMER, PEER_CONSUMER].contains(&subject.name.as_str())
}

/// A payload that a subject would get.
pub(crate) fn payload(subject: &Subject) -> Outcome<Bytes> {
    let provider = match registry::sender(&subject.name) {
        Some(provider) => provider.name(),
        None => "customerio",
    };
    let body = workload::recorded_body(provider)?;
    if is_consumer(subject) {
        return Ok(workload::batch(&[workload::message(provider, &body)?]));
    }
    workload::webhook(provider, &body)
}

/// From exec to the first request for work, and the first webhook after that; each time a new
/// process.
pub(crate) async fn cold(subjects: &[Subject], rounds: usize, into: &mut Measured) -> Outcome<()> {
    for _ in 0..rounds {
        for subject in subjects {
            let payload = payload(subject)?;
            let (lambda, pid, took) = subject.start().await?;
            note(into, "start_ms", &subject.name, milliseconds(took));
            note(into, "start_cpu_ms", &subject.name, milliseconds(cpu(pid)?));
            let first = invoke(&lambda, &payload).await?;
            let mut warm = Vec::new();
            for _ in 0..AFTER_START {
                warm.push(milliseconds(invoke(&lambda, &payload).await?));
            }
            let first = milliseconds(first);
            note(into, "first_ms", &subject.name, first);
            let over_warm = first / percentile(&warm, 50);
            note(into, "first_over_warm", &subject.name, over_warm);
        }
    }
    Ok(())
}

/// Webhook after webhook on one instance.
pub(crate) async fn warm(
    subjects: &[Subject],
    (rounds, webhooks): (usize, usize),
    into: &mut Measured,
) -> Outcome<()> {
    let mut started = Vec::new();
    for subject in subjects.iter().filter(|subject| !is_consumer(subject)) {
        let (lambda, pid, _) = subject.start().await?;
        let payload = payload(subject)?;
        for _ in 0..webhooks {
            invoke(&lambda, &payload).await?;
        }
        started.push((subject, lambda, pid, payload));
    }
    for _ in 0..rounds {
        for (subject, lambda, pid, payload) in &started {
            let before = cpu(*pid)?;
            let mut took = Vec::with_capacity(webhooks);
            for _ in 0..webhooks {
                took.push(milliseconds(invoke(lambda, payload).await?));
            }
            let used = milliseconds(cpu(*pid)?.saturating_sub(before));
            note(into, "warm_p50_ms", &subject.name, percentile(&took, 50));
            note(into, "warm_p99_ms", &subject.name, percentile(&took, 99));
            note(into, "cpu_ms", &subject.name, used / count(webhooks));
        }
    }
    for (subject, _, pid, _) in &started {
        note(into, "memory_mb", &subject.name, peak_memory(*pid)?);
    }
    Ok(())
}

/// Batches of the consumers: their names, how many events are in one, what one is, how often in a
/// round.
fn batches() -> Outcome<Vec<(&'static str, usize, Bytes, usize)>> {
    let mut batches = Vec::new();
    for (name, deliveries, repeats) in [
        ("1 delivery", 1, 40),
        ("10 deliveries", 10, 10),
        ("100 deliveries", 100, 3),
        ("1,000 deliveries", 1_000, 1),
    ] {
        let mut events = Events::new("customerio", Mix::Ordinary)?;
        let message = |_| workload::message("customerio", &events.one().to_string());
        let messages: Outcome<Vec<String>> = (0..deliveries).map(message).collect();
        batches.push((name, deliveries, workload::batch(&messages?), repeats));
    }
    let array = Events::new("insider", Mix::Ordinary)?.array(1_000);
    let message = workload::message("insider", &array)?;
    batches.push(("array of 1,000", 1_000, workload::batch(&[message]), 1));
    Ok(batches)
}

/// Events per CPU second of the consumers; also the memory that the largest batch took.
pub(crate) async fn consume(
    subjects: &[Subject],
    rounds: usize,
    into: &mut BTreeMap<&'static str, Series>,
    measured: &mut Measured,
) -> Outcome<()> {
    let batches = batches()?;
    let mut started = Vec::new();
    for subject in subjects.iter().filter(|subject| is_consumer(subject)) {
        let (lambda, pid, _) = subject.start().await?;
        for (_, _, payload, _) in batches.iter().take(2) {
            invoke(&lambda, payload).await?;
        }
        // An ordinary batch of ten: what it needs before anything large comes.
        note(measured, "memory_mb", &subject.name, peak_memory(pid)?);
        started.push((subject, lambda, pid));
    }
    for _ in 0..rounds {
        for (name, events, payload, repeats) in &batches {
            for (subject, lambda, pid) in &started {
                let before = cpu(*pid)?;
                for _ in 0..*repeats {
                    invoke(lambda, payload).await?;
                }
                let used = cpu(*pid)?.saturating_sub(before).as_secs_f64();
                let rate = count(events * repeats) / used;
                let series = into.entry(name).or_default();
                series.entry(subject.name.clone()).or_default().push(rate);
            }
        }
    }
    for (subject, _, pid) in &started {
        note(
            measured,
            "memory_largest_mb",
            &subject.name,
            peak_memory(*pid)?,
        );
    }
    Ok(())
}

/// Bodies of these sizes; the last is what the gateway's limits leave after JSON's escapes.
pub(crate) const BODY_SIZES: &[usize] = &[1 << 10, 10 << 10, 100 << 10, 1 << 20, 5 << 20];

/// One size of body: bytes, CPU milliseconds, most memory in megabytes.
pub(crate) type Growth = Vec<(usize, f64, f64)>;

/// What a function uses as the body grows, a new instance for every size. The bodies are Insider's
/// arrays.
pub(crate) async fn growth(subject: &Subject, rounds: usize) -> Outcome<Growth> {
    let mut growth = Growth::new();
    for size in BODY_SIZES {
        let body = Events::new("insider", Mix::Ordinary)?.array_of_bytes(*size);
        let payload = if is_consumer(subject) {
            workload::batch(&[workload::message("insider", &body)?])
        } else {
            workload::webhook("insider", &body)?
        };
        let (lambda, pid, _) = subject.start().await?;
        invoke(&lambda, &payload).await?;
        let mut used = Vec::new();
        for _ in 0..rounds {
            let before = cpu(pid)?;
            invoke(&lambda, &payload).await?;
            used.push(milliseconds(cpu(pid)?.saturating_sub(before)));
        }
        growth.push((body.len(), percentile(&used, 50), peak_memory(pid)?));
    }
    Ok(growth)
}

/// One invocation, which must succeed: a refusal would be measured as a fast answer.
pub(crate) async fn invoke(lambda: &Lambda, payload: &Bytes) -> Outcome<Duration> {
    let start = Instant::now();
    let answer = lambda.invoke(payload.clone()).await?;
    let took = start.elapsed();
    let answer: Value = serde_json::from_slice(&answer)?;
    let is_accepted = match (answer.get("statusCode"), answer.get("batchItemFailures")) {
        (Some(status), _) => status == 200,
        (None, Some(failures)) => failures.as_array().is_some_and(Vec::is_empty),
        (None, None) => false,
    };
    if is_accepted {
        return Ok(took);
    }
    Err(format!("{} did not succeed: {answer}", lambda.settings().name).into())
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
