//! What is not signed changes nothing that is stored, and no event is believed about a time that
//! nobody can know.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::delivery::Delivery;
use table::read::text;
use table::token::Claim;
use tests::table::{Table, message, record};
use tests::{admit_as_it_is, deliver_at, received_at};
use tokio::net::TcpListener;

const NONE: [String; 0] = [];

fn mailgun(event: &Value, at: Timestamp) -> String {
    let provider = registry::sender("mailgun").expect("a provider");
    let body = json!({"event-data": event}).to_string();
    let delivery = deliver_at(provider, body.as_bytes(), at);
    delivery.encode().expect("a message")
}

/// Under a signature of its own, which nobody had used.
fn at(second: i64) -> Timestamp {
    received_at() + SignedDuration::from_secs(second)
}

fn bounce(message: &str) -> Value {
    json!({
        "id": "b1", "timestamp": 1_767_323_045.25, "event": "failed", "severity": "permanent",
        "recipient": "kim@mail.test", "delivery-status": {"code": 550, "message": message},
        "user-variables": {"order": "7"}, "message": {"headers": {"message-id": "m1@mg.shop.test"}},
    })
}

#[tokio::test]
async fn what_contradicts_a_stored_event_is_put_aside_and_speaks_of_nobody() {
    let real = bounce("550 5.1.1 no such user");
    let mut friendly = bounce("452 4.2.2 mailbox full");
    friendly["user-variables"] = json!({"order": "8"});
    let (real, friendly) = (mailgun(&real, at(0)), mailgun(&friendly, at(1)));
    for [first, second] in [[&real, &friendly], [&friendly, &real]] {
        let table = Table::new().await;
        assert_eq!(table.process(std::slice::from_ref(first)).await, NONE);
        let stored = table.plain().await;
        // Alone, again, and beside the one that it contradicts, in either order.
        for (batch, failed) in [
            (vec![second.clone()], vec!["m0"]),
            (vec![second.clone(), first.clone()], vec!["m0"]),
            (vec![first.clone(), second.clone()], vec!["m1"]),
        ] {
            assert_eq!(table.process(&batch).await, failed);
        }
        // Its token is taken, and it was seen: of its event and its register there is nothing.
        let is_trace = |item: &Value| {
            let sk = item["sk"].as_str().unwrap_or_default();
            sk == "token" || sk.starts_with("seen#")
        };
        let (mut before, mut after) = (stored, table.plain().await);
        before.retain(|item| !is_trace(item));
        after.retain(|item| !is_trace(item));
        assert_eq!(after, before);
    }
    // In one batch, and new both: the first of the batch.
    let table = Table::new().await;
    assert_eq!(
        table.process(&[real.clone(), friendly.clone()]).await,
        ["m1"]
    );
    let item = table.suppression("kim@mail.test").await;
    assert!(item.is_some_and(|item| item.get("bounced").is_some()));
}

/// The same event comes to several URLs, each time under another token, and maybe with other
/// variables: the first one stays.
#[tokio::test]
async fn what_says_the_same_is_the_same_whatever_stands_beside_it() {
    let table = Table::new().await;
    let real = mailgun(&bounce("550 5.1.1 no such user"), at(0));
    let mut copy = bounce("550 5.1.1 no such user");
    copy["user-variables"] = json!({"order": "somebody else's"});
    copy["tags"] = json!(["spoofed"]);
    let copy = mailgun(&copy, at(1));
    assert_eq!(table.process(std::slice::from_ref(&real)).await, NONE);
    let stored = table.all().await;
    assert_eq!(table.process(&[copy.clone(), real]).await, NONE);
    assert_eq!(table.process(&[copy]).await, NONE);
    assert_eq!(table.all().await, stored);
}

