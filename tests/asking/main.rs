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
use tests::stack::Running;

/// 2026-01-02T03:04:05Z.
const AT: i64 = 1_767_323_045;

/// An answer of the API.
struct Answer {
    status: u16,
    /// Its body, to the letter.
    text: String,
    body: Value,
}

impl Answer {
    /// The body of a question that was answered.
    fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.body
    }

    /// The status and the code of a question that was not.
    fn refused(&self) -> (u16, &str) {
        let fields = self.body.as_object().expect("an object");
        assert_eq!(fields.len(), 1, "{}", self.text);
        let error = fields["error"].as_object().expect("an error");
        assert_eq!(error.len(), 2, "{}", self.text);
        let message = error["message"].as_str().expect("a message");
        assert!(!message.is_empty());
        (self.status, error["code"].as_str().expect("a code"))
    }
}

/// Asks as somebody whom IAM lets in. The path stands behind `/api`, encoded once.
async fn asked(running: &Running, method: &str, path: &str, body: &str) -> Answer {
    let path = format!("/api{path}");
    let reply = running.api(method, &path, body.as_bytes()).await;
    Answer {
        status: reply.status.as_u16(),
        body: serde_json::from_str(&reply.body).expect("JSON"),
        text: reply.body,
    }
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
