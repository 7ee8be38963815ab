//! What may be made of a webhook, counted over the whole of it.

use proptest::prelude::*;
use registry::SENDERS;
use shared::event::Event;
use shared::malformed::Malformed;
use shared::normalize::{Budget, MOST_EVENTS, bytes_of};
use shared::provider::Provider as _;
use table::item::item;
use tests::laws::no_element_is_lost;
use tests::{deliver, deliver_unsigned};

use crate::cases;

fn push(id: usize, devices: usize, text: &str) -> String {
    let devices = vec![r#"{"device_id":"d"}"#; devices].join(",");
    format!(
        r#"{{"event_id":"{id}","object_type":"push","metric":"sent","data":{{"subject":"{text}","recipients":[{devices}]}}}}"#
    )
}

fn made(body: &str) -> Vec<Result<Event, Malformed>> {
    let provider = &customerio::Customerio;
    let delivery = deliver(provider, body.as_bytes());
    let results = provider.normalize(&delivery);
    no_element_is_lost(&delivery, &results);
    assert_eq!(
        provider.normalize(&delivery),
        results,
        "a function of the delivery"
    );
    results
}

/// 136 KB, which were 150 MB once.
#[test]
fn forty_pushes_to_a_thousand_devices_are_forty_events() {
    let pushes: Vec<String> = (0..40).map(|id| push(id, 1_100, "")).collect();
    let results = made(&format!("[{}]", pushes.join(",")));
    assert_eq!(results.len(), 40);
    assert!(
        results.iter().all(Result::is_ok),
        "each speaks for its devices"
    );
}

#[test]
fn a_push_to_as_many_devices_as_people_have_is_an_event_for_each() {
    let pushes: Vec<String> = (0..100).map(|id| push(id, 8, "Hi")).collect();
    let results = made(&format!("[{}]", pushes.join(",")));
    assert_eq!(results.iter().flatten().count(), 800);
}

/// Small ones before a large one and behind it: the budget is of them all, in their order.
#[test]
fn an_element_that_would_break_the_budget_is_one_event() {
    let pushes: Vec<String> = (0..60).map(|id| push(id, 170, "")).collect();
    let results = made(&format!("[{}]", pushes.join(",")));
    let of = |id: usize| {
        let is_it = |event: &&Event| {
            event.id.as_str() == id.to_string() || event.id.as_str().starts_with(&format!("{id}."))
        };
        results.iter().flatten().filter(is_it).count()
    };
    assert_eq!(of(0), 170);
    let first_whole = (0..60).find(|id| of(*id) == 1).expect("too many for all");
    assert!(first_whole > 1, "{first_whole}");
    assert!(
        (first_whole..60).all(|id| of(id) == 1),
        "what is left does not grow"
    );
    assert!(results.iter().all(Result::is_ok));
}

#[test]
fn the_ten_thousand_and_first_event_is_put_aside_and_told_of_once() {
    for provider in SENDERS {
        let elements: Vec<String> = (0..MOST_EVENTS + 500)
            .map(|n| format!(r#"{{"n":{n}}}"#))
            .collect();
        let body = format!("[{}]", elements.join(","));
        let delivery = deliver_unsigned(*provider, body.as_bytes());
        let results = provider.normalize(&delivery);
        no_element_is_lost(&delivery, &results);
        let (last, stored) = results.split_last().expect("results");
        assert_eq!(stored.len(), MOST_EVENTS, "{}", provider.name());
        assert!(stored.iter().all(Result::is_ok));
        assert_eq!(*last, Err(Malformed::TooManyEvents));
        assert_eq!(Malformed::TooManyEvents.code(), "too_many_events");
        let whole = format!("[{}]", elements[..MOST_EVENTS].join(","));
        let delivery = deliver_unsigned(*provider, whole.as_bytes());
        assert_eq!(provider.normalize(&delivery), stored, "exactly full");
    }
}

/// A header is repeated by every event of an array.
#[test]
fn a_long_header_counts_with_each_event() {
    let resend = registry::sender("resend").expect("a provider");
    let elements = vec!["{}"; 5_000].join(",");
    let mut message: serde_json::Value = serde_json::from_str(
        &deliver(resend, format!("[{elements}]").as_bytes())
            .encode()
            .expect("a message"),
    )
    .expect("JSON");
    message["headers"] = serde_json::json!({"svix-id": "m".repeat(8_000)});
    let normalized = registry::normalize(&message.to_string()).expect("a delivery");
    assert_eq!(normalized.malformed, [Malformed::TooManyEvents]);
    let bytes: usize = normalized.events.iter().map(bytes_of).sum();
    let most = 16 * normalized.delivery.body().len() + 1024 * 1024;
    assert!(bytes <= most && bytes > most - 16_000, "{bytes} of {most}");
}

/// The first says nothing, the last a lot: none of them breaks the budget that the first was asked
/// for.
#[test]
fn devices_that_say_more_than_the_first_are_within_the_budget() {
    for count in [2, 20, 100, 200, 300, 400] {
        let long = "x".repeat(400);
        let device =
            |n: usize| format!(r#"{{"device_id":"{n}{long}","failure_message":"{long}"}}"#);
        let devices: Vec<String> = (0..count).map(device).collect();
        let body = format!(
            r#"[{{"event_id":"e","object_type":"push","metric":"failed","data":{{"recipients":[{{}},{}]}}}}]"#,
            devices.join(",")
        );
        assert!(made(&body).iter().all(Result::is_ok), "{count}");
    }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn pushes_of_any_size_are_within_the_budget(
        pushes in prop::collection::vec((0usize..400, "[a-z]{0,600}"), 0..40)
    ) {
        let pushes: Vec<String> = pushes
            .iter()
            .enumerate()
            .map(|(id, (devices, text))| push(id, *devices, text))
            .collect();
        made(&format!("[{}]", pushes.join(",")));
    }

    #[test]
    fn the_budget_asks_for_count_and_bytes(count in 0usize..20_000, length in 0usize..200_000) {
        let delivery = deliver(&customerio::Customerio, b"{}");
        let mut event = crate::event::bare("{}");
        event.raw = "a".repeat(length);
        let bytes = bytes_of(&event);
        let most = 16 * delivery.body().len() + 1024 * 1024;
        let allows = Budget::of(&delivery).allows(count, &event);
        prop_assert_eq!(allows, count <= MOST_EVENTS && count * bytes + 4 * length <= most);
    }
}

/// What an event holds is counted: no text of it is left out.
#[test]
fn every_text_of_an_event_counts() {
    for provider in SENDERS {
        for (sample, _) in tests::cases(*provider) {
            let body = std::fs::read(&sample).expect("a sample");
            let delivery = deliver_unsigned(*provider, &body);
            for event in provider.normalize(&delivery).iter().flatten() {
                let stored = table::item::size(&item(event, 0));
                assert!(
                    bytes_of(event) + 700 >= stored,
                    "{}: {stored}",
                    sample.display()
                );
            }
        }
    }
}
