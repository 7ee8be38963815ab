//! The operator's word over HTTP: it goes the way of every event, and is what a command would have
//! written.

use jiff::Timestamp;
use operator::erase::{Person, erase, plan};
use operator::live::Entry;
use operator::print::now;
use operator::redrive::Plan;
use serde_json::{Value, json};
use shared::auth;
use shared::delivery::Delivery;
use shared::event::Reason;
use shared::operator::{self as spoken, Act, PROVIDER, Said};
use shared::time::from_rfc3339;
use stack::lambda::Lambda;
use table::item::{Item, item};
use table::read::{plain, text};
use table::suppression::{register, standing};
use tests::secrets_manager::client;
use tests::sink::Sink;
use tests::stack::Running;

const ARN: &str = "arn:aws:iam::000000000000:user/local";
const WHY: &str = "asked by telephone";
const KIM: &str = "kim@mail.test";

/// Speaks as somebody whom IAM lets in.
async fn say(running: &Running, method: &str, address: &str, body: &Value) -> (u16, Value) {
    let path = format!("/api/recipients/{address}/suppression");
    let body = body.to_string();
    let reply = running.api(method, &path, body.as_bytes()).await;
    let status = reply.status.as_u16();
    (status, serde_json::from_str(&reply.body).expect("JSON"))
}

async fn said(running: &Running, method: &str, body: &Value) -> Value {
    let (status, answer) = say(running, method, KIM, body).await;
    assert_eq!(status, 202, "{answer}");
    answer
}

/// The reasons that stand for Kim, and the events that they rest on.
async fn registers(running: &Running) -> Vec<(&'static str, String)> {
    running.stack.settled().await.expect("an empty queue");
    let key = (format!("email#{KIM}"), "suppression".to_owned());
    let item = running.events.item(key).await.expect("an answer");
    let item = item.unwrap_or_default();
    let reasons = standing(&item).into_iter();
    let rests = reasons.map(|reason| {
        let event = register(&item, reason).expect("it stands").event;
        (reason.name(), event.to_owned())
    });
    rests.collect()
}

fn event(answer: &Value, place: usize) -> String {
    let event = answer["events"][place]["event"].as_str();
    event.expect("an event").to_owned()
}

/// The operator's events of Kim, the oldest first.
async fn words(running: &Running) -> Vec<Item> {
    let events = running.stored().await.into_iter();
    let mut words: Vec<Item> = events
        .filter(|item| text(item, "provider") == "operator")
        .collect();
    words.sort_by_key(|item| text(item, "sk").to_owned());
    words
}

