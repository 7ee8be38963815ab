//! Queue messages in, table out: the consumer's code against a real table, without processes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use consumer::event::Record;
use jiff::{SignedDuration, Timestamp};
use registry::{Poison, normalize, normalize_with};
use serde_json::{Value, json};
use shared::auth::Authentic;
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::Event;
use shared::incoming::Incoming;
use shared::normalize::Budget;
use shared::parts::Scheme;
use shared::provider::Provider;
use shared::rejection::Rejection;
use shared::secrets::Secrets;
use shared::sender::Sender;
use shared::signing_key::SigningKey;
use table::item::Item;
use table::read::{Index, plain, text};
use tests::table::{Table, message, message_of};
use tests::{deliver, deliver_at, received_at, replaced};
use tokio::net::TcpListener;
use tokio::time::Instant;

fn click(recipient: &str, second: u32) -> Value {
    json!({
        "kind": "click", "recipient": recipient, "url": "https://shop.test/a",
        "message_id": "22222222-2222-4333-8444-555555555555",
        "timestamp": format!("2026-01-02T03:04:{second:02}Z"),
    })
}

#[tokio::test]
async fn an_event_becomes_the_item_that_readers_rely_on() {
    let table = Table::new().await;
    let body = json!({
        "event_id": "01JZX0000000000000000000EV", "object_type": "email", "metric": "bounced",
        "timestamp": 1_767_323_045,
        "data": {
            "delivery_id": "dgLm8AFx-Q==", "campaign_id": 31, "recipient": "Kim.Ode@Mail.Test",
            "subject": "Hi", "failure_message": "550 5.1.1 no such user",
            "identifiers": {"id": "u-9"},
        },
    });
    let failed = table.process(&[message("customerio", &body)]).await;
    assert_eq!(failed, Vec::<String>::new());
    let items = table.all().await;
    let wanted = json!([{
        "pk": "email#kim.ode@mail.test",
        "sk": "2026-01-02T03:04:05.000Z#01JZX0000000000000000000EV",
        "message": "customerio#dgLm8AFx-Q==",
        "problem": "bounced#2026-01-02#3",
        "id": "01JZX0000000000000000000EV",
        "schema": 2,
        "provider": "customerio",
        "channel": "email",
        "kind": "bounced",
        "provider_kind": "bounced",
        "occurred_at_source": "event",
        "recipient": "Kim.Ode@Mail.Test",
        "subject": "Hi",
        "campaign": "31",
        "bounce_class": "hard",
        "bounce_category": "invalid_recipient",
        "smtp_code": 550,
        "enhanced_code": "5.1.1",
        "reason": "550 5.1.1 no such user",
        "raw": body.to_string(),
    }]);
    assert_eq!(items.iter().map(plain).collect::<Value>(), wanted);

    let by_message = Index::Message;
    let by_message = (table.events).indexed(by_message, "customerio#dgLm8AFx-Q==".to_owned());
    assert_eq!(by_message.await.expect("events").len(), 1);
    let by_problem = Index::Problem;
    let by_problem = (table.events).indexed(by_problem, "bounced#2026-01-02#3".to_owned());
    assert_eq!(by_problem.await.expect("events").len(), 1);
}

#[tokio::test]
async fn the_same_webhook_again_changes_nothing() {
    let table = Table::new().await;
    let message = message("inboxroad", &click("kim@mail.test", 1));
    assert!(
        table
            .process(std::slice::from_ref(&message))
            .await
            .is_empty()
    );
    let once: Vec<Value> = table.all().await.iter().map(plain).collect();
    // Alone, and twice in one batch: BatchWriteItem refuses a repeated key.
    assert!(
        table
            .process(std::slice::from_ref(&message))
            .await
            .is_empty()
    );
    assert!(table.process(&[message.clone(), message]).await.is_empty());
    let again: Vec<Value> = table.all().await.iter().map(plain).collect();
    assert_eq!(once.len(), 1);
    assert_eq!(again, once);
}

