//! Every code that a question is refused with. Nothing of a question is in any of the answers, nor
//! in any line.

use tests::stack::Running;

use crate::{Answer, asked, get, of, unsaid};

/// Stands in every question, and in no answer.
const MARK: &str = "zq7";

const QUESTIONS: &[(&str, &str)] = &[
    ("/recipients/zq7", "address_unreadable"),
    ("/recipients/zq7@", "address_unreadable"),
    ("/recipients/zq7%20a@mail.test", "address_unreadable"),
    (
        "/recipients/zq7@mail.test%2C%20a@mail.test",
        "address_unreadable",
    ),
    ("/recipients/zq7%00@mail.test", "address_unreadable"),
    ("/recipients/zq7%ff@mail.test", "address_unreadable"),
    (
        "/recipients/zq7@mail.test%20%3Cb@mail.test%3E",
        "address_unreadable",
    ),
    ("/recipients/%20", "address_unreadable"),
    ("/recipients/zq7@mail.test%2Fx", "address_unreadable"),
    ("/recipients/zq7/events", "address_unreadable"),
    ("/recipients/%2B15550100/events", "address_unreadable"),
    ("/recipients/zq7@mail.test?ingore=zq7", "parameter_unknown"),
    ("/recipients/zq7@mail.test?limit=5", "parameter_unknown"),
    ("/recipients/zq7@mail.test?ignore=zq7", "reason_unknown"),
    ("/recipients/zq7@mail.test?ignore=", "reason_unknown"),
    (
        "/recipients/zq7@mail.test?ignore=bounced&ignore=zq7",
        "reason_unknown",
    ),
    ("/recipients/zq7@mail.test?scope=zq7", "scope_unreadable"),
    (
        "/recipients/zq7@mail.test?scope=group:1&scope=group:2",
        "scope_unreadable",
    ),
    (
        "/recipients/zq7@mail.test?scope=group:1%0A",
        "scope_unreadable",
    ),
    (
        "/recipients/zq7@mail.test/events?kind=%20bounced",
        "kind_unknown",
    ),
    ("/recipients/zq7@mail.test?channel=zq7", "channel_unknown"),
    ("/recipients/zq7@mail.test/events?kind=zq7", "kind_unknown"),
    (
        "/recipients/zq7@mail.test/events?kind=bounced,zq7",
        "kind_unknown",
    ),
    (
        "/recipients/zq7@mail.test/events?channel=zq7",
        "channel_unknown",
    ),
    (
        "/recipients/zq7@mail.test/events?from=zq7",
        "time_unreadable",
    ),
    (
        "/recipients/zq7@mail.test/events?from=2026-01-02&to=2026-01-01",
        "time_unreadable",
    ),
    ("/recipients/zq7@mail.test/events?limit=zq7", "limit_unfit"),
    ("/recipients/zq7@mail.test/events?limit=201", "limit_unfit"),
    (
        "/recipients/zq7@mail.test/events?limit=1&limit=2",
        "limit_unfit",
    ),
    ("/recipients/zq7@mail.test/events?raw=zq7", "raw_unfit"),
    (
        "/recipients/zq7@mail.test/events?cursor=zq7",
        "cursor_unreadable",
    ),
    (
        "/recipients/zq7@mail.test/events?provider=ses",
        "parameter_unknown",
    ),
    ("/customers/zq7/events?kind=zq7", "kind_unknown"),
    ("/messages/zq7/A1", "provider_unfit"),
    ("/messages/Resend/zq7", "provider_unfit"),
    ("/messages/resend/%3C%3E", "message_id_unreadable"),
    ("/messages/resend/%20", "message_id_unreadable"),
    ("/messages/resend/zq7%ff", "message_id_unreadable"),
    ("/messages/resend/zq7?limit=1", "parameter_unknown"),
    ("/problems/zq7/today", "problem_unknown"),
    ("/problems/delivered/today", "problem_unknown"),
    ("/problems/bounced/zq7", "day_unreadable"),
    ("/problems/bounced/2026-02-29", "day_unreadable"),
    ("/problems/bounced/7d", "day_unreadable"),
    ("/problems/bounced/today/zq7", "day_unreadable"),
    ("/problems/bounced/today?provider=zq7", "provider_unfit"),
    ("/problems/bounced/today?class=zq7", "class_unknown"),
    ("/problems/failed/today?class=hard", "class_impossible"),
    ("/problems/bounced/today?raw=1", "parameter_unknown"),
    ("/problems/bounced/today?cursor=zq7", "cursor_unreadable"),
];

