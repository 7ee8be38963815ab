//! What the API answers about what is stored: every route and every code, with everything running.
//! What it must never answer is tested, too.

mod may_mail;
mod message;
mod problems;
mod proof;
mod refused;
mod table;
mod timeline;

use serde_json::{Value, json};
use stack::lambda::Lambda;
use tests::api::Answer;
use tests::stack::Running;

/// 2026-01-02T03:04:05Z.
const AT: i64 = 1_767_323_045;

/// Asks as somebody whom IAM lets in. The path stands behind `/api`, encoded once.
async fn asked(running: &Running, method: &str, path: &str, body: &str) -> Answer {
    let path = format!("/api{path}");
    let reply = running.api(method, &path, body.as_bytes()).await;
    reply.into()
}

async fn get(running: &Running, path: &str) -> Answer {
    asked(running, "GET", path, "").await
}

/// Asks a function itself, as the gateway would after it has let somebody in.
async fn of(lambda: &Lambda, path: &str, query: &Value) -> Answer {
    let arn = "arn:aws:iam::123456789012:user/ops";
    let event = json!({
        "version": "2.0",
        "rawPath": format!("/api{path}"),
        "queryStringParameters": query,
        "requestContext": {
            "authorizer": { "iam": { "accountId": "123456789012", "userArn": arn } },
            "http": { "method": "GET" },
        },
    });
    let answer = lambda.invoke(event.to_string().into()).await;
    let answer: Value = serde_json::from_slice(&answer.expect("an answer")).expect("JSON");
    assert_eq!(answer["headers"]["cache-control"], "no-store");
    let text = answer["body"].as_str().expect("a body").to_owned();
    Answer {
        status: answer["statusCode"]
            .as_u64()
            .and_then(|s| s.try_into().ok())
            .expect("a status"),
        body: serde_json::from_str(&text).expect("JSON"),
        text,
    }
}

/// An event of `SendGrid`, so many seconds after the first.
fn event(kind: &str, email: &str, after: i64) -> Value {
    json!({"event": kind, "email": email, "timestamp": AT + after,
        "sg_message_id": "abc.def.filter0001-7"})
}

/// A bounce that is final.
fn bounce(email: &str, after: i64) -> Value {
    let mut bounce = event("bounce", email, after);
    bounce["type"] = json!("bounce");
    bounce["reason"] = json!("550 5.1.1 user unknown");
    bounce["status"] = json!("5.1.1");
    bounce
}

/// Sends events, and waits until they are stored.
async fn store(running: &Running, events: &[Value]) {
    let reply = running
        .send("sendgrid", json!(events).to_string().as_bytes())
        .await;
    assert_eq!(reply.status.as_u16(), 200);
    running.stored().await;
}

/// The kinds of a list of events.
fn kinds(events: &Value) -> Vec<&str> {
    let events = events.as_array().expect("events").iter();
    events
        .map(|event| event["kind"].as_str().expect("a kind"))
        .collect()
}

/// No line that a function printed has any of these words.
fn unsaid(running: &Running, words: &[&str]) {
    for line in running.lines.lock().expect("lines").iter() {
        for word in words {
            assert!(!line.contains(word), "{line}");
        }
    }
}
