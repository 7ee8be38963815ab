//! What Postern sends: `events/outlets` to the letter, by the schema, checked by another library's
//! cryptography, and accepted by Postern's own receivers.
//!
//! `BLESS=1 cargo test -p tests --test outlets` writes the bodies and the headers of the vectors.

mod confusion;
mod feeds;
mod schema;
mod vector;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::Value;
use vector::{Vector, vectors};

#[test]
fn the_vectors_are_what_is_sent() {
    let vectors = vectors();
    assert!(vectors.len() >= 8, "only {} vectors", vectors.len());
    for vector in vectors {
        let sent = vector.sent();
        if tests::is_blessing() {
            vector.write(&sent);
        } else {
            assert!(vector.value == sent, "{}: {sent:#}", vector.name());
        }
    }
}

/// The key of `webhook-signature`, put together as the specification says.
fn standard_key(secret: &str) -> Vec<u8> {
    let encoded = secret.strip_prefix("whsec_");
    let decoded = encoded.and_then(|encoded| STANDARD.decode(encoded).ok());
    decoded.unwrap_or_else(|| secret.as_bytes().to_vec())
}

fn mac(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

#[test]
fn another_library_makes_the_same_signatures() {
    for Vector { value, .. } in vectors() {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let (body, headers) = (text(&value["body"]), &value["headers"]);
        let [id, timestamp] = ["webhook-id", "webhook-timestamp"].map(|name| text(&headers[name]));
        let signed = format!("{id}.{timestamp}.{body}");
        let secrets = value["secrets"].as_array().expect("secrets");
        let secrets: Vec<String> = secrets.iter().map(text).collect();
        let entries = secrets.iter().map(|secret| {
            let mac = mac(&standard_key(secret), &signed);
            format!("v1,{}", STANDARD.encode(mac))
        });
        let entries: Vec<String> = entries.collect();
        assert_eq!(text(&headers["webhook-signature"]), entries.join(" "));
        let newest = mac(secrets[0].as_bytes(), &body);
        assert_eq!(text(&headers["x-webhook-signature"]), hex::encode(newest));
        assert!(!id.contains('.'), "Standard Webhooks forbids it");
    }
}

#[test]
fn whatever_any_provider_says_is_told_by_the_schema_and_within_the_bound() {
    let filter = outlets::filter::Filter::parse("*").expect("a filter");
    let mut count = 0;
    for item in vector::items_of_the_samples() {
        let notification = outlets::notification::Notification::of_event(&item, &filter);
        let notification = notification.expect("an event");
        assert!(notification.body.len() <= table::announced::MOST_BYTES);
        let body: Value = serde_json::from_slice(&notification.body).expect("JSON");
        assert_eq!(schema::check("notification.json", &body), Ok(()));
        assert_eq!(body["type"], notification.kind);
        for hidden in ["raw", "headers", "pk", "sk", "message", "problem"] {
            assert!(body["data"].get(hidden).is_none(), "{hidden}");
        }
        count += 1;
    }
    assert!(count > 300, "only {count} items");
    for Vector { value, .. } in vectors() {
        let body: Value =
            serde_json::from_str(value["body"].as_str().expect("a body")).expect("JSON");
        assert_eq!(schema::check("notification.json", &body), Ok(()));
    }
}
