//! Two events have one id if, and only if, the facts are equal that their provider's `lib.rs` names
//! as its identity.
//!
//! The values are few and run into each other (`1` and `11`), so that a fact that is left out, or
//! two that are joined without a boundary, cannot stay unseen. Every element has a `noise` of its
//! own: what is no fact must not count.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use registry::SENDERS;
use serde_json::{Map, Value, json};
use shared::delivery::Delivery;
use shared::event::EventId;
use shared::provider::Covered;
use shared::sender::Sender;
use tests::deliver;

use crate::each;

/// A fact: where it stands, and the JSON that may stand there; `""` is an absent one.
type Fact = (&'static str, &'static [&'static str]);

/// The facts that make an event what it is, in one of a provider's formats.
struct Format {
    provider: &'static str,
    /// Without one of these the whole element is the identity.
    required: &'static [Fact],
    optional: &'static [Fact],
}

const IDS: &[&str] = &["\"1\"", "\"11\"", "\"a\""];
const PEOPLE: &[&str] = &["\"a@b.test\"", "\"aa@b.test\"", "\"A@b.test\""];
const SECONDS: &[&str] = &["1767323100", "1767323101"];
const TEXT_TIMES: &[&str] = &["\"2026-01-02T03:04:05Z\"", "\"2026-01-02T03:04:06Z\""];
const TEXTS: &[&str] = &["", "\"1\"", "\"11\""];
const NUMBERS: &[&str] = &["", "1", "11"];

const FORMATS: &[Format] = &[
    RESEND,
    SENDGRID,
    Format {
        provider: "customerio",
        required: &[(
            "event_id",
            &["\"1\"", "\"11\"", "\"01E4C4CT6YDC7Y5M7FE1GWWPQJ\"", "7"],
        )],
        optional: &[],
    },
    Format {
        provider: "customerio", // an event without an `event_id`
        required: &[("data.delivery_id", IDS)],
        optional: &[
            ("object_type", &["\"email\"", "\"sms\""]),
            ("metric", &["\"clicked\"", "\"opened\""]),
            ("timestamp", SECONDS),
            ("data.recipient", PEOPLE),
            ("data.href", TEXTS),
        ],
    },
    Format {
        provider: "inboxroad",
        required: &[
            ("kind", &["\"open\"", "\"opened\""]),
            ("message_id", IDS),
            ("recipient", PEOPLE),
            ("timestamp", TEXT_TIMES),
        ],
        optional: &[
            ("url", TEXTS),
            ("change", TEXTS),
            ("contact_list.id", NUMBERS),
            ("sync_type", TEXTS),
            ("dsn_status", TEXTS),
        ],
    },
    Format {
        provider: "inboxroad", // the older one; without `type` or `rcpt` it would be no such format
        required: &[
            ("header_Message-Id", IDS),
            ("timeLogged", &["\"1767323100\"", "\"1767323101\""]),
        ],
        optional: &[
            ("type", &["\"b\"", "\"rb\""]),
            ("rcpt", PEOPLE),
            ("dsnStatus", TEXTS),
        ],
    },
    Format {
        provider: "insider",
        required: &[
            ("event", &["\"click\"", "\"clicks\""]),
            ("iid", IDS),
            ("email", PEOPLE),
            ("timestamp", SECONDS),
        ],
        optional: &[
            ("event_type", TEXTS),
            ("link_clicked", TEXTS),
            ("url_offset.index", NUMBERS),
            ("ins_unsub_id", NUMBERS),
            ("campaign_id", NUMBERS),
            ("campaign_name", TEXTS),
            ("journey_id", NUMBERS),
            ("journey_name", TEXTS),
        ],
    },
    Format {
        provider: "mailgun",
        required: &[
            ("event-data.id", IDS),
            ("event-data.timestamp", &["1767323100.5", "1767323100.25"]),
            ("event-data.event", &["\"opened\"", "\"clicked\""]),
            ("event-data.recipient", PEOPLE),
        ],
        optional: &[],
    },
    Format {
        provider: "mailpanda",
        required: &[
            ("type", &["\"open\"", "\"email.open\""]),
            ("email_id", IDS),
            ("recipient", PEOPLE),
            ("timestamp", TEXT_TIMES),
        ],
        optional: &[("url", TEXTS)],
    },
    Format {
        provider: "mailpanda", // as other providers nest it
        required: &[
            ("type", &["\"open\"", "\"email.open\""]),
            ("data.email_id", IDS),
            ("data.recipient", PEOPLE),
            ("data.created_at", TEXT_TIMES),
        ],
        optional: &[("data.url", TEXTS)],
    },
];

/// A fingerprint that leaves out what changes between copies. Without a required fact all other
/// fields count.
const SENDGRID: Format = Format {
    provider: "sendgrid",
    required: &[
        ("event", &["\"click\"", "\"open\""]),
        ("email", PEOPLE),
        ("timestamp", SECONDS),
    ],
    optional: &[
        ("type", TEXTS),
        ("sg_message_id", TEXTS),
        ("smtp-id", TEXTS),
        ("url", TEXTS),
        ("url_offset.index", NUMBERS),
        ("ip", TEXTS),
        ("useragent", TEXTS),
        ("attempt", NUMBERS),
        ("reason", TEXTS),
        ("response", TEXTS),
        ("asm_group_id", NUMBERS),
    ],
};

/// What is signed beside the body is a header.
const RESEND: Format = Format {
    provider: "resend",
    required: &[(
        "svix-id",
        &["\"msg_1\"", "\"msg_11\"", "\"1\"", "\"msg 1\""],
    )],
    optional: &[],
};

/// A format and some elements in it: the index of each fact's value.
type Elements = (&'static Format, Vec<Vec<usize>>);

fn formats(provider: &dyn Sender) -> Vec<&'static Format> {
    let is_ours = |format: &&Format| format.provider == provider.name();
    FORMATS.iter().filter(is_ours).collect()
}

fn elements(provider: &dyn Sender) -> impl Strategy<Value = Elements> + use<> {
    select(formats(provider)).prop_flat_map(|format| {
        let indices: Vec<_> = facts(format).map(|(_, values)| 0..values.len()).collect();
        let elements = prop::collection::vec(indices, 2..24);
        (
            Just(format),
            elements.prop_map(|elements| with_neighbours(format, elements)),
        )
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

fn facts(format: &Format) -> impl Iterator<Item = Fact> {
    format.required.iter().chain(format.optional).copied()
}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(facts(self).map(|(path, _)| path))
            .finish()
    }
}

/// The element of these facts, without one of them.
fn element(format: &Format, indices: &[usize], noise: usize, without: Option<&str>) -> Value {
    let mut element = Map::new();
    element.insert("noise".to_owned(), json!(noise));
    for ((path, values), index) in facts(format).zip(indices) {
        let value = values[*index];
        if value.is_empty() || without == Some(path) {
            continue;
        }
        let value: Value = serde_json::from_str(value).expect("JSON");
        match path.split_once('.') {
            None => element.insert(path.to_owned(), value),
            Some((outer, inner)) => {
                let nested = element
                    .entry(outer)
                    .or_insert_with(|| json!({"noise": noise}));
                nested
                    .as_object_mut()
                    .expect("an object")
                    .insert(inner.to_owned(), value)
            }
        };
    }
    element.into()
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
    for provider in SENDERS {
        assert!(
            !formats(*provider).is_empty(),
            "{}: which facts are its identity?",
            provider.name()
        );
    }
}

#[test]
fn ids_are_equal_if_and_only_if_the_facts_are() {
    each(120, elements, |provider, (format, indices)| {
        let elements: Vec<Value> = indices
            .iter()
            .enumerate()
            .map(|(noise, indices)| element(format, indices, noise, None))
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

#[test]
fn without_a_required_fact_the_whole_element_counts() {
    let elements = |provider: &'static dyn Sender| (elements(provider), any::<Index>());
    each(60, elements, |provider, ((format, indices), missing)| {
        let missing = format.required[missing.index(format.required.len())].0;
        if provider.name() == "customerio" && missing == "event_id" {
            return Ok(()); // the facts of its second format take over
        }
        let one = |noise| element(format, &indices[0], noise, Some(missing));
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
    for provider in SENDERS.iter().filter(|p| p.signs() == Covered::Token) {
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
    let ids = SENDERS
        .iter()
        .map(|provider| ids(*provider, &[json!({})]).remove(0));
    let distinct: std::collections::BTreeSet<EventId> = ids.collect();
    assert_eq!(distinct.len(), SENDERS.len());
}
