//! What is tried again.

use std::time::Duration;

use operator::endpoint::{Listener, Manners};
use operator::webhooks::{Addition, Webhooks};
use serde_json::Value;
use stack::faults::Injection;
use tests::stack::Running;
use tokio::time::timeout;

use super::{batches, lines, open, passed, sum};

/// How many events are held back together.
const EVENTS: usize = 8;

fn set(running: &Running, faults: &[&str]) {
    let faults = faults.iter().map(|fault| fault.parse::<Injection>());
    let faults = faults.collect::<Result<_, _>>().expect("faults");
    running.stack.faults.set(faults);
}

/// Stores events, while the stream holds a batch back.
async fn hold(running: &Running) {
    set(running, &["stream:hold=1,3000"]);
    for n in 0..EVENTS {
        open(running, n).await;
    }
    running.stack.settled().await.expect("an empty queue");
}

/// Adds an endpoint that wants everything.
async fn add(running: &Running, url: &str) {
    let webhooks = Webhooks::of(&running.target, None).expect("an API");
    let addition = Addition {
        url: url.to_owned().into(),
        events: "*".to_owned(),
        ..Addition::default()
    };
    webhooks.add(&addition).await.expect("an endpoint");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_comes_again_from_the_record_that_failed() {
    let running = Running::with_outlets().await;
    let listener = Listener::start(0, Vec::new(), Manners::default()).await;
    let listener = listener.expect("a port");
    add(&running, &listener.url()).await;
    hold(&running).await;
    // Nothing can be sent to the outbox.
    set(&running, &["queue:throttle=1"]);
    let failed = |running: &Running| {
        let failed = batches(running).into_iter();
        failed
            .filter(|line| line["again"].as_u64().is_some())
            .collect::<Vec<Value>>()
    };
    let failed = running.logged_within(30, 1, failed).await;
    assert!(!failed.is_empty(), "{:?}", batches(&running));
    set(&running, &[]);
    let records = u64::try_from(EVENTS).expect("a number");
    let lines = passed(&running, records).await;
    // What was told is told once, and nothing is left out.
    let messages = sum(&lines, "messages");
    assert_eq!(messages, records, "{lines:?}");
    assert!(sum(&lines, "records") > records, "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_function_dies_is_split() {
    let running = Running::with_outlets().await;
    hold(&running).await;
    set(&running, &["function:kill=1,1"]);
    tokio::time::sleep(Duration::from_secs(4)).await;
    set(&running, &[]);
    running.told().await;
    // Those that were killed may have said their line.
    let sizes = |running: &Running| {
        let lines = batches(running).into_iter();
        lines
            .map(|line| line["records"].as_u64().unwrap_or(0))
            .collect::<Vec<_>>()
    };
    let sizes = running.logged(2, sizes).await;
    assert!(sizes.len() > 1, "{sizes:?}");
    let last = sizes.last().copied().unwrap_or(0);
    assert!(last < sizes.iter().sum::<u64>(), "{sizes:?}");
    assert!(
        sizes.iter().sum::<u64>() >= u64::try_from(EVENTS).expect("a number"),
        "{sizes:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_endpoint_does_not_take_is_sent_again_by_the_schedule() {
    let running = Running::with_outlets().await;
    let manners = Manners {
        down: Duration::from_millis(1500),
        ..Manners::default()
    };
    let mut listener = Listener::start(0, Vec::new(), manners)
        .await
        .expect("a port");
    add(&running, &listener.url()).await;
    open(&running, 1).await;
    let told = timeout(Duration::from_secs(30), listener.next()).await;
    let told = told.expect("told in time").expect("a notification");
    let delivered = |running: &Running| lines(running, "deliver", "delivered");
    let delivered = running.logged(1, delivered).await;
    assert_eq!(delivered[0]["webhook_id"], told.webhook_id.as_str());
    // The first attempts are the queue's. Those that come later are the schedule's.
    assert!(delivered[0]["attempt"].as_u64() > Some(3), "{delivered:?}");
}
