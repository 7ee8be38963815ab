//! Two events have one id if, and only if, the facts are equal that their provider's `lib.rs` names
//! as its identity, and `events/<provider>/identity.json` lists.
//!
//! The values are few and run into each other (`1` and `11`), so that a fact that is left out, or
//! two that are joined without a boundary, cannot stay unseen. Every element has a `noise` of its
//! own: what is no fact must not count.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{TestCaseResult, TestRunner};
use registry::{QUEUED, SENDERS};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shared::delivery::Delivery;
use shared::event::EventId;
use shared::provider::{Provider, Strength};
use shared::sender::Sender;
use stack::build::root;
use tests::deliver;

use crate::cases;

/// A fact: where it stands, keys with dots between, and the JSON that may stand there. Null is an
/// absent one. Where there is one value only, it says which format this is.
type Facts = Map<String, Value>;

/// The facts that make an event what it is, in one of a provider's formats. They are in
/// `events/<provider>/identity.json`, a list of these.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Format {
    /// Without one of these the whole element is the identity.
    required: Facts,
    optional: Facts,
}

/// A format and some elements in it: the index of each fact's value.
type Elements = (Format, Vec<Vec<usize>>);

/// The formats of a provider; none if there is no file.
fn formats(provider: &dyn Sender) -> Vec<Format> {
    let name = provider.name();
    let path = root().join(format!("events/{name}/identity.json"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        return Vec::new();
    };
    let formats: Vec<Format> =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    for format in &formats {
        let changes = facts(format).filter(|(_, values)| values.len() > 1);
        assert!(changes.count() > 0, "{name}: no fact has two values");
    }
    formats
}

/// Runs a property for every provider whose facts are known.
fn each<S: Strategy<Value = T>, T: std::fmt::Debug>(
    count: u32,
    strategy: impl Fn(Vec<Format>) -> S,
    property: impl Fn(&dyn Sender, T) -> TestCaseResult,
) {
    for provider in all() {
        let formats = formats(provider);
        if formats.is_empty() {
            continue; // `every_provider_has_its_facts_here` says so
        }
        let name = provider.name();
        println!("provider: {name}");
        let run = TestRunner::new(cases(count))
            .run(&strategy(formats), |value| property(provider, value));
        if let Err(failure) = run {
            panic!("{name}: {failure}");
        }
    }
}

fn all() -> impl Iterator<Item = &'static dyn Sender> {
    SENDERS.iter().chain(QUEUED).copied()
}

fn elements(formats: Vec<Format>) -> impl Strategy<Value = Elements> {
    select(formats).prop_flat_map(|format| {
        let indices: Vec<_> = facts(&format).map(|(_, values)| 0..values.len()).collect();
        let elements = prop::collection::vec(indices, 2..24);
        elements.prop_map(move |elements| (format.clone(), with_neighbours(&format, elements)))
    })
}

/// Beside what chance makes, the first element with each of its facts changed: of many facts, none
/// can be left out unseen.
fn with_neighbours(format: &Format, mut elements: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let first = elements[0].clone();
    for (place, (_, values)) in facts(format).enumerate() {
        let mut neighbour = first.clone();
        neighbour[place] = (neighbour[place] + 1) % values.len();
        elements.push(neighbour);
    }
    elements
}

fn facts(format: &Format) -> impl Iterator<Item = (&str, &[Value])> {
    let facts = format.required.iter().chain(&format.optional);
    facts.map(|(path, values)| (path.as_str(), values.as_array().expect("values").as_slice()))
}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(facts(self).map(|(path, _)| path))
            .finish()
    }
}

/// The element of these facts, without one of them. Each object in it has the noise.
fn element(format: &Format, indices: &[usize], noise: usize, without: Option<&str>) -> Value {
    let mut element = json!({"noise": noise});
    for ((path, values), index) in facts(format).zip(indices) {
        let value = &values[*index];
        if value.is_null() || without == Some(path) {
            continue;
        }
        let mut place = &mut element;
        for key in path.split('.') {
            let object = place.as_object_mut().expect("an object");
            object.entry("noise").or_insert_with(|| json!(noise));
            place = object.entry(key).or_insert_with(|| json!({}));
        }
        *place = value.clone();
    }
    element
}

