use std::collections::BTreeMap;

use outlets::announce::Change;
use outlets::endpoint::Endpoint;
use outlets::filter::Filter;

use super::*;

const NOW: &str = "2026-03-03T08:15:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn endpoint(id: u64, events: &str, is_active: bool) -> Endpoint {
    Endpoint {
        id,
        url: "https://hooks.mail.test/x".to_owned(),
        filter: Filter::parse(events).unwrap(),
        providers: Vec::new(),
        sources: Vec::new(),
        headers: BTreeMap::new(),
        secrets: Vec::new(),
        active: is_active,
        created_at: now(),
        created_by: "ops".to_owned(),
        revision: 1,
    }
}

/// A record of an event that was stored.
fn stored(number: u32, kind: &str, raw: &str) -> Value {
    let sk = format!("2026-03-03T08:14:59.000Z#{number}");
    json!({
        "eventName": "INSERT",
        "dynamodb": {
            "SequenceNumber": number.to_string(),
            "Keys": {"pk": {"S": "email#kim@mail.test"}, "sk": {"S": sk}},
            "NewImage": {
                "pk": {"S": "email#kim@mail.test"}, "sk": {"S": sk}, "kind": {"S": kind},
                "provider": {"S": "resend"}, "channel": {"S": "email"}, "raw": {"S": raw},
            },
        },
    })
}

fn records(records: Vec<Value>) -> Vec<Record> {
    records.into_iter().map(read).collect()
}

fn said_of(records: &[Record]) -> Vec<Said> {
    let announced = |change: &Change| announced(change, now(), 8);
    records
        .iter()
        .map(|record| said(record, announced))
        .collect()
}

/// Returns the place and the endpoint of each letter.
fn whom(records: &[Record], said: &[Said], endpoints: &[Endpoint]) -> Vec<(usize, String)> {
    let (letters, _) = letters(records, said, endpoints, now());
    let whom = letters.into_iter().map(|(at, letter)| (at, letter.group));
    whom.collect()
}

#[test]
fn each_endpoint_is_told_what_it_wants_in_the_order_of_the_stream() {
    let records = records(vec![stored(1, "opened", "{}"), stored(2, "bounced", "{}")]);
    let endpoints = [endpoint(1, "*", true), endpoint(2, "bounced", false)];
    let whom = whom(&records, &said_of(&records), &endpoints);
    let wanted = [(0, "1"), (1, "1"), (1, "2")].map(|(at, id)| (at, id.to_owned()));
    assert_eq!(whom, wanted);
}

#[test]
fn the_largest_item_is_announced_by_its_key_alone() {
    let raw = "x".repeat(390 * 1024);
    let records = records(vec![stored(1, "bounced", &raw)]);
    let endpoints = [endpoint(1, "*", true)];
    let (letters, unreadable) = letters(&records, &said_of(&records), &endpoints, now());
    assert!(unreadable.is_empty());
    let message = Message::decode(&letters[0].1.body).unwrap();
    assert_eq!(message.attempt, 1);
    assert!(letters[0].1.body.len() < 300);
}

#[test]
fn a_call_of_the_largest_messages_is_one_that_sqs_takes() {
    const { assert!(MOST * outlets::message::MOST_BYTES <= 1024 * 1024) };
}

#[test]
fn a_record_that_panics_or_is_nothing_is_unreadable_and_stops_no_other() {
    let hostile = json!({"eventName": "INSERT", "dynamodb": {"NewImage": {"pk": 1}}});
    let records = records(vec![
        stored(1, "bounced", "{}"),
        stored(2, "bounced", "panic"),
        hostile,
        Value::Null,
        stored(5, "bounced", "{}"),
    ]);
    let announced = |change: &Change| {
        let new = change.new.as_ref().unwrap();
        assert_ne!(table::read::text(new, "raw"), "panic");
        announced(change, now(), 8)
    };
    let said: Vec<Said> = records
        .iter()
        .map(|record| said(record, announced))
        .collect();
    let endpoints = [endpoint(1, "*", true)];
    let (letters, unreadable) = letters(&records, &said, &endpoints, now());
    let told: Vec<usize> = letters.iter().map(|(at, _)| *at).collect();
    assert_eq!((told, unreadable), (vec![0, 4], vec![1, 2, 3]));
}

#[test]
fn what_is_written_again_deleted_or_too_old_is_not_announced() {
    let mut modified = stored(1, "bounced", "{}");
    modified["eventName"] = "MODIFY".into();
    let mut removed = stored(2, "bounced", "{}");
    removed["eventName"] = "REMOVE".into();
    let mut old = stored(3, "bounced", "{}");
    old["dynamodb"]["NewImage"]["sk"]["S"] = "2026-02-23T08:14:59.000Z#3".into();
    let records = records(vec![modified, removed, old, stored(4, "bounced", "{}")]);
    let counts = counted(&said_of(&records));
    let wanted = Counts {
        records: 4,
        announced: 1,
        too_old: 1,
        not_announced: 2,
        ..Counts::default()
    };
    assert_eq!(counts, wanted);
}

#[test]
fn the_answer_names_the_record_at_which_the_batch_stopped() {
    let records = records(vec![stored(7, "opened", "{}"), Value::Null]);
    let stop = |at| Stop {
        at,
        code: "send_failed",
    };
    let answer = |stop: Option<Stop>| {
        let answer = answer(&records, stop.as_ref())?;
        let failed = answer.batch_item_failures.into_iter();
        Ok::<Vec<String>, &str>(failed.map(|failed| failed.item_identifier).collect())
    };
    assert_eq!(answer(None), Ok(Vec::new()));
    assert_eq!(answer(Some(stop(0))), Ok(vec!["7".to_owned()]));
    assert!(answer(Some(stop(1))).is_err());
}
