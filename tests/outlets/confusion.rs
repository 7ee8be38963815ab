//! One secret, two schemes. `x-webhook-signature` is the MAC of the body alone, so where the key is
//! the same text it is also a `webhook-signature` of every `{id}.{timestamp}.{body}` that spells
//! the same bytes. There is none: the dots of a body stand in its texts, but for those of single
//! numbers, and what is cut off inside a text is no JSON.

use outlets::filter::Filter;
use outlets::notification::Notification;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::vector::{item_of, items_of_the_samples, vectors};

fn is_json(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok()
}

/// Whether these bytes can be read as an id, a time and a body that a receiver accepts.
fn passes_for_standard(body: &str) -> bool {
    body.match_indices('.').any(|(dot, _)| {
        let rest = &body[dot + 1..];
        rest.split_once('.').is_some_and(|(time, rest)| {
            let is_time = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit());
            is_time && is_json(rest)
        })
    })
}

fn body_of(item: &Value) -> String {
    let filter = Filter::parse("*").expect("a filter");
    let notification = Notification::of_event(&item_of(item), &filter).expect("an event");
    String::from_utf8(notification.body).expect("UTF-8")
}

/// A signed content of one scheme is none of the other's.
fn is_of_one_scheme(body: &str, id: &str) -> bool {
    is_json(body) && !passes_for_standard(body) && !is_json(&format!("{id}.1772525701.{body}"))
}

#[test]
fn the_check_finds_what_could_be_confused() {
    for body in ["evt_1.1772525701.{}", "x.y.1.\"a\"", "a.1.2.3"] {
        assert!(passes_for_standard(body), "{body}");
    }
}

#[test]
fn no_body_of_a_vector_or_a_sample_passes_for_the_other_scheme() {
    for vector in vectors() {
        let notification = vector.notification();
        let body = String::from_utf8(notification.body).expect("UTF-8");
        assert!(is_of_one_scheme(&body, &notification.id), "{body}");
    }
    let filter = Filter::parse("*").expect("a filter");
    for item in items_of_the_samples() {
        let notification = Notification::of_event(&item, &filter).expect("an event");
        let body = String::from_utf8(notification.body).expect("UTF-8");
        assert!(is_of_one_scheme(&body, &notification.id), "{body}");
    }
}

/// What somebody would write who wants one signature to fit the other scheme.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9.{}\\[\\]\"\\\\:, ]{0,40}",
        "[a-z]{0,3}\\.[0-9]{1,10}\\.(\\{\\}|\\[\\]|\"\"|[0-9]|null)",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_body_passes_for_the_other_scheme_whoever_has_written_it(
        texts in proptest::collection::vec(hostile(), 8),
        number in any::<f64>(),
    ) {
        let [subject, reason, url, recipient, message, tag, name, value] = &texts[..] else {
            panic!("eight texts");
        };
        let body = body_of(&json!({
            "pk": "email#kim@mail.test", "sk": format!("2026-03-03T08:15:00.000Z#{message}"),
            "channel": "email", "kind": "clicked", "provider": "resend",
            "subject": subject, "reason": reason, "url": url, "recipient": recipient,
            "message": format!("resend#{message}"), "tags": [tag, value],
            "metadata": {"n": number, name.clone(): value},
        }));
        prop_assert!(is_of_one_scheme(&body, "evt_1"), "{}", body);
    }
}