/// The receiver keeps no header that its provider did not sign, whatever its name.
#[test]
fn a_header_that_was_not_verified_does_not_travel() {
    let provider = registry::sender("resend").expect("a provider");
    let body = br#"{"type":"email.sent","data":{"email_id":"m"}}"#;
    let signed = provider.signed(tests::key(provider), body, received_at());
    let mut headers = signed.headers.clone();
    for name in ["webhook-id", "Webhook-Id", "svix-id-2", "x-forwarded-for"] {
        headers.push((name, "msg_forged".to_owned()));
    }
    let request = tests::request(tests::gateway_event(&headers, body));
    let secrets = tests::secrets(provider, tests::key(provider));
    let admitted = shared::admit::admit(provider, &secrets, None, &request, received_at());
    let delivery = admitted.expect("a signed request").delivery;
    let id = signed.headers.iter().find(|(name, _)| *name == "svix-id");
    let (name, id) = id.expect("an id").clone();
    assert_eq!(delivery.headers(), &[(name.to_owned(), id)].into());
}

#[tokio::test]
async fn junk_under_a_captured_signature_takes_no_token() {
    let provider = registry::sender("mailgun").expect("a provider");
    let complaint = json!({
        "id": "c1", "timestamp": 1_767_323_045.25, "event": "complained", "recipient": "kim@mail.test",
    });
    let body = json!({"event-data": complaint}).to_string();
    let real = deliver_at(provider, body.as_bytes(), at(0));
    let signature: Value = serde_json::from_slice(real.body()).expect("JSON");
    let signature = &signature["signature"];
    let under_it = |rest: &str| {
        let body = format!(r#"{{"signature":{signature}{rest}}}"#);
        let delivery = admit_as_it_is(provider, body.as_bytes(), at(5));
        assert_eq!(delivery.token(), real.token());
        delivery.encode().expect("a message")
    };
    let many: Vec<String> = (0..5_000).map(|n| format!(r#","{n}":0"#)).collect();
    let many = many.concat();
    let junk = [
        "",
        r#","event-data":null"#,
        r#","event-data":[]"#,
        r#","event-data":"complained""#,
        r#","event-data":{}"#,
        r#","event-data":{"event":""}"#,
        r#","event-data":{"event":7}"#,
        r#","event-data":{"event":null,"recipient":"kim@mail.test"}"#,
        r#","event-data":{"event":{"event":"complained"}}"#,
        r#","event-data":{"event":"opened"},"event-data":{}"#,
        r#","event-data":{"event":"opened","event":null}"#,
        r#","Event-Data":{"event":"complained"}"#,
        // Behind more fields than are read of an object.
        &format!(r#"{many},"event-data":{{"event":"complained"}}"#),
        &format!(r#","event-data":{{"a":0{many},"event":"complained"}}"#),
    ];
    let table = Table::new().await;
    for rest in junk {
        assert_eq!(table.process(&[under_it(rest)]).await, ["m0"], "{rest}");
        assert_eq!(table.plain().await, NONE.map(Value::from), "{rest}");
    }
    // What is read as no event must not pass for one, whatever stands in front; what is an event is
    // stored.
    let body = format!(r#"{{"signature":{signature}}}"#);
    for front in ["\u{1}", "\u{feff}\u{feff}", "[", "x"] {
        let odd = format!("{front}{body}");
        let named = provider.names_event(odd.as_bytes());
        assert!(!named, "{front:?}");
    }
    let real = real.encode().expect("a message");
    assert_eq!(table.process(&[under_it(""), real]).await, ["m0"]);
    let item = table.suppression("kim@mail.test").await;
    assert!(item.is_some_and(|item| item.get("complained").is_some()));
}

fn customerio(id: &str, metric: &str, seconds: i64, at: Timestamp) -> String {
    let provider = registry::sender("customerio").expect("a provider");
    let body = json!({
        "event_id": id, "object_type": "email", "metric": metric, "timestamp": seconds,
        "data": {"recipient": "kim@mail.test", "delivery_id": "d"},
    });
    let delivery = deliver_at(provider, body.to_string().as_bytes(), at);
    delivery.encode().expect("a message")
}

/// 9999-12-30T22:00:00Z, in seconds: the last time there is.
const LAST: i64 = 253_402_207_200;

#[tokio::test]
async fn a_subscription_dated_in_the_far_future_does_not_own_the_register() {
    let table = Table::new().await;
    let subscribed = customerio("s", "subscribed", LAST, at(0));
    let unsubscribed = customerio("u", "unsubscribed", at(60).as_second(), at(60));
    for batch in [&subscribed, &unsubscribed, &subscribed] {
        assert_eq!(table.process(std::slice::from_ref(batch)).await, NONE);
    }
    let item = table.suppression("kim@mail.test").await.expect("an item");
    assert_eq!(item["unsubscribed"]["event"], format!("{}#u", at_ms(60)));
    let stored = table.all().await;
    let kinds: Vec<_> = stored
        .iter()
        .map(|i| (text(i, "kind"), text(i, "sk")))
        .collect();
    let first_sight = "2026-01-02T03:05:00.678Z#s";
    assert_eq!(kinds[0], ("subscribed", first_sight), "at its first sight");
    assert_eq!(kinds.len(), 2);
}

fn at_ms(second: i64) -> String {
    let whole = Timestamp::from_second(at(second).as_second()).expect("a time");
    shared::time::rfc3339_ms(whole)
}

#[tokio::test]
async fn an_event_days_ahead_keeps_its_time_whichever_copy_comes_first() {
    let day = 24 * 60 * 60;
    let own = received_at().as_second() + 5 * day;
    let early = customerio("x", "opened", own, at(0));
    let late = customerio("x", "opened", own, at(6 * day));
    for batches in [[&early, &late], [&late, &early]] {
        let table = Table::new().await;
        for message in batches {
            assert_eq!(table.process(std::slice::from_ref(message)).await, NONE);
        }
        let stored = table.all().await;
        let keys: Vec<&str> = stored.iter().map(|item| text(item, "sk")).collect();
        assert_eq!(keys, ["2026-01-07T03:05:00.000Z#x"]);
        assert_eq!(text(&stored[0], "occurred_at_source"), "event");
    }
}

#[tokio::test]
async fn what_is_past_its_retention_is_not_stored_and_still_speaks() {
    let table = Table::keeping(400).await;
    let day = 24 * 60 * 60;
    let now = received_at().as_second();
    let messages = [
        customerio("old", "spammed", now - 400 * day - 1, at(0)),
        customerio("1970", "opened", 1, at(0)),
        customerio("new", "opened", now - 399 * day, at(0)),
    ];
    assert_eq!(table.process(&messages).await, NONE);
    let stored = table.all().await;
    let ids: Vec<&str> = stored.iter().map(|item| text(item, "id")).collect();
    assert_eq!(ids, ["new"]);
    let item = table.suppression("kim@mail.test").await.expect("an item");
    let since =
        shared::time::rfc3339_ms(Timestamp::from_second(now - 400 * day - 1).expect("a time"));
    assert_eq!(item["complained"]["since"], since);
    // Everything that is there is still to be found tomorrow, and goes one day.
    for item in table.plain().await {
        let expires = item.get("expires_at").and_then(Value::as_i64);
        let is_for_ever = item["sk"] == "suppression"
            || item["sk"]
                .as_str()
                .is_some_and(|sk| sk.starts_with("seen#"));
        assert_eq!(expires.is_none(), is_for_ever, "{item}");
        assert!(expires.is_none_or(|expires| expires > now), "{item}");
    }
}

/// The narrower opt-outs have a register of their own, found by one key.
#[tokio::test]
async fn an_opt_out_of_a_list_group_or_topic_is_found_by_one_key_and_suppresses_nothing_else() {
    let table = Table::new().await;
    let list = |change: &str, second: u32| {
        message(
            "inboxroad",
            &json!({
                "kind": "subscription_changed", "change": change, "recipient": "kim@mail.test", "contact_list": {"id": 9, "name": "News"},
                "message_id": "22222222-2222-4333-8444-555555555555", "timestamp": format!("2026-01-02T03:04:{second:02}Z"),
            }),
        )
    };
    let group = |event: &str, timestamp: i64| {
        message(
            "sendgrid",
            &json!([{
                "event": event, "email": "kim@mail.test", "timestamp": timestamp, "sg_message_id": "m.x", "asm_group_id": 10,
                "useragent": "Mimecast",
            }]),
        )
    };
    let messages = [
        list("unsubscribe", 1),
        list("resubscribe", 2),
        list("unsubscribe", 3),
        group("group_unsubscribe", 1_767_323_045),
        group("group_resubscribe", 1_767_323_046),
        message(
            "mailgun",
            &json!({"event-data": {
                "id": "u", "timestamp": 1_767_323_045.5, "event": "unsubscribed", "recipient": "kim@mail.test",
                "mailing-list": {"address": "news@mg.shop.test"},
            }}),
        ),
    ];
    assert_eq!(table.process(&messages).await, NONE);
    assert_eq!(table.suppression("kim@mail.test").await, None);
    let items = table.plain().await;
    let mut registers: Vec<(&str, bool, bool)> = items
        .iter()
        .filter_map(|item| {
            let sk = item["sk"]
                .as_str()
                .filter(|sk| sk.starts_with("suppression"))?;
            assert_eq!(item["pk"], "email#kim@mail.test");
            Some((
                sk,
                item.get("unsubscribed").is_some(),
                item.get("unsubscribed_at").is_some(),
            ))
        })
        .collect();
    registers.sort_unstable();
    assert_eq!(
        registers,
        [
            ("suppression#group#sendgrid#10", false, true),
            ("suppression#list#inboxroad#9", true, true),
            ("suppression#list#mailgun#news@mg.shop.test", true, true),
        ]
    );
    let unsubscribed = items
        .iter()
        .find(|item| item["provider"] == "sendgrid" && item["kind"] == "unsubscribed");
    let unsubscribed = unsubscribed.expect("an event");
    assert_eq!(unsubscribed["machine"], "suspected", "a link scanner");
    assert_eq!(
        (&unsubscribed["scope"], &unsubscribed["scope_id"]),
        (&json!("group"), &json!("10"))
    );
}

/// What a provider knew before us: its own words of it, and its refusals to send.
#[tokio::test]
async fn a_providers_own_list_is_a_word_and_so_is_its_removal() {
    let table = Table::new().await;
    let resend = |kind: &str, data: Value, at: &str| {
        message(
            "resend",
            &json!({"type": kind, "created_at": at, "data": data}),
        )
    };
    let entry =
        |address: &str, origin: &str| json!({"id": "sp", "email": address, "origin": origin});
    let dropped = |address: &str, reason: &str| json!({"email": address, "timestamp": 1_767_323_040, "event": "dropped", "sg_message_id": "d.x", "reason": reason});
    let first = "2026-01-02T03:04:00Z";
    let later = "2026-01-02T03:04:30Z";
    let messages = [
        resend(
            "suppression.added",
            entry("a@mail.test", "complaint"),
            first,
        ),
        resend("suppression.added", entry("b@mail.test", "bounce"), first),
        resend("suppression.removed", entry("b@mail.test", "bounce"), later),
        resend("suppression.added", entry("c@mail.test", "manual"), first),
        resend("suppression.removed", entry("a@mail.test", "bounce"), later),
        resend(
            "contact.updated",
            json!({"id": "ct", "email": "d@mail.test", "unsubscribed": true}),
            first,
        ),
        resend(
            "contact.updated",
            json!({"id": "ct", "email": "d@mail.test", "unsubscribed": false}),
            later,
        ),
        message(
            "sendgrid",
            &json!([
                dropped("e@mail.test", "Bounced Address"),
                dropped("f@mail.test", "Unsubscribed Address"),
                dropped("g@mail.test", "Spam Reporting Address"),
                dropped("h@mail.test", "Invalid"),
            ]),
        ),
        resend("suppression.removed", entry("e@mail.test", "bounce"), later),
    ];
    assert_eq!(table.process(&messages).await, NONE);
    for (address, reason) in [
        ("a@mail.test", Some("complained")),
        ("b@mail.test", None),
        ("c@mail.test", Some("manual")),
        ("d@mail.test", Some("unsubscribed")),
        ("e@mail.test", None), // lifted whoever set it
        ("f@mail.test", Some("unsubscribed")),
        ("g@mail.test", Some("complained")),
        ("h@mail.test", None),
    ] {
        let item = table.suppression(address).await.unwrap_or_default();
        let reasons = ["bounced", "complained", "unsubscribed", "manual"];
        let standing: Vec<&str> = reasons
            .into_iter()
            .filter(|reason| item.get(reason).is_some())
            .collect();
        assert_eq!(
            standing,
            reason.into_iter().collect::<Vec<_>>(),
            "{address}"
        );
    }
}

/// A message of a provider whose signature does not cover the body, without a token: put there by
/// hand.
#[tokio::test]
async fn what_came_without_its_token_overwrites_nothing_either() {
    let table = Table::new().await;
    let by_hand = |event: &Value| {
        let message = mailgun(event, at(0));
        let mut message: Value = serde_json::from_str(&message).expect("JSON");
        message.as_object_mut().expect("an object").remove("token");
        assert_eq!(
            Delivery::decode(&message.to_string())
                .expect("a delivery")
                .token(),
            None
        );
        message.to_string()
    };
    let real = by_hand(&bounce("550 5.1.1 no such user"));
    let other = by_hand(&bounce("452 4.2.2 mailbox full"));
    assert_eq!(table.process(&[real]).await, NONE);
    assert_eq!(table.process(&[other]).await, ["m0"]);
}

/// Of one message, and however many parts it is worked on in: the first counts.
#[tokio::test]
async fn what_one_webhook_says_twice_is_written_once_as_it_said_it_first() {
    let table = Table::new().await;
    let event = |order: usize| {
        json!({
            "event": "delivered", "email": "kim@mail.test", "iid": "i", "timestamp": 1_767_323_045, "subject": format!("{order}"),
        })
    };
    let events: Vec<Value> = (0..2_500).map(event).collect();
    assert_eq!(
        table.process(&[message("insider", &json!(events))]).await,
        NONE
    );
    let stored = table.all().await;
    let subjects: Vec<&str> = stored.iter().map(|item| text(item, "subject")).collect();
    assert_eq!(subjects, ["0"]);
}

/// What was received before is worked on last, and what is large after what is small: whatever
/// their places in the batch are.
#[tokio::test]
async fn neighbours_come_first() {
    let real = bounce("550 5.1.1 no such user");
    let mut large = bounce("452 4.2.2 mailbox full");
    large["tags"] = json!(["x".repeat(100_000)]);
    let (small, large) = (mailgun(&real, at(0)), mailgun(&large, at(1)));
    let full = mailgun(&bounce("452 4.2.2 mailbox full"), at(2));
    for (first, is_repeated) in [(&large, false), (&full, true)] {
        let table = Table::new().await;
        let receives = if is_repeated { 2 } else { 1 };
        let records = [
            record("odd", first.clone(), receives),
            record("small", small.clone(), 1),
        ];
        let outcome = table
            .process_records(&records, Duration::from_secs(20))
            .await;
        // Whoever is put first stays.
        assert_eq!(outcome.put_aside, ["odd"]);
        assert_eq!(outcome.waiting, NONE);
        assert_eq!(text(&table.all().await[0], "bounce_class"), "hard");
    }
}

/// A retry of what was stored by an older version, which read another verdict in it, is the same
/// event.
#[tokio::test]
async fn the_same_words_never_contradict_themselves() {
    let table = Table::new().await;
    let message = mailgun(&bounce("550 5.1.1 no such user"), at(0));
    assert_eq!(table.process(std::slice::from_ref(&message)).await, NONE);
    let mut older = table.all().await.remove(0);
    let generic = AttributeValue::S("generic".to_owned());
    older.insert("bounce_category".to_owned(), generic);
    let put = table.events.client().put_item();
    let put = put.table_name(table.events.table());
    put.set_item(Some(older.clone())).send().await.expect("put");
    assert_eq!(table.process(&[message]).await, NONE);
    assert_eq!(table.all().await, [older], "what is stored stays");
}

/// What came first is remembered while another word may still come back from the dead-letter queue.
#[test]
fn a_token_outlasts_the_dead_letter_queue_however_short_events_are_kept() {
    let message = mailgun(&bounce("550 5.1.1 no such user"), at(0));
    let delivery = Delivery::decode(&message).expect("a delivery");
    let claim = Claim::of(&delivery).expect("a claim");
    let days = |retention_days| {
        let expires = claim.first(retention_days).expires_at;
        expires.map(|expires| (expires - received_at().as_second()) / 86_400)
    };
    assert_eq!(
        [days(0), days(1), days(30), days(400)],
        [None, Some(30), Some(30), Some(400)]
    );
}

#[tokio::test]
async fn what_a_provider_does_not_say_lifts_nothing_and_a_list_that_cannot_be_read_is_no_opt_out_of_all()
 {
    let table = Table::new().await;
    let resend = |kind: &str, origin: Value, at: &str| {
        let data = json!({"email": "kim@mail.test", "origin": origin});
        message(
            "resend",
            &json!({"type": kind, "created_at": at, "data": data}),
        )
    };
    let mailgun_list = |list: Value, id: &str| {
        let event = json!({
            "id": id, "timestamp": 1_767_323_045.5, "event": "unsubscribed", "recipient": "lee@mail.test", "mailing-list": list,
        });
        mailgun(&event, at(0))
    };
    let messages = [
        resend("suppression.added", json!("manual"), "2026-01-02T03:04:00Z"),
        resend("suppression.removed", json!(null), "2026-01-02T03:04:01Z"),
        resend("suppression.removed", json!("else"), "2026-01-02T03:04:02Z"),
        mailgun_list(json!([{"address": "l@mg.test"}]), "1"),
        mailgun_list(json!("l@mg.test"), "2"),
        mailgun_list(json!({"address": "News@MG.test"}), "3"),
    ];
    assert_eq!(table.process(&messages).await, NONE);
    let kim = table.suppression("kim@mail.test").await;
    assert!(kim.is_some_and(|item| item.get("manual").is_some()));
    assert_eq!(table.suppression("lee@mail.test").await, None);
    let items = table.plain().await;
    let lists = items.iter().filter_map(|item| item["sk"].as_str());
    let lists: Vec<&str> = lists.filter(|sk| sk.starts_with("suppression#")).collect();
    assert_eq!(lists, ["suppression#list#mailgun#news@mg.test"]);
}

/// A table that takes its time: a message that would use up all of it fails alone, even where the
/// good one was received before.
#[tokio::test]
async fn a_message_has_its_share_of_the_time_and_no_more() {
    // The bomb would take 25 s and has 6; the other one has as long, on whatever machine.
    let slow = SlowTable::start(Duration::from_millis(50)).await;
    let complaints: Vec<Value> = (0..4_000)
        .map(|n| json!({"event": "spam", "email": format!("p{n}@mail.test"), "iid": "i", "timestamp": 1_767_323_045}))
        .collect();
    let good =
        json!({"event": "open", "email": "kim@mail.test", "iid": "i", "timestamp": 1_767_323_045});
    let records = [
        record("bomb", message("insider", &json!(complaints)), 1),
        record("good", message("insider", &good), 2),
    ];
    let outcome = slow
        .table
        .process_records(&records, Duration::from_secs(12))
        .await;
    assert_eq!(outcome.waiting, ["bomb"]);
    assert_eq!(outcome.put_aside, NONE);
    assert!(slow.has("email#kim@mail.test"), "the good one");
}

/// What answers every write after a while, as if it were the first.
struct SlowTable {
    table: Table,
    written: Arc<Mutex<String>>,
}

impl SlowTable {
    async fn start(delay: Duration) -> Self {
        let written = Arc::new(Mutex::new(String::new()));
        let seen = Arc::clone(&written);
        let answer = move |body: String| {
            let seen = Arc::clone(&seen);
            async move {
                tokio::time::sleep(delay).await;
                let request: Value = serde_json::from_str(&body).expect("JSON");
                seen.lock().expect("written").push_str(&body);
                let names = &request["ExpressionAttributeNames"]["#first"];
                let value = &request["ExpressionAttributeValues"][":first"];
                match names.as_str() {
                    Some(name) => json!({"Attributes": {name: value}}).to_string(),
                    None => json!({"UnprocessedItems": {}}).to_string(),
                }
            }
        };
        let router = Router::new().route("/", post(answer));
        let router = router.layer(DefaultBodyLimit::max(16 * 1024 * 1024));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        let table = Table::at(address, 0).await;
        Self { table, written }
    }

    fn has(&self, key: &str) -> bool {
        self.written.lock().expect("written").contains(key)
    }
}
