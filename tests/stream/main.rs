//! The table's stream on the local stack, with the real functions: what is announced and how often,
//! what is tried again, and from where the stack goes on after a restart.

mod again;
mod gateway;
mod ways;

use std::path::PathBuf;

use serde_json::{Value, json};
use tests::stack::Running;

/// Sends an event of MailPanda's that was recorded at a fixed time.
async fn open(running: &Running, n: usize) {
    let body = json!({
        "type": "open",
        "email_id": format!("m{n}"),
        "recipient": format!("p{n}@mail.test"),
        "timestamp": "2026-01-02T03:04:05Z",
    });
    let reply = running.send("mailpanda", body.to_string().as_bytes()).await;
    assert_eq!(reply.status, 200);
}

/// The lines of a function with this outcome.
fn lines(running: &Running, function: &str, outcome: &str) -> Vec<Value> {
    let lines = running.lines.lock().expect("lines");
    let lines = lines
        .iter()
        .filter_map(|line| serde_json::from_str(line).ok());
    let is_it = |line: &Value| line["function"] == function && line["outcome"] == outcome;
    lines.filter(is_it).collect()
}

/// The lines about fanout's batches.
fn batches(running: &Running) -> Vec<Value> {
    lines(running, "fanout", "fanned_out")
}

/// The sum of a count over lines.
fn sum(lines: &[Value], count: &str) -> u64 {
    lines
        .iter()
        .map(|line| line[count].as_u64().unwrap_or(0))
        .sum()
}

/// Waits until fanout has been passed so many records, and returns its lines.
async fn passed(running: &Running, records: u64) -> Vec<Value> {
    running.told().await;
    let enough = |running: &Running| {
        let batches = batches(running);
        let is_enough = sum(&batches, "records") >= records;
        if is_enough { batches } else { Vec::new() }
    };
    running.logged(1, enough).await
}

/// A folder for one test.
fn folder(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("postern-stream-{name}-{}", std::process::id()))
}