#[tokio::test]
async fn an_event_without_a_time_is_stored_once_at_the_time_it_was_first_seen() {
    let table = Table::new().await;
    let provider = registry::sender("mailpanda").expect("a provider");
    let body = br#"{"type":"email.open","email_id":"m1","recipient":"kim@mail.test"}"#;
    let message_at = |time: Timestamp| {
        let delivery = deliver_at(provider, body, time);
        delivery.encode().expect("a message")
    };
    let first = message_at(received_at());
    let retry = message_at(received_at() + SignedDuration::from_mins(5));
    assert!(table.process(&[first]).await.is_empty());
    assert!(table.process(&[retry.clone(), retry]).await.is_empty());
    let items = table.all().await;
    let times: Vec<&str> = items.iter().map(|item| text(item, "sk")).collect();
    assert_eq!(times.len(), 1);
    assert!(
        times[0].starts_with("2026-01-02T03:05:00.678Z#"),
        "{times:?}"
    );
    assert_eq!(text(&items[0], "occurred_at_source"), "received");
}

/// An event of Mailgun's, signed; and the same signature around another event: what someone could
/// send who has seen it.
fn signed_and_forged(recipient: &str) -> (String, String) {
    let body = |recipient: &str| {
        let event = json!({
            "id": "e1", "timestamp": 1_767_323_045.25, "event": "complained", "recipient": recipient,
            "message": {"headers": {"message-id": "m1@mg.shop.test"}},
        });
        json!({"event-data": event}).to_string()
    };
    let provider = registry::sender("mailgun").expect("a provider");
    let signed = deliver(provider, body(recipient).as_bytes());
    let forged = replaced(signed.body(), recipient, &format!("forged.{recipient}"));
    let forged = tests::admit_as_it_is(provider, &forged, received_at());
    assert_eq!(forged.token(), signed.token());
    (
        signed.encode().expect("a message"),
        forged.encode().expect("a message"),
    )
}

fn recipients(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| text(item, "pk")).collect()
}

#[tokio::test]
async fn a_token_vouches_for_one_body_the_first_and_again() {
    let (signed, forged) = signed_and_forged("kim@mail.test");
    let none: Vec<String> = Vec::new();
    // One after the other, whichever comes first.
    for [first, second] in [[&signed, &forged], [&forged, &signed]] {
        let table = Table::new().await;
        assert_eq!(table.process(std::slice::from_ref(first)).await, none);
        let stored = table.plain().await;
        assert_eq!(table.process(std::slice::from_ref(second)).await, ["m0"]);
        assert_eq!(
            table.process(&[first.clone(), second.clone()]).await,
            ["m1"]
        );
        assert_eq!(
            table.process(&[second.clone(), first.clone()]).await,
            ["m0"]
        );
        let after = table.plain().await;
        assert_eq!(after, stored, "no event and no suppression of the second");
    }
    // In one batch the first of the batch, its repetitions with it.
    let other = message("inboxroad", &click("a@mail.test", 1));
    let table = Table::new().await;
    let batch = [other, forged.clone(), signed.clone(), forged, signed];
    assert_eq!(table.process(&batch).await, ["m2", "m4"]);
    let items = table.all().await;
    assert_eq!(
        recipients(&items),
        ["email#a@mail.test", "email#forged.kim@mail.test"]
    );
}

#[tokio::test]
async fn a_token_is_an_item_that_no_reader_of_events_sees_and_that_expires() {
    let (signed, _) = signed_and_forged("kim@mail.test");
    for (retention_days, expires_at) in [
        (0, None),
        (3650, Some(json!(1_767_323_100 + 3650 * 86_400))),
    ] {
        let table = Table::keeping(retention_days).await;
        assert!(
            table
                .process(std::slice::from_ref(&signed))
                .await
                .is_empty()
        );
        let items = table.events.scan().await.expect("items");
        let delivery = Delivery::decode(&signed).expect("a delivery");
        let pk = format!("token#mailgun#{}", delivery.token().expect("a token"));
        let item = items.iter().find(|item| text(item, "pk") == pk).map(plain);
        let mut wanted = json!({
            "pk": pk, "sk": "token",
            "body_sha256": shared::auth::sha256_hex(delivery.body()),
        });
        if let Some(expires_at) = &expires_at {
            wanted["expires_at"] = expires_at.clone();
        }
        assert_eq!(item, Some(wanted));
        // The event, its first sight, its suppression, the token.
        assert_eq!((items.len(), table.all().await.len()), (4, 1));
        assert_eq!(table.events.suppressed().await.expect("items").len(), 1);
        let key = "mailgun#m1@mg.shop.test".to_owned();
        let by_message = table.events.indexed(Index::Message, key).await;
        assert_eq!(by_message.expect("events").len(), 1);
    }
}

