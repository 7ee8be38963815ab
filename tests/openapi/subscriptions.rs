//! The operations of the subscriptions.

use serde_json::json;
use tests::sink::Sink;

use crate::asker::{Asker, Named, store};

/// No endpoint has this id.
const GONE: Named<'static> = &[("id", "99")];

pub(crate) async fn subscriptions(asker: &mut Asker<'_>) {
    let sink = Sink::new().await;
    let none: Named<'_> = &[];
    let new = json!({
        "url": sink.url, "events": "clicked", "secret": "a-chosen-secret-of-mine",
        "providers": ["resend"], "sources": ["eu"], "headers": { "x-a": "1" }, "active": true,
    });
    let made = asker.good("addEndpoint", none, none, Some(&new)).await;
    assert!(made.get("secret").is_none());
    let plain = json!({ "url": sink.url, "events": "*" });
    let made = asker.good("addEndpoint", none, none, Some(&plain)).await;
    assert!(made["secret"].is_string());
    for (body, code) in [
        (
            json!({ "url": "ftp://crm.example.com/", "events": "*" }),
            "url_scheme",
        ),
        (
            json!({ "url": sink.url, "events": "opened:twice" }),
            "events_narrowed",
        ),
        (
            json!({ "url": sink.url, "events": "*", "secret": "short" }),
            "secret_length",
        ),
        (
            json!({ "url": sink.url, "events": "*", "name": "crm" }),
            "field_unknown",
        ),
        (json!({ "events": "*" }), "url_missing"),
        (json!([]), "body_not_json"),
    ] {
        asker
            .bad(("addEndpoint", none, none), Some(&body), (400, code))
            .await;
    }
    let id = made["id"].to_string();
    let id: Named<'_> = &[("id", &id)];
    asker.good("listEndpoints", none, none, None).await;
    asker.good("showEndpoint", id, none, None).await;
    asker
        .bad(("showEndpoint", GONE, none), None, (404, "not_found"))
        .await;
    let tested = asker.good("testEndpoint", id, none, None).await;
    assert_eq!(tested["delivered"], true, "{tested}");
    let odd = json!({ "message": "hello" });
    asker
        .bad(
            ("testEndpoint", id, none),
            Some(&odd),
            (400, "field_unknown"),
        )
        .await;
    asker
        .bad(("testEndpoint", GONE, none), None, (404, "not_found"))
        .await;

    rotations(asker, id).await;
    changes(asker, id, &sink).await;
}

async fn rotations(asker: &mut Asker<'_>, id: Named<'_>) {
    let none: Named<'_> = &[];
    asker.good("rotateSecret", id, none, None).await;
    asker
        .bad(("rotateSecret", id, none), None, (409, "still_rotating"))
        .await;
    let drop = json!({ "keep_hours": 0, "secret": "another-secret-of-mine" });
    asker.good("rotateSecret", id, none, Some(&drop)).await;
    asker
        .bad(
            ("rotateSecret", id, none),
            Some(&json!({ "keep_hours": 169 })),
            (400, "keep_hours_unfit"),
        )
        .await;
    asker
        .bad(("rotateSecret", GONE, none), None, (404, "not_found"))
        .await;
}

async fn changes(asker: &mut Asker<'_>, id: Named<'_>, sink: &Sink) {
    let none: Named<'_> = &[];
    let change = json!({
        "url": sink.url, "events": "bounced:hard", "providers": [], "sources": [],
        "headers": {}, "active": false,
    });
    asker.good("changeEndpoint", id, none, Some(&change)).await;
    asker
        .bad(
            ("changeEndpoint", id, none),
            Some(&json!({})),
            (400, "body_empty"),
        )
        .await;
    asker
        .bad(
            ("changeEndpoint", GONE, none),
            Some(&json!({ "active": true })),
            (404, "not_found"),
        )
        .await;
    let all = json!({ "all": true });
    asker
        .bad(
            ("retryUndelivered", id, none),
            Some(&all),
            (409, "inactive"),
        )
        .await;
    waiting(asker, id).await;
    let again = json!({ "active": true });
    asker.good("changeEndpoint", id, none, Some(&again)).await;
    asker.good("retryUndelivered", id, none, Some(&all)).await;
    asker
        .bad(
            ("retryUndelivered", id, none),
            Some(&json!({})),
            (400, "id_missing"),
        )
        .await;
    asker
        .bad(
            ("retryUndelivered", GONE, none),
            Some(&all),
            (404, "not_found"),
        )
        .await;
    asker
        .bad(
            ("listUndelivered", id, &[("after", "?")]),
            None,
            (400, "after_unfit"),
        )
        .await;
    asker
        .bad(("listUndelivered", GONE, none), None, (404, "not_found"))
        .await;
    asker.good("removeEndpoint", id, none, None).await;
    asker
        .bad(("removeEndpoint", id, none), None, (404, "not_found"))
        .await;
}

/// What waits for an endpoint that is told nothing.
async fn waiting(asker: &mut Asker<'_>, id: Named<'_>) {
    store(asker.running).await;
    asker.running.stack.settled().await.expect("stored");
    asker.running.told().await;
    let list = asker.good("listUndelivered", id, &[], None).await;
    assert_eq!(
        list["undelivered"].as_array().map(Vec::len),
        Some(1),
        "{list}"
    );
}