const BODIES: &[(&str, &str)] = &[
    ("", "body_not_json"),
    ("[\"zq7\"]", "body_not_json"),
    ("{}", "addresses_missing"),
    (r#"{"addresses":"zq7"}"#, "addresses_unreadable"),
    (r#"{"addresses":["zq7",7]}"#, "addresses_unreadable"),
    (
        r#"{"addresses":["zq7"],"addresses":[]}"#,
        "addresses_repeated",
    ),
    (r#"{"addresses":["zq7"],"zq7":1}"#, "field_unknown"),
    (
        r#"{"addresses":["zq7"],"ignore":"zq7"}"#,
        "ignore_unreadable",
    ),
    (
        r#"{"addresses":["zq7"],"ignore":["zq7"]}"#,
        "reason_unknown",
    ),
    (r#"{"addresses":["zq7"],"scope":"zq7"}"#, "scope_unreadable"),
    (
        r#"{"addresses":["zq7"],"scope":"group:1,group:2"}"#,
        "scope_unreadable",
    ),
    (
        r#"{"addresses":["zq7"],"channel":"zq7"}"#,
        "channel_unknown",
    ),
    (r#"{"addresses":["zq7"],"channel":7}"#, "channel_unreadable"),
];

/// A query beside a request that has none, or says all of it in its body.
const QUERIES: &[(&str, &str, &str)] = &[
    (
        "POST",
        "/recipients/check?scope=group:1",
        r#"{"addresses":["zq7@mail.test"]}"#,
    ),
    (
        "PUT",
        "/recipients/zq7@mail.test/suppression?why=zq7",
        r#"{"why":"a"}"#,
    ),
    (
        "DELETE",
        "/recipients/zq7@mail.test/suppression?reason=manual",
        r#"{"why":"a"}"#,
    ),
    (
        "DELETE",
        "/recipients/zq7@mail.test/suppression?why=a&raeson=manual",
        "",
    ),
    ("GET", "/webhooks/manage?after=zq7", ""),
    ("GET", "/webhooks/manage/3?zq7=1", ""),
    ("GET", "/webhooks/manage/3/undelivered?zq7=1", ""),
    ("POST", "/webhooks/manage?active=false", "{}"),
    ("PATCH", "/webhooks/manage/3?active=false", "{}"),
    ("DELETE", "/webhooks/manage/3?id=4", ""),
    ("POST", "/webhooks/manage/3/test?zq7=1", ""),
    ("POST", "/webhooks/manage/3/rotate?keep_hours=0", ""),
    ("POST", "/webhooks/manage/3/retry?all=true", "{}"),
];

fn is_refused(answer: &Answer, wanted: (u16, &str), what: &str) {
    assert_eq!(answer.refused(), wanted, "{what}");
    assert!(!answer.text.contains(MARK), "{what}: {}", answer.text);
}

#[tokio::test]
async fn a_question_is_refused_by_name_and_not_repeated() {
    let running = Running::with_outlets().await;
    for (path, code) in QUESTIONS {
        is_refused(&get(&running, path).await, (400, code), path);
    }
    let check = async |body: &str| asked(&running, "POST", "/recipients/check", body).await;
    for (body, code) in BODIES {
        is_refused(&check(body).await, (400, code), body);
    }
    for (method, path, body) in QUERIES {
        let refused = asked(&running, method, path, body).await;
        is_refused(&refused, (400, "parameter_unknown"), path);
    }
    let many = serde_json::json!({ "addresses": vec!["zq7@mail.test"; 101] });
    is_refused(
        &check(&many.to_string()).await,
        (400, "addresses_unfit"),
        "many",
    );
    let large = format!("\"{}\"", MARK.repeat(22_000));
    is_refused(&check(&large).await, (413, "body_too_large"), "large");
    for path in [
        "/recipients/",
        "/recipients",
        "/recipients//events",
        "/messages/resend/",
        "/customers/zq7",
        "/problems/bounced/",
        "/zq7",
    ] {
        is_refused(&get(&running, path).await, (404, "not_found"), path);
    }
    for (method, path) in [
        ("GET", "/recipients/check"),
        ("POST", "/recipients/zq7@mail.test"),
        ("DELETE", "/recipients/zq7@mail.test/events"),
        ("GET", "/recipients/zq7@mail.test/suppression"),
        ("PUT", "/messages/resend/zq7"),
        ("POST", "/problems/bounced/today"),
    ] {
        let refused = asked(&running, method, path, "{}").await;
        is_refused(&refused, (405, "method_not_allowed"), path);
    }
    without_a_table(&running).await;
    unsaid(&running, &[MARK, "mail.test"]);
}

/// A table that cannot be read is said to the log, and not to whoever asks.
async fn without_a_table(running: &Running) {
    let lambda = running.function("api", &[("TABLE_NAME", "another-table")]);
    let lambda = lambda.await.expect("a function");
    let none = serde_json::Value::Null;
    for path in [
        "/recipients/zq7@mail.test",
        "/recipients/zq7@mail.test/events",
        "/messages/resend/zq7",
        "/problems/bounced/today",
    ] {
        is_refused(&of(&lambda, path, &none).await, (503, "unavailable"), path);
    }
    let said = running.logged(4, |running| {
        let lines = running.lines.lock().expect("lines").clone();
        let lines = lines.into_iter();
        let is_said = |line: &String| line.contains(r#""cause":"table_unreadable""#);
        lines.filter(is_said).collect()
    });
    assert_eq!(said.await.len(), 4);
}
