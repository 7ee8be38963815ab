//! Who is let in: each mode wants its own proof, whatever else a request has.

use serde_json::{Value, json};
use stack::lambda::Lambda;
use tests::secrets_manager::client;
use tests::stack::Running;

const READ: &str = "a-key-that-may-only-read-0123456789abcdef";
const ADMIN: &str = "a-key-that-may-change-0123456789abcdef";
const NEXT: &str = "a-key-of-the-next-version-0123456789abcdef";
const STRANGE: &str = "a-key-of-nobody-0123456789abcdef-0123456789";
const SECRET: &str = "tests/outlets/keys";

/// A request as the gateway hands it on.
fn event(method: &str, path: &str, headers: &Value, authorizer: &Value) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "ANY /api/{proxy+}",
        "rawPath": path,
        "headers": headers,
        "requestContext": {
            "authorizer": authorizer,
            "domainName": "api.example.com",
            "http": { "method": method, "path": path },
            "stage": "$default",
        },
        "body": null,
        "isBase64Encoded": false,
    })
}

fn signed() -> Value {
    let arn = "arn:aws:iam::123456789012:user/ops";
    json!({ "iam": { "accountId": "123456789012", "userArn": arn, "accessKey": "AKIDEXAMPLE" } })
}

fn bearer(key: &str) -> Value {
    json!({ "authorization": format!("Bearer {key}") })
}

/// The status and the code of the answer.
async fn answer(lambda: &Lambda, event: &Value) -> (i64, String) {
    let answer = lambda
        .invoke(event.to_string().into())
        .await
        .expect("an answer");
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    assert_eq!(answer["headers"]["cache-control"], "no-store");
    assert_eq!(answer["headers"]["content-type"], "application/json");
    let text = answer["body"].as_str().expect("a body");
    for key in [READ, ADMIN, NEXT] {
        assert!(!text.contains(key));
    }
    let body: Value = serde_json::from_str(text).expect("JSON");
    let code = body["error"]["code"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    (answer["statusCode"].as_i64().expect("a status"), code)
}

fn unproven() -> (i64, String) {
    (401, "unproven".to_owned())
}

const LIST: &str = "/api/webhooks/manage";

#[tokio::test]
async fn each_mode_wants_its_own_proof() {
    let running = Running::with_outlets().await;
    let vault = client(format!("http://{}", running.stack.secrets_manager));
    let keys = json!({ "read:crm": READ, "admin:ops": ADMIN }).to_string();
    let made = vault.create_secret().name(SECRET).secret_string(keys);
    made.send().await.expect("a secret");
    // Both versions count.
    let next = json!({ "read:next": NEXT }).to_string();
    let put = vault
        .put_secret_value()
        .secret_id(SECRET)
        .secret_string(next);
    put.send().await.expect("a version");
    with_iam(&running).await;
    with_keys(&running).await;
    without_keys(&running).await;
    without_a_mode(&running).await;
    for line in running.lines.lock().expect("lines").iter() {
        for key in [READ, ADMIN, NEXT, STRANGE] {
            assert!(!line.contains(key), "{line}");
        }
    }
}

async fn with_iam(running: &Running) {
    let environment = [("API_AUTH", "iam"), ("API_KEYS_SECRET_NAME", SECRET)];
    let lambda = running
        .function("api", &environment)
        .await
        .expect("a function");
    let none = json!({});
    let good = event("GET", LIST, &none, &signed());
    assert_eq!(answer(&lambda, &good).await.0, 200);
    for bad in [
        event("GET", LIST, &none, &Value::Null),
        event("GET", LIST, &none, &json!({})),
        event("GET", LIST, &none, &json!({ "iam": {} })),
        event("GET", LIST, &none, &json!({ "jwt": { "claims": {} } })),
        event("GET", LIST, &bearer(ADMIN), &Value::Null),
        // A path that is none is not told to a stranger.
        event("GET", "/api/else", &none, &Value::Null),
        json!({}),
    ] {
        assert_eq!(answer(&lambda, &bad).await, unproven(), "{bad}");
    }
}

async fn with_keys(running: &Running) {
    let environment = [("API_AUTH", "key"), ("API_KEYS_SECRET_NAME", SECRET)];
    let lambda = running
        .function("api", &environment)
        .await
        .expect("a function");
    let none = Value::Null;
    for key in [READ, ADMIN, NEXT] {
        let good = event("GET", LIST, &bearer(key), &none);
        assert_eq!(answer(&lambda, &good).await.0, 200);
    }
    let read_only = (403, "read_only".to_owned());
    for (method, path) in [
        ("POST", LIST.to_owned()),
        ("PATCH", format!("{LIST}/1")),
        ("DELETE", format!("{LIST}/1")),
        ("POST", format!("{LIST}/1/test")),
        ("POST", format!("{LIST}/1/rotate")),
        ("POST", format!("{LIST}/1/retry")),
    ] {
        let asked = event(method, &path, &bearer(READ), &none);
        assert_eq!(answer(&lambda, &asked).await, read_only, "{method} {path}");
        let asked = event(method, &path, &bearer(ADMIN), &none);
        assert_ne!(answer(&lambda, &asked).await, read_only, "{method} {path}");
    }
    let twice = json!({ "authorization": format!("Bearer {ADMIN}"), "Authorization": "Bearer x" });
    let joined = bearer(&format!("{ADMIN},Bearer {ADMIN}"));
    for bad in [
        event("GET", LIST, &json!({}), &none),
        // In this mode a signature proves nothing.
        event("GET", LIST, &json!({}), &signed()),
        event("GET", LIST, &bearer(STRANGE), &none),
        event("GET", LIST, &bearer(&ADMIN[1..]), &none),
        event("GET", LIST, &bearer(&ADMIN.to_uppercase()), &none),
        event("GET", LIST, &bearer(""), &none),
        event("GET", LIST, &json!({ "authorization": ADMIN }), &none),
        event(
            "GET",
            LIST,
            &json!({ "authorization": format!("Basic {ADMIN}") }),
            &none,
        ),
        event("GET", LIST, &json!({ "x-api-key": ADMIN }), &none),
        event("GET", LIST, &twice, &none),
        event("GET", LIST, &joined, &none),
    ] {
        assert_eq!(answer(&lambda, &bad).await, unproven(), "{bad}");
    }
}

async fn without_keys(running: &Running) {
    let environment = [
        ("API_AUTH", "key"),
        ("API_KEYS_SECRET_NAME", "tests/outlets/none"),
    ];
    let lambda = running
        .function("api", &environment)
        .await
        .expect("a function");
    let asked = event("GET", LIST, &bearer(ADMIN), &signed());
    assert_eq!(
        answer(&lambda, &asked).await,
        (503, "unavailable".to_owned())
    );
    let asked = event("GET", LIST, &json!({}), &signed());
    assert_eq!(answer(&lambda, &asked).await, unproven());
}

async fn without_a_mode(running: &Running) {
    for mode in ["", "none", "IAM", "iam,key", "off"] {
        let environment = [("API_AUTH", mode), ("API_KEYS_SECRET_NAME", SECRET)];
        let lambda = running
            .function("api", &environment)
            .await
            .expect("a function");
        let asked = event("GET", LIST, &bearer(ADMIN), &signed());
        let refused = (503, "auth_unset".to_owned());
        assert_eq!(answer(&lambda, &asked).await, refused, "{mode:?}");
    }
}