#[tokio::test]
async fn a_word_is_what_a_command_would_have_written_and_is_announced_once() {
    let running = Running::with_outlets().await;
    let sink = Sink::new().await;
    let endpoint = json!({ "url": sink.url, "events": "suppression" }).to_string();
    let made = running.api("POST", "/api/webhooks/manage", endpoint.as_bytes());
    assert_eq!(made.await.status, 200);

    let first = said(&running, "PUT", &json!({ "why": WHY })).await;
    let fields = ["act", "address", "at", "events"];
    let found: Vec<&String> = first.as_object().expect("an object").keys().collect();
    assert_eq!(found, fields);
    assert_eq!(
        (&first["act"], &first["address"]),
        (&json!("add"), &json!(KIM))
    );
    assert_eq!(first["events"][0]["reason"], "manual");
    assert_eq!(registers(&running).await, [("manual", event(&first, 0))]);

    let at = from_rfc3339(first["at"].as_str().expect("a time"));
    let mut wanted = Said::new(Act::Add, KIM, Reason::Manual, at);
    wanted.why = Some(WHY.to_owned());
    wanted.by = Some(ARN.to_owned());
    let wanted = wanted.event(at.expect("a time")).expect("an event");
    let stored = words(&running).await;
    let stored: Vec<Value> = stored.iter().map(plain).collect();
    assert_eq!(stored, [plain(&item(&wanted, 0))]);

    // Said again, it is a word of its own, and moves only since when the reason stands.
    let again = said(&running, "PUT", &json!({ "why": WHY, "channel": "email" })).await;
    assert_eq!(registers(&running).await, [("manual", event(&again, 0))]);
    assert_eq!(words(&running).await.len(), 2);

    let lifted = said(&running, "DELETE", &json!({ "why": "new mailbox" })).await;
    assert_eq!(lifted["act"], "lift");
    assert_eq!(registers(&running).await, []);
    let last = words(&running).await.pop().expect("an event");
    assert_eq!(text(&last, "kind"), "suppression_removed");
    assert_eq!(text(&last, "sk"), event(&lifted, 0));

    running.told().await;
    let told = sink.told_within(10, 2).await;
    let types: Vec<Value> = told
        .iter()
        .map(|told| told.json()["type"].clone())
        .collect();
    assert_eq!(types, ["suppression.set", "suppression.lifted"]);
    assert_eq!(told[0].json()["data"]["address"], KIM);

    let lines = running.lines.lock().expect("lines").clone();
    for line in &lines {
        for hidden in [KIM, WHY, "new mailbox"] {
            assert!(!line.contains(hidden), "{line}");
        }
    }
    let lines = lines
        .iter()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let lines = lines.filter(|line| line["function"] == "api" && line["outcome"] == "said");
    let spoken: Vec<(Value, Value)> = lines
        .map(|line| (line["who"].clone(), line["what"].clone()))
        .collect();
    let line = |what: &str| (json!("local"), json!(what));
    assert_eq!(
        spoken,
        [line("suppressed"), line("suppressed"), line("lifted")]
    );
}

/// What stands already is read from the table, and the word before this one is in the queue.
#[tokio::test]
async fn two_words_one_after_the_other_end_as_the_second_says() {
    let running = Running::with_outlets().await;
    said(&running, "PUT", &json!({ "why": WHY })).await;
    said(&running, "DELETE", &json!({ "why": WHY })).await;
    assert_eq!(registers(&running).await, []);
    said(&running, "PUT", &json!({ "why": WHY })).await;
    said(
        &running,
        "DELETE",
        &json!({ "why": WHY, "reason": "manual" }),
    )
    .await;
    let last = said(&running, "PUT", &json!({ "why": WHY })).await;
    assert_eq!(registers(&running).await, [("manual", event(&last, 0))]);
}

