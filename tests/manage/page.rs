//! `MailPanda`'s page (mailpanda.io/docs/webhooks), request by request and field by field.

use serde_json::json;
use tests::stack::Running;

use crate::{ask, fields, get, is_plain_time};

const FIVE: [&str; 5] = ["id", "url", "events", "active", "created_at"];

#[tokio::test]
async fn mailpandas_page_is_answered_to_the_letter() {
    let running = Running::with_outlets().await;
    let empty = get(&running, "").await;
    assert_eq!(
        (empty.status, empty.text.as_str()),
        (200, r#"{"webhooks":[]}"#)
    );

    let url = "https://crm.example.com/hooks?team=a";
    let body = json!({ "url": url, "events": "open,click", "secret": "a-chosen-secret-1" });
    let made = ask(&running, "POST", "", &body).await;
    assert_eq!(made.status, 200, "{}", made.text);
    assert_eq!(fields(&made.text), FIVE, "the secret is not echoed");
    let first = made.body;
    assert!(first["id"].is_u64(), "an integer");
    assert_eq!(first["url"], url);
    assert_eq!(first["events"], "open,click");
    assert_eq!(first["active"], true);
    assert!(is_plain_time(&first["created_at"]), "{first}");

    // The secret is optional, and everything is signed: so there must be one.
    let body = json!({ "url": "https://b.example.com/", "events": " bounce, unsubscribe " });
    let made = ask(&running, "POST", "", &body).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let six: Vec<&str> = FIVE.into_iter().chain(["secret"]).collect();
    assert_eq!(fields(&made.text), six);
    let second = made.body;
    let secret = second["secret"].as_str().expect("a secret");
    let encoded = secret.strip_prefix("whsec_").expect("a made secret");
    assert_eq!(encoded.len(), 44, "32 bytes in base64");
    assert_eq!(second["events"], "bounce, unsubscribe", "trimmed, as given");
    assert!(second["id"].as_u64() > first["id"].as_u64());

    let list = get(&running, "").await;
    assert_eq!(fields(&list.text), ["webhooks"]);
    let webhooks = list.body["webhooks"].as_array().expect("a list");
    assert_eq!(webhooks.len(), 2);
    for (shown, made) in webhooks.iter().zip([&first, &second]) {
        for field in FIVE {
            assert_eq!(shown[field], made[field], "{field}");
        }
        let names = fields(&shown.to_string());
        assert!(FIVE.iter().all(|name| names.contains(&(*name).to_owned())));
    }
    let start = format!(r#"{{"webhooks":[{{"id":{}"#, first["id"]);
    assert!(list.text.starts_with(&start), "{}", list.text);
    for hidden in [secret, encoded, "a-chosen-secret-1", "s1."] {
        assert!(!list.text.contains(hidden), "a secret is shown once");
    }
}
