//! The people whom notifications are about.

use std::collections::BTreeSet;

use operator::recipient::Recipient;
use serde_json::json;
use shared::event::Channel;
use tests::sink::Sink;
use tests::stack::Running;

use crate::{SECRET, ask, click, mailpanda, post, register};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_is_erased_is_told_to_nobody() {
    let (running, sink) = (Running::with_outlets().await, Sink::new().await);
    let id = register(&running, &sink, "*").await;
    let path = format!("/{id}");
    ask(&running, "PATCH", &path, &json!({"active": false})).await;
    for (person, message) in [("kim@mail.test", "m1"), ("lee@mail.test", "m2")] {
        post(&running, &click(person, message)).await;
    }
    assert_eq!(running.stored().await.len(), 2);
    running.told().await;
    let kim = Recipient::parse("kim@mail.test").expect("a person");
    let keys = kim.keys(Channel::Email);
    let items = running.events.scan().await.expect("items");
    let of_kim = items.iter().filter_map(table::store::key_of);
    let of_kim: BTreeSet<_> = of_kim.filter(|(pk, _)| keys.contains(pk)).collect();
    assert_eq!(of_kim.len(), 1);
    let (client, table) = (running.events.client().clone(), running.events.table());
    let store = table::store::Store::new(client, table.to_owned(), 0);
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
    assert!(store.delete(of_kim, deadline).await.is_empty());
    ask(&running, "PATCH", &path, &json!({"active": true})).await;
    let told = sink.told_within(20, 1).await;
    running.told().await;
    let told: Vec<_> = told
        .iter()
        .map(|told| told.json()["email_id"].clone())
        .collect();
    assert_eq!(told, [json!("m2")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_and_no_secret_is_in_any_line() {
    let (running, sink) = (Running::with_outlets().await, Sink::new().await);
    let body = json!({
        "url": sink.url, "events": "*", "secret": SECRET, "headers": {"x-gate": "open-sesame-1"},
    });
    ask(&running, "POST", "", &body).await;
    sink.answers(500);
    post(
        &running,
        &mailpanda("email.unsubscribe", "kim@mail.test", "m1"),
    )
    .await;
    sink.told_within(20, 4).await;
    sink.answers(204);
    running.told().await;
    let lines = running.lines.lock().expect("lines").join("\n");
    assert!(lines.contains("\"failed\""), "what failed is logged");
    let sealed = running.outlets_dump().await;
    let url = sink.url.trim_start_matches("http://");
    for (secret, is_stored) in [
        (SECRET, false),
        ("open-sesame-1", false),
        ("kim@mail.test", true),
        (url, true),
    ] {
        assert!(!lines.contains(secret), "a line has it");
        assert!(is_stored || !sealed.contains(secret), "an item has it");
    }
}

/// The message that waits for its next attempt has the person's key in it. An endpoint that is
/// paused meanwhile would hold it for 14 days.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_is_erased_between_two_attempts_is_not_held() {
    let running = Running::telling(|options| options.hour = None).await;
    let sink = Sink::answering(500).await;
    let id = register(&running, &sink, "*").await;
    post(&running, &click("kim@mail.test", "m1")).await;
    sink.told_within(20, 1).await;
    running.clear().await;
    let path = format!("/{id}");
    ask(&running, "PATCH", &path, &json!({"active": false})).await;
    let dropped = |running: &Running| -> Vec<String> {
        let lines = running.lines.lock().expect("lines");
        let is_it = |line: &&String| line.contains(r#""code":"gone_item""#);
        lines.iter().filter(is_it).cloned().collect()
    };
    assert_eq!(running.logged_within(30, 1, dropped).await.len(), 1);
    assert!(!running.outlets_dump().await.contains("kim@mail.test"));
}
