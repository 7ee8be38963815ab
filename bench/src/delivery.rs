//! What a million notifications use, and what they cost: counted in the functions' own lines, at
//! the endpoint and in the table; the milliseconds are measured.
//!
//! The functions reach the queue and the table without TLS here, and the endpoint, too. A handshake
//! for each batch, and its bytes, are assumptions of `prices.json`, and so is how long an endpoint
//! takes to answer.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use operator::Target;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stack::Stack;
use stack::lambda::Output;
use table::item::size;

use crate::outcome::Outcome;
use crate::prices::{Bill, Prices};
use crate::process::cpu;
use crate::stats::round;
use crate::subscriber::{Run, each, lock};

/// Events that the counts are taken of: so many arrays of so many.
const ARRAYS: usize = 20;
const LENGTH: usize = 100;
/// How many entries a request that sends to a queue may have.
const ENTRIES: usize = 10;
/// A read unit is so many bytes.
const READ_UNIT: usize = 4_096;

/// What one notification uses.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Delivered {
    pub(crate) fanout_runs: f64,
    pub(crate) queue_sends: f64,
    pub(crate) queue_receives: f64,
    pub(crate) queue_deletes: f64,
    pub(crate) deliver_runs: f64,
    pub(crate) read_units: f64,
    pub(crate) fanout_cpu_ms: f64,
    pub(crate) deliver_cpu_ms: f64,
    pub(crate) log_bytes: f64,
    pub(crate) log_lines: f64,
    pub(crate) sent_bytes: f64,
    pub(crate) item_bytes: f64,
}

/// What the functions on the way out have printed.
#[derive(Default)]
struct Printed {
    bytes: usize,
    lines: usize,
    /// How many messages each run of `fanout` has sent.
    sent: Vec<usize>,
    /// The runs of `deliver`, by their ids.
    runs: BTreeSet<String>,
    delivered: usize,
}

/// Sends events in arrays, and counts what telling them takes.
pub(crate) async fn count_all(built: Option<&Path>, prices: &Prices) -> Outcome<Delivered> {
    let printed = Arc::<Mutex<Printed>>::default();
    let output: Output = {
        let printed = Arc::clone(&printed);
        Arc::new(move |name, line| {
            if ["fanout", "deliver"].contains(&name) {
                read(&mut lock(&printed), line);
            }
        })
    };
    let mut run = Run::start(built, output, false).await?;
    run.send_arrays(2, LENGTH).await?; // each function has had something to do
    *lock(&printed) = Printed::default();
    let got = *lock(&run.got);
    let before = used(&run.stack)?;
    run.send_arrays(ARRAYS, LENGTH).await?;
    let after = used(&run.stack)?;
    let got = {
        let now = *lock(&run.got);
        (now.0 - got.0, now.1 - got.1)
    };
    let items = Target::local(run.stack.api).await?.events().all().await?;
    let item_bytes: usize = items.iter().map(size).sum();
    let units: usize = items
        .iter()
        .map(|item| size(item).div_ceil(READ_UNIT))
        .sum();

    let printed = lock(&printed);
    let told = ARRAYS * LENGTH;
    if printed.delivered != told || got.0 != told {
        return Err(format!("{} of {told} were delivered once", printed.delivered).into());
    }
    let per_batch = prices.assumption("notifications_per_batch")?;
    let sends: usize = printed.sent.iter().map(|sent| sent.div_ceil(ENTRIES)).sum();
    println!(
        "batches: {:.1} records a run of fanout, {:.1} messages a run of deliver (taken as {per_batch})",
        each(told, printed.sent.len()),
        each(told, printed.runs.len()),
    );
    let cpu = |name: &str| {
        let of = |all: &BTreeMap<String, f64>| all.get(name).copied().unwrap_or_default();
        (of(&after) - of(&before)) / each(told, 1)
    };
    Ok(Delivered {
        fanout_runs: round(each(printed.sent.len(), told)),
        queue_sends: round(each(sends, told)),
        queue_receives: round(1.0 / per_batch),
        queue_deletes: round(1.0 / per_batch),
        deliver_runs: round(1.0 / per_batch),
        read_units: round(each(units, items.len())),
        fanout_cpu_ms: round(cpu("fanout")),
        deliver_cpu_ms: round(cpu("deliver")),
        log_bytes: round(each(printed.bytes, told)),
        log_lines: round(each(printed.lines, told)),
        sent_bytes: round(each(got.1, told)),
        item_bytes: round(each(item_bytes, items.len())),
    })
}

