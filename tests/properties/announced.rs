//! Whatever an event is, others are told all of it but its keys and its text, and no more than
//! 20 KB.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};
use shared::time::rfc3339_ms;
use table::announced::{Announced, FIELDS, MOST_BYTES, TRUNCATED, VERBATIM};
use table::item::item;

use crate::cases;
use crate::event::{bare, event};

/// What an item has only to be found.
const KEYS: [&str; 4] = ["pk", "sk", "message", "problem"];

fn told(announced: &Announced) -> Value {
    serde_json::to_value(announced).expect("JSON")
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn any_event_is_told_whole_or_says_what_is_left_out(event in event(), retention_days in 0u32..3) {
        let item = item(&event, retention_days);
        let told = told(&Announced::of(&item).expect("an event"));
        let bytes = serde_json::to_string(&told).expect("JSON").len();
        prop_assert!(bytes <= MOST_BYTES, "{} bytes", bytes);
        prop_assert_eq!(&told["id"], &json!(event.id.as_str()));
        prop_assert_eq!(&told["occurred_at"], &json!(rfc3339_ms(event.occurred_at.time())));
        prop_assert_eq!(&told["kind"], &json!(event.kind.name()));
        let gone = told[TRUNCATED].as_array().cloned().unwrap_or_default();
        prop_assert_eq!(gone.is_empty(), told.get(TRUNCATED).is_none());
        for name in item.keys().map(String::as_str) {
            let is_told = told.get(name).is_some() != gone.contains(&json!(name));
            let is_apart = KEYS.contains(&name) || VERBATIM.contains(&name);
            prop_assert!(is_told != is_apart, "{}", name);
        }
        let known: BTreeSet<&str> = FIELDS.into_iter().chain([TRUNCATED]).collect();
        let fields = told.as_object().expect("an object").keys();
        prop_assert!(fields.clone().all(|name| known.contains(name.as_str())));
    }

    #[test]
    fn what_was_sent_is_told_only_if_it_is_asked_for(event in event()) {
        let item = item(&event, 0);
        let told = told(&Announced::with_raw(&item).expect("an event"));
        if let Some(raw) = told.get("raw") {
            prop_assert_eq!(raw, &json!(event.raw));
        } else {
            prop_assert_eq!(&told["raw_bytes"], &json!(event.raw.len()));
        }
    }
}

#[test]
fn what_is_too_large_gives_way_in_its_order() {
    let long = "x".repeat(2_000);
    let many = |n: usize| (0..n).map(|n| (n.to_string(), json!(long))).collect();
    let tags = |n: usize| vec![long.clone(); n];
    let gone = |metadata: usize, count: usize| {
        let event = shared::event::Event {
            metadata: many(metadata),
            tags: tags(count),
            ..bare("{}")
        };
        told(&Announced::of(&item(&event, 0)).expect("an event"))[TRUNCATED].clone()
    };
    assert_eq!(gone(9, 0), Value::Null);
    assert_eq!(gone(10, 0), json!(["metadata"]));
    assert_eq!(gone(1, 9), json!(["metadata"]));
    assert_eq!(gone(0, 10), json!(["tags"]));
    assert_eq!(gone(10, 10), json!(["metadata", "tags"]));
}

#[test]
fn what_is_not_an_event_is_not_told() {
    let mut item = item(&bare("{}"), 0);
    item.remove("kind");
    assert_eq!(Announced::of(&item), None);
}
