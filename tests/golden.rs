//! Golden pairs: `events/<provider>/<case>.json` (a raw body) -> `<case>.expected.json` (the items
//! it becomes).
//!
//! A new case is two files and no code. An expectation is the list of items in plain JSON without
//! `raw`, which is checked to be the element itself, to the byte; an element that is no event is
//! `{"malformed": "<code>"}`. `BLESS=1 cargo test -p tests --test golden` writes the expectations
//! that are missing, for a person to read and correct; it never changes one that is there.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use registry::{QUEUED, SENDERS};
use serde_json::{Value, json};
use shared::sender::Sender;
use table::item::{Item, item};
use table::read::plain;
use table::store::key_of;
use tests::{cases, deliver};

#[test]
fn every_sample_becomes_what_its_expectation_says() {
    let mut failures = Vec::new();
    let mut count = 0;
    for provider in SENDERS.iter().chain(QUEUED) {
        for (body, expected) in cases(*provider) {
            count += 1;
            let bytes = fs::read(&body).expect("a sample");
            let actual = normalized(*provider, &bytes);
            if !expected.exists() && tests::is_blessing() {
                let text = serde_json::to_string_pretty(&actual).expect("JSON");
                fs::write(&expected, text + "\n").expect("an expectation");
            }
            let text = fs::read_to_string(&expected).unwrap_or_default();
            let wanted: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
            if wanted != actual {
                failures.push(format!(
                    "{}\nwanted {wanted:#}\nactual {actual:#}",
                    body.display()
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(count > 300, "only {count} samples were found");
}

fn normalized(provider: &dyn Sender, body: &[u8]) -> Value {
    let delivery = deliver(provider, body);
    let results = provider.normalize(&delivery);
    results
        .into_iter()
        .map(|result| match result {
            Ok(event) => {
                let sent = event.raw_as_sent.as_deref();
                let sent = sent.unwrap_or(event.raw.as_bytes());
                let mut pieces = delivery.body().windows(sent.len());
                assert!(
                    pieces.any(|piece| piece == sent),
                    "raw is not verbatim: {event:?}"
                );
                without_raw(item(&event, 0))
            }
            Err(malformed) => json!({"malformed": malformed.code()}),
        })
        .collect()
}

/// An item as plain JSON, without `raw`.
fn without_raw(mut item: Item) -> Value {
    assert!(item.remove("raw").is_some(), "an item without raw");
    item.remove("raw_as_sent");
    plain(&item)
}

/// An item without its text: the same event in other words is the same item.
fn facts(item: &Item) -> Value {
    let mut item = plain(item);
    for name in ["raw", "raw_as_sent"] {
        item.as_object_mut().expect("an item").remove(name);
    }
    item
}

/// The tests send every sample to one table. What is signed would overwrite the sample before it,
/// and what is not signed would not be stored.
#[test]
fn no_two_samples_are_one_item() {
    let mut failures = Vec::new();
    for provider in SENDERS.iter().chain(QUEUED) {
        let mut known: BTreeMap<(String, String), (PathBuf, Item)> = BTreeMap::new();
        for (body, _) in cases(*provider) {
            let bytes = fs::read(&body).expect("a sample");
            let results = provider.normalize(&deliver(*provider, &bytes));
            for event in results.iter().flatten() {
                let item = item(event, 0);
                let key = key_of(&item).expect("a key");
                let (first, stored) = known
                    .entry(key)
                    .or_insert_with(|| (body.clone(), item.clone()));
                if *first != body && facts(stored) != facts(&item) {
                    failures.push(format!("{} and {}", first.display(), body.display()));
                }
            }
        }
    }
    assert_eq!(failures, Vec::<String>::new());
}