/// Reads a line of a function.
fn read(printed: &mut Printed, line: &str) {
    printed.bytes += line.len() + 1;
    printed.lines += 1;
    let line: Value = serde_json::from_str(line).unwrap_or_default();
    let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
    match text("outcome") {
        "fanned_out" => {
            let sent = line.get("messages").and_then(Value::as_u64);
            printed
                .sent
                .extend(sent.and_then(|sent| usize::try_from(sent).ok()));
        }
        "delivered" => {
            printed.delivered += 1;
            printed.runs.insert(text("request_id").to_owned());
        }
        _ => {}
    }
}

/// The CPU time that the functions have used so far, in milliseconds.
fn used(stack: &Stack) -> Outcome<BTreeMap<String, f64>> {
    let mut used = BTreeMap::new();
    for name in ["fanout", "deliver"] {
        let lambda = stack.functions.get(name).ok_or("no such function")?;
        let mut sum = 0.0;
        for process in lambda.idle_processes() {
            sum += cpu(process)?.as_secs_f64() * 1_000.0;
        }
        used.insert(name.to_owned(), sum);
    }
    Ok(used)
}

/// The bill for a million notifications that use this much each.
pub(crate) fn bill(used: &Delivered, prices: &Prices, architecture: &str) -> Outcome<Bill> {
    let requests = "requests";
    let of = |driver, quantity, price| prices.asked(driver, quantity, requests, price);
    let mut lines = vec![
        of("fanout invocation", used.fanout_runs, "lambda_request")?,
        of("outbox: send, in tens", used.queue_sends, "sqs_request")?,
        of(
            "outbox: fair-queue surcharge",
            used.queue_sends,
            "sqs_fair_queue_surcharge",
        )?,
        of("outbox: receive", used.queue_receives, "sqs_request")?,
        of("outbox: delete", used.queue_deletes, "sqs_request")?,
        of("deliver invocation", used.deliver_runs, "lambda_request")?,
        prices.asked(
            "table: the event, read consistently",
            used.read_units,
            "read units",
            "dynamodb_read_unit",
        )?,
    ];
    let sum = |lines: &[crate::prices::Line]| lines.iter().map(|line| line.dollars).sum::<f64>();
    let fixed_by_design = round(sum(&lines));
    let sends_ms = prices.assumption("sqs_send_wait_ms")?;
    let reads_ms = prices.assumption("dynamodb_write_wait_ms")?;
    let answer_ms = prices.assumption("endpoint_answer_ms")?;
    let handshake_ms = prices.assumption("tls_handshake_cpu_ms")?;
    // They are billed whole, so half of one is added to each run.
    lines.push(prices.ran(
        "fanout time",
        used.fanout_cpu_ms,
        used.queue_sends * sends_ms + used.fanout_runs * 0.5,
        architecture,
    )?);
    lines.push(prices.ran(
        "deliver time",
        used.deliver_cpu_ms + used.deliver_runs * handshake_ms,
        used.deliver_runs * (answer_ms + reads_ms + 0.5),
        architecture,
    )?);
    lines.push(prices.logged(used.log_bytes, used.log_lines)?);
    let tls = prices.assumption("tls_bytes_per_notification")?;
    lines.push(prices.sent_out("notifications to the internet", used.sent_bytes + tls));
    Ok(Bill {
        total: round(sum(&lines)),
        lines,
        fixed_by_design,
        storage_month: 0.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_notifications_cost_what_the_lines_say() {
        let used = Delivered {
            fanout_runs: 0.01,
            queue_sends: 0.1,
            queue_receives: 0.1,
            queue_deletes: 0.1,
            deliver_runs: 0.1,
            read_units: 1.0,
            sent_bytes: 2_000.0,
            ..Delivered::default()
        };
        let bill = bill(&used, &Prices::read().unwrap(), "arm64").unwrap();
        let dollars: BTreeMap<&str, f64> = bill
            .lines
            .iter()
            .map(|line| (line.driver.as_str(), line.dollars))
            .collect();
        let shown = |dollars: f64| format!("{dollars:.3}");
        assert_eq!(
            shown(dollars["table: the event, read consistently"]),
            "0.125"
        );
        assert_eq!(shown(dollars["outbox: send, in tens"]), "0.040");
        assert_eq!(shown(bill.fixed_by_design), "0.277");
        assert!(
            bill.total > bill.fixed_by_design && bill.total < 0.9,
            "{}",
            bill.total
        );
    }

    #[test]
    fn the_lines_of_the_functions_are_read() {
        let mut printed = Printed::default();
        read(
            &mut printed,
            r#"{"function":"fanout","outcome":"fanned_out","messages":12}"#,
        );
        for id in ["a", "a", "b"] {
            let line = format!(r#"{{"outcome":"delivered","request_id":"{id}"}}"#);
            read(&mut printed, &line);
        }
        read(&mut printed, "no JSON");
        assert_eq!(printed.sent, [12]);
        assert_eq!(
            (printed.delivered, printed.runs.len(), printed.lines),
            (3, 2, 5)
        );
    }
}
