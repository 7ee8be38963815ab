//! What becomes of a message that is not stored: it waits as long as the trouble is the table's,
//! and poison is put aside, alone, by the consumer's own hand.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue as ItemValue;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use consumer::event::{Attributes, MessageAttribute, Record};
use consumer::queues::Queues;
use jiff::SignedDuration;
use operator::services::Services;
use proptest::prelude::*;
use serde_json::{Value, json};
use shared::dead_letter::{CODE, FAILED_AT, FIRST_MESSAGE_ID};
use shared::delivery::Delivery;
use shared::time::from_rfc3339;
use sqs::Receive;
use tests::table::{Outcome, Table, message, message_of, record};
use tests::{deliver, received_at};
use tokio::net::TcpListener;
use tokio::time::Instant;

const NONE: [&str; 0] = [];
/// As long as the table may take in these tests, where it does not answer.
const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(20);

fn open(person: &str) -> String {
    format!(r#"{{"event":"open","email":"{person}@mail.test","iid":"i","timestamp":1767323045}}"#)
}

/// A table that accepts connections and never answers.
async fn silent() -> Table {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let table = Table::at(listener.local_addr().expect("an address"), 0).await;
    tokio::spawn(async move {
        let _listener = listener;
        std::future::pending::<()>().await;
    });
    table
}

/// A dead letter: its body as a delivery, and its attributes.
fn letters(table: &Table) -> Vec<(String, BTreeMap<String, String>)> {
    let contents = table.dead_letters.contents().expect("messages");
    let letter = |content: &std::sync::Arc<sqs::Content>| {
        let message = content.message();
        let attributes = message.attributes.iter();
        let attributes = attributes.filter_map(|(name, attribute)| {
            let text = attribute.value.as_text()?;
            Some((name.clone(), text.to_owned()))
        });
        (message.body.clone(), attributes.collect())
    };
    contents.iter().map(letter).collect()
}

fn is_whole(outcome: &Outcome) -> bool {
    outcome.waiting.is_empty() && outcome.put_aside.is_empty()
}

#[tokio::test]
async fn only_the_bad_elements_of_a_webhook_are_put_aside_to_the_letter() {
    let (a, b) = (open("a"), open("b"));
    let many: Vec<String> = (0..10_003).map(|n| open(&format!("p{n}"))).collect();
    let cases = [
        (format!("[{a}, 3 ,{b}]"), "[3]", "element_not_object", 2),
        (
            format!("[\n{a},[1, 2],null,{b},\"x\"]\r\n"),
            "[[1, 2],null,\"x\"]",
            "element_not_object",
            2,
        ),
        (
            format!(r#"[{a},{{"event" "open"}},7]"#),
            r#"[{"event" "open"},7]"#,
            "element_not_json,element_not_object",
            1,
        ),
        (format!("[{a},"), "[", "body_not_json,element_not_object", 1),
        (
            format!("[3,{a}"),
            "[3",
            "body_not_json,element_not_object",
            1,
        ),
        (format!("[{a},{b}"), "[", "body_not_json", 2),
        (format!("[{a}] and more"), "[] and more", "body_not_json", 1),
        (
            format!("[3,{a}]]"),
            "[3]]",
            "body_not_json,element_not_object",
            1,
        ),
        ("not json".to_owned(), "not json", "body_not_json", 0),
        ("3".to_owned(), "3", "body_not_object", 0),
        (
            format!("[{}]", many.join(",")),
            &*format!("[{}]", many[10_000..].join(",")),
            "too_many_events",
            10_000,
        ),
    ]
    .map(|(body, aside, code, events)| (body, aside.to_owned(), code, events));
    for (body, aside, code, events) in cases {
        let table = Table::new().await;
        let sent = message_of("insider", body.as_bytes());
        assert_eq!(table.process(std::slice::from_ref(&sent)).await, ["m0"]);
        assert_eq!(table.all().await.len(), events, "{code}");
        let [(letter, attributes)] = &letters(&table)[..] else {
            panic!("{code}: not one letter");
        };
        let before = Delivery::decode(&sent).expect("a delivery");
        let after = Delivery::decode(letter).expect("a delivery");
        let shown = String::from_utf8_lossy(after.body());
        assert_eq!(shown, aside, "{code}");
        assert_eq!(after.provider(), "insider");
        assert_eq!(after.received_at(), before.received_at());
        assert_eq!(attributes.len(), 3);
        assert_eq!(attributes[CODE], code);
        assert_eq!(attributes[FIRST_MESSAGE_ID], "m0");
        let failed_at = from_rfc3339(&attributes[FAILED_AT]).expect("a time");
        let took = failed_at.duration_since(received_at());
        assert!((0..20).contains(&took.as_secs()), "{failed_at}");
    }
}

/// A token stands for the body as it came.
#[tokio::test]
async fn a_webhook_under_a_token_is_put_aside_whole() {
    let table = Table::new().await;
    let provider = registry::sender("mailgun").expect("a provider");
    let delivery = deliver(provider, br#"{"event-data":{"event":"opened","id":"e"}}"#);
    let message = delivery.encode().expect("a message");
    assert_eq!(table.process(std::slice::from_ref(&message)).await, NONE);
    let mut other: Value = serde_json::from_str(&message).expect("JSON");
    let body = other["body"].as_str().expect("text");
    other["body"] = json!(body.replace("opened", "clicked"));
    assert_eq!(table.process(&[other.to_string()]).await, ["m0"]);
    let [(letter, attributes)] = &letters(&table)[..] else {
        panic!("not one letter");
    };
    assert_eq!(*letter, other.to_string());
    assert_eq!(attributes[CODE], "token_reused");
}

/// A redrive gives it another id.
#[tokio::test]
async fn what_was_put_aside_before_keeps_the_id_that_it_had_at_first() {
    let table = Table::new().await;
    let again = Record {
        message_attributes: BTreeMap::from([(
            FIRST_MESSAGE_ID.to_owned(),
            MessageAttribute {
                string_value: Some("first".to_owned()),
            },
        )]),
        ..record("again", message_of("insider", b"3"), 1)
    };
    let outcome = table.process_records(&[again], LONG).await;
    assert_eq!(outcome.put_aside, ["first"]);
}

#[tokio::test]
async fn poison_that_cannot_be_put_aside_stays_in_the_queue_with_all_of_its_message() {
    let mut table = Table::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let nobody = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let client = Services::local(&nobody).sqs();
    table.consumer.queues =
        Queues::new(client, "http://q/0/q".to_owned(), "http://q/0/d".to_owned());
    let half = message_of("insider", format!("[{},3]", open("a")).as_bytes());
    let records = [
        record("half", half, 1),
        record("good", message("insider", &json!({"event": "open"})), 1),
    ];
    let outcome = table.process_records(&records, LONG).await;
    assert_eq!(
        (outcome.waiting, outcome.put_aside),
        (vec!["half".to_owned()], vec![])
    );
    assert_eq!(table.all().await.len(), 2);
}

#[tokio::test]
async fn what_waits_for_the_table_is_hidden_for_a_minute_and_longer_each_time() {
    let table = silent().await;
    let good = message("insider", &json!({"event": "open"}));
    for (receives, minutes) in [(1, 1), (2, 2), (4, 5), (200, 5), (201, 60)] {
        table.deliveries.send(good.clone()).expect("sent");
        let received = table.deliveries.receive(&Receive::default()).await;
        let handle = received.expect("a message").remove(0).receipt_handle;
        let record = Record {
            receipt_handle: handle.clone(),
            ..record("m", good.clone(), receives)
        };
        let outcome = table.process_records(&[record], SHORT).await;
        assert_eq!(
            (outcome.waiting, outcome.put_aside),
            (vec!["m".to_owned()], vec![])
        );
        let visible_at = table.deliveries.visible_at(&handle).expect("a handle");
        let hidden = visible_at
            .expect("a message")
            .duration_since(Instant::now());
        let most = Duration::from_mins(minutes);
        assert!(
            hidden <= most && hidden + Duration::from_secs(20) > most,
            "{hidden:?}"
        );
    }
}

/// The queue keeps a message for 14 days, and the dead-letter queue for 14 more.
#[tokio::test]
async fn what_has_waited_for_twelve_days_is_put_aside_and_nothing_before() {
    let table = silent().await;
    let good = message("insider", &json!({"event": "open"}));
    let aged = |seconds: i64| {
        let sent = received_at() - SignedDuration::from_hours(12 * 24);
        let sent = sent.as_millisecond() - seconds * 1000;
        Record {
            attributes: Attributes {
                approximate_receive_count: Some("2".to_owned()),
                sent_timestamp: Some(sent.to_string()),
            },
            ..record("m", good.clone(), 2)
        }
    };
    let outcome = table.process_records(&[aged(-1)], SHORT).await;
    assert_eq!((outcome.waiting.len(), outcome.put_aside.len()), (1, 0));
    let outcome = table.process_records(&[aged(0)], SHORT).await;
    assert_eq!((outcome.waiting.len(), outcome.put_aside.len()), (0, 1));
    let [(letter, attributes)] = &letters(&table)[..] else {
        panic!("not one letter");
    };
    assert_eq!(*letter, good);
    assert_eq!(attributes[CODE], "table_write_failed,waited_too_long");
    // What can be stored is stored, however old it is.
    let table = Table::new().await;
    assert!(is_whole(
        &table.process_records(&[aged(86_400)], LONG).await
    ));
    assert_eq!(table.all().await.len(), 1);
}

/// Four consumers have begun with it, and none has come to an end.
#[tokio::test]
async fn a_message_that_stops_the_consumer_is_put_aside_at_the_fifth_attempt() {
    let table = Table::new().await;
    let body = message("insider", &json!({"event": "open"}));
    stopped(&table, 3..=6).await;
    let records = [record("m", body.clone(), 7)];
    let outcome = table.process_records(&records, LONG).await;
    assert_eq!(outcome.put_aside, ["m"]);
    let [(letter, attributes)] = &letters(&table)[..] else {
        panic!("not one letter");
    };
    assert_eq!((letter, &*attributes[CODE]), (&body, "consumer_stopped"));
    assert_eq!(table.all().await.len(), 0, "it was not touched");
}

/// Writes down that a consumer has begun with the message `m`, at each of these receives.
async fn stopped(table: &Table, receives: std::ops::RangeInclusive<u32>) {
    let first = *receives.start();
    for receives in receives {
        // A request that is sent twice, because its answer was lost, counts once.
        for _ in 0..2 {
            let deadline = Instant::now() + LONG;
            let store = &table.consumer.store;
            let open = store.begin("m", receives, received_at(), deadline).await;
            assert_eq!(open, Some((first..=receives).collect()));
        }
    }
}

/// The attempt at it that ended shows that it stops nobody, whatever stopped the consumer before.
#[tokio::test]
async fn one_attempt_that_ends_crosses_all_of_them_out() {
    let table = Table::new().await;
    let body = message_of("insider", open("a").as_bytes());
    stopped(&table, 3..=5).await;
    let records = [record("m", body.clone(), 6)];
    assert!(is_whole(&table.process_records(&records, LONG).await));
    stopped(&table, 7..=9).await;
    let records = [record("m", body, 10)];
    assert!(is_whole(&table.process_records(&records, LONG).await));
}

/// The consumer is stopped by the second message of a batch: the first has come to its end.
#[tokio::test]
async fn a_neighbour_of_what_stops_the_consumer_is_crossed_out_before_it_is_touched() {
    let table = Table::new().await;
    let events: Vec<String> = (0..10_000).map(|n| open(&format!("p{n}"))).collect();
    let killer = message_of("insider", format!("[{}]", events.join(",")).as_bytes());
    let records = [
        record("killer", killer, 3),
        record("good", message_of("insider", open("a").as_bytes()), 3),
    ];
    let attempts = async |id: &str| {
        let get = table.events.client().get_item();
        let get = get.table_name(table.events.table());
        let key = ItemValue::S;
        let get = get.key("pk", key(format!("attempts#{id}")));
        let get = get.key("sk", key("attempts".to_owned()));
        get.consistent_read(true)
            .send()
            .await
            .expect("an answer")
            .item
    };
    tokio::select! {
        _ = table.process_records(&records, LONG) => panic!("it was to be stopped"),
        () = async {
            while attempts("killer").await.is_none() {
                tokio::task::yield_now().await;
            }
        } => {}
    }
    let [good, killer] = [attempts("good").await, attempts("killer").await];
    assert!(good.is_some_and(|item| !item.contains_key("open")));
    let killer = killer.expect("an attempt");
    assert_eq!(killer["open"], ItemValue::Ns(vec!["3".to_owned()]));
}

/// A table that writes attempts down, and answers nothing else: as one that is throttled may do by
/// chance, again and again.
#[tokio::test]
async fn trouble_between_the_beginning_of_an_attempt_and_its_end_is_no_stop() {
    let counted = std::sync::Arc::new(std::sync::Mutex::new(BTreeSet::new()));
    let marks = std::sync::Arc::clone(&counted);
    let answer = move |body: String| {
        let request: Value = serde_json::from_str(&body).expect("JSON");
        let this = &request["ExpressionAttributeValues"][":this"]["NS"][0];
        let answer = if let Some(receives) = this.as_str() {
            let mut open = marks.lock().expect("attempts");
            open.insert(receives.to_owned());
            let attributes = json!({"open": {"NS": *open}});
            (StatusCode::OK, json!({"Attributes": attributes}))
        } else {
            let throttled = "com.amazonaws.dynamodb.v20120810#ThrottlingException";
            (StatusCode::BAD_REQUEST, json!({"__type": throttled}))
        };
        async move { (answer.0, answer.1.to_string()) }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = Router::new().route("/", post(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let table = Table::at(address, 0).await;
    let good = message_of("insider", open("a").as_bytes());
    for receives in 3..12 {
        let records = [record("m", good.clone(), receives)];
        let outcome = table.process_records(&records, SHORT).await;
        assert_eq!((outcome.waiting.len(), outcome.put_aside.len()), (1, 0));
    }
    assert_eq!(counted.lock().expect("attempts").len(), 9);
}

#[tokio::test]
async fn an_attempt_that_comes_to_an_end_is_not_counted_whatever_its_end_was() {
    let table = Table::new().await;
    let good = message_of("insider", open("a").as_bytes());
    let poison = message_of("insider", b"3");
    // Before the third receive nothing is written down.
    for receives in [1, 2] {
        let record = record("good", good.clone(), receives);
        assert!(is_whole(&table.process_records(&[record], LONG).await));
        assert_eq!(table.plain().await.len(), 1);
    }
    for receives in 3..20 {
        let records = [
            record("good", good.clone(), receives),
            record("poison", poison.clone(), receives),
        ];
        let outcome = table.process_records(&records, LONG).await;
        assert_eq!(outcome.waiting, NONE);
        assert_eq!(outcome.put_aside, ["poison"]);
    }
    let letters = letters(&table);
    let codes: BTreeSet<&str> = letters.iter().map(|(_, said)| &*said[CODE]).collect();
    assert_eq!(codes, BTreeSet::from(["body_not_object"]));
    let items = table.plain().await;
    let attempts: Vec<&Value> = items.iter().filter(|i| i["sk"] == "attempts").collect();
    assert_eq!(attempts.len(), 2);
    for item in attempts {
        assert!(item.get("open").is_none(), "{item}");
        // Remembered for 15 days, longer than any queue keeps a message.
        let kept = received_at().as_second() + 15 * 86_400;
        assert_eq!(item["expires_at"], kept);
    }
    assert_eq!(table.all().await.len(), 1, "an attempt is no event");
}

#[tokio::test]
async fn while_the_table_is_silent_nothing_is_counted_and_nothing_is_touched() {
    let table = silent().await;
    let poison = message_of("insider", b"3");
    for receives in 3..9 {
        let outcome = table
            .process_records(&[record("m", poison.clone(), receives)], SHORT)
            .await;
        // It is not even seen that it is poison.
        assert_eq!((outcome.waiting.len(), outcome.put_aside.len()), (1, 0));
    }
}

/// Such an item is our defect. It costs its neighbours nothing, and is not tried for 12 days.
#[tokio::test]
async fn an_item_that_dynamodb_refuses_is_put_aside_at_once_and_its_neighbours_are_stored() {
    let refuse = |body: String| async move {
        if body.contains("email#odd@mail.test") {
            let error =
                json!({"__type": "com.amazon.coral.validate#ValidationException", "message": "no"});
            return (StatusCode::BAD_REQUEST, error.to_string());
        }
        (StatusCode::OK, json!({"UnprocessedItems": {}}).to_string())
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = Router::new().route("/", post(refuse));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let table = Table::at(address, 0).await;
    let messages = ["a", "odd", "b"].map(|person| message_of("insider", open(person).as_bytes()));
    assert_eq!(table.process(&messages).await, ["m1"]);
    let [(letter, attributes)] = &letters(&table)[..] else {
        panic!("not one letter");
    };
    assert_eq!((letter, &*attributes[CODE]), (&messages[1], "item_refused"));
}

/// It is the table that is wrong, such as one with other keys: that can be mended, and a webhook is
/// none the worse for it.
#[tokio::test]
async fn a_table_that_refuses_everything_puts_nothing_aside() {
    let refuse = || async {
        let error =
            json!({"__type": "com.amazon.coral.validate#ValidationException", "message": "no"});
        (StatusCode::BAD_REQUEST, error.to_string())
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = Router::new().route("/", post(refuse));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let table = Table::at(address, 0).await;
    let records = [
        record("open", message_of("insider", open("a").as_bytes()), 1),
        record(
            "spam",
            message("insider", &json!({"event": "spam", "email": "b@mail.test"})),
            1,
        ),
    ];
    let outcome = table.process_records(&records, SHORT).await;
    assert_eq!(outcome.waiting, ["open", "spam"]);
    assert_eq!(outcome.put_aside, NONE);
}

/// An element of a list, and whether it is an event.
fn element() -> impl Strategy<Value = (String, bool)> {
    let good = (0..1000_u32).prop_map(|n| (open(&format!("p{n}")), true));
    let bad = prop_oneof![
        Just("3"),
        Just("null"),
        Just("\"a,b]\""),
        Just("[1,[2]]"),
        Just("tru"),
        Just("{\"a\" 1}"),
        Just(""),
    ];
    prop_oneof![good, bad.prop_map(|text| (text.to_owned(), false))]
}

proptest! {
    /// What is stored and what is put aside are the whole list, each in its order; and what is put
    /// aside is put aside again, to the letter.
    #[test]
    fn a_list_is_its_events_and_what_is_put_aside(
        elements in prop::collection::vec(element(), 1..12),
        space in "[ \n]{0,2}",
    ) {
        let list = |is_event: Option<bool>, space: &str| {
            let wanted = elements.iter().filter(|(_, is)| is_event.is_none_or(|w| w == *is));
            let texts: Vec<&str> = wanted.map(|(text, _)| text.as_str()).collect();
            format!("[{}]", texts.join(&format!("{space},{space}")))
        };
        // A list of one blank is an empty list, which is a ping.
        prop_assume!(elements.len() > 1 || !elements[0].0.is_empty());
        let provider = registry::provider("insider").expect("a provider");
        let sender = registry::sender("insider").expect("a provider");
        let aside_of = |body: &str| {
            let delivery = deliver(sender, body.as_bytes());
            let mut parts = registry::parts(provider, &delivery);
            let events: usize = parts.by_ref().map(|part| part.expect("a part").0.len()).sum();
            let aside = parts.aside().of(&delivery);
            (events, aside.map(|aside| String::from_utf8_lossy(aside.body()).into_owned()))
        };
        let (events, aside) = aside_of(&list(None, &space));
        let bad = match list(Some(false), "") {
            // A lone blank says nothing: the whole list is put aside.
            nothing if nothing == "[]" => list(None, &space),
            bad => bad,
        };
        prop_assert_eq!(events, elements.iter().filter(|(_, is)| *is).count());
        let has_bad = elements.iter().any(|(_, is)| !is);
        prop_assert_eq!(&aside, &has_bad.then_some(bad));
        if let Some(aside) = aside {
            prop_assert_eq!(aside_of(&aside).1, Some(aside));
        }
    }
}
