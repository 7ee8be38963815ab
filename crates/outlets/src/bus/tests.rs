use serde_json::json;

use super::*;
use crate::breaker::{Disabled, Outcome, State};
use crate::hour::Hour;

fn notification(body: &str) -> Notification {
    Notification {
        id: "evt_9f2c".to_owned(),
        kind: "email.bounced".to_owned(),
        body: body.as_bytes().to_vec(),
    }
}

fn entry(number: usize, detail_bytes: usize) -> Entry {
    Entry {
        id: format!("evt_{number}"),
        kind: "email.opened".to_owned(),
        time: Timestamp::UNIX_EPOCH,
        detail: "x".repeat(detail_bytes),
    }
}

fn sizes(entries: Vec<Entry>) -> Vec<usize> {
    groups(entries, "postern.s").iter().map(Vec::len).collect()
}

#[test]
fn the_detail_is_the_data() {
    let body = r#"{"type":"email.bounced","timestamp":"2026-03-03T08:15:00.000Z","recipient":"kim@mail.test","data":{"id":"abc","kind":"bounced","smtp_code":550}}"#;
    let entry = Entry::of(&notification(body)).unwrap();
    assert_eq!(entry.time, "2026-03-03T08:15:00Z".parse().unwrap());
    assert_eq!(
        (entry.id.as_str(), entry.kind.as_str()),
        ("evt_9f2c", "email.bounced")
    );
    let wanted = json!({"id": "abc", "kind": "bounced", "smtp_code": 550});
    assert_eq!(
        serde_json::from_str::<Value>(&entry.detail).unwrap(),
        wanted
    );
    assert_eq!(format!("{entry:?}"), "Entry(evt_9f2c email.bounced)");
}

#[test]
fn the_detail_of_a_suppression_is_its_data() {
    let body = r#"{"type":"suppression.set","timestamp":"2026-03-03T08:15:00.000Z","data":{"reason":"bounced","event_id":"abc"}}"#;
    let entry = Entry::of(&notification(body)).unwrap();
    let wanted = json!({"event_id": "abc", "reason": "bounced"});
    assert_eq!(
        serde_json::from_str::<Value>(&entry.detail).unwrap(),
        wanted
    );
}

#[test]
fn what_has_no_time_or_no_data_is_no_entry() {
    for body in [
        "",
        "{}",
        r#"{"timestamp":"x","data":{}}"#,
        r#"{"timestamp":"2026-03-03T08:15:00.000Z","data":1}"#,
    ] {
        assert_eq!(Entry::of(&notification(body)), None, "{body}");
    }
}

#[test]
fn a_call_has_ten_entries_at_most() {
    let entries = |count| (0..count).map(|number| entry(number, 10)).collect();
    assert_eq!(sizes(entries(0)), [0_usize; 0]);
    assert_eq!(sizes(entries(10)), [10]);
    assert_eq!(sizes(entries(21)), [10, 10, 1]);
    let ids = groups(entries(12), "s").concat();
    let wanted: Vec<String> = (0..12).map(|number| format!("evt_{number}")).collect();
    assert_eq!(
        ids.iter().map(|entry| entry.id.clone()).collect::<Vec<_>>(),
        wanted
    );
}

#[test]
fn a_call_has_a_quarter_of_a_mebibyte_at_most() {
    let around = entry(0, 0).bytes("postern.s");
    assert_eq!(
        around,
        14 + "postern.s".len() + "email.opened".len() + "evt_0".len()
    );
    let half = MOST_BYTES / 2 - around;
    let two = |first, second| sizes(vec![entry(0, first), entry(1, second)]);
    assert_eq!(two(half, half), [2]);
    assert_eq!(two(half, half + 1), [1, 1]);
    // one that is too large by itself is the bus's to refuse
    assert_eq!(two(MOST_BYTES, 1), [1, 1]);
}

#[test]
fn ten_of_the_largest_notifications_fit_into_one_call() {
    let entries = (0..10).map(|number| entry(number, table::announced::MOST_BYTES + 100));
    assert_eq!(sizes(entries.collect()), [10]);
}

#[test]
fn a_bus_is_probed_for_ever_where_an_endpoint_is_given_up() {
    let (hour, start) = (Hour::default(), Timestamp::UNIX_EPOCH);
    let failed = |is_probe| Outcome::Failed {
        code: "bus_denied".to_owned(),
        wasted: std::time::Duration::from_millis(10),
        retry_after: None,
        is_probe,
    };
    let (mut bus, mut endpoint) = (State::default(), State::default());
    for hours in 0..24 * 14 {
        let now = start + jiff::SignedDuration::from_hours(hours);
        bus = bus.after_kept(&failed(hours > 20), now, &hour);
        endpoint = endpoint.after(&failed(hours > 20), now, &hour);
    }
    assert_eq!(endpoint.disabled, Some(Disabled::Failing));
    assert_eq!(bus.disabled, None);
    let last = start + jiff::SignedDuration::from_hours(24 * 14 - 1);
    let soon = last + jiff::SignedDuration::from_mins(10);
    assert_eq!(bus.next_probe(), Some(soon));
    let back = bus.after_kept(&Outcome::Delivered, soon, &hour);
    assert!(!back.is_open());
    assert_eq!(back.back_since, Some(soon));
}
