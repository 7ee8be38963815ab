//! Every hostile shape, through the real consumer process, each in a batch with nine good webhooks:
//! they are stored in one attempt, in the memory that a consumer has.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use registry::SENDERS;
use serde_json::{Value, json};
use stack::lambda::{Lambda, Settings};
use tests::bombs::{Bomb, bombs};
use tests::deliver_unsigned;
use tests::stack::Running;

use crate::volume::{ALONE, Table, peak};

/// About the most that the gateway passes on, in bytes.
const LARGEST: usize = 6 * 1024 * 1024;
/// The most memory, in KiB. The template gives a consumer 256 MB.
const MEMORY: u64 = 200 * 1024;
/// So many shapes of each provider, evenly of all: a debug build reads a megabyte a second, and
/// making and packing 6 MB takes the test itself most of one.
const SHAPES: usize = 6;
const SHAPES_IF_DEPLOYABLE: usize = 20;

/// The deployable consumer (`CONSUMER_BINARY`), as the gate has it; else a debug build. The
/// deployable one is held to its deadline, and given more of the shapes.
#[expect(clippy::disallowed_methods, reason = "a test reads its own switch")]
fn deployable() -> Option<PathBuf> {
    let path = PathBuf::from(std::env::var_os("CONSUMER_BINARY")?);
    assert!(path.is_file(), "there is no {}", path.display());
    Some(path)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_shape_costs_its_neighbours_an_attempt_or_the_consumer_its_memory() {
    let _alone = ALONE.lock().await;
    let running = Running::new().await;
    let table = Table::new(Duration::ZERO).await;
    let deployable = deployable();
    let change = |settings: &mut Settings| {
        table.use_it(settings);
        match &deployable {
            Some(binary) => settings.program.path.clone_from(binary),
            None => settings.timeout = Duration::from_mins(10),
        }
    };
    let consumer = running.function_with("consumer", change).await;
    let consumer = consumer.expect("a consumer");
    let mut tried = 0;
    for provider in SENDERS {
        let shapes = bombs(*provider);
        let count = match deployable {
            Some(_) => SHAPES_IF_DEPLOYABLE,
            None => SHAPES,
        };
        let step = shapes.len().div_ceil(count);
        for bomb in shapes.into_iter().step_by(step) {
            let delivery = deliver_unsigned(*provider, &bomb.body(LARGEST));
            let Ok(message) = delivery.encode() else {
                continue; // too large for the queue, even compressed
            };
            tried += 1;
            one_batch(&consumer, &table, tried, &bomb, &message).await;
            let peak = peak(&consumer);
            assert!(
                peak.is_none_or(|peak| peak < MEMORY),
                "{}: {peak:?} KiB",
                bomb.name
            );
        }
    }
    println!("{tried} shapes, peak memory {:?} KiB", peak(&consumer));
    assert!(tried >= 5 * SENDERS.len(), "{tried}");
}

/// Nine good webhooks around the bomb: all of them are stored at once, whatever becomes of it.
async fn one_batch(consumer: &Lambda, table: &Table, number: usize, bomb: &Bomb, message: &str) {
    let neighbour = |n: usize| {
        let open = json!({
            "type": "open", "email_id": "m", "recipient": format!("b{number}n{n}@mail.test"), "timestamp": 1_767_323_045,
        });
        json!({
            "v": 1, "provider": "mailpanda", "received_at": 1_767_323_100_678_i64, "encoding": "text",
            "body": open.to_string(),
        })
        .to_string()
    };
    let mut bodies: Vec<String> = (0..9).map(neighbour).collect();
    bodies.insert(number % 10, message.to_owned());
    let records = bodies.iter().enumerate().map(|(n, body)| {
        json!({"messageId": format!("m{n}"), "body": body, "attributes": {"ApproximateReceiveCount": "1"}})
    });
    let event = json!({"Records": records.collect::<Vec<_>>()}).to_string();
    let answer = consumer.invoke(event.into()).await;
    let answer = answer.unwrap_or_else(|error| panic!("{}: {error}", bomb.name));
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    let failures = answer["batchItemFailures"].as_array().expect("failures");
    let failed: BTreeSet<&str> = failures
        .iter()
        .filter_map(|failure| failure["itemIdentifier"].as_str())
        .collect();
    let own = format!("m{}", number % 10);
    assert!(
        failed.iter().all(|id| **id == own),
        "{}: {failed:?} failed beside {own}",
        bomb.name
    );
    let keys = table.keys();
    for n in 0..9 {
        let pk = format!("\"email#b{number}n{n}@mail.test\"");
        let is_stored = keys.iter().any(|key| key.starts_with(&pk));
        assert!(is_stored, "{}: neighbour {n}", bomb.name);
    }
}
