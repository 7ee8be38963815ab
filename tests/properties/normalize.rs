//! Whatever a provider sends: no panic, nothing lost, and the same again.

use proptest::prelude::*;
use registry::SENDERS;
use shared::delivery::Delivery;
use shared::event::{Event, OccurredAt};
use shared::malformed::Malformed;
use shared::normalize::{PART_BYTES, PART_EVENTS, bytes_of, parts};
use shared::sender::Sender;
use table::item::{Item, item};
use tests::laws::{fits_the_table, no_element_is_lost, survives_the_queue};
use tests::{deliver, deliver_at, received_at};

use crate::{each, json};

type Normalized = Vec<Result<Item, Malformed>>;

fn normalized(provider: &dyn Sender, delivery: &Delivery) -> Normalized {
    let results = provider.normalize(delivery).into_iter();
    results.map(|result| Ok(item(&result?, 30))).collect()
}

fn events(provider: &dyn Sender, body: &[u8]) -> Vec<Event> {
    let delivery = deliver(provider, body);
    let results = provider.normalize(&delivery);
    no_element_is_lost(&delivery, &results);
    results.into_iter().flatten().collect()
}

#[test]
fn no_element_is_lost_whatever_the_body() {
    each(400, json::bytes, |provider, body| {
        let delivery = deliver(provider, &body);
        let results = provider.normalize(&delivery);
        no_element_is_lost(&delivery, &results);
        for event in results.iter().flatten() {
            fits_the_table(&item(event, 30));
        }
        Ok(())
    });
}

#[test]
fn normalizing_is_a_function_before_and_after_the_queue() {
    each(100, json::bytes, |provider, body| {
        let delivery = deliver(provider, &body);
        let first = normalized(provider, &delivery);
        prop_assert_eq!(&normalized(provider, &delivery), &first);
        let message = survives_the_queue(&delivery).expect("a message");
        let decoded = Delivery::decode(&message).expect("a delivery");
        prop_assert_eq!(&normalized(provider, &decoded), &first);
        Ok(())
    });
}

#[test]
fn a_redelivery_is_the_same_events() {
    let again = |provider| (json::body(provider), 1i64..600_000_000);
    each(100, again, |provider, (body, later)| {
        let later = jiff::SignedDuration::from_millis(later);
        let first = provider.normalize(&deliver(provider, body.as_bytes()));
        let second = provider.normalize(&deliver_at(
            provider,
            body.as_bytes(),
            received_at() + later,
        ));
        prop_assert_eq!(first.len(), second.len());
        for pair in first.iter().zip(&second) {
            match pair {
                (Ok(one), Ok(other)) => {
                    prop_assert_eq!(&one.id, &other.id);
                    match one.occurred_at {
                        OccurredAt::Event(_) => prop_assert_eq!(item(one, 30), item(other, 30)),
                        OccurredAt::Received(at) => {
                            prop_assert_eq!(other.occurred_at, OccurredAt::Received(at + later));
                        }
                    }
                }
                (one, other) => prop_assert_eq!(one, other),
            }
        }
        Ok(())
    });
}

#[test]
fn an_object_with_a_key_that_is_no_text_is_an_event() {
    for provider in SENDERS {
        for key in [r"\ud800", r"\udfff\ud800", r"a\ud800b"] {
            let body = format!(r#"{{"{key}":1,"subject":"Hi"}}"#);
            assert_eq!(events(*provider, body.as_bytes()).len(), 1, "{key}");
        }
    }
}

#[test]
fn a_push_to_more_devices_than_anybody_has_is_one_event() {
    let push = |devices: usize| {
        let devices = vec![r#"{"device_id":"d"}"#; devices].join(",");
        let head = r#"{"event_id":"e","object_type":"push","metric":"sent","data":{"recipients":["#;
        format!("{head}{devices}]}}}}")
    };
    let provider = &customerio::Customerio;
    assert_eq!(events(provider, push(100).as_bytes()).len(), 100);
    assert_eq!(events(provider, push(100_000).as_bytes()).len(), 1);
}

/// A long array is processed in parts: every element once, in order, to the byte.
#[test]
fn an_array_in_parts_has_the_same_elements() {
    let provider = registry::sender("insider").expect("a provider");
    let element = |n: usize| match n % 3 {
        0 => format!(r#"{{"event":"open","iid":"{n}", "x":[1, 2]}}"#),
        1 => format!("[{n}, {{}}]"),
        _ => format!("\"{n},\""),
    };
    for (count, most) in [
        (0, 0),
        (1, 1),
        (PART_EVENTS, 1),
        (PART_EVENTS + 1, 2),
        (5 * PART_EVENTS, 5),
    ] {
        let elements: Vec<String> = (0..count).map(element).collect();
        let body = format!(" [{}\n]\r\n", elements.join(" ,\t"));
        let delivery = deliver(provider, body.as_bytes());
        let parts: Vec<_> = parts(
            &delivery,
            provider.layout_of(&delivery),
            |element, budget| provider.events(element, &delivery, budget),
        )
        .collect();
        assert_eq!(parts.len(), most, "{count}");
        assert!(parts.iter().all(|part| part.len() <= PART_EVENTS));
        let results = parts.concat();
        no_element_is_lost(&delivery, &results);
        assert_eq!(results.len(), count);
        assert_eq!(provider.normalize(&delivery), results);
    }
}

#[test]
fn a_part_has_no_more_bytes_than_it_may() {
    let provider = registry::sender("insider").expect("a provider");
    let element = format!(r#"{{"event":"open","x":"{}"}}"#, "a".repeat(300_000));
    let body = format!("[{}]", vec![element.as_str(); 40].join(","));
    let delivery = deliver(provider, body.as_bytes());
    let bytes = parts(
        &delivery,
        provider.layout_of(&delivery),
        |element, budget| provider.events(element, &delivery, budget),
    )
    .map(|part| part.iter().flatten().map(bytes_of).sum());
    let bytes: Vec<usize> = bytes.collect();
    assert!(bytes.len() > 2, "{bytes:?}");
    assert!(
        bytes.iter().all(|b| *b < PART_BYTES + 2 * element.len()),
        "{bytes:?}"
    );
}
