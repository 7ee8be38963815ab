//! What a person does to a running stack: redrive the dead-letter queue, erase someone.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use futures_util::stream;

use operator::Target;
use operator::erase::{self, Person, Receipt, erase};
use operator::redrive::{DeadLetters, PLAN_MESSAGES, Plan, STORED};
use serde_json::{Value, json};
use shared::dead_letter::FIRST_MESSAGE_ID;
use shared::delivery::Delivery;
use sqs::{Attribute, AttributeValue, Message, QueueHandle, Receive};
use stack::dynamodb;
use table::item::Item;
use table::read::{plain, text};
use tests::stack::Running;
use tests::{deliver, received_at, template};
use tokio::net::TcpListener;

/// SHA-256 of `kim@mail.test`, by `sha256sum`.
const KIM_SHA256: &str = "388656fcf32b9cb25a3a723d9950b400a4a8573c10b0435b130fb03b8347578c";
/// SHA-256 of `u-9`, likewise.
const U9_SHA256: &str = "086cd6f120b8c934031754b9cc9c2f4b48bcc64eaf1b2825896325d761f4a4fa";

fn dead_letters(running: &Running) -> QueueHandle {
    let queue = running.stack.queues.queue("DeadLetterQueue");
    queue.expect("a dead-letter queue")
}

/// Visible, in flight.
fn counts(queue: &QueueHandle) -> (usize, usize) {
    let counts = queue.counts().expect("counts");
    (counts.visible, counts.in_flight)
}

/// Provider, verdict, how many.
fn rows(plan: &Plan) -> Vec<(&str, &str, usize)> {
    let rows = plan.rows.iter();
    rows.map(|((provider, verdict), row)| (provider.as_str(), *verdict, row.messages))
        .collect()
}

fn open(recipient: &str) -> Vec<u8> {
    let body = json!({"type": "open", "email_id": "m", "recipient": recipient, "timestamp": "2026-01-02T03:04:05Z"});
    body.to_string().into_bytes()
}

fn keys(items: &[Item]) -> BTreeSet<&str> {
    items.iter().map(|item| text(item, "pk")).collect()
}

