//! Every operation, asked of the real function with what it takes and with what it refuses: each
//! answer has a status and a shape that the document says.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stack::lambda::Lambda;
use tests::secrets_manager::client;
use tests::stack::Running;

use crate::asker::{Asker, KIM, NOBODY, Named, store};
use crate::document::{Document, Operation};
use crate::reading::reading;
use crate::subscriptions::subscriptions;

#[tokio::test]
async fn every_operation_answers_what_the_document_says() {
    let running = Running::with_outlets().await;
    let document = Document::read();
    let mut asker = Asker {
        running: &running,
        document: &document,
        seen: BTreeMap::new(),
    };
    words(&mut asker).await;
    subscriptions(&mut asker).await;
    store(&running).await;
    reading(&mut asker).await;
    let seen = asker.seen;
    for operation in document.operations() {
        let seen = seen.get(operation.id).cloned().unwrap_or_default();
        let is_done = seen.iter().any(|status| *status < 300);
        assert!(is_done, "{} was never answered", operation.id);
        for status in [400, 404, 409] {
            let is_said = Document::statuses(&operation).contains(&status);
            // Nothing is there to be removed at the same time.
            let is_race = matches!(
                (operation.id, status),
                ("addEndpoint" | "changeEndpoint" | "removeEndpoint", 409)
            );
            let is_seen = seen.contains(&status);
            assert!(
                !is_said || is_seen || is_race,
                "{}: no {status}",
                operation.id
            );
        }
    }
}

async fn words(asker: &mut Asker<'_>) {
    let (why, none): (Value, Named<'_>) = (json!({ "why": "asked" }), &[]);
    asker.good("suppress", KIM, none, Some(&why)).await;
    let full = json!({ "why": "asked", "channel": "email" });
    asker.good("suppress", KIM, none, Some(&full)).await;
    for (body, code) in [
        (json!({}), "why_missing"),
        (json!({ "why": "" }), "why_unfit"),
        (json!({ "why": "a", "channel": "sms" }), "channel_unfit"),
        (json!({ "why": "a", "by": "b" }), "field_unknown"),
    ] {
        asker
            .bad(("suppress", KIM, none), Some(&body), (400, code))
            .await;
    }
    asker
        .bad(
            ("suppress", NOBODY, none),
            Some(&why),
            (400, "address_unreadable"),
        )
        .await;
    asker.good("liftSuppression", KIM, none, Some(&why)).await;
    let one =
        json!({ "why": "a", "reason": "unsubscribed", "even_complaint": true, "channel": "email" });
    asker.good("liftSuppression", KIM, none, Some(&one)).await;
    let query: Named<'_> = &[
        ("why", "a b"),
        ("reason", "manual"),
        ("even_complaint", "true"),
    ];
    asker.good("liftSuppression", KIM, query, None).await;
    asker
        .bad(("liftSuppression", KIM, none), None, (400, "why_missing"))
        .await;
    asker
        .bad(
            ("liftSuppression", KIM, &[("why", "a"), ("reason", "b")]),
            None,
            (400, "reason_unfit"),
        )
        .await;
    let complained = json!({ "why": "a", "reason": "complained" });
    asker
        .bad(
            ("liftSuppression", KIM, none),
            Some(&complained),
            (409, "complained"),
        )
        .await;
}

/// The status and the body of an answer to a request with this bearer key, if it has one.
async fn invoked(lambda: &Lambda, method: &str, path: &str, key: Option<&str>) -> (u16, Value) {
    let bearer = key.map(|key| json!({ "authorization": format!("Bearer {key}") }));
    let event = json!({
        "version": "2.0", "rawPath": path, "headers": bearer,
        "requestContext": { "http": { "method": method, "path": path } },
        "body": "{}", "isBase64Encoded": false,
    });
    let answer = lambda.invoke(event.to_string().into()).await;
    let answer: Value = serde_json::from_slice(&answer.expect("an answer")).expect("JSON");
    let status = answer["statusCode"].as_u64().expect("a status");
    let body = answer["body"].as_str().expect("a body");
    let body = serde_json::from_str(body).expect("JSON");
    (u16::try_from(status).expect("a status"), body)
}

/// An operation's path, with something in place of each parameter.
fn filled(document: &Document, operation: &Operation<'_>) -> String {
    let mut path = operation.path.to_owned();
    for parameter in document.parameters(operation) {
        let name = parameter["name"].as_str().expect("a name");
        let value = match name {
            "id" => "99",
            "address" => "kim@mail.test",
            "kind" => "bounced",
            "day" => "today",
            "provider" => "resend",
            _ => "x",
        };
        path = path.replace(&format!("{{{name}}}"), value);
    }
    path
}

/// With IAM the gateway refuses by itself, and with keys the function does.
#[tokio::test]
async fn who_may_not_is_told_so_as_the_document_says() {
    const READ: &str = "a-key-that-may-only-read-0123456789abcdef";
    let (running, document) = (Running::with_outlets().await, Document::read());
    let vault = client(format!("http://{}", running.stack.secrets_manager));
    let keys = json!({ "read:crm": READ }).to_string();
    let made = vault.create_secret().name("tests/keys").secret_string(keys);
    made.send().await.expect("a secret");
    let by_key = [("API_AUTH", "key"), ("API_KEYS_SECRET_NAME", "tests/keys")];
    let lambda = running.function("api", &by_key).await.expect("a function");
    for operation in document.operations() {
        let (id, path) = (operation.id, filled(&document, &operation));
        let none = invoked(&lambda, &operation.method, &path, None).await;
        let read = invoked(&lambda, &operation.method, &path, Some(READ)).await;
        assert_eq!(none.0, 401, "{id}");
        if operation.method == "GET" || id == "checkRecipients" {
            assert!([200, 400, 404].contains(&read.0), "{id} {}", read.0);
        } else {
            assert_eq!(read.0, 403, "{id}");
        }
        let unsigned = running.ask(&operation.method, &path, &[], b"{}").await;
        let forbidden: Value = serde_json::from_str(&unsigned.body).expect("JSON");
        assert_eq!(unsigned.status, 403, "{id}");
        for (status, answer) in [none, read, (403, forbidden)] {
            let fits = document.check(&operation, status, &answer);
            fits.unwrap_or_else(|why| panic!("{why}: {answer}"));
        }
    }
}
