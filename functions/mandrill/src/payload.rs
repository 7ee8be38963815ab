//! What Mandrill sends, once its form is decoded: an array of events of messages and of changes to
//! its two lists, mixed.
//!
//! `ts` at the top is the event's time; the one in `msg` is the message's. `msg` has all that
//! happened to the message so far, and so differs from one event to the next.
//!
//! It is written by PHP: an empty object is `[]`.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::{Event, EventId, OccurredAt};
use shared::recipients::Recipients;
use shared::time;

use crate::vocabulary;

/// Where a change to a list has its entry: the list of those that Mandrill rejects, and the one of
/// those that it does not.
const ENTRIES: [&str; 2] = ["reject", "entry"];

/// The one event of an element.
pub(crate) fn events(element: &Element<'_>, delivery: &Delivery) -> Vec<Event> {
    if is_change(element) {
        vec![change(element, delivery)]
    } else {
        vec![event(element, delivery)]
    }
}

/// Whether it is about an entry of a list ("sync event").
fn is_change(element: &Element<'_>) -> bool {
    !element.has("event") && element.has("type")
}

/// Something happened to a message.
fn event(element: &Element<'_>, delivery: &Delivery) -> Event {
    let nested = element.object("msg");
    // Without `msg` the facts of an unknown shape may stand in the open.
    let msg = nested.as_ref().unwrap_or(element);
    let event = Event {
        kind: vocabulary::kind(element, msg),
        provider_kind: element.text("event"),
        occurred_at: occurred_at(element, delivery),
        message_id: msg.id("_id").or_else(|| element.id("_id")), // old events have the first only
        subject: msg.text("subject"),
        campaign: msg.text("template"),
        tags: msg.texts("tags"),
        metadata: metadata(msg),
        ..Event::of(delivery, element, message_event_id(element, msg, delivery))
    };
    event.to(&Recipients::of(msg.text("email")))
}

/// An entry of a list was added, changed or removed. Entries expire, and may be a subaccount's
/// alone, so it sets and lifts nothing: what put it there has had an event of its own.
fn change(element: &Element<'_>, delivery: &Delivery) -> Event {
    let entry = entry(element);
    let of_entry = |key| entry.as_ref().and_then(|(_, entry)| entry.text(key));
    let words = ["type", "action"].map(|key| element.text(key));
    let words: Vec<String> = words.into_iter().flatten().collect();
    let facts = ["reason", "detail", "subaccount"].into_iter();
    let event = Event {
        provider_kind: (!words.is_empty()).then(|| words.join("/")),
        occurred_at: occurred_at(element, delivery),
        metadata: facts
            .filter_map(|key| Some((key.to_owned(), of_entry(key)?.into())))
            .collect(),
        ..Event::of(delivery, element, change_event_id(element, delivery))
    };
    event.to(&Recipients::of(of_entry("email")))
}

/// The entry that a change is about, and the name of its list.
fn entry<'a>(element: &Element<'a>) -> Option<(&'static str, Element<'a>)> {
    let of = |name: &'static str| Some((name, element.object(name)?));
    ENTRIES.into_iter().find_map(of)
}

fn occurred_at(element: &Element<'_>, delivery: &Delivery) -> OccurredAt {
    let time = element.id("ts");
    OccurredAt::event_or_received(time.as_deref().and_then(time::from_text), delivery)
}

/// The sender's own variables, and the subaccount that sent the message.
fn metadata(msg: &Element<'_>) -> BTreeMap<String, Value> {
    let variables = msg.object("metadata");
    let mut metadata = variables.map_or_else(BTreeMap::new, |variables| variables.others(&[]));
    if let Some(subaccount) = msg.id("subaccount") {
        metadata.insert("subaccount".to_owned(), subaccount.into());
    }
    metadata
}

/// See the top of `lib.rs`. Times have whole seconds, so two opens within one, from one place, are
/// one.
fn message_event_id(element: &Element<'_>, msg: &Element<'_>, delivery: &Delivery) -> EventId {
    let provider = Some(delivery.provider());
    let required = [
        element.text("event"),
        element.id("ts"),
        msg.id("_id"),
        msg.text("email"),
    ];
    let [Some(event), Some(time), Some(message), Some(recipient)] = &required else {
        return EventId::of(&[provider, Some(element.raw())]);
    };
    EventId::of(&[
        provider,
        Some("message"),
        Some(event),
        Some(time),
        Some(message),
        Some(recipient),
        element.text("url").as_deref(),
        element.text("ip").as_deref(),
        element.text("user_agent").as_deref(),
        element.text("diag").as_deref(),
        msg.text("diag").as_deref(),
        msg.text("bounce_description").as_deref(),
    ])
}

fn change_event_id(element: &Element<'_>, delivery: &Delivery) -> EventId {
    let provider = Some(delivery.provider());
    let entry = entry(element);
    let of_entry = |key| entry.as_ref().and_then(|(_, entry)| entry.text(key));
    let required = [
        element.text("type"),
        element.text("action"),
        element.id("ts"),
        of_entry("email"),
    ];
    let [Some(list), Some(action), Some(time), Some(address)] = &required else {
        return EventId::of(&[provider, Some(element.raw())]);
    };
    EventId::of(&[
        provider,
        Some("list"),
        Some(list),
        Some(action),
        Some(time),
        Some(address),
        of_entry("reason").as_deref(),
    ])
}