fn ids(provider: &dyn Sender, elements: &[Value]) -> Vec<EventId> {
    let events: Vec<_> = if provider.signed_headers().is_empty() {
        let body = Value::from(elements.to_vec()).to_string();
        provider.normalize(&deliver(provider, body.as_bytes()))
    } else {
        let deliveries = elements
            .iter()
            .map(|element| with_headers(provider, element));
        let each = deliveries.map(|delivery| provider.normalize(&delivery));
        each.flatten().collect()
    };
    assert_eq!(events.len(), elements.len());
    events
        .into_iter()
        .map(|event| event.expect("an event").id)
        .collect()
}

/// A delivery of one element, whose headers are those of its fields that the provider keeps.
fn with_headers(provider: &dyn Sender, element: &Value) -> Delivery {
    let delivery = deliver(provider, element.to_string().as_bytes());
    let message = delivery.encode().expect("a message");
    let mut message: Value = serde_json::from_str(&message).expect("JSON");
    let is_kept = |name: &&&str| element.get(**name).is_some();
    let kept = provider.signed_headers().iter().filter(is_kept);
    let headers = kept.map(|name| ((*name).to_owned(), element[*name].clone()));
    message["headers"] = headers.collect::<Map<String, Value>>().into();
    Delivery::decode(&message.to_string()).expect("a delivery")
}

#[test]
fn every_provider_has_its_facts_here() {
    let without = all().filter(|provider| formats(*provider).is_empty());
    let without: Vec<&str> = without.map(Provider::name).collect();
    assert!(
        without.is_empty(),
        "which facts are the identity? No events/<provider>/identity.json of {without:?}"
    );
}

#[test]
fn ids_are_equal_if_and_only_if_the_facts_are() {
    each(120, elements, |provider, (format, indices)| {
        let elements: Vec<Value> = indices
            .iter()
            .enumerate()
            .map(|(noise, indices)| element(&format, indices, noise, None))
            .collect();
        let mut id_of = BTreeMap::new();
        let mut facts_of = BTreeMap::new();
        for (id, facts) in ids(provider, &elements).into_iter().zip(&indices) {
            prop_assert_eq!(
                id_of.entry(facts.clone()).or_insert_with(|| id.clone()),
                &id
            );
            prop_assert_eq!(facts_of.entry(id).or_insert_with(|| facts.clone()), facts);
        }
        Ok(())
    });
}

/// Without this fact those of the provider's second format count.
const TAKEN_OVER: (&str, &str) = ("customerio", "event_id");

#[test]
fn without_a_required_fact_the_whole_element_counts() {
    let elements = |formats| (elements(formats), any::<Index>());
    each(60, elements, |provider, ((format, indices), missing)| {
        let names: Vec<&str> = format.required.keys().map(String::as_str).collect();
        let missing = names[missing.index(names.len())];
        if (provider.name(), missing) == TAKEN_OVER {
            return Ok(());
        }
        let one = |noise| element(&format, &indices[0], noise, Some(missing));
        let [first, again, other] = &ids(provider, &[one(0), one(0), one(1)])[..] else {
            unreachable!("three elements");
        };
        prop_assert_eq!(first, again);
        prop_assert_ne!(first, other);
        Ok(())
    });
}

/// One event comes to several URLs, each time under another signature: it is one event, and one
/// item to the byte.
#[test]
fn the_signature_in_a_body_is_no_part_of_the_event() {
    for provider in SENDERS.iter().filter(|p| p.strength() == Strength::Token) {
        for (sample, _) in tests::cases(*provider) {
            let body = std::fs::read(&sample).expect("a sample");
            let copy = |seconds: i64| {
                let at = tests::received_at() + jiff::SignedDuration::from_secs(seconds);
                let body = provider.sign_within("any-key", &body, at);
                let results = provider.normalize(&deliver(*provider, &body));
                let event = results.into_iter().next().expect("a result");
                event.expect("an event")
            };
            let (one, other) = (copy(1), copy(2));
            assert_eq!(one.id, other.id, "{}", sample.display());
            let has_event = one.provider_kind.is_some();
            assert!(!has_event || one.raw == other.raw, "{}", sample.display());
            assert!(
                !has_event || !one.raw.contains("\"signature\""),
                "{}",
                one.raw
            );
        }
    }
}

#[test]
fn two_providers_never_share_a_made_up_id() {
    let ids = all().map(|provider| ids(provider, &[json!({})]).remove(0));
    let distinct: std::collections::BTreeSet<EventId> = ids.collect();
    assert_eq!(distinct.len(), SENDERS.len() + QUEUED.len());
}
