//! Who may ask: in each mode whoever proves it, also with a key that may only read.

use serde_json::{Value, json};
use stack::lambda::Lambda;
use tests::secrets_manager::client;
use tests::stack::Running;

const READ: &str = "a-key-that-may-only-read-0123456789abcdef";
const SECRET: &str = "tests/outlets/keys";

const READING: [(&str, &str); 7] = [
    ("GET", "/api/recipients/kim@mail.test"),
    ("POST", "/api/recipients/check"),
    ("GET", "/api/recipients/kim@mail.test/events"),
    ("GET", "/api/customers/u-9/events"),
    ("GET", "/api/messages/resend/A1"),
    ("GET", "/api/problems/bounced/today"),
    ("GET", "/api/webhooks/manage"),
];

/// The status and the code of the answer to somebody who shows a key, or nothing.
async fn answer(lambda: &Lambda, method: &str, path: &str, key: Option<&str>) -> (i64, String) {
    let headers = key.map(|key| json!({ "authorization": format!("Bearer {key}") }));
    let event = json!({
        "version": "2.0", "rawPath": path, "headers": headers, "body": r#"{"addresses":[]}"#,
        "requestContext": { "http": { "method": method } },
    });
    let answer = lambda.invoke(event.to_string().into()).await;
    let answer: Value = serde_json::from_slice(&answer.expect("an answer")).expect("JSON");
    assert_eq!(answer["headers"]["cache-control"], "no-store");
    let body = answer["body"].as_str().expect("a body");
    let body: Value = serde_json::from_str(body).expect("JSON");
    let code = body["error"]["code"].as_str().unwrap_or_default();
    (
        answer["statusCode"].as_i64().expect("a status"),
        code.to_owned(),
    )
}

#[tokio::test]
async fn only_who_proves_it_may_ask_and_a_key_that_reads_may_ask_everything() {
    let running = Running::with_outlets().await;
    // The gateway lets nobody pass who has not signed.
    for (method, path) in READING {
        let reply = running.ask(method, path, &[], b"").await;
        assert_eq!(reply.status.as_u16(), 403, "{path}");
    }
    let vault = client(format!("http://{}", running.stack.secrets_manager));
    let keys = json!({ "read:crm": READ }).to_string();
    let made = vault.create_secret().name(SECRET).secret_string(keys);
    made.send().await.expect("a secret");
    let by_key = [("API_AUTH", "key"), ("API_KEYS_SECRET_NAME", SECRET)];
    let by_key = running.function("api", &by_key).await.expect("a function");
    let signed = running.function("api", &[("API_AUTH", "iam")]).await;
    let signed = signed.expect("a function");
    let unproven = (401, "unproven".to_owned());
    for (method, path) in READING {
        let read = answer(&by_key, method, path, Some(READ)).await;
        assert_eq!(read, (200, String::new()), "{path}");
        let strange = answer(&by_key, method, path, Some(&READ[1..])).await;
        assert_eq!(strange, unproven, "{path}");
        assert_eq!(
            answer(&by_key, method, path, None).await,
            unproven,
            "{path}"
        );
        // In the other mode a key is no proof.
        assert_eq!(
            answer(&signed, method, path, Some(READ)).await,
            unproven,
            "{path}"
        );
    }
    for method in ["PUT", "DELETE"] {
        let path = "/api/recipients/kim@mail.test/suppression";
        let refused = answer(&by_key, method, path, Some(READ)).await;
        assert_eq!(refused, (403, "read_only".to_owned()), "{method}");
    }
}
