//! What is joined in whichever order it comes, and what is forgotten.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use operator::live::{Entry, Told};
use operator::print::now;
use serde_json::{Value, json};
use shared::time::rfc3339_ms;
use stack::page::Seen;
use stack::poller::Handled;

use super::{Arrived, Caught, Memory, Message, State};

fn arrived(id: &str, body: usize) -> Arrived {
    let request = Request::post("/webhooks/mailpanda").body(());
    let (parts, ()) = request.expect("a request").into_parts();
    Arrived::of(id, now(), &parts, Some(Bytes::from(vec![b'x'; body])))
}

fn answered(id: &str, status: u16, is_own: bool) -> Seen {
    Seen {
        id: id.to_owned(),
        took: Duration::from_millis(3),
        status,
        is_own,
    }
}

/// The receiver's line.
fn accepted(request_id: &str, message_id: &str) -> Value {
    json!({"timestamp": rfc3339_ms(now()), "provider": "mailpanda", "outcome": "accepted",
        "request_id": request_id, "message_id": message_id, "source": "eu"})
}

fn handled(id: &str, first_id: Option<&str>, is_done: bool, attempt: u32) -> Message {
    Message::of(&Handled {
        message_id: id,
        body: "no delivery",
        queue_arn: "arn:aws:sqs:us-east-1:000000000000:DeliveriesQueue",
        stored: is_done,
        attempt,
        first_id,
    })
}

fn stored(message_id: &str) -> Entry {
    Entry {
        provider: Some("mailpanda".to_owned()),
        status: Some(200),
        message_id: Some(message_id.to_owned()),
        events: vec![Told {
            kind: "clicked".to_owned(),
            ..Told::default()
        }],
        ..Entry::default()
    }
}

fn only(memory: &Memory) -> &Caught {
    let mut all = memory.webhooks();
    let (Some(one), None) = (all.next(), all.next()) else {
        panic!("not one");
    };
    one
}

#[test]
fn a_webhook_is_joined_in_whichever_order_its_parts_come() {
    type Part = fn(&mut Memory);
    let parts: [Part; 4] = [
        |memory| memory.answered(&answered("r-1", 200, false)),
        |memory| memory.heard(&accepted("r-1", "m-1")),
        |memory| memory.handled(handled("m-1", None, true, 1)),
        |memory| memory.told(&stored("m-1")),
    ];
    for order in [
        [0, 1, 2, 3],
        [1, 2, 3, 0],
        [2, 3, 1, 0],
        [3, 2, 0, 1],
        [3, 0, 1, 2],
    ] {
        let mut memory = Memory::default();
        memory.came(arrived("r-1", 2));
        for place in order {
            parts[place](&mut memory);
        }
        let caught = only(&memory);
        assert_eq!(caught.state, State::Stored, "{order:?}");
        assert_eq!(caught.summary(), "clicked", "{order:?}");
        assert_eq!(caught.entry.source.as_deref(), Some("eu"), "{order:?}");
        assert_eq!(caught.row()["took_ms"], 3, "{order:?}");
        assert_eq!(caught.row()["verdict"], "200", "{order:?}");
        assert_eq!(caught.way.len(), 3, "{order:?}");
        assert!(memory.of_message("m-1").is_some() && memory.of_request("r-1").is_some());
    }
}

#[test]
fn nothing_is_shown_of_a_request_that_nothing_is_known_of() {
    let mut memory = Memory::default();
    memory.came(arrived("r-1", 2));
    assert_eq!(memory.webhooks().count(), 0);
    assert_eq!(memory.counts(), (0, 0));
    memory.answered(&answered("r-1", 404, true));
    assert_eq!(
        only(&memory).row()["summary"],
        "a webhook's path, but its provider is not in Providers"
    );
    assert_eq!(only(&memory).name(), "w1");
}

#[test]
fn a_redriven_message_is_the_webhook_that_it_was() {
    let mut memory = Memory::default();
    memory.came(arrived("r-1", 2));
    memory.answered(&answered("r-1", 200, false));
    memory.heard(&accepted("r-1", "m-1"));
    memory.handled(handled("m-1", None, true, 1));
    let codes = ["body_not_json".to_owned()];
    memory.told(&stored("m-1").put_aside(&codes, 0));
    assert_eq!(only(&memory).state, State::Dead);
    assert_eq!(only(&memory).row()["verdict"], "dead");
    memory.handled(handled("m-2", Some("m-1"), true, 1));
    memory.told(&stored("m-2"));
    let caught = only(&memory);
    assert_eq!(caught.state, State::Stored);
    assert_eq!(caught.entry.code, None);
    assert_eq!(caught.message_id.as_deref(), Some("m-2"));
    // Of one whose request is not known any more, the message is all there is.
    memory.handled(handled("m-4", Some("m-3"), false, 1));
    assert_eq!(
        memory.webhooks().next().map(|w| w.arrived.method.as_str()),
        Some("SQS")
    );
}

