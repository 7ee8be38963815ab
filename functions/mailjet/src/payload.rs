//! What Mailjet sends: flat objects, of transactional and of marketing mail, of one message and one
//! recipient each. What is absent is often there as `""` or 0.
//!
//! `ip` and `geo` are a person's, and are left to `raw`.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::{Event, EventId, Kind, OccurredAt};
use shared::recipients::Recipients;
use shared::time;

use crate::vocabulary::{self, number};

/// What the sender attached to the message: JSON text by convention, any text in truth.
const PAYLOAD: &str = "Payload";

/// The one event of an element.
pub(crate) fn events(element: &Element<'_>, delivery: &Delivery) -> Vec<Event> {
    let time = element.id("time");
    let time = time.as_deref().and_then(time::from_text);
    let kind = vocabulary::kind(element);
    let campaign = element.text("customcampaign");
    let event = Event {
        provider_kind: element.text("event"),
        occurred_at: OccurredAt::event_or_received(time, delivery),
        message_id: message_id(element),
        campaign: campaign
            .clone()
            .or_else(|| number(element, "mj_campaign_id")),
        // The header X-Mailjet-Campaign is the one that tags mail.
        tags: campaign.into_iter().collect(),
        metadata: metadata(element, &kind),
        kind,
        ..Event::of(delivery, element, event_id(element, delivery))
    };
    vec![event.to(&Recipients::of(element.text("email")))]
}

/// What the send API returned for this recipient, digit for digit: it is beyond 2^53. A writer that
/// made a float of it has lost digits; then its older copy in text has them, or the UUID of the
/// message stands in for it.
fn message_id(element: &Element<'_>) -> Option<String> {
    let ids = ["MessageID", "mj_message_id"].map(|key| number(element, key));
    let is_whole = |id: &&String| id.bytes().all(|b| b.is_ascii_digit());
    let whole = ids.iter().flatten().find(is_whole).cloned();
    let [id, _] = ids;
    whole.or_else(|| element.text("Message_GUID")).or(id)
}

/// The sender's own variables, and what changes the meaning of an event.
fn metadata(element: &Element<'_>, kind: &Kind) -> BTreeMap<String, Value> {
    let mut metadata = payload(element);
    let of = |key: &str, is_wanted: bool| element.id(key).filter(|_| is_wanted);
    // Mailjet refuses the address from now on, which alone makes no bounce a hard one.
    let is_blocked = kind.refusal().is_some() && element.flag("blocked") == Some(true);
    let facts: [(&str, Option<Value>); 4] = [
        ("CustomID", of("CustomID", true).map(Value::from)),
        // The send API's `MessageUUID`, which Mailjet's support advises to join by.
        ("Message_GUID", of("Message_GUID", true).map(Value::from)),
        ("blocked", is_blocked.then_some(true.into())),
        // Of a complaint the feedback loop.
        (
            "source",
            of("source", *kind == Kind::Complained).map(Value::from),
        ),
    ];
    let facts = facts.into_iter();
    metadata.extend(facts.filter_map(|(name, value)| Some((name.to_owned(), value?))));
    metadata
}

/// Each variable by its name; a text that is no object as it stands.
fn payload(element: &Element<'_>) -> BTreeMap<String, Value> {
    let Some(text) = element.text(PAYLOAD) else {
        let object = element.object(PAYLOAD);
        return object.map(|object| object.others(&[])).unwrap_or_default();
    };
    match Element::parse(&text) {
        Some(object) => object.others(&[]),
        None => BTreeMap::from([(PAYLOAD.to_owned(), text.into())]),
    }
}

/// See the top of `lib.rs`. Neither the element as a whole nor its place in the array counts: a
/// retry may be grouped otherwise.
fn event_id(element: &Element<'_>, delivery: &Delivery) -> EventId {
    let message = ["Message_GUID", "MessageID"].map(|key| number(element, key));
    let message = message.into_iter().flatten().next();
    let [event, time, email] = ["event", "time", "email"].map(|key| element.id(key));
    let required = [&message, &event, &time, &email];
    let is_identified = required.iter().all(|fact| fact.is_some());
    let id = |key| element.id(key);
    EventId::of(&[
        Some(delivery.provider()),
        message.as_deref(),
        event.as_deref(),
        time.as_deref(),
        email.as_deref(),
        id("url").as_deref(),
        id("ip").as_deref(),
        id("agent").as_deref(),
        id("error_related_to").as_deref(),
        id("error").as_deref(),
        id("comment").as_deref(),
        id("mj_list_id").as_deref(),
        (!is_identified).then_some(element.raw()),
    ])
}
