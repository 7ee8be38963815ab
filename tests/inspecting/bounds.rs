//! How much is remembered: 1,000 webhooks, or 64 MB of them, and 100 requests that no route has.

use serde_json::Value;
use tests::page::Paged;

use super::{get, listed};

#[tokio::test(flavor = "multi_thread")]
async fn no_more_than_64_megabytes_are_remembered() {
    let paged = Paged::new().await;
    let body = vec![b'x'; 9 * 1024 * 1024];
    for _ in 0..10 {
        let reply = paged.running.post("/webhooks/resend", &[], &body).await;
        assert_eq!(reply.status.as_u16(), 413);
    }
    assert_eq!(
        listed(&paged, "").await,
        ["w10", "w9", "w8", "w7", "w6", "w5", "w4"]
    );
    let gone = paged.running.ask("GET", "/_postern/webhooks/w3", &[], b"");
    assert_eq!(gone.await.status.as_u16(), 404);
    let shown = get(&paged, "webhooks/w10").await;
    assert_eq!(shown["body"]["bytes"], body.len());
    assert_eq!(shown["body"]["cut"], true);
    assert_eq!(
        shown["body"]["text"].as_str().map(str::len),
        Some(64 * 1024)
    );
    let whole = paged
        .running
        .ask("GET", "/_postern/webhooks/w10/body", &[], b"");
    assert_eq!(whole.await.body.len(), body.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_than_a_thousand_webhooks_are_remembered() {
    let paged = Paged::new().await;
    for _ in 0..1_003 {
        paged.running.post("/webhooks/resend", &[], b"").await;
    }
    let list = get(&paged, "webhooks?limit=500").await;
    assert_eq!(list["counts"]["webhooks"], 1_000);
    assert_eq!(list["more"], true);
    let rows = list["webhooks"].as_array().expect("rows");
    assert_eq!(rows.len(), 500);
    assert_eq!(
        rows.first().map(|row| &row["id"]),
        Some(&Value::from("w1003"))
    );
    assert_eq!(
        listed(&paged, "?before=w5").await,
        ["w4"],
        "three are forgotten"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_to_nowhere_push_no_webhook_out() {
    let paged = Paged::new().await;
    paged.running.post("/webhooks/resend", &[], b"{}").await;
    let path = format!("/{}", "x".repeat(8_000));
    for _ in 0..120 {
        let reply = paged.running.post(&path, &[], b"").await;
        assert_eq!(reply.status.as_u16(), 404);
    }
    let cross = [("sec-fetch-site", "cross-site".to_owned())];
    let reply = paged.running.ask("GET", "/", &cross, b"").await;
    assert_eq!(reply.status.as_u16(), 404);
    let list = get(&paged, "webhooks?limit=500").await;
    assert_eq!(list["counts"]["webhooks"], 101);
    let rows = list["webhooks"].as_array().expect("rows");
    let ids = [rows.first(), rows.last()].map(|row| row.map(|row| row["id"].clone()));
    assert_eq!(ids, [Some("w121".into()), Some("w1".into())]);
}
