//! Any event at all, whoever may come to make it.

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use shared::bounce::Evidence;
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::{Address, Channel, Event, EventId, Kind, OccurredAt, Reason, Refusal, Scope};
use shared::machine::{Machine, Why};
use tests::deliver;

/// 9999-12-30T22:00:00Z, the last time there is.
pub(crate) const LAST_MS: i64 = 253_402_207_200_000;

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).expect("a time")
}

pub(crate) fn delivery() -> Delivery {
    deliver(&customerio::Customerio, b"{}")
}

/// The event of nothing but `raw`.
pub(crate) fn bare(raw: &str) -> Event {
    let element = Element::parse("{}").expect("an object");
    let id = EventId::of(&[Some(raw)]);
    Event {
        raw: raw.to_owned(),
        ..Event::of(&delivery(), &element, id)
    }
}

/// Text of any length; most of it short.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => any::<String>(),
        2 => (select(vec!["a", "İ", "用", "😀"]), 1usize..3_000).prop_map(|(c, n)| c.repeat(n)),
    ]
}

fn maybe() -> impl Strategy<Value = Option<String>> {
    prop::option::of(text())
}

fn scope() -> impl Strategy<Value = Scope> {
    prop_oneof![
        Just(Scope::Global),
        maybe().prop_map(Scope::List),
        maybe().prop_map(Scope::Group),
        maybe().prop_map(Scope::Topic),
        maybe().prop_map(Scope::Stream),
    ]
}

fn kind() -> impl Strategy<Value = Kind> {
    let refusal = || {
        text().prop_map(|text| {
            Refusal::judge(&Evidence {
                text: Some(&text),
                ..Evidence::default()
            })
        })
    };
    let machine = Machine::Suspected(Why::Proxy);
    prop_oneof![
        Just(Kind::Delivered),
        Just(Kind::Complained),
        Just(Kind::Opened(machine)),
        refusal().prop_map(Kind::Bounced),
        refusal().prop_map(Kind::Rejected),
        refusal().prop_map(Kind::Failed),
        refusal().prop_map(Kind::Deferred),
        maybe().prop_map(move |url| Kind::Clicked { url, machine }),
        scope().prop_map(move |scope| Kind::Unsubscribed { scope, machine }),
        select(Reason::ALL.to_vec()).prop_map(Kind::SuppressionAdded),
        select(Reason::ALL.to_vec()).prop_map(Kind::SuppressionRemoved),
        scope().prop_map(Kind::Subscribed),
    ]
}

fn json() -> impl Strategy<Value = Value> {
    prop_oneof![
        text().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        text().prop_map(|text| serde_json::json!([{text.as_str(): text.as_str()}])),
    ]
}

fn raw() -> impl Strategy<Value = String> {
    (
        select(vec!["{}", "用", "\u{0}"]),
        prop_oneof![9 => 1usize..100, 1 => 100usize..300_000],
    )
        .prop_map(|(piece, times)| piece.repeat(times))
}

pub(crate) fn event() -> impl Strategy<Value = Event> {
    let occurred_at = (1i64..=LAST_MS, any::<bool>()).prop_map(|(millis, is_received)| {
        if is_received {
            OccurredAt::Received(at(millis))
        } else {
            OccurredAt::Event(at(millis))
        }
    });
    let id = (text(), any::<usize>(), any::<bool>()).prop_map(|(id, index, is_numbered)| {
        let id = EventId::of_provider("acme", &format!("i{id}"));
        if is_numbered { id.nth(index) } else { id }
    });
    let many = prop_oneof![6 => 0usize..4, 1 => 60usize..100];
    let tags = (many.clone(), text()).prop_map(|(n, tag)| vec![tag; n]);
    let metadata = (many, text(), json()).prop_map(|(count, name, value)| {
        let numbered = (1..count).map(|n| (format!("{n}{name}"), value.clone()));
        std::iter::once((name.clone(), value.clone()))
            .chain(numbered)
            .collect()
    });
    let headers = prop::collection::btree_map(text(), text(), 0..3);
    let who = (maybe(), maybe(), maybe(), maybe());
    let what = (maybe(), maybe(), maybe(), tags, metadata, headers);
    let channel = select(Channel::ALL.to_vec());
    (id, channel, kind(), occurred_at, who, what, raw()).prop_map(
        |(id, channel, kind, occurred_at, who, what, raw)| {
            let (recipient, customer_id, message_id, rfc_message_id) = who;
            let (subject, campaign, provider_kind, tags, metadata, headers) = what;
            Event {
                id,
                source: subject.clone(),
                channel,
                kind,
                provider_kind,
                occurred_at,
                recipient: recipient.as_deref().and_then(Address::new),
                customer_id,
                message_id,
                rfc_message_id,
                subject,
                campaign,
                tags,
                metadata,
                headers,
                ..bare(&raw)
            }
        },
    )
}
