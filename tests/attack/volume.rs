//! Too much of it, once it is in the queue: bounded time and memory, measured on the real consumer
//! process.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use registry::SENDERS;
use serde_json::{Value, json};
use shared::admit::admit;
use shared::normalize::MOST_EVENTS;
use shared::rejection::Rejection;
use shared::sender::Sender;
use stack::lambda::{Lambda, PAYLOAD_BYTES, Settings};
use tests::stack::Running;
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::MARK;
use crate::sample::{key, signed_at};

/// Each of these tests has the machine to itself, as far as it can: a receiver has three seconds.
pub(crate) static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// What the template gives a function, in KiB.
const MEMORY: u64 = 256 * 1024;
/// Unpacked, in bytes: 51 times what is read of it.
const BOMB: usize = 512 * 1024 * 1024;
const EVENTS: usize = 100_000;

/// The most memory that a process has had, in KiB, from the kernel; `None` where there is no such
/// file.
pub(crate) fn peak(function: &Lambda) -> Option<u64> {
    let processes = function.idle_processes();
    let [process] = processes.as_slice() else {
        panic!("one instance, not {processes:?}");
    };
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// What a consumer made of one batch.
struct Outcome {
    failed: BTreeSet<String>,
    put_aside: BTreeSet<String>,
    /// In KiB.
    peak: Option<u64>,
}

/// A consumer process of its own, with one batch.
async fn consumed(
    running: &Running,
    change: impl FnOnce(&mut Settings),
    messages: &[String],
) -> Outcome {
    let consumer = running.function_with("consumer", |settings: &mut Settings| {
        // so that the machine's speed decides nothing here
        settings.timeout = Duration::from_mins(10);
        change(settings);
    });
    let consumer = consumer.await.expect("a consumer");
    let idle = peak(&consumer);
    let records = messages
        .iter()
        .enumerate()
        .map(|(n, body)| json!({"messageId": format!("m{n}"), "body": body}));
    let event = json!({"Records": records.collect::<Vec<_>>()}).to_string();
    let started = Instant::now();
    let answer = consumer.invoke(event.into()).await.expect("an answer");
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    let failures = answer["batchItemFailures"].as_array().expect("failures");
    let failed = failures
        .iter()
        .map(|f| f["itemIdentifier"].as_str().expect("an id").to_owned());
    let peak = peak(&consumer);
    println!(
        "peak memory {peak:?} KiB (idle {idle:?}), {:?}",
        started.elapsed()
    );
    Outcome {
        failed: failed.collect(),
        put_aside: tests::stack::first_ids(running),
        peak,
    }
}

/// A table that keeps nothing but keys, because a hundred thousand real writes take minutes in a
/// debug build; each write takes `delay`.
pub(crate) struct Table {
    keys: Arc<Mutex<BTreeSet<String>>>,
    endpoint: String,
}

impl Table {
    pub(crate) async fn new(delay: Duration) -> Self {
        let keys = Arc::new(Mutex::new(BTreeSet::new()));
        let stored = Arc::clone(&keys);
        let write = move |body: Bytes| {
            let stored = Arc::clone(&stored);
            async move {
                tokio::time::sleep(delay).await;
                answer(&stored, &body)
            }
        };
        let router = Router::new().route("/", post(write));
        let router = router.layer(DefaultBodyLimit::max(16 * 1024 * 1024));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { keys, endpoint }
    }

    pub(crate) fn use_it(&self, settings: &mut Settings) {
        let variable = "AWS_ENDPOINT_URL_DYNAMODB".to_owned();
        settings.environment.insert(variable, self.endpoint.clone());
    }

    pub(crate) fn keys(&self) -> BTreeSet<String> {
        self.keys.lock().expect("keys").clone()
    }
}

/// Answers `BatchWriteItem`, `PutItem`, and `UpdateItem` for what is remembered from the first
/// time: as if it were new.
fn answer(stored: &Mutex<BTreeSet<String>>, body: &[u8]) -> String {
    let request: Value = serde_json::from_slice(body).expect("JSON");
    let key = |item: &Value| format!("{} {}", item["pk"]["S"], item["sk"]["S"]);
    if request.get("Key").is_some() {
        let Some(attribute) = request["ExpressionAttributeNames"]["#first"].as_str() else {
            return "{}".to_owned(); // a register
        };
        let value = &request["ExpressionAttributeValues"][":first"];
        return json!({"Attributes": {attribute: value}}).to_string();
    }
    if let Some(item) = request.get("Item") {
        stored.lock().expect("keys").insert(key(item));
        return "{}".to_owned();
    }
    let tables = request["RequestItems"].as_object().into_iter().flatten();
    let writes = tables.flat_map(|(_, writes)| writes.as_array().cloned().unwrap_or_default());
    let puts = writes.map(|write| key(&write["PutRequest"]["Item"]));
    stored.lock().expect("keys").extend(puts);
    json!({"UnprocessedItems": {}}).to_string()
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
    let _alone = ALONE.lock().await;
    let running = Running::new().await;
    let bomb = packed((0..BOMB / (1024 * 1024)).map(|_| vec![b' '; 1024 * 1024]));
    assert!(
        bomb.len() < 1024 * 1024,
        "the queue takes it: {}",
        bomb.len()
    );
    let nested =
        packed([packed(std::iter::once(vec![b'['; 9 * 1024 * 1024])).into_bytes()].into_iter());
    let mut messages: Vec<String> = SENDERS
        .iter()
        .map(|p| message(p.name(), "zlib", &bomb))
        .collect();
    messages.push(message("mailpanda", "zlib", &nested));
    messages.push(message(
        "mailpanda",
        "text",
        r#"{"type":"open","email_id":"m","recipient":"kim@mail.test","timestamp":1767323045}"#,
    ));
    let bombs: BTreeSet<String> = (0..=SENDERS.len()).map(|n| format!("m{n}")).collect();
    let outcome = consumed(&running, |_| {}, &messages).await;
    assert_eq!(outcome.failed, BTreeSet::new());
    assert_eq!(outcome.put_aside, bombs);
    let codes = running.logged(bombs.len(), crate::codes).await;
    let too_large = codes
        .iter()
        .filter(|code| *code == "message_body_too_large")
        .count();
    assert_eq!(too_large, SENDERS.len());
    assert_eq!(
        codes.iter().filter(|code| *code == "body_not_json").count(),
        1,
        "packed twice is no JSON"
    );
    assert_eq!(running.stored().await.len(), 1, "the neighbour");
    is_bounded(&outcome);
}

/// The largest event that Lambda hands over, signed by a provider, the length of its body, and the
/// queue message that must come of it.
fn largest(provider: &dyn Sender) -> (String, usize, String) {
    // A form would write each space in three bytes.
    let row = if tests::signs_a_form(provider) {
        "amailofmanyrows"
    } else {
        "a mail of many rows "
    };
    let rows = row.repeat((PAYLOAD_BYTES - 4096) / row.len());
    let signed = signed_at(
        provider,
        format!(r#"{{"note":"{rows}"}}"#).as_bytes(),
        tests::received_at(),
    );
    let event = tests::gateway_event(&signed.headers, &signed.body);
    let secrets = tests::secrets(provider, &key(provider));
    let request = tests::request(event.clone());
    let admitted = admit(provider, &secrets, None, &request, tests::received_at());
    let delivery = admitted.expect("accepted").delivery;
    let message = delivery.encode().expect("the queue takes it");
    (event.to_string(), delivery.body().len(), message)
}

/// The receivers' lines about what they let in.
fn admitted_lines(running: &Running) -> Vec<Value> {
    let lines = running.lines.lock().expect("lines");
    let lines = lines
        .iter()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines
        .filter(|line| line.get("body_bytes").is_some())
        .collect()
}

/// What takes memory is reading, checking and packing. Whether the queue has heard of it before the
/// provider stops waiting is the machine's speed, and no matter here: "busy" is right, then.
#[tokio::test(flavor = "multi_thread")]
async fn the_largest_webhook_fits_a_receivers_memory() {
    let _alone = ALONE.lock().await;
    let handled: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&handled);
    let running = Running::with(|options| {
        options.observer = Arc::new(move |message| {
            let mut handled = seen.lock().expect("handled");
            handled.push(message.body.to_owned());
        });
    })
    .await;
    for (n, provider) in SENDERS.iter().enumerate() {
        let name = provider.name();
        let (event, body, message) = largest(*provider);
        let nearly_full = PAYLOAD_BYTES - 64 * 1024..PAYLOAD_BYTES;
        assert!(nearly_full.contains(&event.len()), "{}", event.len());
        let take_your_time = |settings: &mut Settings| settings.timeout = Duration::from_mins(10);
        let receiver = running.function_with(name, take_your_time).await;
        let receiver = receiver.expect("a receiver");
        let answer = receiver.invoke(event.into()).await.expect("an answer");
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        let lines = running.logged(n + 1, admitted_lines).await;
        let line = &lines[n];
        assert_eq!(line["body_bytes"], json!(body), "{name}");
        let was_in_time = line["queue_error"] != json!("timeout");
        let busy = provider.answers().status(Rejection::QueueUnavailable);
        let status = if was_in_time { 200 } else { busy };
        assert_eq!(answer["statusCode"], json!(status), "{name}: {line}");
        if was_in_time {
            running.stack.settled().await.expect("an empty queue");
            let handled = handled.lock().expect("handled");
            assert!(handled.contains(&message), "{name}: as it was packed");
        }
        let peak = peak(&receiver);
        println!("{name}: peak memory {peak:?} KiB");
        assert!(
            peak.is_none_or(|peak| peak < MEMORY),
            "{name}: {peak:?} KiB"
        );
    }
}

fn is_bounded(outcome: &Outcome) {
    let peak = outcome.peak;
    assert!(peak.is_none_or(|peak| peak < MEMORY), "{peak:?} KiB");
}

/// A queue message with an array of opens, as it comes through the front.
fn opens(count: usize) -> String {
    let event = |n: usize| format!(r#"{{"type":"open","to":"{n}","timestamp":1767323045}}"#);
    let events: Vec<String> = (0..count).map(event).collect();
    through_the_front(format!("[{}]", events.join(",")).as_bytes())
}

fn through_the_front(body: &[u8]) -> String {
    let event = tests::gateway_event(&[], body).to_string();
    assert!(
        event.len() < PAYLOAD_BYTES,
        "the gateway lets it in: {}",
        event.len()
    );
    let provider = registry::sender("mailpanda").expect("a provider");
    tests::deliver(provider, body)
        .encode()
        .expect("the queue takes it")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_array_of_a_hundred_thousand_events_is_stored_up_to_its_budget_in_bounded_memory() {
    let _alone = ALONE.lock().await;
    let running = Running::new().await;
    let table = Table::new(Duration::ZERO).await;
    let messages = [opens(EVENTS)];
    let outcome = consumed(&running, |settings| table.use_it(settings), &messages).await;
    assert_eq!(outcome.failed, BTreeSet::new());
    assert_eq!(outcome.put_aside, BTreeSet::from(["m0".to_owned()]));
    assert_eq!(table.keys().len(), MOST_EVENTS);
    let codes = running.logged(1, crate::codes).await;
    assert_eq!(codes, ["too_many_events"]);
    is_bounded(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_array_of_five_thousand_goes_all_the_way() {
    let _alone = ALONE.lock().await;
    let running = Running::new().await;
    let event = |n: usize| json!({"type": "open", "email_id": MARK, "recipient": format!("{MARK}{n}@mail.test"), "timestamp": 1_767_323_045});
    let events: Value = (0..5_000).map(event).collect();
    let reply = running
        .send("mailpanda", events.to_string().as_bytes())
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(running.stored().await.len(), 5_000);
    crate::nothing_is_logged(&running);
}

/// Two bytes an element, and a comma: the most elements that a body can have.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_thousand_empty_objects_take_no_memory_to_speak_of() {
    let _alone = ALONE.lock().await;
    let running = Running::new().await;
    let table = Table::new(Duration::ZERO).await;
    let message = through_the_front(format!("[{}{{}}]", "{},".repeat(199_999)).as_bytes());
    let outcome = consumed(&running, |settings| table.use_it(settings), &[message]).await;
    assert_eq!(outcome.failed, BTreeSet::new());
    assert_eq!(outcome.put_aside, BTreeSet::from(["m0".to_owned()]));
    assert_eq!(table.keys().len(), 1, "equal, and so one event");
    is_bounded(&outcome);
}

/// A webhook too large to be stored in one invocation comes again; its neighbours in the batch are
/// stored before it.
#[tokio::test(flavor = "multi_thread")]
async fn a_giant_costs_its_neighbours_nothing() {
    let _alone = ALONE.lock().await;
    let running = Running::new().await;
    let table = Table::new(Duration::from_millis(250)).await;
    let neighbour = |n: usize| {
        let open = json!({"type": "open", "email_id": "m", "recipient": format!("p{n}@mail.test"), "timestamp": 1_767_323_045});
        message("mailpanda", "text", &open.to_string())
    };
    let messages = [neighbour(0), opens(MOST_EVENTS), neighbour(1)];
    let be_quick = |settings: &mut Settings| {
        table.use_it(settings);
        settings.timeout = Duration::from_secs(10); // 400 writes, eight at a time, take 12
    };
    let outcome = consumed(&running, be_quick, &messages).await;
    assert_eq!(outcome.failed, BTreeSet::from(["m1".to_owned()]));
    let keys = table.keys();
    for n in 0..2 {
        let pk = format!("\"email#p{n}@mail.test\"");
        assert!(keys.iter().any(|key| key.starts_with(&pk)), "{pk}");
    }
    is_bounded(&outcome);
}
