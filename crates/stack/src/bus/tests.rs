use jiff::Timestamp;
use serde_json::{Value, json};

use super::entry::Given;
use super::*;

const ARN: &str = "arn:aws:events:eu-west-1:000000000000:event-bus/local";
const NOW: Timestamp = Timestamp::constant(1_767_323_045, 678_000_000);

fn given(with: &Value) -> Given {
    let mut entry = json!({
        "Time": 1_767_323_045.5,
        "Source": "postern.test",
        "DetailType": "email.bounced",
        "Detail": r#"{"id":"evt_1"}"#,
        "EventBusName": ARN,
    });
    for (name, value) in with.as_object().unwrap() {
        entry[name] = value.clone();
    }
    serde_json::from_value(entry).unwrap()
}

fn refused(with: &Value) -> (&'static str, String) {
    let error = given(with).read().unwrap_err();
    (error.code(), error.to_string())
}

#[test]
fn an_event_is_remembered_as_a_target_gets_it() {
    let bus = Bus::new(ARN.to_owned());
    let id = bus.accept(&given(&json!({})).read().unwrap(), NOW);
    let wanted = json!({
        "version": "0",
        "id": id,
        "detail-type": "email.bounced",
        "source": "postern.test",
        "account": "000000000000",
        "time": "2026-01-02T03:04:05.500Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": {"id": "evt_1"},
    });
    assert_eq!(bus.events(), [wanted]);
}

#[test]
fn what_is_for_another_bus_is_accepted_and_is_nowhere() {
    let bus = Bus::new(ARN.to_owned());
    for (name, count) in [(json!("other"), 0), (Value::Null, 0), (json!("local"), 1)] {
        let entry = given(&json!({"EventBusName": name})).read().unwrap();
        assert!(!bus.accept(&entry, NOW).is_empty());
        assert_eq!(bus.events().len(), count, "{name}");
    }
}

#[test]
fn an_entry_is_refused_in_the_words_of_aws() {
    for name in ["Source", "DetailType", "Detail"] {
        for value in [Value::Null, json!("")] {
            let (code, message) = refused(&json!({name: value}));
            assert_eq!(code, "InvalidArgument");
            let wanted =
                format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
            assert_eq!(message, wanted);
        }
    }
    for detail in ["x", "[]", "1", "{"] {
        let (code, _) = refused(&json!({"Detail": detail}));
        assert_eq!(code, "MalformedDetail", "{detail}");
    }
    let (code, _) = refused(&json!({"Source": "aws.ses"}));
    assert_eq!(code, "NotAuthorizedForSourceException");
}

#[test]
fn whoever_looks_sees_the_latest_or_goes_on() {
    let bus = Bus::new(ARN.to_owned());
    for number in 0..120 {
        let detail = json!({"id": number}).to_string();
        let entry = given(&json!({"Detail": detail})).read().unwrap();
        bus.accept(&entry, NOW);
    }
    let seen = |after| {
        let shown = bus.shown(after);
        let events = shown["events"].as_array().unwrap().clone();
        let ids = events
            .iter()
            .map(|event| event["detail"]["id"].as_u64().unwrap());
        let (got, next) = (
            shown["got"].as_u64().unwrap(),
            shown["next"].as_u64().unwrap(),
        );
        (ids.collect::<Vec<u64>>(), got, next)
    };
    assert_eq!(seen(None), ((20..120).collect(), 120, 120));
    assert_eq!(seen(Some(0)), ((0..100).collect(), 120, 100));
    assert_eq!(seen(Some(100)), ((100..120).collect(), 120, 120));
    assert_eq!(seen(Some(500)), (Vec::new(), 120, 500));
}
