//! What waits for an endpoint: it is seen, sent again, or dropped.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use operator::print::now;
use outlets::fact::{Fact, event_id};
use outlets::message::Message;
use outlets::parked::{NEVER, Parked};
use outlets::store::Outlets;
use serde_json::{Value, json};
use shared::event::Reason;
use table::read::text;
use tests::stack::Running;
use tokio::time::{Instant, sleep};

use crate::{Answer, add, ask, fields, get};
use tests::sink::Sink;

/// A stack where an hour is an hour, so that what waits does.
async fn patient() -> Running {
    Running::telling(|options| options.hour = None).await
}

/// Stores an event, once nothing of it is left to announce.
async fn store(running: &Running, message: &str) {
    let body = json!({
        "type": "email.bounce", "email_id": message, "recipient": "kim@mail.test",
        "timestamp": "2026-01-02T03:04:05Z",
    });
    let reply = running.send("mailpanda", body.to_string().as_bytes()).await;
    assert_eq!(reply.status, 200);
    running.stack.settled().await.expect("stored");
    running.stack.told().await.expect("announced");
}

async fn make(running: &Running, sink: &Sink, active: bool) -> u64 {
    let body = json!({ "url": sink.url, "events": "bounced", "active": active });
    let made = ask(running, "POST", "", &body).await.ok();
    made["id"].as_u64().expect("an id")
}

async fn undelivered(running: &Running, id: u64) -> Vec<Value> {
    let list = get(running, &format!("/{id}/undelivered")).await.ok();
    list["undelivered"].as_array().expect("a list").clone()
}

/// What waits, once there are so many.
async fn undelivered_within(running: &Running, id: u64, count: usize) -> Vec<Value> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let list = undelivered(running, id).await;
        if list.len() == count || Instant::now() > deadline {
            return list;
        }
        sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn what_is_held_is_seen_and_sent_or_dropped() {
    let running = patient().await;
    let (sink, other) = (Sink::new().await, Sink::new().await);
    let kept = make(&running, &sink, false).await;
    let dropped = make(&running, &other, false).await;
    store(&running, "msg_1").await;
    store(&running, "msg_2").await;

    let list = undelivered_within(&running, kept, 2).await;
    assert_eq!(list.len(), 2);
    for one in &list {
        let names = ["id", "recipient", "attempts", "lost_at"];
        let sent = fields(&one.to_string());
        assert!(
            names.iter().all(|name| sent.contains(&(*name).to_owned())),
            "{one}"
        );
        assert!(one["id"].as_str().expect("an id").starts_with("evt_"));
        assert_eq!(one["recipient"], "kim@mail.test");
        assert_eq!(one["attempts"], 0, "held without a try");
        assert_eq!(one.get("next_at"), None, "nothing is tried");
        let end: Timestamp = one["lost_at"]
            .as_str()
            .expect("a time")
            .parse()
            .expect("a time");
        let days = end.duration_since(now()).as_hours() / 24;
        assert!((12..=14).contains(&days), "{one}");
    }
    let shown = get(&running, &format!("/{kept}")).await.ok();
    assert_eq!(
        (&shown["state"], &shown["undelivered"]),
        (&json!("inactive"), &json!(2))
    );
    let all = json!({ "all": true });
    let retried = ask(&running, "POST", &format!("/{kept}/retry"), &all).await;
    assert_eq!(retried.refused(), (409, "inactive"));

    let active = json!({ "active": true });
    let shown = ask(&running, "PATCH", &format!("/{kept}"), &active)
        .await
        .ok();
    assert_eq!(
        (&shown["active"], &shown["state"]),
        (&json!(true), &json!("ok"))
    );
    assert_eq!(sink.told_within(40, 2).await.len(), 2);
    assert!(undelivered_within(&running, kept, 0).await.is_empty());

    let active = json!({ "active": true, "held": "drop" });
    let shown = ask(&running, "PATCH", &format!("/{dropped}"), &active)
        .await
        .ok();
    assert_eq!(shown["undelivered"], 0);
    assert!(undelivered(&running, dropped).await.is_empty());
    store(&running, "msg_3").await;
    let told = other.told_within(40, 1).await;
    assert_eq!(told.len(), 1, "only what came later");
    let body: Value = serde_json::from_slice(&told[0].body).expect("JSON");
    assert_eq!(body["email_id"], "msg_3");
}