#[tokio::test]
async fn a_lift_is_of_what_stands_and_a_complaint_is_lifted_only_if_that_is_said() {
    let running = Running::with_outlets().await;
    for (kind, id) in [("email.bounced", "m-1"), ("email.complained", "m-2")] {
        let bounce = json!({ "type": "Permanent", "subType": "General", "message": "550 5.1.1 no such user" });
        let body = json!({
            "type": kind, "created_at": "2026-01-02T03:04:05.000Z",
            "data": {
                "email_id": id, "to": [KIM], "from": "a@sender.test", "subject": "s",
                "created_at": "2026-01-02T03:04:05.000Z", "bounce": bounce,
            },
        });
        let reply = running.send("resend", body.to_string().as_bytes()).await;
        assert_eq!(reply.status, 200);
    }
    let reasons = |found: &[(&'static str, String)]| -> Vec<&'static str> {
        found.iter().map(|(reason, _)| *reason).collect()
    };
    let before = registers(&running).await;
    assert_eq!(reasons(&before), ["bounced", "complained"]);

    for body in [
        json!({ "why": WHY }),
        json!({ "why": WHY, "even_complaint": false }),
        json!({ "why": WHY, "reason": "complained" }),
    ] {
        let (status, answer) = say(&running, "DELETE", KIM, &body).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (409, &json!("complained"))
        );
    }
    assert_eq!(registers(&running).await, before);

    said(
        &running,
        "DELETE",
        &json!({ "why": WHY, "reason": "bounced" }),
    )
    .await;
    assert_eq!(reasons(&registers(&running).await), ["complained"]);
    said(&running, "PUT", &json!({ "why": WHY })).await;
    assert_eq!(
        reasons(&registers(&running).await),
        ["complained", "manual"]
    );

    let all = said(
        &running,
        "DELETE",
        &json!({ "why": WHY, "even_complaint": true }),
    )
    .await;
    let lifted: Vec<&Value> = all["events"]
        .as_array()
        .expect("events")
        .iter()
        .map(|e| &e["reason"])
        .collect();
    assert_eq!(lifted, ["complained", "manual"]);
    assert_eq!(registers(&running).await, []);

    // The query says the same as a body. `+` is a space there.
    said(&running, "PUT", &json!({ "why": WHY })).await;
    let path = format!("/api/recipients/{KIM}/suppression?why=new+mailbox&reason=manual");
    assert_eq!(running.api("DELETE", &path, b"").await.status, 202);
    assert_eq!(registers(&running).await, []);
    let last = words(&running).await.pop().expect("an event");
    assert_eq!(plain(&last)["metadata"]["why"], "new mailbox");
}

#[tokio::test]
async fn what_cannot_be_said_is_refused_and_nothing_is_enqueued() {
    let running = Running::with_outlets().await;
    let good = json!({ "why": WHY });
    for (method, address, body, code) in [
        ("PUT", KIM, json!({}), "why_missing"),
        ("PUT", KIM, json!({ "why": " " }), "why_unfit"),
        ("PUT", KIM, json!({ "why": "x".repeat(501) }), "why_unfit"),
        ("PUT", KIM, json!({ "why": "a\u{1b}[2J" }), "why_unfit"),
        (
            "PUT",
            KIM,
            json!({ "why": WHY, "channel": "sms" }),
            "channel_unfit",
        ),
        (
            "PUT",
            KIM,
            json!({ "why": WHY, "reason": "manual" }),
            "field_unknown",
        ),
        ("PUT", KIM, json!([]), "body_not_json"),
        ("DELETE", KIM, json!({}), "why_missing"),
        (
            "DELETE",
            KIM,
            json!({ "why": WHY, "reason": "gone" }),
            "reason_unfit",
        ),
        ("PUT", "kim", good.clone(), "address_unreadable"),
        (
            "PUT",
            "kim@mail.test,lee@mail.test",
            good.clone(),
            "address_unreadable",
        ),
        ("DELETE", "kim@", good.clone(), "address_unreadable"),
    ] {
        let (status, answer) = say(&running, method, address, &body).await;
        let found = (status, &answer["error"]["code"]);
        assert_eq!(found, (400, &json!(code)), "{method} {address} {body}");
        assert!(!answer.to_string().contains("kim"), "{answer}");
    }
    assert!(running.stored().await.is_empty());

    // Every spelling is the same person.
    for address in [
        "KIM@Mail.test",
        "kim@mail.test.",
        "%6Bim%40mail.test",
        "Kim%20Ode%20%3Ckim@mail.test%3E",
    ] {
        let (status, answer) = say(&running, "PUT", address, &good).await;
        assert_eq!(
            (status, &answer["address"]),
            (202, &json!(KIM)),
            "{address}"
        );
    }
    assert_eq!(registers(&running).await.len(), 1);
}

/// One invocation, as the gateway hands it on for a bearer key.
async fn invoked(lambda: &Lambda, key: &str, method: &str) -> (i64, Value) {
    let path = format!("/api/recipients/{KIM}/suppression");
    let event = json!({
        "version": "2.0", "rawPath": path,
        "headers": { "authorization": format!("Bearer {key}") },
        "requestContext": { "http": { "method": method, "path": path } },
        "body": json!({ "why": WHY }).to_string(), "isBase64Encoded": false,
    });
    let answer = lambda.invoke(event.to_string().into()).await;
    let answer: Value = serde_json::from_slice(&answer.expect("an answer")).expect("JSON");
    let body = answer["body"].as_str().expect("a body");
    let status = answer["statusCode"].as_i64().expect("a status");
    (status, serde_json::from_str(body).expect("JSON"))
}

#[tokio::test]
async fn a_key_that_may_only_read_says_nothing_and_a_queue_that_is_away_is_503() {
    const READ: &str = "a-key-that-may-only-read-0123456789abcdef";
    const ADMIN: &str = "a-key-that-may-change-0123456789abcdef";
    let running = Running::with_outlets().await;
    let vault = client(format!("http://{}", running.stack.secrets_manager));
    let keys = json!({ "read:crm": READ, "admin:ops": ADMIN }).to_string();
    let made = vault.create_secret().name("tests/keys").secret_string(keys);
    made.send().await.expect("a secret");
    let by_key = [("API_AUTH", "key"), ("API_KEYS_SECRET_NAME", "tests/keys")];
    let lambda = running.function("api", &by_key).await.expect("a function");
    for method in ["PUT", "DELETE"] {
        let (status, answer) = invoked(&lambda, READ, method).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (403, &json!("read_only"))
        );
    }
    assert!(running.stored().await.is_empty());
    assert_eq!(invoked(&lambda, ADMIN, "PUT").await.0, 202);
    let stored = words(&running).await;
    assert_eq!(plain(&stored[0])["metadata"]["by"], "admin:ops");

    let [auth, keys] = by_key;
    let nowhere = ("QUEUE_URL", "http://127.0.0.1:9/000000000000/nobody");
    let lambda = running.function("api", &[auth, keys, nowhere]).await;
    let lambda = lambda.expect("a function");
    for method in ["PUT", "DELETE"] {
        let (status, answer) = invoked(&lambda, ADMIN, method).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (503, &json!("unavailable"))
        );
    }
    assert_eq!(words(&running).await.len(), 1);
}

