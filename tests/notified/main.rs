//! Who is told of what: the whole way, from a provider's webhook to a subscriber, with the real
//! functions.

mod failing;
mod person;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use shared::auth::sign_hmac_sha256_hex;
use tests::sink::{Sink, Told};
use tests::stack::Running;

/// The path of the API of the subscriptions.
const MANAGE: &str = "/api/webhooks/manage";
/// A subscriber's secret.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Asks the API as somebody whom IAM lets in.
async fn ask(running: &Running, method: &str, path: &str, body: &Value) -> Value {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let path = format!("{MANAGE}{path}");
    let reply = running.api(method, &path, body.as_bytes()).await;
    assert!(reply.status.is_success(), "{path}: {}", reply.body);
    serde_json::from_str(&reply.body).unwrap_or_default()
}

/// Registers a subscriber and returns its id.
async fn register(running: &Running, sink: &Sink, events: &str) -> u64 {
    let body = json!({"url": sink.url, "events": events, "secret": SECRET});
    let made = ask(running, "POST", "", &body).await;
    made["id"].as_u64().expect("an id")
}

/// A click of this person, whose message has this id.
fn click(person: &str, message: &str) -> Vec<u8> {
    mailpanda("email.click", person, message)
}

fn mailpanda(kind: &str, person: &str, message: &str) -> Vec<u8> {
    let body = json!({
        "type": kind,
        "email_id": message,
        "recipient": person,
        "timestamp": "2026-01-02T03:04:05Z",
    });
    body.to_string().into_bytes()
}

async fn post(running: &Running, body: &[u8]) {
    let reply = running.send("mailpanda", body).await;
    assert_eq!(reply.status.as_u16(), 200);
}

fn ids(told: &[Told]) -> BTreeSet<String> {
    told.iter().map(|told| told.id().to_owned()).collect()
}

fn messages(told: &[Told]) -> BTreeSet<String> {
    let message = |told: &Told| told.json()["email_id"].as_str().map(str::to_owned);
    told.iter().filter_map(message).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redelivery_tells_nobody() {
    let (running, sink) = (Running::with_outlets().await, Sink::new().await);
    register(&running, &sink, "*").await;
    for _ in 0..3 {
        for number in 0..5 {
            let (person, message) = (format!("p{number}@mail.test"), format!("msg_{number}"));
            post(&running, &click(&person, &message)).await;
        }
        assert_eq!(running.stored().await.len(), 5);
        running.told().await;
    }
    let told = sink.told_within(5, 5).await;
    assert_eq!((told.len(), ids(&told).len()), (5, 5), "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_is_what_is_stored_under_both_signatures() {
    let (running, sink) = (Running::with_outlets().await, Sink::new().await);
    register(&running, &sink, "click").await;
    post(&running, &click("Kim@Mail.test", "msg_1")).await;
    let told = sink.told_within(20, 1).await;
    let [told] = &told[..] else {
        panic!("{} were told", told.len());
    };
    assert_eq!(told.signed_by(SECRET), (true, true));
    let body = told.json();
    let top = body.as_object().expect("an object");
    let fields: Vec<&str> = top.keys().map(String::as_str).collect();
    let wanted = BTreeSet::from(["type", "timestamp", "email_id", "recipient", "data"]);
    assert_eq!(fields.into_iter().collect::<BTreeSet<_>>(), wanted);
    assert_eq!(body["type"], "email.click", "the word that asked");
    assert_eq!(body["timestamp"], "2026-01-02T03:04:05.000Z");
    assert_eq!(body["email_id"], "msg_1");
    let stored = running.stored().await;
    let announced = table::announced::Announced::of(&stored[0]).expect("an event");
    assert_eq!(
        body["data"],
        serde_json::to_value(&announced).expect("JSON")
    );
    assert!(body["data"].get("raw").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_told_what_it_asked_for_and_nothing_else() {
    let running = Running::with_outlets().await;
    let (all, clicks, narrowed) = (Sink::new().await, Sink::new().await, Sink::new().await);
    register(&running, &all, "*").await;
    register(&running, &clicks, "clicked:human, unsubscribe").await;
    let body = json!({"url": narrowed.url, "events": "*", "providers": ["resend"]});
    ask(&running, "POST", "", &body).await;
    for (kind, message) in [
        ("email.click", "m1"),
        ("email.open", "m2"),
        ("email.unsubscribe", "m3"),
        ("email.delivered", "m4"),
    ] {
        let body = mailpanda(kind, "kim@mail.test", message);
        post(&running, &body).await;
    }
    let told = all.told_within(20, 5).await;
    let types = |told: &[Told]| -> BTreeSet<String> {
        let kind = |told: &Told| told.json()["type"].as_str().expect("a type").to_owned();
        told.iter().map(kind).collect()
    };
    let wanted = [
        "email.clicked",
        "email.delivered",
        "email.opened",
        "email.unsubscribed",
        "suppression.set",
    ];
    assert_eq!(types(&told), wanted.map(str::to_owned).into());
    running.told().await;
    let wanted = ["email.clicked", "email.unsubscribe"].map(str::to_owned);
    assert_eq!(types(&clicks.told_within(5, 2).await), wanted.into());
    assert_eq!(narrowed.told().len(), 0);
}

/// MailPanda's page has a path of its own for what it sends to others.
#[tokio::test(flavor = "multi_thread")]
async fn mailpandas_own_path_is_its_receivers_second_one() {
    let running = Running::with_outlets().await;
    let body = mailpanda("email.delivered", "kim@mail.test", "m1");
    let sender = registry::sender("mailpanda").expect("a provider");
    let key = operator::secrets::signing_key(sender, &BTreeMap::new()).expect("a key");
    let signature = sign_hmac_sha256_hex(&key, &[], &body);
    for (signature, status) in [(signature, 200), ("00".repeat(32), 401)] {
        let headers = [("x-webhook-signature", signature)];
        let reply = running.post("/api/webhooks", &headers, &body).await;
        assert_eq!(reply.status.as_u16(), status);
        let received = r#"{"received":true}"#;
        assert_eq!(reply.body, if status == 200 { received } else { "" });
    }
    assert_eq!(running.stored().await.len(), 1);
}