/// A plan as a user reads it.
fn moving(plan: &Plan) -> String {
    let rows = plan
        .rows(received_at())
        .into_iter()
        .map(|row| row.join(" "));
    [plan.summary()]
        .into_iter()
        .chain(rows)
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_outage_of_the_table_delays_is_stored_by_itself_and_only_poison_is_put_aside() {
    let folder = std::env::temp_dir().join(format!("postern-outage-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let running = Running::with(|options| options.data = Some(folder.clone())).await;

    // The table is gone, until it is there again.
    let client = running.events.client();
    let table = running.events.table();
    let unprotected = client.update_table().table_name(table);
    let unprotected = unprotected.deletion_protection_enabled(false).send().await;
    unprotected.expect("unprotected");
    let gone = client.delete_table().table_name(table).send().await;
    gone.expect("deleted");
    for recipient in ["b@mail.test", "c@mail.test"] {
        let reply = running.send("mailpanda", &open(recipient)).await;
        assert_eq!(reply.status, 200);
    }
    let reply = running.send("mailpanda", b"not json, of d@mail.test").await;
    assert_eq!(reply.status, 200);
    let waiting = |running: &Running| {
        let lines = running.lines.lock().expect("lines");
        let waiting = |line: &&String| line.contains(r#""outcome":"waiting""#);
        lines.iter().filter(waiting).cloned().collect::<Vec<_>>()
    };
    assert!(running.logged_within(60, 2, waiting).await.len() >= 2);
    let database = dynamodb::open(Some(&folder)).expect("a database");
    dynamodb::create_table(&database, table, &template::as_read().tables[table]).expect("a table");

    let stored = running.stored().await;
    let wanted = BTreeSet::from(["email#b@mail.test", "email#c@mail.test"]);
    assert_eq!((keys(&stored), stored.len()), (wanted, 2));
    let dead = running.dead().await;
    assert_eq!(dead.len(), 1);
    assert!(dead[0].contains("not json"), "{dead:?}");
    std::fs::remove_dir_all(&folder).expect("removed");
}

/// What an earlier consumer could not read. It was put there by hand, so that no queue is known to
/// which it would go back by itself.
#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_read_now_is_stored_by_a_redrive_and_poison_comes_back() {
    let running = Running::new().await;
    let letters = DeadLetters::of(&running.target).await.expect("a queue");
    let plan = letters.plan(PLAN_MESSAGES).await.expect("a plan");
    assert_eq!(plan, Plan::default());
    let queue = dead_letters(&running);
    let insider = br#"{"event":"open","email":"a@mail.test","iid":"i","timestamp":1767323045}"#;
    let bodies: [(&str, &[u8], &str); 5] = [
        ("insider", insider, "1"),
        ("mailpanda", &open("b@mail.test"), "2"),
        ("mailpanda", &open("c@mail.test"), "3"),
        // The consumer was stopped after it had put this aside, and did it again.
        ("mailpanda", &open("c@mail.test"), "3"),
        ("mailpanda", b"not json, of d@mail.test", "4"),
    ];
    for (provider, body, first_id) in bodies {
        let provider = registry::sender(provider).expect("a provider");
        let message = deliver(provider, body).encode().expect("a message");
        queue.send(put_aside(message, first_id)).expect("sent");
    }
    let dead = running.dead().await;
    assert_eq!(running.stack.dead_letters(), 4);

    let plan = letters.plan(PLAN_MESSAGES).await.expect("a plan");
    let wanted = [
        ("insider", STORED, 1),
        ("mailpanda", "body_not_json", 1),
        ("mailpanda", STORED, 2),
    ];
    assert_eq!(rows(&plan), wanted);
    assert_eq!((plan.read, plan.copies), (5, 1));
    assert_eq!((plan.estimate, plan.elsewhere), (5, 0));
    assert!(!plan.is_sample);
    let came = |body: &String| Delivery::decode(body).expect("a delivery").received_at();
    let oldest = plan.rows.values().filter_map(|row| row.oldest).min();
    assert_eq!(oldest, dead.iter().map(came).min());
    assert!(!moving(&plan).contains("mail.test"));
    // Nothing has changed.
    assert_eq!(counts(&queue), (5, 0));
    assert_eq!(running.dead().await, dead);
    assert_eq!(running.stored().await.len(), 0);

    let receipt = letters.redrive(None, |_, _| ()).await.expect("a receipt");
    assert_eq!((receipt.moved, receipt.to_move), (5, 5));
    assert_eq!(receipt.queue, queue.arn());
    let stored = running.stored().await;
    let wanted = BTreeSet::from([
        "email#a@mail.test",
        "email#b@mail.test",
        "email#c@mail.test",
    ]);
    assert_eq!((keys(&stored), stored.len()), (wanted, 3));
    let poison: Vec<String> = dead
        .into_iter()
        .filter(|body| body.contains("not json"))
        .collect();
    assert_eq!(running.dead().await, poison);
    let plan = letters.plan(PLAN_MESSAGES).await.expect("a plan");
    assert_eq!(rows(&plan), [("mailpanda", "body_not_json", 1)]);
    // It is still the message that it was at first.
    let contents = queue.contents().expect("messages");
    let first_id = &contents[0].message().attributes[FIRST_MESSAGE_ID].value;
    assert_eq!(*first_id, AttributeValue::Text("4".to_owned()));
}

/// A message with the attribute that the consumer gives it.
fn put_aside(body: String, first_id: &str) -> Message {
    let attribute = Attribute {
        data_type: "String".to_owned(),
        value: AttributeValue::Text(first_id.to_owned()),
    };
    Message {
        attributes: BTreeMap::from([(FIRST_MESSAGE_ID.to_owned(), attribute)]),
        ..Message::from(body)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_is_read_in_pages_and_a_sample_is_called_one() {
    let running = Running::new().await;
    let queue = dead_letters(&running);
    let provider = registry::sender("mailpanda").expect("a provider");
    // Put there by hand, so that no queue is known to which they would go back by themselves.
    for n in 0..50 {
        let delivery = deliver(provider, &open(&format!("p{n}@mail.test")));
        queue
            .send(delivery.encode().expect("a message"))
            .expect("sent");
    }
    for _ in 0..4 {
        let of_a_later_version = json!({"v": 1, "provider": "acme", "received_at": 1, "encoding": "text", "body": "kim@mail.test"});
        queue.send(of_a_later_version.to_string()).expect("sent");
    }
    for n in 0..3 {
        queue.send(format!("kim{n}@mail.test")).expect("sent");
    }
    let before = running.dead().await;
    let letters = DeadLetters::of(&running.target).await.expect("a queue");

    let plan = letters.plan(PLAN_MESSAGES).await.expect("a plan");
    let wanted = [
        ("-", "message_not_a_delivery", 3),
        ("acme", "provider_unknown", 4),
        ("mailpanda", STORED, 50),
    ];
    assert_eq!(rows(&plan), wanted);
    assert_eq!((plan.read, plan.estimate, plan.is_sample), (57, 57, false));
    let told = moving(&plan);
    assert!(
        told.starts_with("Messages in the dead-letter queue: 57\n"),
        "{told}"
    );
    assert!(!told.contains("mail.test"), "{told}");

    let sample = letters.plan(20).await.expect("a plan");
    assert_eq!(
        (sample.read, sample.estimate, sample.is_sample),
        (20, 57, true)
    );
    assert_eq!(
        rows(&sample)
            .iter()
            .map(|(_, _, messages)| messages)
            .sum::<usize>(),
        20
    );
    let told = moving(&sample);
    let wanted = "About 57 messages wait in the dead-letter queue; only a sample of 20 was read:\n";
    assert!(told.starts_with(wanted), "{told}");
    assert_eq!(counts(&queue), (57, 0));
    assert_eq!(running.dead().await, before);

    let ask = Receive {
        max: 1,
        visibility: Some(Duration::from_mins(1)),
        wait: Some(Duration::ZERO),
    };
    let elsewhere = queue.receive(&ask).await.expect("a message").remove(0);
    let plan = letters.plan(PLAN_MESSAGES).await.expect("a plan");
    assert_eq!((plan.read, plan.estimate, plan.elsewhere), (56, 56, 1));
    let told = moving(&plan);
    assert!(
        told.contains("1 more are being read by someone else"),
        "{told}"
    );
    assert_eq!(counts(&queue), (56, 1));
    let shown = queue.change_visibility(&elsewhere.receipt_handle, Duration::ZERO);
    shown.expect("visible");

    let receipt = letters
        .redrive(Some(500), |_, _| ())
        .await
        .expect("a receipt");
    assert_eq!((receipt.moved, receipt.to_move), (57, 57));
    assert_eq!(running.stored().await.len(), 50);
    assert_eq!(running.dead().await.len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_dead_letter_queue_is_read() {
    let running = Running::new().await;
    let services = running.target.queues().clone();
    let queue = running.stack.queues.queue("DeliveriesQueue");
    let url = queue.expect("a queue").url(&running.stack.sqs.to_string());
    let refused = DeadLetters::open(services, url.clone()).await.err();
    let refused = refused.expect("refused");
    assert_eq!(refused.code(), "not_a_dead_letter_queue");
    let wanted = format!("{url} is not a dead-letter queue: no queue sends its dead letters there");
    assert_eq!(refused.to_string(), wanted);
    let letters = DeadLetters::of(&running.target).await.expect("a queue");
    let plan = letters.plan(PLAN_MESSAGES).await.expect("a plan");
    let wanted = "The dead-letter queue has nothing to move.";
    assert_eq!(moving(&plan), wanted);
}

/// A command is told one port, and finds the rest.
#[tokio::test(flavor = "multi_thread")]
async fn a_local_stack_says_where_its_parts_are() {
    let running = Running::new().await;
    let target = &running.target;
    assert_eq!(target.table(), "EventsTable");
    let url = |name: &str| {
        let queue = running.stack.queues.queue(name).expect("a queue");
        queue.url(&running.stack.sqs.to_string())
    };
    assert_eq!(target.queue_url(), url("DeliveriesQueue"));
    assert_eq!(target.dead_letter_queue_url(), url("DeadLetterQueue"));
    assert_eq!(running.stored().await.len(), 0, "the table is read");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_local_stack_is_named() {
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let nowhere = free.local_addr().expect("an address");
    drop(free);
    let error = Target::local(nowhere).await.err().expect("no stack");
    assert_eq!(error.code(), "stack_unreachable");
    let hint = "start one in another terminal: postern up      (a deployed one: --stack NAME)";
    assert_eq!(error.hint().as_deref(), Some(hint));

    let running = Running::new().await;
    for other in [running.stack.sqs, running.stack.dynamodb] {
        let error = Target::local(other).await.err().expect("no stack");
        assert_eq!(error.code(), "stack_unknown", "{error}");
    }
    let nonsense = r#"{"dynamodb": "x", "sqs": "x", "outputs":
        {"Table": "", "QueueUrl": "x", "DeadLetterQueueUrl": "x"}}"#;
    let endless = || Body::from_stream(stream::repeat(Ok::<_, Infallible>(vec![b' '; 65_536])));
    for (answer, code) in [
        (Body::from("<!doctype html>"), "stack_unknown"),
        (Body::from(r#"{"outputs": {"Table": 7}}"#), "stack_unknown"),
        (Body::from(nonsense), "stack_unknown"),
        (endless(), "stack_unreachable"),
    ] {
        let address = answering(answer).await;
        let error = Target::local(address).await.err().expect("no stack");
        assert_eq!(error.code(), code, "{error}");
    }
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = silent.local_addr().expect("an address");
    let error = Target::local(address).await.err().expect("no answer");
    assert_eq!(error.code(), "stack_unreachable", "{error}");
}

/// Something else on a port: it answers one request with this body.
async fn answering(body: Body) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let body = Arc::new(Mutex::new(Some(body)));
    let answer = move || {
        let body = body.lock().expect("a body").take();
        async move { body.unwrap_or_default() }
    };
    let router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Kim's events in every channel, the suppression, an undated event; and the neighbours'.
async fn filled() -> Running {
    let running = Running::new().await;
    let send = async |provider: &str, body: Value| {
        let reply = running.send(provider, body.to_string().as_bytes()).await;
        assert_eq!(reply.status, 200, "{body}");
    };
    let customerio = |id: &str, object: &str, metric: &str, data: Value| {
        let head = json!({"event_id": id, "object_type": object, "metric": metric, "timestamp": 1_767_323_045});
        let mut event = head;
        event["data"] = data;
        event
    };
    let channels = [
        "email", "sms", "push", "in_app", "whatsapp", "slack", "webhook",
    ];
    for (n, object) in channels.iter().enumerate() {
        let kim = json!({"recipient": "Kim@Mail.Test", "identifiers": {"id": "u-9"}});
        send(
            "customerio",
            customerio(&format!("k{n}"), object, "sent", kim),
        )
        .await;
        let other = json!({"recipient": "akim@mail.test"});
        send(
            "customerio",
            customerio(&format!("o{n}"), object, "sent", other),
        )
        .await;
    }
    for address in ["kim@mail.test", "kim@mail.test.example"] {
        let complaint = customerio(address, "email", "spammed", json!({"recipient": address}));
        send("customerio", complaint).await;
        let undated = json!({"type": "open", "email_id": address, "recipient": address});
        send("mailpanda", undated).await;
    }
    let many = (0..60).map(|n| json!({"event": "delivered", "email": "KIM@mail.test", "iid": format!("i{n}"), "timestamp": 1_767_323_045}));
    send("insider", many.collect()).await;
    // Known by the team's own id alone, and by nothing at all.
    let customer = json!({"identifiers": {"id": "u-9"}});
    send("customerio", customerio("c", "email", "drafted", customer)).await;
    send("customerio", customerio("n", "email", "drafted", json!({}))).await;
    assert_eq!(running.stored().await.len(), 7 * 2 + 2 * 2 + 60 + 2);
    running
}

/// Every item, whatever it is, as text, sorted.
async fn table(running: &Running) -> BTreeSet<String> {
    let items = running.events.scan().await.expect("items");
    items.iter().map(|item| plain(item).to_string()).collect()
}

/// Items that are Kim's by their address, as text; and how many of them.
fn of_kim(item: &str) -> bool {
    item.contains("#kim@mail.test\"") || item.contains(r#""recipient":"KIM@mail.test""#)
}

/// A plan as a user reads it.
fn erasing(plan: &erase::Plan, table: &str) -> String {
    let rows = plan.rows().into_iter().map(|row| row.join(" "));
    let rows: Vec<String> = rows.collect();
    format!("{}\n{}", plan.summary(table, &kim()), rows.join("\n"))
}

fn kim() -> Person {
    Person::recipient(" Kim@MAIL.test ").expect("a person")
}

fn kims_events() -> BTreeMap<(&'static str, String), usize> {
    let of = |channel, kind: &str, count| ((channel, kind.to_owned()), count);
    BTreeMap::from([
        of("email", "complained", 1),
        of("email", "delivered", 60),
        of("email", "opened", 1),
        of("email", "sent", 1),
        of("sms", "sent", 1),
        of("push", "sent", 1),
        of("in_app", "sent", 1),
        of("whatsapp", "sent", 1),
        of("slack", "sent", 1),
        of("webhook", "sent", 1),
    ])
}

fn kims_receipt(table: &str) -> Receipt {
    let kinds = [
        ("complained", 1),
        ("delivered", 60),
        ("opened", 1),
        ("sent", 7),
    ];
    Receipt {
        erased_at: "2026-01-02T03:05:00.678Z".to_owned(),
        person_sha256: KIM_SHA256.to_owned(),
        table: table.to_owned(),
        events: kinds.map(|(kind, n)| (kind.to_owned(), n)).into(),
        suppressions: 1,
        suppressions_kept: 0,
        first_sights: 2,
        parked: 0,
        not_deleted: 0,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_erased_in_every_channel_and_nobody_else_is() {
    let running = filled().await;
    let (events, name) = (&running.events, running.events.table());
    let before = table(&running).await;

    let plan = erase::plan(events, &kim(), false).await.expect("a plan");
    assert_eq!(plan.events, kims_events());
    let suppression = ("email", "suppression".to_owned());
    let suppressions = BTreeMap::from([(suppression, "complained".to_owned())]);
    assert_eq!(plan.suppressions, suppressions);
    assert_eq!((plan.first_sights, plan.is_empty()), (2, false));
    let told = erasing(&plan, name);
    assert!(
        told.starts_with(&format!("{name} holds of this person:\n")),
        "{told}"
    );
    assert!(told.contains("must not be mailed"), "{told}");
    assert_eq!(table(&running).await, before, "a plan deletes nothing");

    let receipt = erase(events, &kim(), plan, received_at()).await;
    assert_eq!(receipt, kims_receipt(name));
    let written = serde_json::to_string(&receipt)
        .expect("JSON")
        .to_lowercase();
    assert!(
        !written.contains("kim") && !written.contains('@'),
        "{written}"
    );

    let after = table(&running).await;
    let erased: Vec<&String> = before.difference(&after).collect();
    assert_eq!(after.difference(&before).count(), 0);
    // 69 events, the suppression and the first sight of what it rests on by their key, and one
    // remembered time.
    assert_eq!(erased.len(), 72);
    assert_eq!(erased.iter().filter(|item| of_kim(item)).count(), 71);
    let remembered = |items: &BTreeSet<String>| {
        let times = items
            .iter()
            .filter(|item| item.contains(r#""sk":"undated""#));
        times.cloned().collect::<BTreeSet<String>>()
    };
    assert_eq!(
        (remembered(&before).len(), remembered(&after).len()),
        (2, 1)
    );
    assert_eq!(after.iter().filter(|item| of_kim(item)).count(), 0);
    // 7 of akim's, 2 and a suppression and two times of the other Kim's, a customer's and nobody's.
    assert_eq!(after.len(), 7 + 5 + 2);

    let again = erase::plan(events, &kim(), false).await.expect("a plan");
    assert!(again.is_empty());
    let wanted = "nothing is stored under email#kim@mail.test (7 channels): is it spelled so?";
    assert_eq!(again.summary(name, &kim()), wanted);

    // The other Kim's first sight is still remembered: the same webhook again is still the same
    // item.
    let undated = json!({"type": "open", "email_id": "kim@mail.test.example", "recipient": "kim@mail.test.example"});
    running
        .send("mailpanda", undated.to_string().as_bytes())
        .await;
    running.stored().await;
    assert_eq!(table(&running).await, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_suppression_can_outlive_the_rest_and_a_customer_is_erased_by_id() {
    let running = filled().await;
    let (events, name) = (&running.events, running.events.table());
    let before = table(&running).await;
    // The register, and the first sight that its order rests on.
    let is_kims_suppression = |item: &&String| {
        of_kim(item)
            && ["suppression", "seen#"]
                .iter()
                .any(|sk| item.contains(&format!(r#""sk":"{sk}"#)))
    };
    let suppression: Vec<&String> = before.iter().filter(is_kims_suppression).collect();

    let plan = erase::plan(events, &kim(), true).await.expect("a plan");
    assert!(erasing(&plan, name).contains("suppression (complained, kept)"));
    assert!(!erasing(&plan, name).contains("must not be mailed"));
    let receipt = erase(events, &kim(), plan, received_at()).await;
    let wanted = Receipt {
        suppressions: 0,
        suppressions_kept: 1,
        first_sights: 1,
        ..kims_receipt(name)
    };
    assert_eq!(receipt, wanted);
    let after = table(&running).await;
    assert_eq!(
        after.iter().filter(|item| of_kim(item)).collect::<Vec<_>>(),
        suppression
    );
    assert_eq!(suppression.len(), 2);

    let again = erase::plan(events, &kim(), true).await.expect("a plan");
    assert!(again.is_empty());
    let wanted = format!("only the suppression is stored in {name}, and is kept (1)");
    assert_eq!(again.summary(name, &kim()), wanted);
    let without = erase::plan(events, &kim(), false).await.expect("a plan");
    assert_eq!((without.events.len(), without.suppressions.len()), (0, 1));
    let receipt = erase(events, &kim(), without, received_at()).await;
    assert_eq!((receipt.events.len(), receipt.suppressions), (0, 1));
    let mut rest = after.clone();
    rest.retain(|item| !of_kim(item));
    assert_eq!(table(&running).await, rest);

    let customer = Person::customer("u-9").expect("a person");
    let plan = erase::plan(events, &customer, false).await.expect("a plan");
    let wanted = BTreeMap::from([(("email", "queued".to_owned()), 1)]);
    assert_eq!(plan.events, wanted);
    let receipt = erase(events, &customer, plan, received_at()).await;
    assert_eq!(receipt.person_sha256, U9_SHA256);
    rest.retain(|item| !item.contains(r#""pk":"customer#email#u-9""#));
    assert_eq!(table(&running).await, rest);
}

#[test]
fn nobody_is_not_a_person() {
    for word in [
        "unknown",
        "Unknown",
        "unknown#7",
        " ",
        "",
        "kim@",
        "kim@mail.test, lee@mail.test",
    ] {
        assert!(Person::recipient(word).is_err(), "{word:?}");
    }
    // A customer's partition meets no one else's: any id is somebody's.
    assert!(Person::customer("unknown").is_ok());
    assert!(Person::customer("").is_err());
}
