//! The rotation of a secret: both sign until the old one's time is over.

use std::time::Duration;

use serde_json::json;
use tests::stack::Running;
use tokio::time::sleep;

use crate::{add, ask, fields, get};
use tests::sink::{Sink, Told};

#[tokio::test]
async fn while_a_secret_is_rotated_both_sign() {
    let running = Running::with_outlets().await;
    let sink = Sink::new().await;
    let (id, old) = add(&running, &sink.url, "*").await;
    let path = format!("/{id}/rotate");

    let answer = ask(&running, "POST", &path, &json!({})).await;
    assert_eq!(fields(&answer.text), ["secret", "old_until"]);
    let rotated = answer.ok();
    let new = rotated["secret"].as_str().expect("a secret").to_owned();
    assert!(new.starts_with("whsec_") && new != old);
    let until: jiff::Timestamp = rotated["old_until"]
        .as_str()
        .expect("a time")
        .parse()
        .expect("a time");
    let shown = get(&running, &format!("/{id}")).await.ok();
    let secrets = shown["secrets"].as_array().expect("secrets");
    assert_eq!(secrets.len(), 2);
    assert_eq!(secrets[0].get("until"), None, "the newest first");
    assert_eq!(secrets[1]["until"], rotated["old_until"]);
    let since: jiff::Timestamp = secrets[0]["since"]
        .as_str()
        .expect("a time")
        .parse()
        .expect("a time");
    assert_eq!(until.duration_since(since).as_hours(), 24);

    let told = told_by(&running, id, &sink, &new).await;
    assert_eq!(told.signed_by(&new), (true, true));
    assert_eq!(told.signed_by(&old), (true, false));

    let again = ask(&running, "POST", &path, &json!({})).await;
    assert_eq!(again.refused(), (409, "still_rotating"));
    let same = ask(
        &running,
        "POST",
        &path,
        &json!({ "secret": new, "keep_hours": 0 }),
    )
    .await;
    assert_eq!(same.refused(), (409, "secret_in_use"));

    // A secret that has leaked is dropped at once.
    let chosen = "a-chosen-secret-of-mine";
    let body = json!({ "secret": chosen, "keep_hours": 0 });
    let answer = ask(&running, "POST", &path, &body).await;
    assert_eq!(
        fields(&answer.text),
        ["old_until"],
        "what was given is not echoed"
    );
    let shown = get(&running, &format!("/{id}")).await.ok();
    assert_eq!(shown["secrets"].as_array().expect("secrets").len(), 1);
    let told = told_by(&running, id, &sink, chosen).await;
    assert_eq!(told.signed_by(&old), (false, false));
    assert_eq!(told.signed_by(&new), (false, false));
}

/// Tests until this secret signs in hex, and returns what came then. Each instance reads the
/// endpoints at most every 10 s.
async fn told_by(running: &Running, id: u64, sink: &Sink, secret: &str) -> Told {
    for _ in 0..60 {
        let tested = ask(running, "POST", &format!("/{id}/test"), &json!({}))
            .await
            .ok();
        assert_eq!(tested["delivered"], true, "{tested}");
        let told = sink.told();
        let told = told.last().expect("a notification");
        if told.signed_by(secret).1 {
            return told.clone();
        }
        sleep(Duration::from_millis(500)).await;
    }
    panic!("the new secret does not sign");
}
