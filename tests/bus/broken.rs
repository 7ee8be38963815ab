//! A bus that does not take what it is told, and what becomes of the webhooks meanwhile.

use std::collections::BTreeSet;

use serde_json::Value;
use tests::sink::Sink;

use super::{MANAGE, click, counted, got, lines, register, running};

fn messages(events: &[Value]) -> BTreeSet<String> {
    let message = |event: &Value| event["detail"]["message_id"].as_str().map(str::to_owned);
    events.iter().filter_map(message).collect()
}

fn wanted(count: usize) -> BTreeSet<String> {
    (0..count).map(|number| format!("msg_{number}")).collect()
}

/// Refused, failing, silent: the webhooks come at once, and the bus gets all of it once it is back.
#[tokio::test(flavor = "multi_thread")]
async fn a_broken_bus_delays_no_webhook_and_gets_all_of_it_later() {
    for fault in ["bus:throttle=1", "bus:error=1", "bus:hang=1"] {
        let (running, sink) = (running().await, Sink::new().await);
        register(&running, &sink).await;
        running
            .stack
            .faults
            .set(vec![fault.parse().expect("a fault")]);
        for number in 0..15 {
            click(&running, "kim@mail.test", &format!("msg_{number}")).await;
        }
        let told = sink.told_within(60, 15).await;
        assert_eq!(told.len(), 15, "{fault}");
        let failed = running.logged_within(30, 1, |running| lines(running, "failed"));
        let code = failed.await[0]["code"].clone();
        let codes = ["bus_throttled", "bus_unavailable", "bus_timeout"];
        let place = ["bus:throttle=1", "bus:error=1", "bus:hang=1"];
        let place = place
            .iter()
            .position(|known| *known == fault)
            .expect("known");
        assert_eq!(code, codes[place]);
        let events = running.stack.bus.as_ref().expect("a bus").events();
        assert_eq!(events.len(), 0, "{fault}");
        running.stack.faults.clear();
        let events = got(&running, 90, 15).await;
        assert_eq!(messages(&events), wanted(15), "{fault}");
        assert_eq!(sink.told().len(), 15, "no webhook is told again: {fault}");
    }
}

/// Of a call only the entries come again that the bus has refused.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_entries_that_failed_are_put_again() {
    let running = running().await;
    let partial = "bus:partial=1".parse().expect("a fault");
    running.stack.faults.set(vec![partial]);
    for number in 0..20 {
        click(&running, "kim@mail.test", &format!("msg_{number}")).await;
    }
    let failed = running.logged_within(30, 5, |running| lines(running, "failed"));
    for line in failed.await {
        let code = line["code"].as_str().expect("a code").to_owned();
        assert!(
            ["bus_throttled", "bus_unavailable"].contains(&code.as_str()),
            "{code}"
        );
    }
    running.stack.faults.clear();
    let events = got(&running, 90, 20).await;
    assert_eq!(messages(&events), wanted(20));
    running.told().await;
    let events = running.stack.bus.as_ref().expect("a bus").events();
    assert!(
        counted(&events).values().all(|count| *count == 1),
        "each once"
    );
}

/// What is erased while the bus is down is never put.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_is_not_put() {
    let running = running().await;
    running
        .stack
        .faults
        .set(vec!["bus:error=1".parse().expect("a fault")]);
    click(&running, "kim@mail.test", "msg_0").await;
    let failed = running.logged_within(30, 1, |running| lines(running, "failed"));
    assert_eq!(failed.await[0]["type"], "email.clicked");
    running.clear().await;
    running.stack.faults.clear();
    // on a busy machine its attempts may be over by now: whoever asks for another one has it
    let path = format!("{MANAGE}/0/retry");
    let reply = running.api("POST", &path, br#"{"all": true}"#).await;
    assert_eq!(reply.status.as_u16(), 200, "{}", reply.body);
    let dropped = running.logged_within(60, 1, |running| lines(running, "dropped"));
    let dropped = dropped.await;
    let all = running.lines.lock().expect("lines").join("\n");
    assert_eq!(
        dropped.first().map(|line| &line["code"]),
        Some(&Value::from("gone_item")),
        "{all}"
    );
    let events = running.stack.bus.as_ref().expect("a bus").events();
    assert_eq!(events.len(), 0);
}
