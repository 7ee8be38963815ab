//! What is sent, to the letter, and what it never grows beyond.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const PK: &str = "email#kim@mail.test";
const SK: &str = "2026-03-03T08:15:00.000Z#abc";

fn item(attributes: &[(&str, &str)]) -> Item {
    let text =
        |(name, text): &(&str, &str)| ((*name).to_owned(), AttributeValue::S((*text).to_owned()));
    attributes.iter().map(text).collect()
}

fn bounced() -> Item {
    let mut item = item(&[
        ("pk", PK),
        ("sk", SK),
        ("id", "abc"),
        ("provider", "resend"),
        ("source", "eu"),
        ("channel", "email"),
        ("kind", "bounced"),
        ("bounce_class", "hard"),
        ("message", "resend#msg_abc"),
        ("problem", "bounced#2026-03-03#1"),
        ("raw", r#"{"type":"email.bounced"}"#),
    ]);
    item.insert("smtp_code".to_owned(), AttributeValue::N("550".to_owned()));
    item
}

fn of_event(item: &Item, events: &str) -> Option<Notification> {
    Notification::of_event(item, &Filter::parse(events).unwrap())
}

fn text_of(notification: &Notification) -> &str {
    std::str::from_utf8(&notification.body).unwrap()
}

fn value_of(notification: &Notification) -> Value {
    serde_json::from_slice(&notification.body).unwrap()
}

#[test]
fn an_event_is_told_in_the_envelope_of_both_without_its_text_and_its_keys() {
    let told = of_event(&bounced(), "bounced:hard").unwrap();
    assert_eq!(told.kind, "email.bounced");
    assert_eq!(
        text_of(&told),
        concat!(
            r#"{"type":"email.bounced","timestamp":"2026-03-03T08:15:00.000Z","email_id":"msg_abc","#,
            r#""recipient":"kim@mail.test","data":{"id":"abc","occurred_at":"2026-03-03T08:15:00.000Z","#,
            r#""provider":"resend","source":"eu","channel":"email","kind":"bounced","#,
            r#""recipient":"kim@mail.test","address":"kim@mail.test","message_id":"msg_abc","#,
            r#""bounce_class":"hard","smtp_code":550}}"#
        )
    );
    assert!(told.id.starts_with("evt_") && told.id.len() == 36);
    assert!(!told.id.contains('.'));
    let as_theirs = of_event(&bounced(), "bounce").unwrap();
    assert_eq!(value_of(&as_theirs)["type"], "email.bounce");
    assert_eq!(value_of(&as_theirs)["data"]["kind"], "bounced");
    assert_eq!(as_theirs.id, told.id, "one id for every endpoint");
    assert!(of_event(&bounced(), "delivered,suppression").is_none());
    let shown = format!("{told:?}");
    assert_eq!(shown, format!("Notification({} email.bounced)", told.id));
}

#[test]
fn what_an_event_does_not_say_is_absent() {
    let bare = item(&[
        ("pk", "unknown#email#7"),
        ("sk", SK),
        ("channel", "email"),
        ("kind", "unknown"),
    ]);
    let told = value_of(&of_event(&bare, "*").unwrap());
    let names: Vec<&String> = told.as_object().unwrap().keys().collect();
    assert_eq!(names, ["data", "timestamp", "type"]);
}

#[test]
fn a_suppression_is_told_as_it_is_now() {
    let at = "2026-03-03T08:15:00.000Z#1#abc";
    let mut set = item(&[("pk", PK), ("sk", SUPPRESSION), ("bounced_at", at)]);
    let since = AttributeValue::S("2026-03-03T08:15:00.000Z".to_owned());
    let event = AttributeValue::S(SK.to_owned());
    let words = HashMap::from([("since".to_owned(), since), ("event".to_owned(), event)]);
    set.insert("bounced".to_owned(), AttributeValue::M(words));
    let told = Notification::of_suppression(&set, Reason::Bounced).unwrap();
    assert_eq!(told.kind, SET);
    assert_eq!(
        text_of(&told),
        concat!(
            r#"{"type":"suppression.set","timestamp":"2026-03-03T08:15:00.000Z","#,
            r#""recipient":"kim@mail.test","data":{"channel":"email","recipient":"kim@mail.test","#,
            r#""address":"kim@mail.test","reason":"bounced","suppressed":true,"#,
            r#""since":"2026-03-03T08:15:00.000Z","event":"2026-03-03T08:15:00.000Z#abc","#,
            r#""event_id":"abc","at":"2026-03-03T08:15:00.000Z#1#abc"}}"#
        )
    );
    assert!(Notification::of_suppression(&set, Reason::Manual).is_none());

    let later = "2026-03-04T00:00:00.000Z#0#d#e";
    let lifted = item(&[("pk", PK), ("sk", SUPPRESSION), ("bounced_at", later)]);
    let lifted = Notification::of_suppression(&lifted, Reason::Bounced).unwrap();
    assert_eq!(lifted.kind, LIFTED);
    let data = &value_of(&lifted)["data"];
    assert_eq!(data["suppressed"], false);
    assert_eq!(data["event_id"], "d#e");
    assert!(data.get("event").is_none());
    assert_ne!(lifted.id, told.id);
    assert!(lifted.id.starts_with("sup_"));
}

#[test]
fn a_person_without_an_address_is_told_by_the_teams_own_id() {
    let at = "2026-03-03T08:15:00.000Z#0#abc";
    let of = |sk| item(&[("pk", "customer#email#7"), ("sk", sk), ("manual_at", at)]);
    let told = Notification::of_suppression(&of(SUPPRESSION), Reason::Manual).unwrap();
    let told = value_of(&told);
    assert_eq!(told["data"]["customer_id"], "7");
    assert!(told.get("recipient").is_none() && told["data"].get("address").is_none());
    for sk in ["suppression#group#sendgrid#7", SK] {
        let told = Notification::of_suppression(&of(sk), Reason::Manual);
        assert!(told.is_none(), "{sk}");
    }
}

#[test]
fn a_test_is_about_nobody() {
    let told = Notification::of_test("tst_1", "2026-03-03T08:15:00Z".parse().unwrap());
    assert_eq!((told.id.as_str(), told.kind.as_str()), ("tst_1", TEST));
    assert_eq!(
        text_of(&told),
        concat!(
            r#"{"type":"postern.test","timestamp":"2026-03-03T08:15:00.000Z","#,
            r#""data":{"message":"A test by Postern. Nothing has happened to anybody."}}"#
        )
    );
}

#[test]
fn what_is_too_large_for_the_body_gives_way_and_is_named() {
    let large = |length: usize| {
        let text = AttributeValue::S("x".repeat(length));
        let metadata = HashMap::from([("m".to_owned(), text)]);
        let mut large = bounced();
        large.insert("metadata".to_owned(), AttributeValue::M(metadata));
        large
    };
    let whole = of_event(&large(0), "*").unwrap().body.len();
    let (fits, large) = (large(MOST_BYTES - whole), large(MOST_BYTES - whole + 1));
    let told = of_event(&fits, "*").unwrap();
    assert_eq!(told.body.len(), MOST_BYTES);
    assert!(value_of(&told)["data"].get("truncated").is_none());
    // `data` alone would fit
    assert!(Announced::of(&large).unwrap().get("truncated").is_none());
    let told = value_of(&of_event(&large, "*").unwrap());
    assert_eq!(told["data"]["truncated"], json!(["metadata"]));
    assert_eq!(told["data"]["source"], "eu");
}

proptest! {
    /// The longest texts of an item, of characters that take up to six bytes each in JSON.
    #[test]
    fn no_body_is_larger_than_the_bound(
        lengths in proptest::collection::vec(0..2_048usize, 6),
        address in 0..2_000usize,
        character in prop::sample::select(vec!['x', '"', '\u{1}', 'é', '𐍈']),
    ) {
        let of = |length: usize| character.to_string().repeat(length);
        let names = ["recipient", "message", "subject", "url", "reason", "source"];
        let texts: Vec<String> = lengths.iter().map(|length| of(*length)).collect();
        let mut event = bounced();
        for (name, text) in names.into_iter().zip(texts) {
            let text = if name == "message" { format!("p#{text}") } else { text };
            event.insert(name.to_owned(), AttributeValue::S(text));
        }
        let address = format!("email#{}", "a".repeat(address));
        event.insert("pk".to_owned(), AttributeValue::S(address));
        let told = of_event(&event, "*").unwrap();
        prop_assert!(told.body.len() <= MOST_BYTES);
        let told = value_of(&told);
        prop_assert_eq!(&told["data"]["id"], "abc");
        let same = |name: &str, inner: &str| told.get(name) == told["data"].get(inner);
        prop_assert!(same("email_id", "message_id") || told["data"]["message_id"] == "");
        prop_assert!(same("recipient", "recipient") || told["data"]["recipient"] == "");
    }
}
