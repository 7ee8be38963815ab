//! What Mailgun sends: `{"signature": {…}, "event-data": {…}}`, one event a request.
//!
//! The event is `event-data`, and so is its `raw`: one event comes to several URLs under several
//! signatures, and is one item. Without it nothing is known but the text. Fields are absent or null
//! as it happens (`delivery-status` among them); an empty `user-variables` can be `[]`.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::{Event, EventId, OccurredAt, bare_message_id};
use shared::json;
use shared::recipients::Recipients;
use shared::time;

use crate::vocabulary;

/// Flags that change what an event means, kept where they are set.
const FLAGS: [&str; 3] = ["is-test-mode", "is-system-test", "is-delayed-bounce"];

/// The one event of an element.
pub(crate) fn events(element: &Element<'_>, delivery: &Delivery) -> Vec<Event> {
    let Some(data) = element.object("event-data") else {
        let id = EventId::of(&[Some(delivery.provider()), Some(&unsigned(element))]);
        return vec![Event::of(delivery, element, id)];
    };
    let timestamp = data.id("timestamp");
    let time = timestamp.as_deref().and_then(time::from_text);
    let to = recipients(&data);
    // As sent: an id does not change with our spelling. Several texts leave it to the whole
    // element.
    let recipient = to.first().filter(|_| to.len() == 1);
    let id = event_id(&data, recipient.map(String::as_str), delivery);
    let event = Event {
        kind: vocabulary::kind(&data),
        provider_kind: vocabulary::name(&data),
        occurred_at: OccurredAt::event_or_received(time, delivery),
        // The send API returns the Message-ID in angle brackets, the events have it without.
        message_id: header(&data, "message-id").and_then(|id| bare_message_id(&id)),
        subject: header(&data, "subject"),
        campaign: campaign(&data),
        tags: data.texts("tags"),
        metadata: metadata(&data),
        ..Event::of(delivery, &data, id)
    };
    vec![event.to(&Recipients::of(to))]
}

/// Whether a body has an event with a name. It is read as for [`events`], so that nothing passes
/// here which is no event there; an element is bounded, whatever its body is.
pub(crate) fn names_event(body: &[u8]) -> bool {
    let names_one = |text: &str| {
        let data = Element::parse(text).and_then(|element| element.object("event-data"));
        data.and_then(|data| data.text("event"))
            .is_some_and(|name| !name.trim().is_empty())
    };
    let body = json::body(body);
    match std::str::from_utf8(body) {
        _ if !body.starts_with(b"{") => false,
        Ok(text) if Element::parse(text).is_some() => names_one(text),
        _ => json::repair(body).is_some_and(|text| names_one(&text)),
    }
}

/// Puts `event-data` back around a `raw`, but where there was none to begin with.
pub(crate) fn element_of(raw: &str) -> String {
    let element = Element::parse(raw);
    let is_whole = element.is_some_and(|element| element.object("signature").is_some());
    if is_whole {
        return raw.to_owned();
    }
    format!("{{\"event-data\":{raw}}}")
}

/// `id` is unique within a day only.
fn event_id(data: &Element<'_>, recipient: Option<&str>, delivery: &Delivery) -> EventId {
    let (id, timestamp, name) = (data.id("id"), data.id("timestamp"), data.text("event"));
    let is_identified =
        id.is_some() && timestamp.is_some() && name.is_some() && recipient.is_some();
    let whole = (!is_identified).then(|| data.raw());
    EventId::of(&[
        Some(delivery.provider()),
        id.as_deref(),
        timestamp.as_deref(),
        name.as_deref(),
        recipient,
        whole,
    ])
}

/// The element without its signature, which another copy of the event would have another of.
fn unsigned(element: &Element<'_>) -> String {
    let block = element.object("signature");
    let parts = block.and_then(|block| element.raw().split_once(block.raw()));
    parts.map_or_else(
        || element.raw().to_owned(),
        |(before, after)| format!("{before}{after}"),
    )
}

/// A `rejected` message has no recipient of its own, but its envelope and its headers have.
fn recipients(data: &Element<'_>) -> Vec<String> {
    if let Some(own) = data.text("recipient") {
        return vec![own];
    }
    let message = data.object("message");
    let listed = message.map(|message| message.texts("recipients"));
    let listed = listed.filter(|texts| !texts.is_empty());
    listed.unwrap_or_else(|| header(data, "to").into_iter().collect())
}

fn header(data: &Element<'_>, name: &str) -> Option<String> {
    data.object("message")?.object("headers")?.text(name)
}

/// An older feature; a message can be in several.
fn campaign(data: &Element<'_>) -> Option<String> {
    let first = data.objects("campaigns").next()?;
    first.id("id").or_else(|| first.text("name"))
}

/// The sender's own variables as they are, a nested one as its JSON text; then what changes the
/// meaning of the event.
fn metadata(data: &Element<'_>) -> BTreeMap<String, Value> {
    let variables = data.object("user-variables");
    let mut metadata = variables
        .map(|variables| variables.others(&[]))
        .unwrap_or_default();
    if let Some(flags) = data.object("flags") {
        for flag in FLAGS {
            if flags.flag(flag) == Some(true) {
                metadata.insert(flag.to_owned(), true.into());
            }
        }
    }
    let list = data.object("mailing-list");
    if let Some(address) = list.and_then(|list| list.text("address").or(list.id("list-id"))) {
        metadata.insert("mailing-list".to_owned(), address.into());
    }
    metadata
}