#[tokio::test]
async fn what_a_token_does_not_vouch_for_leaves_no_trace_in_the_table() {
    let provider = registry::sender("mailgun").expect("a provider");
    let signed = deliver(
        provider,
        br#"{"event-data":{"event":"complained","recipient":"kim@mail.test"}}"#,
    );
    let odd = |piece: &str| {
        let body = replaced(signed.body(), r#""event":"complained""#, piece);
        tests::admit_as_it_is(provider, &body, received_at())
            .encode()
            .expect("a message")
    };
    let table = Table::new().await;
    // Far too much that is no text, so no event: it could do no harm, and takes no token from the
    // one that has one.
    let unreadable = replaced(signed.body(), "complained", &"\u{80}".repeat(100_000));
    let unreadable: Vec<u8> = unreadable
        .into_iter()
        .map(|b| if b > 127 { 0xff } else { b })
        .collect();
    let unreadable = tests::admit_as_it_is(provider, &unreadable, received_at());
    assert_eq!(
        table
            .process(&[unreadable.encode().expect("a message")])
            .await,
        ["m0"]
    );
    assert_eq!(table.events.scan().await.expect("items").len(), 0);
    assert!(
        table
            .process(&[signed.encode().expect("a message")])
            .await
            .is_empty()
    );
    // An event without a time would be remembered; one that is refused is not.
    let before = table.events.scan().await.expect("items").len();
    assert_eq!(table.process(&[odd(r#""event":"opened""#)]).await, ["m0"]);
    assert_eq!(table.events.scan().await.expect("items").len(), before);
}

#[tokio::test]
async fn a_message_of_before_there_were_tokens_is_stored() {
    let table = Table::new().await;
    let message = json!({
        "v": 1, "provider": "insider", "received_at": 1_767_323_100_678_i64, "encoding": "text",
        "body": r#"{"event":"open","email":"kim@mail.test","iid":"i","timestamp":1767323045}"#,
    });
    assert!(table.process(&[message.to_string()]).await.is_empty());
    assert_eq!(recipients(&table.all().await), ["email#kim@mail.test"]);
}

#[tokio::test]
async fn poison_costs_its_neighbours_nothing() {
    let table = Table::new().await;
    let batch = [
        message("inboxroad", &click("a@mail.test", 1)),
        "not json".to_owned(),
        message("inboxroad", &click("b@mail.test", 2)),
        message_of("inboxroad", b"not json either"),
        json!({"v": 1, "provider": "nobody", "received_at": 1, "encoding": "text", "body": "{}"})
            .to_string(),
        json!({"v": 2, "provider": "insider", "received_at": 1, "encoding": "text", "body": "{}"})
            .to_string(),
        message(
            "insider",
            &json!([{"event": "open", "email": "c@mail.test", "timestamp": 1_767_323_045}, 3]),
        ),
    ];
    let put_aside = table.process(&batch).await;
    assert_eq!(put_aside, ["m1", "m3", "m4", "m5", "m6"]);
    // The good element beside a bad one is stored.
    let items = table.all().await;
    let mut stored: Vec<&str> = items.iter().map(|item| text(item, "pk")).collect();
    stored.sort_unstable();
    assert_eq!(
        stored,
        [
            "email#a@mail.test",
            "email#b@mail.test",
            "email#c@mail.test"
        ]
    );
}

#[test]
fn each_kind_of_poison_has_its_code() {
    let code = |message: &str| normalize(message).err().map(Poison::code);
    let zlib = |body: &str| json!({"v": 1, "provider": "insider", "received_at": 1, "encoding": "zlib", "body": body});
    assert_eq!(code("{"), Some("message_not_a_delivery"));
    assert_eq!(
        code(r#"{"v":9,"provider":"insider","received_at":1,"encoding":"text","body":""}"#),
        Some("message_version_unknown")
    );
    assert_eq!(
        code(r#"{"v":1,"provider":"x","received_at":1,"encoding":"text","body":""}"#),
        Some("provider_unknown")
    );
    assert_eq!(
        code(&zlib("%").to_string()),
        Some("message_body_undecodable")
    );
    assert_eq!(
        code(&zlib("AAAA").to_string()),
        Some("message_body_undecodable")
    );
}

/// A provider with a defect.
struct Panicking;

impl Provider for Panicking {
    fn name(&self) -> &'static str {
        "panicking"
    }

    fn verify<'a>(&self, _: &Incoming<'a>, _: &Secrets) -> Result<Authentic<'a>, Rejection> {
        Err(Rejection::SignatureMissing)
    }

    fn events(&self, _: &Element<'_>, _: &Delivery, _: &Budget) -> Vec<Event> {
        panic!("a defect")
    }
}

impl Sender for Panicking {
    fn scheme(&self) -> Scheme {
        customerio::Customerio.scheme()
    }

    fn signing_key(&self) -> SigningKey {
        customerio::Customerio.signing_key()
    }

    fn sign(&self, _: &str, _: &[u8], _: Timestamp) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

#[test]
fn a_panic_is_caught_at_its_message() {
    let provider = registry::sender("insider").expect("a provider");
    let delivery = deliver(provider, b"{}");
    let poison = normalize_with(&Panicking, delivery).err();
    assert_eq!(poison, Some(Poison::Panicked));
}

#[tokio::test]
async fn a_table_that_does_not_answer_fails_the_batch_by_its_deadline() {
    // accepts, and never answers
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let table = Table::at(listener.local_addr().expect("an address"), 0).await;
    let record = |id: &str, body: String| Record {
        message_id: id.to_owned(),
        body,
        ..Record::default()
    };
    // One waits for its event to be written, one already for its token.
    let records = [
        record("m0", message("inboxroad", &click("kim@mail.test", 1))),
        record("m1", signed_and_forged("kim@mail.test").0),
    ];
    let started = Instant::now();
    let outcome = table
        .process_records(&records, Duration::from_secs(1))
        .await;
    assert_eq!(outcome.waiting, ["m0", "m1"]);
    assert_eq!(outcome.put_aside, [""; 0]);
    assert!(
        started.elapsed() < Duration::from_secs(3),
        "{:?}",
        started.elapsed()
    );
}

/// A table that leaves the first write of the first request undone, and then never answers.
async fn table_that_stops_answering() -> Table {
    let requests = Arc::new(AtomicUsize::new(0));
    let answer = move |body: String| async move {
        if requests.fetch_add(1, Ordering::Relaxed) > 0 {
            std::future::pending::<()>().await;
        }
        let request: Value = serde_json::from_str(&body).expect("JSON");
        let tables = request["RequestItems"].as_object().expect("a table");
        let undone = tables.iter().map(|(name, writes)| (name, [&writes[0]]));
        let undone: BTreeMap<_, _> = undone.collect();
        json!({ "UnprocessedItems": undone }).to_string()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = axum::Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Table::at(address, 0).await
}

#[tokio::test]
async fn what_is_known_to_be_stored_by_the_deadline_does_not_wait_for_the_rest() {
    let table = table_that_stops_answering().await;
    let bodies = ["a", "b", "c"].map(|name| {
        let email = format!("{name}@mail.test");
        let event = json!([{"event": "delivered", "email": email, "iid": name, "timestamp": 1_767_323_045}]);
        message("insider", &event)
    });
    let records: Vec<Record> = bodies
        .into_iter()
        .enumerate()
        .map(|(place, body)| Record {
            message_id: format!("m{place}"),
            body,
            ..Record::default()
        })
        .collect();
    let outcome = table
        .process_records(&records, Duration::from_secs(1))
        .await;
    assert_eq!(outcome.waiting, ["m0"]);
    assert_eq!(outcome.put_aside, [""; 0]);
}

#[tokio::test]
async fn a_batch_of_a_thousand_is_stored_whole() {
    let table = Table::new().await;
    let events: Vec<Value> = (0..1000)
        .map(|n| json!({"event": "delivered", "email": format!("p{n}@mail.test"), "iid": format!("i{n}"), "timestamp": 1_767_323_045}))
        .collect();
    assert!(
        table
            .process(&[message("insider", &json!(events))])
            .await
            .is_empty()
    );
    assert_eq!(table.all().await.len(), 1000);
}

/// SendGrid posts at 768 KB; and it posts again, under other event ids and beside other events.
#[tokio::test]
async fn the_largest_batch_of_sendgrid_is_stored_once_however_it_is_repeated() {
    let table = Table::new().await;
    let event = |n: usize, sg_event_id: &str| {
        json!({
            "email": format!("p{n}@mail.test"), "timestamp": 1_767_323_045 + n, "event": "click",
            "sg_event_id": format!("{sg_event_id}{n}"), "sg_message_id": format!("m{n}.filter-1.0"),
            "useragent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "ip": "203.0.113.7",
            "url": format!("https://shop.test/{}", shared::auth::fingerprint(&[Some(&n.to_string())])),
        })
    };
    let body = |ids: &str, events: std::ops::Range<usize>| {
        let events: Vec<String> = events.map(|n| event(n, ids).to_string()).collect();
        format!("[{}]\r\n", events.join(",\r\n"))
    };
    let whole = body("first", 0..2_600);
    assert!(
        (700_000..786_432).contains(&whole.len()),
        "{} bytes",
        whole.len()
    );
    let (one, other) = (body("again", 0..1_000), body("third", 500..2_600));
    for body in [&one, &whole, &other] {
        let batch = [message_of("sendgrid", body.as_bytes())];
        assert!(table.process(&batch).await.is_empty());
    }
    assert_eq!(table.all().await.len(), 2_600);
}

/// Resend does not say which of several recipients an event is about.
#[tokio::test]
async fn an_event_that_may_be_about_someone_else_suppresses_nobody() {
    let table = Table::new().await;
    let event = |kind: &str, to: Value, answer: &str| {
        message(
            "resend",
            &json!({
                "type": kind, "created_at": "2026-01-02T03:04:05Z",
                "data": {"email_id": "m", "to": to, "bounce": {"type": "Permanent", "diagnosticCode": [answer]}},
            }),
        )
    };
    let unknown = "550 5.1.1 user unknown";
    let batch = [
        event(
            "email.bounced",
            json!(["a@mail.test", "b@mail.test"]),
            unknown,
        ),
        event(
            "email.complained",
            json!(["c@mail.test", "d@mail.test"]),
            "",
        ),
        event(
            "email.bounced",
            json!(["e@mail.test", "f@mail.test"]),
            "550 5.1.1 <f@mail.test>: user unknown",
        ),
        event("email.bounced", json!(["G <g@mail.test>"]), unknown),
        event("email.complained", json!(["h@mail.test"]), ""),
    ];
    assert!(table.process(&batch).await.is_empty());
    let suppressed = table.events.suppressed().await.expect("suppressions");
    let mut suppressed: Vec<&str> = suppressed.iter().map(|item| text(item, "pk")).collect();
    suppressed.sort_unstable();
    let wanted = [
        "email#f@mail.test",
        "email#g@mail.test",
        "email#h@mail.test",
    ];
    assert_eq!(suppressed, wanted);
    let items = table.all().await;
    let ambiguous = items
        .iter()
        .filter(|item| item.contains_key("recipient_ambiguous"));
    let mut ambiguous: Vec<&str> = ambiguous.map(|item| text(item, "pk")).collect();
    ambiguous.sort_unstable();
    assert_eq!(ambiguous, ["email#a@mail.test", "email#c@mail.test"]);
}

#[tokio::test]
async fn what_is_too_large_for_an_item_is_compressed_and_then_only_described() {
    let table = Table::new().await;
    let compressible = json!({"event": "delivered", "email": "a@mail.test", "iid": "1", "timestamp": 1_767_323_045, "x": "ab".repeat(400_000)});
    // Digits of a counter through SHA-256: text that does not compress enough.
    let noise: String = (0..30_000_u32)
        .map(|n| shared::auth::fingerprint(&[Some(&n.to_string())]))
        .collect();
    let incompressible = json!({"event": "delivered", "email": "b@mail.test", "iid": "2", "timestamp": 1_767_323_045, "x": noise});
    let batch = [
        message("insider", &compressible),
        message("insider", &incompressible),
    ];
    let failed = table.process(&batch).await;
    assert_eq!(failed, Vec::<String>::new());
    let items = table.all().await;
    let of = |pk: &str| {
        items
            .iter()
            .find(|item| text(item, "pk") == pk)
            .map(plain)
            .expect("an item")
    };
    let packed = of("email#a@mail.test");
    let bytes = base64::Engine::decode(
        &base64::engine::general_purpose::STANDARD,
        packed["raw"].as_str().expect("base64"),
    )
    .expect("bytes");
    let mut raw = String::new();
    std::io::Read::read_to_string(
        &mut flate2::read::ZlibDecoder::new(bytes.as_slice()),
        &mut raw,
    )
    .expect("zlib");
    assert_eq!(raw, compressible.to_string());
    let described = of("email#b@mail.test");
    assert_eq!(described.get("raw"), None);
    assert_eq!(
        described["raw_bytes"],
        json!(incompressible.to_string().len())
    );
    assert_eq!(described["raw_sha256"].as_str().map(str::len), Some(64));
}

#[tokio::test]
async fn each_reason_has_the_last_word_on_itself_in_any_order() {
    let complaint = |second| {
        message(
            "mailpanda",
            &json!({"type": "email.complained", "email_id": "m", "recipient": "Kim@mail.test", "timestamp": format!("2026-01-02T03:04:{second:02}Z")}),
        )
    };
    let setting = |metric: &str, second: i64| {
        message(
            "customerio",
            &json!({"event_id": format!("e{second}"), "object_type": "customer", "metric": metric, "timestamp": 1_767_323_040 + second, "data": {"email_address": "kim@mail.test"}}),
        )
    };
    let (out, again) = (
        |second| setting("unsubscribed", second),
        |second| setting("subscribed", second),
    );
    let histories = [
        vec![complaint(1), out(3), again(5), complaint(9)],
        vec![complaint(9), complaint(1), again(5), out(3), complaint(1)],
        vec![again(5), complaint(9), again(5), out(3), complaint(1)],
    ];
    for history in &histories {
        let table = Table::new().await;
        for message in history {
            let failed = table.process(std::slice::from_ref(message)).await;
            assert_eq!(failed, Vec::<String>::new());
        }
        let item = table.suppression("kim@mail.test").await;
        let mut item = item.expect("a suppression");
        let complained = item["complained"].take();
        assert_eq!(complained["since"], json!("2026-01-02T03:04:09.000Z"));
        let event = complained["event"].as_str().expect("a sort key");
        let all = table.all().await;
        assert!(all.iter().any(|item| text(item, "sk") == event), "{event}");
        assert_eq!(complained.as_object().map(serde_json::Map::len), Some(2));
        let at = item["complained_at"].take();
        let at = at.as_str().expect("an order key");
        assert!(at.starts_with("2026-01-02T03:04:09.000Z#1#"), "{at}");
        let wanted = json!({
            "pk": "email#kim@mail.test", "sk": "suppression",
            "complained": null, "complained_at": null,
            "unsubscribed_at": "2026-01-02T03:04:05.000Z#0#e5",
        });
        assert_eq!(item, wanted, "the opt-out is lifted, the complaint stands");
    }
}

#[tokio::test]
async fn what_does_not_condemn_an_address_does_not_suppress_it() {
    let table = Table::new().await;
    let bounce = |address: &str, reason: &str| {
        message(
            "customerio",
            &json!({"event_id": address, "object_type": "email", "metric": "bounced", "timestamp": 1_767_323_045, "data": {"recipient": address, "failure_message": reason}}),
        )
    };
    let batch = [
        bounce("full@mail.test", "552 5.2.2 mailbox full"),
        bounce("spam@mail.test", "550 5.7.1 message looks like spam"),
        bounce("what@mail.test", "it did not work"),
        bounce("gone@mail.test", "550 5.1.1 no such user"),
        message(
            "inboxroad",
            &json!({"kind": "subscription_changed", "change": "unsubscribe", "recipient": "list@mail.test", "contact_list": {"id": "1"}, "message_id": "1", "timestamp": "2026-01-02T03:04:05Z"}),
        ),
        message(
            "insider",
            &json!({"event": "group_unsubscribe", "email": "group@mail.test", "iid": "1", "timestamp": 1_767_323_045}),
        ),
        message(
            "insider",
            &json!({"event": "unsubscribe", "iid": "1", "timestamp": 1_767_323_045}),
        ),
    ];
    assert!(table.process(&batch).await.is_empty());
    let suppressed = table.events.suppressed().await.expect("suppressions");
    let suppressed: Vec<&str> = suppressed.iter().map(|item| text(item, "pk")).collect();
    assert_eq!(suppressed, ["email#gone@mail.test"]);
}
