//! Where a field of an event stands in what the provider sent, for every sample.

#![expect(clippy::panic, reason = "a test that fails may panic")]

use std::collections::BTreeMap;

use inspector::origin::origins;
use operator::samples;
use registry::{QUEUED, SENDERS, normalize_with};
use shared::delivery::Delivery;
use shared::event::{Address, Event};
use shared::provider::Provider;
use shared::sender::Sender;
use shared::time::rfc3339_ms;

/// The fields of an event that every sample may have.
fn fields(event: &Event) -> Vec<(&'static str, String)> {
    let recipient = event.recipient.as_ref().map(Address::expose);
    let texts = [
        ("recipient", recipient.map(str::to_owned)),
        ("message_id", event.message_id.clone()),
        ("provider_kind", event.provider_kind.clone()),
        ("subject", event.subject.clone()),
        ("occurred_at", Some(rfc3339_ms(event.occurred_at.time()))),
    ];
    let texts = texts.into_iter();
    texts
        .filter_map(|(name, text)| Some((name, text?)))
        .collect()
}

fn found(event: &Event) -> BTreeMap<String, String> {
    let fields = fields(event);
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    origins(&event.raw, &fields)
}

/// The events of a sample, as a queue would bring it.
fn events(sender: &dyn Sender, body: &[u8]) -> Vec<Event> {
    let body = String::from_utf8_lossy(body);
    let message = serde_json::json!({
        "v": 1, "provider": sender.name(), "received_at": 1_767_323_100_678_i64, "encoding": "text", "body": body,
        "token": "0123456789abcdef0123456789abcdef",
    });
    let Ok(delivery) = Delivery::decode(&message.to_string()) else {
        panic!("{}: no delivery", sender.name());
    };
    let normalized = normalize_with(sender as &dyn Provider, delivery);
    normalized
        .map(|normalized| normalized.events)
        .unwrap_or_default()
}

#[test]
fn recipients_and_message_ids_are_found_in_almost_every_sample() {
    for name in ["recipient", "message_id", "provider_kind", "subject"] {
        let (mut has, mut is_found) = (0_u32, 0_u32);
        for sender in SENDERS.iter().chain(QUEUED) {
            let (mut own, mut own_found) = (0, 0);
            for sample in samples::of(sender.name()) {
                for event in events(*sender, sample.body) {
                    if fields(&event).iter().any(|(field, _)| *field == name) {
                        own += 1;
                        own_found += u32::from(found(&event).contains_key(name));
                    }
                }
            }
            has += own;
            is_found += own_found;
        }
        assert!(has > 100, "{name}: {has}");
        assert!(100 * is_found >= 95 * has, "{name}: {is_found} of {has}");
    }
}

fn at(element: &str, fields: &[(&str, &str)]) -> Vec<(String, String)> {
    origins(element, fields).into_iter().collect()
}

fn pairs(wanted: &[(&str, &str)]) -> Vec<(String, String)> {
    let wanted = wanted.iter();
    wanted
        .map(|(name, path)| ((*name).to_owned(), (*path).to_owned()))
        .collect()
}

#[test]
fn a_field_is_found_by_its_value_and_the_name_decides_between_equal_values() {
    let element = r#"{
        "from": "kim@mail.test", "event-data": {"event": "failed", "recipient": "Kim <kim@mail.test>", "severity": "permanent",
        "timestamp": 1767323045.678, "tags": ["a", "b"], "delivery-status": {"code": 550,
        "message": "550 5.1.1 unknown"}, "message": {"headers": {"message-id": "abc@mail.test"}}},
        "id": "abc@mail.test", "n": 1}"#;
    let fields = [
        ("bounce_class", "hard"),
        ("enhanced_code", "5.1.1"),
        ("kind", "bounced"),
        ("message_id", "abc@mail.test"),
        ("occurred_at", "2026-01-02T03:04:05.678Z"),
        ("provider", "mailgun"),
        ("provider_kind", "failed/permanent"),
        ("reason", "550 5.1.1 unknown"),
        ("smtp_code", "550"),
        ("subject", "none"),
        ("tags", r#"["a","b"]"#),
        ("metadata", r#"{"n":1}"#),
    ];
    assert_eq!(
        at(element, &fields),
        pairs(&[
            ("bounce_class", "event-data.severity"),
            ("enhanced_code", "event-data.delivery-status.message"),
            ("message_id", "event-data.message.headers.message-id"),
            ("occurred_at", "event-data.timestamp"),
            ("provider_kind", "event-data.event + event-data.severity"),
            ("reason", "event-data.delivery-status.message"),
            ("smtp_code", "event-data.delivery-status.code"),
            ("tags", "event-data.tags"),
        ])
    );
    // Of the sender nobody would say that it is the recipient.
    let found = at(element, &[("recipient", "kim@mail.test")]);
    assert_eq!(found, pairs(&[("recipient", "event-data.recipient")]));
}

/// Half of an emoji hides nothing beside it.
#[test]
fn half_a_surrogate_pair_is_passed_over() {
    let element = r#"{"email": "kim@mail.test", "subject": "Hi \ud83d"}"#;
    assert_eq!(
        at(element, &[("recipient", "kim@mail.test")]),
        pairs(&[("recipient", "email")])
    );
}

#[test]
fn a_short_value_needs_a_name_that_fits() {
    let element = r#"{"x": 5, "level": "hi", "code": 5}"#;
    assert_eq!(
        at(element, &[("smtp_code", "5")]),
        pairs(&[("smtp_code", "code")])
    );
    assert_eq!(
        at(
            r#"{"x": 5, "y": "hi"}"#,
            &[("smtp_code", "5"), ("subject", "hi")]
        ),
        []
    );
}

#[test]
fn whatever_an_element_is_the_search_is_bounded() {
    let deep = "[".repeat(100_000);
    let wide = format!(
        r#"{{"a":[{}0],"email":"kim@mail.test"}}"#,
        "0,".repeat(50_000)
    );
    let long_key = format!(r#"{{"{}":"kim@mail.test"}}"#, "k".repeat(10_000));
    let large = format!(
        r#"{{"email":"kim@mail.test","x":"{}"}}"#,
        "x".repeat(300_000)
    );
    for element in ["", "{", "null", "7", &deep, &wide, &long_key, &large] {
        assert_eq!(at(element, &[("recipient", "kim@mail.test")]), []);
    }
}
