//! The life of an endpoint: made, shown, changed, tested, removed.

use serde_json::{Value, json};
use tests::stack::Running;

use crate::{add, ask, fields, get};
use tests::sink::Sink;

/// What each of these texts must not be in: answers, log lines, the table.
const HIDDEN: [&str; 4] = [
    "a-chosen-secret-of-mine",
    "a-value-of-a-header",
    "path-of-a-url",
    "query-of-a-url",
];

#[tokio::test]
async fn an_endpoint_is_made_shown_changed_and_removed() {
    let running = Running::with_outlets().await;
    let body = json!({
        "url": "https://crm.example.com/path-of-a-url?query-of-a-url",
        "events": "bounced:hard,suppression",
        "secret": "a-chosen-secret-of-mine",
        "providers": ["resend", "operator"],
        "sources": ["eu"],
        "headers": { "X-Token": "a-value-of-a-header" },
        "active": false,
    });
    let made = ask(&running, "POST", "", &body).await.ok();
    assert_eq!(made["active"], false);
    let path = format!("/{}", made["id"]);
    let shown = get(&running, &path).await;
    let wanted = [
        "id",
        "url",
        "events",
        "active",
        "created_at",
        "providers",
        "sources",
        "headers",
        "secrets",
        "created_by",
        "state",
        "undelivered",
    ];
    assert_eq!(fields(&shown.text), wanted);
    let shown = shown.ok();
    assert_eq!(shown["providers"], json!(["resend", "operator"]));
    assert_eq!(shown["sources"], json!(["eu"]));
    assert_eq!(shown["headers"], json!(["x-token"]), "names alone");
    assert_eq!(fields(&shown["secrets"][0].to_string()), ["since"]);
    assert_eq!(
        (&shown["state"], &shown["undelivered"]),
        (&json!("inactive"), &json!(0))
    );
    let patches = [
        (
            "url",
            json!("https://other.example.com/"),
            json!("https://other.example.com/"),
        ),
        ("events", json!(" clicked:human "), json!("clicked:human")),
        ("providers", json!([]), json!([])),
        ("sources", json!(["us", "eu"]), json!(["us", "eu"])),
        (
            "headers",
            json!({ "x-a": "1", "X-B": "2" }),
            json!(["x-a", "x-b"]),
        ),
        ("active", json!(true), json!(true)),
    ];
    let mut before: Value = shown;
    for (field, value, after) in patches {
        let changed = ask(&running, "PATCH", &path, &json!({ field: value }))
            .await
            .ok();
        assert_eq!(changed[field], after, "{field}");
        for other in [
            "url",
            "events",
            "providers",
            "sources",
            "headers",
            "active",
            "secrets",
        ] {
            assert!(
                other == field || changed[other] == before[other],
                "{field}: {other}"
            );
        }
        before = changed;
    }
    assert_eq!(get(&running, &path).await.ok(), before);
    assert_eq!(before["state"], "ok");
    let removed = ask(&running, "DELETE", &path, &Value::Null).await.ok();
    assert_eq!(removed, json!({ "id": made["id"], "removed": true }));
    for (method, rest) in [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/test"),
        ("POST", "/rotate"),
        ("POST", "/retry"),
        ("GET", "/undelivered"),
    ] {
        let body = match (method, rest) {
            ("PATCH", _) => json!({ "active": true }),
            (_, "/retry") => json!({ "all": true }),
            _ => json!({}),
        };
        let gone = ask(&running, method, &format!("{path}{rest}"), &body).await;
        assert_eq!(gone.refused(), (404, "not_found"), "{method} {rest}");
    }
    let (next, _) = add(&running, "https://crm.example.com/", "*").await;
    assert!(Some(next) > made["id"].as_u64(), "no id is given twice");
    each_change_is_logged(&running).await;
}

async fn each_change_is_logged(running: &Running) {
    let managed = |running: &Running| {
        let lines = running.lines.lock().expect("lines").clone();
        let lines = lines
            .iter()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines
            .filter(|line| line["function"] == "api" && line["outcome"] == "managed")
            .collect::<Vec<_>>()
    };
    let lines = running.logged(9, managed).await;
    let what: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["what"].as_str())
        .collect();
    let mut wanted = vec!["created"];
    wanted.extend(["changed"; 6]);
    wanted.extend(["removed", "created"]);
    assert_eq!(what, wanted);
    for line in &lines {
        assert!(line["outlet"].is_string(), "{line}");
        assert!(
            line["who"].as_str().is_some_and(|who| !who.is_empty()),
            "{line}"
        );
        let host = line["host"].as_str().expect("a host");
        assert!(
            ["crm.example.com", "other.example.com"].contains(&host),
            "{line}"
        );
    }
    for line in running.lines.lock().expect("lines").iter() {
        for hidden in HIDDEN {
            assert!(!line.contains(hidden), "{line}");
        }
    }
}

#[tokio::test]
async fn a_test_goes_the_way_of_every_notification() {
    let running = Running::with_outlets().await;
    let sink = Sink::new().await;
    let (id, secret) = add(&running, &sink.url, "bounced").await;
    let path = format!("/{id}/test");
    let tested = ask(&running, "POST", &path, &json!({})).await.ok();
    assert_eq!(
        (&tested["delivered"], &tested["status"]),
        (&json!(true), &json!(204)),
        "{tested}"
    );
    let told = sink.told_within(5, 1).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].header("webhook-id"), tested["id"]);
    assert_eq!(told[0].signed_by(&secret), (true, true));
    assert!(told[0].header("webhook-id").starts_with("tst_"));

    sink.answers(503);
    let failed = ask(&running, "POST", &path, &json!({})).await.ok();
    assert_eq!(
        (&failed["delivered"], &failed["status"]),
        (&json!(false), &json!(503)),
        "{failed}"
    );
    assert_ne!(failed["id"], tested["id"]);
    // What failed is not tried again, and nothing waits.
    let waits = get(&running, &format!("/{id}/undelivered")).await.ok();
    assert_eq!(waits, json!({ "undelivered": [] }));
    assert_eq!(sink.told().len(), 2);
}

#[tokio::test]
async fn a_secret_is_in_no_line_and_not_in_the_table() {
    let running = Running::with_outlets().await;
    let sink = Sink::new().await;
    let url = format!("{}/path-of-a-url?query-of-a-url", sink.url);
    let body = json!({
        "url": url, "events": "*", "secret": "a-chosen-secret-of-mine",
        "headers": { "x-token": "a-value-of-a-header" },
    });
    let id = ask(&running, "POST", "", &body).await.ok()["id"].clone();
    let tested = ask(&running, "POST", &format!("/{id}/test"), &json!({}))
        .await
        .ok();
    assert_eq!(tested["delivered"], true, "{tested}");
    let told = sink.told_within(5, 1).await;
    assert_eq!(told[0].header("x-token"), "a-value-of-a-header");
    let rotated = ask(&running, "POST", &format!("/{id}/rotate"), &json!({}))
        .await
        .ok();
    let made = rotated["secret"].as_str().expect("a secret").to_owned();
    let dump = running.outlets_dump().await;
    assert!(dump.contains("s1."), "sealed");
    for hidden in [
        "a-chosen-secret-of-mine",
        "a-value-of-a-header",
        &made,
        &made[6..],
    ] {
        assert!(!dump.contains(hidden), "the table has it");
    }
    for line in running.lines.lock().expect("lines").iter() {
        for hidden in HIDDEN.into_iter().chain([made.as_str(), &made[6..]]) {
            assert!(!line.contains(hidden), "{line}");
        }
    }
}
