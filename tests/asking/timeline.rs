//! What happened to somebody: page by page, and nobody else's.

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};
use table::read::text;
use tests::stack::Running;

use crate::table::Counter;
use crate::{AT, event, get, kinds, of, store, unsaid};

/// How many events Kim has.
const EVENTS: i64 = 120;

async fn history() -> Running {
    let running = Running::with_outlets().await;
    let kind = |number: i64| match number {
        7 | 77 => "click",
        _ => "open",
    };
    let events: Vec<Value> = (0..EVENTS)
        .map(|number| event(kind(number), "kim@mail.test", number))
        .collect();
    let lee = (0..3).map(|number| event("delivered", "lee@mail.test", number * 40));
    let customer = json!({"event_id": "c1", "object_type": "email", "metric": "drafted",
        "timestamp": AT, "data": {"identifiers": {"id": "u/9"}}});
    running
        .send("customerio", customer.to_string().as_bytes())
        .await;
    store(&running, &[events, lee.collect()].concat()).await;
    running
}

/// How many seconds after the first event those of an answer happened.
fn seconds(answer: &Value) -> Vec<i64> {
    let events = answer["events"].as_array().expect("events").iter();
    let times = events.map(|event| event["occurred_at"].as_str().expect("a time"));
    let times = times.map(|time| time.parse::<Timestamp>().expect("a time"));
    times.map(|time| time.as_second() - AT).collect()
}

#[tokio::test]
async fn a_timeline_is_read_page_by_page_and_is_one_persons() {
    let running = history().await;
    every_page(&running).await;
    narrowed(&running).await;
    with_raw(&running).await;
    no_other_person(&running).await;
    known_by_id(&running).await;
    expired(&running).await;
    requests(&running).await;
    unsaid(
        &running,
        &["kim@mail.test", "lee@mail.test", "mail.test", "u/9"],
    );
}

async fn every_page(running: &Running) {
    let (mut all, mut sizes, mut cursor) = (Vec::new(), Vec::new(), String::new());
    loop {
        let path = format!("/recipients/kim@mail.test/events?limit=50{cursor}");
        let page = get(running, &path).await.ok();
        sizes.push(seconds(&page).len());
        all.extend(seconds(&page));
        let Some(next) = page.get("next") else {
            break;
        };
        cursor = format!("&cursor={}", next.as_str().expect("a text"));
    }
    assert_eq!(sizes, [50, 50, 20]);
    let mut newest: Vec<i64> = (0..EVENTS).collect();
    newest.reverse();
    assert_eq!(all, newest);
    // 50 unless it is said, and no `next` where a list ends with its last event.
    let page = get(running, "/recipients/kim@mail.test/events").await.ok();
    assert_eq!(seconds(&page), all[..50]);
    let page = get(running, "/recipients/kim@mail.test/events?limit=120")
        .await
        .ok();
    assert_eq!((seconds(&page).len(), page.get("next")), (120, None));
    let page = get(running, "/recipients/kim@mail.test/events?limit=119")
        .await
        .ok();
    assert_eq!(
        (seconds(&page).len(), page["next"].is_string()),
        (119, true)
    );
}

async fn narrowed(running: &Running) {
    let events = async |query: &str| {
        let path = format!("/recipients/kim@mail.test/events?{query}");
        get(running, &path).await.ok()
    };
    let clicks = events("kind=clicked").await;
    assert_eq!(kinds(&clicks["events"]), ["clicked"; 2]);
    assert_eq!(clicks.get("next"), None);
    let first = events("kind=clicked&limit=1").await;
    let next = first["next"].as_str().expect("more");
    let second = events(&format!("kind=clicked&limit=1&cursor={next}")).await;
    assert_eq!(
        [seconds(&first), seconds(&second)].concat(),
        seconds(&clicks)
    );
    assert_eq!(second.get("next"), None);
    assert_eq!(
        kinds(&events("kind=bounced,delivered").await["events"]),
        [""; 0]
    );
    let half_open = "from=2026-01-02T03:04:10Z&to=2026-01-02T03:04:13Z";
    assert_eq!(seconds(&events(half_open).await).len(), 3);
    assert_eq!(seconds(&events("from=2026-01-03").await).len(), 0);
    assert_eq!(seconds(&events("to=2026-01-02").await).len(), 0);
    assert_eq!(seconds(&events("channel=sms").await).len(), 0);
    let nobody = get(running, "/recipients/nobody@mail.test/events")
        .await
        .ok();
    assert_eq!(nobody, json!({ "events": [] }));
}