#[tokio::test]
async fn a_person_sends_again_what_no_attempt_is_left_for() {
    let running = patient().await;
    for message in ["msg_1", "msg_2", "msg_3"] {
        store(&running, message).await;
    }
    let sink = Sink::new().await;
    let (id, _) = add(&running, &sink.url, "bounced").await;
    let events = running.stored().await;
    let keys = events
        .iter()
        .map(|item| (text(item, "pk"), text(item, "sk")));
    let parked: Vec<Parked> = keys.map(|(pk, sk)| over(id, Fact::event(pk, sk))).collect();
    park(&running, &parked).await;

    let list = undelivered(&running, id).await;
    assert_eq!(list.len(), 3);
    assert!(
        list.iter()
            .all(|one| one["attempts"] == 10 && one["last_code"] == "503")
    );
    assert!(
        list.iter().all(|one| one.get("next_at").is_none()),
        "{list:?}"
    );

    let retry = format!("/{id}/retry");
    let one = json!({ "id": list[1]["id"] });
    let retried = ask(&running, "POST", &retry, &one).await;
    assert_eq!(retried.text, r#"{"retried":1}"#);
    let told = sink.told_within(20, 1).await;
    assert_eq!(told[0].header("webhook-id"), list[1]["id"]);
    assert_eq!(undelivered_within(&running, id, 2).await.len(), 2);
    let again = ask(&running, "POST", &retry, &one).await;
    assert_eq!(again.refused(), (404, "not_found"));
    assert_eq!(sink.told().len(), 1, "one of them, once");

    let retried = ask(&running, "POST", &retry, &json!({ "all": true })).await;
    assert_eq!(retried.text, r#"{"retried":2}"#);
    let told = sink.told_within(40, 3).await;
    let ids: BTreeSet<&str> = told.iter().map(|told| told.header("webhook-id")).collect();
    let wanted = list.iter().filter_map(|one| one["id"].as_str()).collect();
    assert_eq!(ids, wanted, "under the same ids");
    assert!(undelivered_within(&running, id, 0).await.is_empty());
}

#[tokio::test]
async fn what_waits_is_shown_a_hundred_at_a_time_and_goes_with_its_endpoint() {
    let running = patient().await;
    let sink = Sink::new().await;
    let id = make(&running, &sink, false).await;
    let facts = (0..149).map(|number| Fact::event("email#kim@mail.test", &format!("sk#{number}")));
    let suppression = Fact::suppression("email#ana@mail.test", Reason::Complained);
    let parked: Vec<Parked> = facts
        .chain([suppression])
        .map(|fact| over(id, fact))
        .collect();
    park(&running, &parked).await;
    let path = format!("/{id}/undelivered");
    let first = get(&running, &path).await;
    assert_eq!(fields(&first.text), ["undelivered", "next"]);
    let first = first.ok();
    let next = first["next"].as_str().expect("a place");
    assert!(
        next.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    );
    let rest = get(&running, &format!("{path}?after={next}")).await;
    assert_eq!(fields(&rest.text), ["undelivered"]);
    let rest = rest.ok();
    let list = |body: &Value| body["undelivered"].as_array().expect("a list").clone();
    let (first, rest) = (list(&first), list(&rest));
    assert_eq!((first.len(), rest.len()), (100, 50));
    let ids: BTreeSet<String> = first
        .iter()
        .chain(&rest)
        .map(|one| one["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 150);
    let mut all = first.iter().chain(&rest);
    let of_suppression = all
        .find(|one| one["type"] == "suppression.set")
        .expect("a suppression");
    assert_eq!(of_suppression["recipient"], "ana@mail.test");
    let bad: Answer = get(&running, &format!("{path}?after=AA")).await;
    assert_eq!(bad.refused(), (400, "after_unfit"));
    let shown = get(&running, &format!("/{id}")).await.ok();
    assert_eq!(shown["undelivered"], 150);

    ask(&running, "DELETE", &format!("/{id}"), &json!({}))
        .await
        .ok();
    let dump = running.outlets_dump().await;
    for left in ["parked#", "state#", &sink.url] {
        assert!(!dump.contains(left), "{left} is left");
    }
    for line in running.lines.lock().expect("lines").iter() {
        assert!(!line.contains("@mail.test"), "{line}");
    }
}

/// A notification whose attempts are over.
fn over(id: u64, fact: Fact) -> Parked {
    let webhook_id = event_id(&fact.pk, &format!("{}{:?}", fact.sk, fact.reason));
    let webhook_id = match fact.reason {
        None => event_id(&fact.pk, &fact.sk),
        Some(_) => webhook_id.replace("evt_", "sup_"),
    };
    let kind = match fact.reason {
        None => "email.opened",
        Some(_) => "suppression.set",
    };
    let message = Message::first(id, fact, now());
    let parked = Parked::new(&message, webhook_id, NEVER, 10, now()).expect("a fact");
    parked.of_type(kind).because("503")
}

async fn park(running: &Running, parked: &[Parked]) {
    let stack = running.stack.outlets.as_ref().expect("outlets");
    let outlets = Outlets::new(running.events.client().clone(), stack.table.clone());
    let deadline = Instant::now() + Duration::from_secs(10);
    let unwritten = outlets.park(parked, deadline).await;
    assert!(unwritten.is_empty());
}
