//! The event bus: from a provider's webhook to the bus, with the real functions.

mod broken;
mod shown;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use tests::sink::Sink;
use tests::stack::Running;
use tokio::time::{Instant, sleep};

/// The path of the API of the subscriptions.
const MANAGE: &str = "/api/webhooks/manage";
/// The bus, which is in another region than the stack, and might be another account's.
const ARN: &str = "arn:aws:events:eu-west-1:000000000000:event-bus/local";

/// A stack with a bus.
async fn running() -> Running {
    let bus = ("EventBusArn".to_owned(), ARN.to_owned());
    Running::telling(|options| options.parameters.push(bus)).await
}

/// Registers a subscriber of everything.
async fn register(running: &Running, sink: &Sink) {
    let body = json!({"url": sink.url, "events": "*"}).to_string();
    let reply = running.api("POST", MANAGE, body.as_bytes()).await;
    assert_eq!(reply.status.as_u16(), 200, "{}", reply.body);
}

/// Posts a click of this person in this message.
async fn click(running: &Running, person: &str, message: &str) {
    mailpanda(running, "email.click", person, message).await;
}

async fn mailpanda(running: &Running, kind: &str, person: &str, message: &str) {
    let body = json!({
        "type": kind,
        "email_id": message,
        "recipient": person,
        "timestamp": "2026-01-02T03:04:05Z",
    });
    let reply = running.send("mailpanda", body.to_string().as_bytes()).await;
    assert_eq!(reply.status.as_u16(), 200);
}

/// What the bus has got, once there is so much of it.
async fn got(running: &Running, seconds: u64, count: usize) -> Vec<Value> {
    let bus = running.stack.bus.as_ref().expect("a bus");
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        let events = bus.events();
        if events.len() >= count || Instant::now() > deadline {
            return events;
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// The events by the ids of their notifications, and how often each came.
fn counted(events: &[Value]) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for event in events {
        let id = event["resources"][0].as_str().expect("an id");
        *counted.entry(id.to_owned()).or_default() += 1;
    }
    counted
}

/// Deliver's lines about the bus, of this outcome.
fn lines(running: &Running, outcome: &str) -> Vec<Value> {
    let lines = running.lines.lock().expect("lines");
    let lines = lines
        .iter()
        .filter_map(|line| serde_json::from_str(line).ok());
    lines
        .filter(|line: &Value| line["function"] == "deliver" && line["outlet"] == "0")
        .filter(|line| line["outcome"] == outcome)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_on_the_bus_as_it_is_in_the_webhook() {
    let (running, sink) = (running().await, Sink::new().await);
    register(&running, &sink).await;
    click(&running, "Kim@Mail.test", "msg_1").await;
    let events = got(&running, 20, 1).await;
    let told = sink.told_within(20, 1).await;
    let ([event], [told]) = (&events[..], &told[..]) else {
        panic!("{} and {} were told", events.len(), told.len());
    };
    let wanted = json!({
        "version": "0",
        "id": event["id"],
        "detail-type": "email.clicked",
        "source": "postern.local",
        "account": "000000000000",
        "time": "2026-01-02T03:04:05.000Z",
        "region": "eu-west-1",
        "resources": [told.id()],
        "detail": told.json()["data"],
    });
    assert_eq!(*event, wanted);
    let stored = running.stored().await;
    let announced = table::announced::Announced::of(&stored[0]).expect("an event");
    assert_eq!(event["detail"]["id"], announced.text("id"));
    assert_eq!(event["detail"]["message_id"], "msg_1");
    assert!(event["detail"].get("raw").is_none());
    let [line] = &running
        .logged(1, |running| lines(running, "delivered"))
        .await[..]
    else {
        panic!("one line");
    };
    assert_eq!(line["type"], "email.clicked");
    assert_eq!(line["webhook_id"], event["resources"][0]);
    assert!(line.get("code").is_none() && line.get("status").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suppression_is_on_the_bus_and_without_any_endpoint() {
    let running = running().await;
    mailpanda(&running, "email.unsubscribe", "kim@mail.test", "m1").await;
    let events = got(&running, 20, 2).await;
    let types = events
        .iter()
        .map(|event| event["detail-type"].as_str().expect("a type"));
    let mut types: Vec<&str> = types.collect();
    types.sort_unstable();
    assert_eq!(types, ["email.unsubscribed", "suppression.set"]);
    let set = events
        .iter()
        .find(|event| event["detail-type"] == "suppression.set");
    let set = set.expect("a suppression");
    let id = set["resources"][0].as_str().expect("an id");
    assert!(id.starts_with("sup_"), "{id}");
    let detail = &set["detail"];
    assert_eq!(detail["reason"], "unsubscribed");
    assert_eq!(detail["suppressed"], true);
    assert_eq!(detail["recipient"], "kim@mail.test");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_sends_again_is_on_the_bus_once() {
    let running = running().await;
    for _ in 0..3 {
        for number in 0..12 {
            let message = format!("msg_{number}");
            click(&running, "kim@mail.test", &message).await;
        }
        assert_eq!(running.stored().await.len(), 12);
        running.told().await;
    }
    let events = got(&running, 10, 12).await;
    assert_eq!(
        (events.len(), counted(&events).len()),
        (12, 12),
        "each once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_parameter_there_is_no_bus_and_nobody_waits_for_it() {
    let (running, sink) = (Running::with_outlets().await, Sink::new().await);
    assert!(running.stack.bus.is_none());
    register(&running, &sink).await;
    click(&running, "kim@mail.test", "m1").await;
    assert_eq!(sink.told_within(20, 1).await.len(), 1);
    running.told().await;
    let about_bus = |outcome| lines(&running, outcome).len();
    assert_eq!(
        ["delivered", "failed", "parked", "dropped"].map(about_bus),
        [0; 4]
    );
    let dump = running.outlets_dump().await;
    assert!(!dump.contains("parked#0#"));
}
