//! The page of the local stack, asked as its script asks it, with the real functions. What a person
//! sees of it in a browser is in `tests/page`.

mod bounds;
mod dead;
mod guard;
mod live;
mod outcomes;
mod people;
mod secrets;
mod sending;

use std::time::Duration;

use serde_json::{Value, json};
use tests::page::Paged;
use tokio::time::{Instant, sleep};

/// How long anything may take that the stack does by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the page's script adds to what it sends.
fn ours() -> [(&'static str, String); 1] {
    [("x-postern", "1".to_owned())]
}

/// Asks for something that has to be there.
async fn get(paged: &Paged, path: &str) -> Value {
    let reply = paged
        .running
        .ask("GET", &format!("/_postern/{path}"), &[], b"")
        .await;
    assert_eq!(reply.status.as_u16(), 200, "{path}: {}", reply.body);
    serde_json::from_str(&reply.body).expect("JSON")
}

/// Sends something as the page does. Returns the status, too.
async fn post(paged: &Paged, path: &str, body: &Value) -> (u16, Value) {
    let (path, body) = (format!("/_postern/{path}"), body.to_string());
    let reply = paged
        .running
        .ask("POST", &path, &ours(), body.as_bytes())
        .await;
    let answer = serde_json::from_str(&reply.body).expect("JSON");
    (reply.status.as_u16(), answer)
}

/// Sends a sample by the page, and returns the name of its webhook.
async fn sample(paged: &Paged, sample: &str, wrong: Option<&str>) -> String {
    let asked = json!({"sample": sample, "break": wrong});
    let (status, sent) = post(paged, "send", &asked).await;
    assert_eq!(status, 200, "{sample}: {sent}");
    let name = sent["sent"][0]["webhook"].as_str();
    name.unwrap_or_else(|| panic!("{sample}: {sent}"))
        .to_owned()
}

/// Returns the webhook of this name, once it is in this state.
async fn in_state(paged: &Paged, name: &str, state: &str) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let webhook = get(paged, &format!("webhooks/{name}")).await;
        if webhook["state"] == state {
            return webhook;
        }
        assert!(Instant::now() < deadline, "{name} is {}", webhook["state"]);
        sleep(Duration::from_millis(20)).await;
    }
}

/// Returns the webhook of this name, once the code of its receiver has been heard.
async fn with_code(paged: &Paged, name: &str) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let webhook = get(paged, &format!("webhooks/{name}")).await;
        if !webhook["code"].is_null() {
            return webhook;
        }
        assert!(Instant::now() < deadline, "{name} has no code");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Returns the names of the webhooks of a list, the newest first.
async fn listed(paged: &Paged, query: &str) -> Vec<String> {
    let list = get(paged, &format!("webhooks{query}")).await;
    let rows = list["webhooks"].as_array().expect("rows").iter();
    let names = rows.map(|row| row["id"].as_str().expect("an id").to_owned());
    names.collect()
}