async fn with_raw(running: &Running) {
    let path = "/recipients/lee@mail.test/events?limit=1";
    let plain = get(running, path).await.ok();
    assert_eq!(plain["events"][0].get("raw"), None);
    let raw = get(running, &format!("{path}&raw=1")).await.ok();
    let text = raw["events"][0]["raw"].as_str().expect("what was sent");
    let sent: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(sent, event("delivered", "lee@mail.test", 80));
}

/// Where Kim's list ended says nothing of Kim: behind Lee's path it is a place in Lee's timeline.
async fn no_other_person(running: &Running) {
    let page = get(running, "/recipients/kim@mail.test/events?limit=60")
        .await
        .ok();
    let next = page["next"].as_str().expect("more");
    let lee = get(
        running,
        &format!("/recipients/lee@mail.test/events?cursor={next}"),
    )
    .await;
    let lee = lee.ok();
    assert_eq!(seconds(&lee), [40, 0]);
    let kept = URL_SAFE_NO_PAD.decode(next).expect("base64");
    let (time, id) = kept.split_at("2026-01-02T03:05:05.000Z#".len());
    assert_eq!(time, b"2026-01-02T03:05:05.000Z#");
    assert!(id.len() == 32 && id.iter().all(u8::is_ascii_hexdigit));
    for other in [
        "email#kim@mail.test",
        "suppression",
        "2026-01-02T03:05:05.000Z",
        "{\"pk\":\"email#kim@mail.test\",\"sk\":\"2026-01-02T03:05:05.000Z#x\"}",
    ] {
        let cursor = URL_SAFE_NO_PAD.encode(other);
        let path = format!("/recipients/lee@mail.test/events?cursor={cursor}");
        let refused = get(running, &path).await;
        assert_eq!(refused.refused(), (400, "cursor_unreadable"), "{other}");
    }
}

async fn known_by_id(running: &Running) {
    let found = get(running, "/customers/u%2F9/events").await.ok();
    assert_eq!(found["events"][0]["customer_id"], "u/9");
    let none = get(running, "/customers/u%2F8/events").await.ok();
    assert_eq!(none, json!({ "events": [] }));
}

/// What has expired is left out before the table deletes it.
async fn expired(running: &Running) {
    let items = running
        .events
        .partition("email#lee@mail.test".to_owned())
        .await;
    let mut events = items.expect("items");
    events.retain(|item| text(item, "kind") == "delivered");
    assert_eq!(events.len(), 3);
    for (mut item, at) in events.into_iter().zip(["1767323046", "1", "9999999999"]) {
        item.insert("expires_at".to_owned(), AttributeValue::N(at.to_owned()));
        let put = running
            .events
            .client()
            .put_item()
            .table_name(running.events.table());
        put.set_item(Some(item)).send().await.expect("written");
    }
    let left = get(running, "/recipients/lee@mail.test/events").await.ok();
    assert_eq!(seconds(&left).len(), 1);
    assert_eq!(left["events"][0]["expires_at"], 9_999_999_999_i64);
}

/// A page of a hundred events takes one request, and so does the next.
async fn requests(running: &Running) {
    let (lambda, counter) = Counter::before(running).await;
    let path = "/recipients/kim@mail.test/events";
    let first = of(&lambda, path, &json!({ "limit": "100" })).await.ok();
    assert_eq!(seconds(&first).len(), 100);
    let requests = counter.requests();
    let [(operation, asked)] = requests.as_slice() else {
        panic!("{} requests", requests.len());
    };
    assert_eq!(
        (operation.as_str(), &asked["ConsistentRead"]),
        ("Query", &json!(true))
    );
    let next = json!({ "limit": "100", "cursor": first["next"] });
    let second = of(&lambda, path, &next).await.ok();
    assert_eq!((seconds(&second).len(), second.get("next")), (20, None));
    let narrow = json!({ "kind": "clicked" });
    assert_eq!(seconds(&of(&lambda, path, &narrow).await.ok()).len(), 2);
    assert_eq!(counter.operations(), ["Query"; 2]);
}
