//! The API of the subscriptions: every request and every answer, with everything running. What it
//! must never answer is tested, too.

mod page;
mod proof;
mod race;
mod refused;
mod rotated;
mod waiting;
mod whole;

use outlets::manage::PATH;
use serde_json::{Value, json};
use tests::api::Answer;
use tests::stack::Running;

/// Asks as somebody whom IAM lets in. `path` is what stands behind that of the subscriptions.
async fn ask_raw(running: &Running, method: &str, path: &str, body: &[u8]) -> Answer {
    let reply = running.api(method, &format!("{PATH}{path}"), body).await;
    reply.into()
}

async fn ask(running: &Running, method: &str, path: &str, body: &Value) -> Answer {
    ask_raw(running, method, path, body.to_string().as_bytes()).await
}

async fn get(running: &Running, path: &str) -> Answer {
    ask_raw(running, "GET", path, b"").await
}

/// Adds an endpoint, and returns its id and its secret.
async fn add(running: &Running, url: &str, events: &str) -> (u64, String) {
    let made = ask(
        running,
        "POST",
        "",
        &json!({ "url": url, "events": events }),
    )
    .await;
    let made = made.ok();
    let secret = made["secret"].as_str().expect("a secret");
    (made["id"].as_u64().expect("an id"), secret.to_owned())
}

/// The names of an object's fields, in their order.
fn fields(text: &str) -> Vec<String> {
    struct Names(Vec<String>);
    impl<'de> serde::Deserialize<'de> for Names {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Reader;
            impl<'de> serde::de::Visitor<'de> for Reader {
                type Value = Names;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<A: serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<Names, A::Error> {
                    let mut names = Vec::new();
                    while let Some((name, _)) = map.next_entry::<String, serde::de::IgnoredAny>()? {
                        names.push(name);
                    }
                    Ok(Names(names))
                }
            }
            deserializer.deserialize_map(Reader)
        }
    }
    serde_json::from_str::<Names>(text).expect("an object").0
}

/// A time without a fraction, in UTC.
fn is_plain_time(text: &Value) -> bool {
    let text = text.as_str().expect("a text");
    text.len() == "2026-01-02T03:04:05Z".len()
        && text.ends_with('Z')
        && text.parse::<jiff::Timestamp>().is_ok()
}
