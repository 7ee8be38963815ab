//! The way out with the real functions: what is stored reaches a subscriber, and what becomes of it
//! if the subscriber does not take it.

use operator::webhooks::{Addition, Webhooks};
use serde_json::{Value, json};
use tests::sink::{Sink, Told};
use tests::stack::Running;

const SECRET: &str = "a-secret-of-this-subscriber";

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

async fn subscribe(running: &Running, sink: &Sink, events: &str) -> (Webhooks, u64) {
    let webhooks = Webhooks::of(&running.target, None).expect("the API");
    let addition = Addition {
        url: sink.url.as_str().into(),
        events: events.to_owned(),
        headers: vec![("x-tenant".to_owned(), "of-the-receiver".into())],
        secret: Some(SECRET.into()),
        ..Addition::default()
    };
    let id = webhooks.add(&addition).await.expect("an endpoint").id;
    (webhooks, id)
}

/// The lines of deliver with this outcome.
fn lines(running: &Running, outcome: &str) -> Vec<Value> {
    let lines = running.lines.lock().expect("lines");
    let lines = lines
        .iter()
        .filter_map(|line| serde_json::from_str(line).ok());
    let is_it = |line: &Value| line["function"] == "deliver" && line["outcome"] == outcome;
    lines.filter(is_it).collect()
}

async fn logged(running: &Running, outcome: &str, count: usize) -> Vec<Value> {
    let of = |running: &Running| lines(running, outcome);
    let found = running.logged_within(60, count, of).await;
    assert!(found.len() >= count, "{outcome}: {found:?}");
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_is_posted_once_and_signed() {
    let running = Running::with_outlets().await;
    let (wanting, other) = (Sink::answering(200).await, Sink::answering(200).await);
    let (_, id) = subscribe(&running, &wanting, "open").await;
    subscribe(&running, &other, "bounced").await;
    open(&running, 1).await;
    let line = logged(&running, "delivered", 1).await.remove(0);
    running.told().await;
    let told = wanting.told();
    assert_eq!((told.len(), other.told().len()), (1, 0));
    let told = &told[0];
    assert_eq!(told.header("content-type"), "application/json");
    assert_eq!(told.header("x-tenant"), "of-the-receiver");
    assert!(told.header("user-agent").starts_with("Postern/"));
    assert_eq!(told.signed_by(SECRET), (true, true));
    assert_eq!(told.json()["type"], "email.open");
    assert_eq!(told.json()["recipient"], "p1@mail.test");
    let said = [&line["outlet"], &line["webhook_id"], &line["attempt"]];
    let wanted = [&json!(id.to_string()), &json!(told.id()), &json!(1)];
    assert_eq!(said, wanted);
    for hidden in ["p1@mail.test", "127.0.0.1", "of-the-receiver", SECRET] {
        assert!(!line.to_string().contains(hidden), "{hidden}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_tried_again_under_the_same_id_until_it_is_accepted() {
    let running = Running::with_outlets().await;
    let sink = Sink::answering(500).await;
    subscribe(&running, &sink, "*").await;
    open(&running, 1).await;
    // The first two pauses are the queue's, the third is a parked item's.
    let failed = logged(&running, "failed", 4).await;
    sink.answers(204);
    logged(&running, "delivered", 1).await;
    running.told().await;
    assert_eq!(
        (&failed[0]["status"], &failed[0]["code"]),
        (&json!(500), &json!("http_status"))
    );
    let attempts: Vec<&Value> = failed[..4].iter().map(|line| &line["attempt"]).collect();
    assert_eq!(attempts, [1, 2, 3, 4]);
    let told = sink.told();
    let mut ids: Vec<&str> = told.iter().map(Told::id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_gone_is_told_nothing_more_and_what_it_misses_is_held() {
    let running = Running::with_outlets().await;
    let sink = Sink::answering(410).await;
    let (webhooks, id) = subscribe(&running, &sink, "*").await;
    open(&running, 1).await;
    logged(&running, "gone", 1).await;
    let disabled = logged(&running, "disabled", 1).await;
    assert_eq!(disabled[0]["code"], "gone");
    open(&running, 2).await;
    let parked = logged(&running, "parked", 1).await;
    assert_eq!(parked[0]["code"], "disabled");
    assert_eq!(sink.told().len(), 1);
    sink.answers(200);
    webhooks.resume(id, false).await.expect("an endpoint");
    logged(&running, "delivered", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed_and_an_erased_event_is_told_to_nobody() {
    let running = Running::with_outlets().await;
    let other = Sink::answering(200).await;
    let sink = Sink::redirecting(&other.url).await;
    subscribe(&running, &sink, "*").await;
    open(&running, 1).await;
    let failed = logged(&running, "failed", 1).await;
    assert_eq!(failed[0]["code"], "redirected");
    running.clear().await;
    let dropped = logged(&running, "dropped", 1).await;
    assert_eq!(dropped[0]["code"], "gone_item");
    assert!(other.told().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_is_put_aside_and_delays_nobody() {
    let running = Running::with_outlets().await;
    let sink = Sink::answering(200).await;
    subscribe(&running, &sink, "*").await;
    let queues = &running.stack.queues;
    let outbox = queues.queue("OutboxQueue").expect("a queue");
    outbox.send("not even a message".to_owned()).expect("sent");
    open(&running, 1).await;
    let line = logged(&running, "put_aside", 1).await.remove(0);
    assert_eq!(line["code"], "message_unreadable");
    logged(&running, "delivered", 1).await;
    running.told().await;
    let aside = queues.queue("OutboxDeadLetterQueue").expect("a queue");
    let ask = sqs::Receive {
        max: 10,
        visibility: None,
        wait: None,
    };
    let aside = aside.receive(&ask).await.expect("messages");
    let bodies: Vec<&String> = aside
        .iter()
        .map(|message| &message.content.message().body)
        .collect();
    assert_eq!(bodies, ["not even a message"]);
}
