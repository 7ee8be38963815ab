//! What is shown of the bus: to whoever looks at it, and by the API.

use std::time::Duration;

use operator::print::now;
use operator::webhooks::{self, Mode, Selection};
use outlets::bus::BUS;
use serde_json::Value;
use tests::stack::Running;
use tokio::time::{sleep, timeout};

use super::{MANAGE, click, counted, got, running};

#[tokio::test(flavor = "multi_thread")]
async fn this_machine_sees_what_the_bus_got() {
    let running = running().await;
    click(&running, "kim@mail.test", "msg_0").await;
    let events = got(&running, 20, 1).await;
    let reply = running.ask("GET", "/_postern/bus", &[], b"").await;
    let shown: Value = serde_json::from_str(&reply.body).expect("JSON");
    assert_eq!(shown["bus"], super::ARN);
    assert_eq!(shown["events"], Value::from(events));
    let proxied = [("x-forwarded-for", "203.0.113.7".to_owned())];
    for (method, headers) in [("GET", &proxied[..]), ("POST", &[])] {
        let reply = running.ask(method, "/_postern/bus", headers, b"").await;
        assert_eq!(reply.status.as_u16(), 404, "{method}");
    }
}

async fn asked(running: &Running, method: &str, path: &str, body: &str) -> (u16, Value) {
    let path = format!("{MANAGE}{path}");
    let reply = running.api(method, &path, body.as_bytes()).await;
    let body = serde_json::from_str(&reply.body).unwrap_or_default();
    (reply.status.as_u16(), body)
}

/// What waits for the bus is shown, and sent again when somebody asks.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_the_bus_can_be_seen_and_sent() {
    let running = running().await;
    let (_, list) = asked(&running, "GET", "", "").await;
    assert_eq!(list["bus"]["state"], "ok");
    assert_eq!(list["webhooks"], Value::Array(Vec::new()));
    running
        .stack
        .faults
        .set(vec!["bus:throttle=1".parse().expect("a fault")]);
    click(&running, "kim@mail.test", "msg_0").await;
    // the fourth attempt is parked
    let waiting = async {
        loop {
            let (status, waiting) = asked(&running, "GET", "/0/undelivered", "").await;
            assert_eq!(status, 200);
            match waiting["undelivered"].as_array().expect("a list").first() {
                Some(first) => break first.clone(),
                None => sleep(Duration::from_millis(50)).await,
            }
        }
    };
    let first = timeout(Duration::from_mins(2), waiting)
        .await
        .expect("one that waits");
    assert_eq!(first["type"], "email.clicked");
    assert_eq!(first["recipient"], "kim@mail.test");
    assert_eq!(first["last_code"], "bus_throttled");
    let (_, list) = asked(&running, "GET", "", "").await;
    assert!(["failing", "open"].contains(&list["bus"]["state"].as_str().expect("a word")));
    assert_eq!(list["bus"]["undelivered"], 1);
    running.stack.faults.clear();
    let (status, retried) = asked(&running, "POST", "/0/retry", r#"{"all": true}"#).await;
    assert_eq!((status, &retried["retried"]), (200, &Value::from(1)));
    let events = got(&running, 60, 1).await;
    assert_eq!(events[0]["resources"][0], first["id"]);
}

/// All else of the bus is a parameter's to say, and without one there is nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_can_be_asked_of_the_bus() {
    let (with, without) = (running().await, Running::with_outlets().await);
    for (method, path) in [
        ("GET", "/0"),
        ("PATCH", "/0"),
        ("DELETE", "/0"),
        ("POST", "/0/test"),
        ("POST", "/0/rotate"),
        ("GET", "/00/undelivered"),
    ] {
        let (status, body) = asked(&with, method, path, "{}").await;
        assert_eq!(
            (status, &body["error"]["code"]),
            (404, &Value::from("not_found")),
            "{path}"
        );
    }
    let (_, list) = asked(&without, "GET", "", "").await;
    assert!(list.get("bus").is_none());
    let (status, _) = asked(&without, "GET", "/0/undelivered", "").await;
    assert_eq!(status, 404);
    let (status, _) = asked(&without, "POST", "/0/retry", r#"{"all": true}"#).await;
    assert_eq!(status, 404);
}

/// What is stored can be put again, under the ids of before.
#[tokio::test(flavor = "multi_thread")]
async fn a_replay_tells_the_bus_again() {
    let running = running().await;
    for number in 0..3 {
        click(&running, "kim@mail.test", &format!("msg_{number}")).await;
    }
    let first = counted(&got(&running, 20, 3).await);
    let bus = webhooks::endpoint(&running.target, BUS)
        .await
        .expect("a bus");
    let selection = Selection::default();
    let mode = Mode::Go(None);
    let replayed = webhooks::replay(&running.target, &bus, &selection, mode, now(), |_| {}).await;
    assert_eq!(replayed.expect("a replay").parked, 3);
    let again = counted(&got(&running, 60, 6).await);
    let twice = first.into_keys().map(|id| (id, 2)).collect();
    assert_eq!(again, twice);
}