#[tokio::test]
async fn a_person_who_is_erased_is_not_known_any_more_and_may_be_spoken_of_again() {
    let running = Running::with_outlets().await;
    said(&running, "PUT", &json!({ "why": WHY })).await;
    assert_eq!(registers(&running).await.len(), 1);
    let person = Person::recipient(KIM).expect("an address");
    let plan = plan(&running.events, &person, false).await.expect("a plan");
    let receipt = erase(&running.events, &person, plan, now()).await;
    assert_eq!((receipt.suppressions, receipt.not_deleted), (1, 0));
    assert_eq!(registers(&running).await, []);
    assert!(running.stored().await.is_empty());
    let again = said(&running, "PUT", &json!({ "why": WHY })).await;
    assert_eq!(registers(&running).await, [("manual", event(&again, 0))]);
}

/// What listens to the queue, and what moves dead letters, knows the operator's deliveries.
#[test]
fn a_word_in_a_queue_is_shown_and_moved_like_any_delivery() {
    let at: Timestamp = "2026-01-02T03:04:05Z".parse().expect("a time");
    let said = [Act::Add, Act::Lift].map(|act| Said::new(act, KIM, Reason::Manual, Some(at)));
    let words = spoken::words(&said);
    let delivery = Delivery::seal(auth::operator(&words), PROVIDER, at);
    let message = delivery.encode().expect("a message");
    let entry = Entry::of_message("m-1", &message);
    assert_eq!(entry.provider.as_deref(), Some(PROVIDER));
    let told: Vec<(&str, Option<&str>)> = entry
        .events
        .iter()
        .map(|told| (told.kind.as_str(), told.suppression.as_deref()))
        .collect();
    let wanted = [
        ("suppression_added", Some("suppressed")),
        ("suppression_removed", Some("lifted")),
    ];
    assert_eq!(told, wanted);
    let mut dead = Plan::default();
    dead.add(&message, None, None);
    let row = &dead.json(at)["rows"][0];
    assert_eq!(
        (&row["provider"], &row["messages"]),
        (&json!(PROVIDER), &json!(1))
    );
    assert_eq!(row["verdict"], "would be stored now");
}