#[test]
fn the_oldest_are_forgotten_by_number_and_by_size_with_all_that_leads_to_them() {
    let mut memory = Memory::default();
    for number in 0..1_001 {
        let id = format!("r-{number}");
        memory.came(arrived(&id, 0));
        memory.answered(&answered(&id, 200, false));
        memory.heard(&accepted(&id, &format!("m-{number}")));
    }
    assert_eq!(memory.webhooks().count(), 1_000);
    assert!(memory.webhook(1).is_none() && memory.webhook(2).is_some());
    assert!(memory.of_request("r-0").is_none() && memory.of_message("m-0").is_none());
    memory.answered(&answered("r-0", 200, false));
    memory.told(&stored("m-0"));
    assert_eq!(memory.webhooks().count(), 1_000);

    for number in 0..9 {
        let id = format!("large-{number}");
        memory.came(arrived(&id, 8 * 1024 * 1024));
        memory.answered(&answered(&id, 200, false));
    }
    let bytes: usize = memory.webhooks().map(Caught::bytes).sum();
    assert!(bytes <= 64 * 1024 * 1024, "{bytes}");
    assert_eq!(memory.webhooks().count(), 7);
}

#[test]
fn an_attempt_takes_the_place_of_the_one_before() {
    let sent = |attempt: u32, outcome: &str| {
        json!({"timestamp": "2026-03-03T08:15:00.123Z", "function": "deliver",
            "outcome": outcome, "outlet": "3", "webhook_id": "evt_1", "attempt": attempt,
            "request_id": "r"})
    };
    let mut memory = Memory::default();
    memory.heard(&sent(1, "failed"));
    memory.heard(&sent(2, "delivered"));
    let [only] = &memory.outbound().collect::<Vec<_>>()[..] else {
        panic!("not one");
    };
    assert_eq!(
        (only.attempt, only.outcome.as_str()),
        (Some(2), "delivered")
    );
    let other = sent(1, "failed").to_string().replace("evt_1", "evt_2");
    for number in 0..1_100 {
        let other = other.replace("evt_2", &format!("evt_{number}"));
        memory.heard(&serde_json::from_str(&other).expect("JSON"));
    }
    assert_eq!(memory.counts().1, 1_000);
}

#[test]
fn requests_that_no_route_has_push_no_webhook_out() {
    let mut memory = Memory::default();
    memory.came(arrived("r-1", 2));
    memory.answered(&answered("r-1", 401, false));
    for number in 0..2_000 {
        let id = format!("stray-{number}");
        memory.came(arrived(&id, 0));
        memory.answered(&answered(&id, 404, true));
    }
    assert_eq!(memory.counts(), (101, 0));
    assert!(memory.webhook(1).is_some() && memory.of_request("r-1").is_some());
    assert!(memory.of_request("stray-1899").is_none());
    assert!(memory.of_request("stray-1900").is_some());
    for number in 0..3 {
        let id = format!("large-{number}");
        memory.came(arrived(&id, 8 * 1024 * 1024 - 2_048));
        memory.answered(&answered(&id, 404, true));
    }
    assert_eq!(memory.counts(), (3, 0), "by size, too");
}

#[test]
fn what_a_reader_has_taken_out_stays_as_it_was() {
    let mut memory = Memory::default();
    memory.came(arrived("r-1", 2));
    assert!(memory.changed_since(0).is_empty());
    memory.answered(&answered("r-1", 200, false));
    let before = memory.changed_since(0);
    memory.heard(&accepted("r-1", "m-1"));
    let steps = |all: &[std::sync::Arc<Caught>]| all.iter().map(|one| one.way.len()).sum::<usize>();
    assert_eq!([steps(&before), steps(&memory.changed_since(1))], [1, 2]);
    assert!(memory.changed_since(2).is_empty());
}

/// Anybody can send one, and every reader has its row made.
#[test]
fn a_long_path_is_meant_for_no_other() {
    let mut memory = Memory::default();
    for (id, slashes) in [("r-1", 1), ("r-2", 8_000)] {
        let path = format!("/webhooks/sendgrd{}", "/".repeat(slashes));
        let request = Request::post(path).body(()).expect("a request");
        let (parts, ()) = request.into_parts();
        memory.came(Arrived::of(id, now(), &parts, None));
        memory.answered(&answered(id, 404, true));
    }
    let hints = memory.webhooks().map(|caught| caught.row()["hint"].clone());
    let meant = Value::from("did you mean /webhooks/sendgrid?");
    assert_eq!(hints.collect::<Vec<_>>(), [Value::Null, meant]);
}
