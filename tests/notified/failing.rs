//! Endpoints that fail, for a while or for good.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::sink::Sink;
use tests::stack::Running;

use crate::{ask, click, ids, messages, post, register};

/// Posts so many clicks and returns the ids of their messages.
async fn clicks(running: &Running, count: usize) -> BTreeSet<String> {
    let mut sent = BTreeSet::new();
    for number in 0..count {
        let message = format!("msg_{number}");
        post(running, &click(&format!("p{number}@mail.test"), &message)).await;
        sent.insert(message);
    }
    sent
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_endpoint_delays_no_other_and_misses_nothing() {
    let running = Running::with_outlets().await;
    let (well, dead) = (Sink::new().await, Sink::new().await);
    dead.answers(500);
    register(&running, &well, "*").await;
    let id = register(&running, &dead, "*").await;
    let sent = clicks(&running, 40).await;
    let told = well.told_within(20, 40).await;
    assert_eq!((told.len(), messages(&told)), (40, sent.clone()));

    dead.answers(204);
    let told = dead.told_until(60, |told| {
        let good = told.iter().filter(|told| told.answered == 204);
        let good: Vec<_> = good.cloned().collect();
        messages(&good) == sent
    });
    let told = told.await;
    assert_eq!(messages(&told), sent);
    assert_eq!(ids(&told), ids(&well.told()), "the same ids");
    let shown = ask(&running, "GET", &format!("/{id}"), &Value::Null).await;
    assert_eq!(shown["active"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paused_is_held_and_told_when_it_is_resumed() {
    let (running, sink) = (Running::with_outlets().await, Sink::new().await);
    let id = register(&running, &sink, "*").await;
    let path = format!("/{id}");
    ask(&running, "PATCH", &path, &json!({"active": false})).await;
    let sent = clicks(&running, 12).await;
    running.stored().await;
    running.told().await;
    assert_eq!(sink.told().len(), 0);
    ask(&running, "PATCH", &path, &json!({"active": true})).await;
    let told = sink.told_within(30, 12).await;
    assert_eq!(messages(&told), sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_gone_is_left_alone_until_somebody_resumes_it() {
    let (running, sink) = (Running::with_outlets().await, Sink::new().await);
    let id = register(&running, &sink, "*").await;
    sink.answers(410);
    let sent = clicks(&running, 3).await;
    sink.told_within(20, 1).await;
    running.told().await;
    let shown = ask(&running, "GET", &format!("/{id}"), &Value::Null).await;
    assert_eq!(
        (&shown["active"], &shown["disabled"]),
        (&json!(false), &json!("gone"))
    );
    sink.answers(204);
    ask(
        &running,
        "PATCH",
        &format!("/{id}"),
        &json!({"active": true}),
    )
    .await;
    let told = sink.told_until(30, |told| {
        let good: Vec<_> = told.iter().filter(|t| t.answered == 204).cloned().collect();
        messages(&good) == sent
    });
    assert_eq!(messages(&told.await), sent);
}
