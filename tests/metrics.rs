//! What the functions write, the template's filters count: the lines are those of a running stack.

use std::collections::{BTreeMap, BTreeSet};

use operator::print::now;
use operator::webhooks::{Addition, Webhooks};
use outlets::fact::Fact;
use outlets::message::Message;
use registry::sender;
use serde_json::{Value, json};
use tests::cases;
use tests::metrics::{Filter, counted, filters};
use tests::sink::Sink;
use tests::stack::Running;
use tests::template::as_expanded;

const PROVIDER: &str = "mailpanda";

fn lines(running: &Running) -> Vec<Value> {
    let lines = running.lines.lock().expect("lines");
    let lines = lines.iter().map(|line| serde_json::from_str(line));
    lines.filter_map(Result::ok).collect()
}

/// One webhook that is stored, one that is refused by its receiver, one without an event, and a
/// queue that is down.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_functions_write_is_what_the_filters_count() {
    let running = Running::new().await;
    let provider = sender(PROVIDER).expect("a provider");
    let (body, _) = &cases(provider)[0];
    let body = std::fs::read(body).expect("a sample");
    let path = format!("/webhooks/{PROVIDER}");
    let answers = [
        running.send(PROVIDER, &body).await.status.as_u16(),
        running.post(&path, &[], &body).await.status.as_u16(),
        running.send(PROVIDER, b"[]").await.status.as_u16(),
    ];
    assert_eq!(answers, [200, 401, 200]);
    let nowhere = ("QUEUE_URL", "http://127.0.0.1:9/000000000000/nowhere");
    let without_a_queue = running.function(PROVIDER, &[nowhere]).await;
    let without_a_queue = without_a_queue.expect("a function");
    let event = std::fs::read(stack::build::root().join(format!("events/{PROVIDER}/request.json")));
    let answer = without_a_queue
        .invoke(event.expect("a request").into())
        .await;
    let answer: Value = serde_json::from_slice(&answer.expect("an answer")).expect("JSON");
    assert_eq!(answer["statusCode"], 503);
    running
        .logged(1, |running| {
            let lines = lines(running).into_iter();
            lines
                .filter(|line| line["outcome"] == "stored")
                .collect::<Vec<_>>()
        })
        .await;

    let template = as_expanded();
    let filters = filters(&template).expect("filters");
    let logs = [format!("{PROVIDER}Logs"), "ConsumerLogs".to_owned()];
    let own: Vec<&Filter> = filters
        .iter()
        .filter(|filter| logs.contains(&filter.group))
        .collect();
    let by_provider = |name: &str| (name.to_owned(), vec![PROVIDER.to_owned()]);
    let of_all = |name: &str| (name.to_owned(), vec![]);
    let wanted = BTreeMap::from([
        (by_provider("accepted"), 1),
        (by_provider("rejected"), 2),
        (of_all("refused"), 1),
        (of_all("ingest_lag_ms"), 1),
    ]);
    assert_eq!(counted(&own, &lines(&running)), wanted);
}

/// The functions of the way out, with their log groups. None of the filters counts what `fanout`
/// says.
const WAY_OUT: [(&str, &str); 4] = [
    ("api", "ApiFunctionLogs"),
    ("deliver", "DeliverLogs"),
    ("fanout", "FanoutLogs"),
    ("sweep", "SweepLogs"),
];

/// Sends an open of this message.
async fn open(running: &Running, message: &str) {
    let body = json!({
        "type": "open", "email_id": message, "recipient": "kim@mail.test",
        "timestamp": "2026-01-02T03:04:05Z",
    });
    let reply = running.send(PROVIDER, body.to_string().as_bytes()).await;
    assert_eq!(reply.status.as_u16(), 200);
}

/// Waits for a line of this function for which this is true.
async fn said(running: &Running, function: &str, is_it: impl Fn(&Value) -> bool) {
    let of = |running: &Running| {
        let lines = lines(running).into_iter();
        let of_function = lines.filter(|line| line["function"] == function);
        of_function.filter(|line| is_it(line)).collect::<Vec<_>>()
    };
    let found = running.logged_within(60, 1, of).await;
    assert!(!found.is_empty(), "{function} does not say it");
}

/// What `deliver` says while it cannot read the endpoints.
async fn wait_for_a_table(running: &Running, outlet: u64) {
    let nowhere = ("OUTLETS_TABLE_NAME", "nowhere");
    let deliver = running.function("deliver", &[nowhere]).await;
    let message = Message::first(outlet, Fact::event("email#kim@mail.test", "sk"), now());
    let event = json!({"Records": [{
        "messageId": "m", "receiptHandle": "r", "body": message.encode(),
        "attributes": {"ApproximateReceiveCount": "1"},
    }]});
    let deliver = deliver.expect("a function");
    let answer = deliver.invoke(event.to_string().into_bytes().into()).await;
    let answer: Value = serde_json::from_slice(&answer.expect("an answer")).expect("JSON");
    assert_eq!(answer["batchItemFailures"][0]["itemIdentifier"], "m");
    said(running, "deliver", |line| line["outcome"] == "waiting").await;
}

/// An endpoint that is well, one that fails, one that is gone and misses what comes next, a table
/// that is not there, and a request that the API refuses.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_way_out_writes_is_what_the_filters_count() {
    let running = Running::with_outlets().await;
    let webhooks = Webhooks::of(&running.target, None).expect("the API");
    let mut ids = Vec::new();
    for status in [204, 500, 410] {
        let sink = Sink::answering(status).await;
        let addition = Addition {
            url: sink.url.as_str().into(),
            events: "open".to_owned(),
            ..Addition::default()
        };
        ids.push(webhooks.add(&addition).await.expect("an endpoint").id);
    }
    let outlet = |place: usize| vec![ids[place].to_string()];
    let refused = webhooks.add(&Addition::default()).await;
    assert!(refused.is_err(), "no URL");
    open(&running, "m1").await;
    said(&running, "deliver", |line| line["outcome"] == "disabled").await;
    open(&running, "m2").await;
    said(&running, "deliver", |line| line["code"] == "disabled").await;
    said(&running, "sweep", |line| line["failing_s"].is_i64()).await;
    said(&running, "sweep", |line| line["oldest_s"].is_i64()).await;
    said(&running, "deliver", |line| line["outcome"] == "delivered").await;
    said(&running, "fanout", |line| line["outcome"] == "fanned_out").await;
    said(&running, "api", |line| line["outcome"] == "refused").await;
    wait_for_a_table(&running, ids[0]).await;

    let template = as_expanded();
    let filters = filters(&template).expect("filters");
    let lines = lines(&running);
    let mut found = BTreeSet::new();
    for (function, group) in WAY_OUT {
        let own: Vec<&Filter> = filters.iter().filter(|it| it.group == group).collect();
        let lines = lines.iter().filter(|line| line["function"] == function);
        let lines: Vec<Value> = lines.cloned().collect();
        assert!(!lines.is_empty(), "{function} says nothing");
        found.extend(counted(&own, &lines).into_keys());
    }
    // If its breaker opens in the meantime, what the failing one misses is parked, too.
    found.remove(&("parked".to_owned(), outlet(1)));
    let wanted = [
        ("delivered", outlet(0)),
        ("failed", outlet(1)),
        ("gone", outlet(2)),
        ("parked", outlet(2)),
        ("outbox_waiting", vec![]),
        ("failing_s", vec![]),
        ("oldest_s", vec![]),
        ("refused", vec![]),
    ];
    let wanted = wanted.map(|(name, dimensions)| (name.to_owned(), dimensions));
    assert_eq!(found, BTreeSet::from(wanted));
}
