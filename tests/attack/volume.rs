//! Too much of it, once it is in the queue: bounded time and memory, measured on the real consumer process.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use consumer::PROVIDERS;
use local::lambda::{Lambda, PAYLOAD_BYTES, Settings};
use serde_json::{Value, json};
use tests::stack::Running;

/// What the template gives a function, in KiB.
const MEMORY: u64 = 256 * 1024;
/// Unpacked, in bytes: 51 times what is read of it.
const BOMB: usize = 512 * 1024 * 1024;
const EVENTS: usize = 100_000;

/// The most memory that a process has had, in KiB, from the kernel; `None` where there is no such file.
fn peak(function: &Lambda) -> Option<u64> {
    let processes = function.idle_processes();
    let [process] = processes.as_slice() else {
        panic!("one instance, not {processes:?}");
    };
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// A consumer of its own, and its answer to one batch.
async fn consumed(
    running: &Running,
    messages: &[String],
) -> (BTreeSet<String>, Option<u64>, Duration) {
    let consumer = running.function_with("consumer", |settings: &mut Settings| {
        settings.timeout = Duration::from_mins(10); // so that the machine's speed decides nothing here
    });
    let consumer = consumer.await.expect("a consumer");
    let idle = peak(&consumer);
    let records = messages
        .iter()
        .enumerate()
        .map(|(n, body)| json!({"messageId": format!("m{n}"), "body": body}));
    let event = json!({"Records": records.collect::<Vec<_>>()}).to_string();
    let started = tokio::time::Instant::now();
    let answer = consumer.invoke(event.into()).await.expect("an answer");
    let took = started.elapsed();
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    let failures = answer["batchItemFailures"].as_array().expect("failures");
    let failed = failures
        .iter()
        .map(|f| f["itemIdentifier"].as_str().expect("an id").to_owned());
    let highest = peak(&consumer);
    println!("peak memory {highest:?} KiB (idle {idle:?}), {took:?}");
    (failed.collect(), highest, took)
}

fn message(provider: &str, encoding: &str, body: &str) -> String {
    json!({"v": 1, "provider": provider, "received_at": 1_767_323_100_678_i64, "encoding": encoding, "body": body}).to_string()
}

fn packed(pieces: impl Iterator<Item = Vec<u8>>) -> String {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    for piece in pieces {
        zlib.write_all(&piece).expect("a write");
    }
    STANDARD.encode(zlib.finish().expect("zlib"))
}

/// Only someone who may write to the queue can try.
#[tokio::test(flavor = "multi_thread")]
async fn a_bomb_in_the_queue_is_not_unpacked() {
    let running = Running::new().await;
    let bomb = packed((0..BOMB / (1024 * 1024)).map(|_| vec![b' '; 1024 * 1024]));
    assert!(
        bomb.len() < 1024 * 1024,
        "the queue takes it: {}",
        bomb.len()
    );
    let nested =
        packed([packed(std::iter::once(vec![b'['; 9 * 1024 * 1024])).into_bytes()].into_iter());
    let mut messages: Vec<String> = PROVIDERS
        .iter()
        .map(|p| message(p.name(), "zlib", &bomb))
        .collect();
    messages.push(message("mailpanda", "zlib", &nested));
    messages.push(message(
        "mailpanda",
        "text",
        r#"{"type":"open","email_id":"m","recipient":"kim@mail.test","timestamp":1767323045}"#,
    ));
    let bombs: BTreeSet<String> = (0..=PROVIDERS.len()).map(|n| format!("m{n}")).collect();
    let (failed, peak, _) = consumed(&running, &messages).await;
    assert_eq!(failed, bombs);
    let codes = crate::codes(&running);
    let too_large = codes
        .iter()
        .filter(|code| *code == "message_body_too_large")
        .count();
    assert_eq!(too_large, PROVIDERS.len());
    assert_eq!(
        codes.iter().filter(|code| *code == "body_not_json").count(),
        1,
        "packed twice is no JSON"
    );
    assert_eq!(running.stored().await.len(), 1, "the neighbour");
    assert!(peak.is_none_or(|peak| peak < MEMORY), "{peak:?} KiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_array_of_a_hundred_thousand_events_is_stored_whole_in_bounded_memory() {
    let running = Running::new().await;
    let event = |n: usize| format!(r#"{{"type":"open","to":"{n}","timestamp":1767323045}}"#);
    let events: Vec<String> = (0..EVENTS).map(event).collect();
    let body = format!("[{}]", events.join(","));
    let delivery = tests::deliver(
        consumer::provider("mailpanda").expect("a provider"),
        body.as_bytes(),
    );
    let event = tests::gateway_event(&[], body.as_bytes()).to_string();
    assert!(
        event.len() < PAYLOAD_BYTES,
        "the gateway lets it in: {}",
        event.len()
    );
    let message = delivery.encode().expect("the queue takes it");
    let (failed, peak, _) = consumed(&running, &[message]).await;
    assert_eq!(failed, BTreeSet::new());
    assert_eq!(running.stored().await.len(), EVENTS);
    assert!(peak.is_none_or(|peak| peak < MEMORY), "{peak:?} KiB");
}
