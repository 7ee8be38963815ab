//! What Customer.io sends: `{"event_id", "object_type", "metric", "timestamp", "data": {…}}`, one
//! event an object.
//!
//! `timestamp` is Unix time, in seconds by the documents, and belongs to the event; the signed
//! header's time belongs to the request. A person is named in `data.identifiers`, a message by
//! `data.delivery_id`. The documents require more than real events carry, so nothing is required
//! here: what is absent or odd is `None`, and `raw` has the rest.
//!
//! Identity: `event_id`; without one, the facts listed at [`id`]. A push goes to every device of a
//! person and reports them in one `recipients[]`: one event per device, numbered under the one id.
//!
//! Older and foreign spellings are read, too: the format of 2012 (`event_type: "email_delivered"`,
//! `data.email_id`) and the names of a third-party `AsyncAPI` catalogue, which join object and
//! metric in one of `metric`, `event_type`, `event`.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::{Channel, Event, EventId, OccurredAt};
use shared::normalize::Budget;
use shared::recipients::Recipients;
use shared::time;

use crate::vocabulary::{self, Name};

/// Facts of an event beside the common ones, kept under Customer.io's names. The ids of the
/// workflow's parts are left to `raw`: with them, a click in a campaign takes 1,079 bytes instead
/// of 968, and a second write unit.
const METADATA: &[&str] = &["link_id", "inbound_event_id"];

/// The item cuts a longer text, and half a JSON text is none.
const PREFERENCES_CHARS: usize = 2048;

/// The events of one element. Each device's event repeats the element. A person has a handful of
/// devices; where there are more than the webhook's budget allows, one event speaks for all of
/// them.
pub(crate) fn events(element: &Element<'_>, delivery: &Delivery, budget: &Budget) -> Vec<Event> {
    let nested = element.object("data");
    // Without `data`, what little can be known of an unknown shape may stand beside `event_id`.
    let data = nested.as_ref().unwrap_or(element);
    let name = Name::read(element, data);
    let event_on = |device: Option<&Element<'_>>| event(element, data, &name, device, delivery);

    let first = devices(data, &name)
        .next()
        .map(|first| event_on(Some(&first)));
    let Some(first) = first else {
        // no push; or one that was drafted, or failed before it came to devices
        return vec![event_on(None)];
    };
    match devices(data, &name).count() {
        1 => vec![first],
        count if !budget.allows(count, &first) => vec![event_on(None)],
        _ => devices(data, &name)
            .enumerate()
            .map(|(index, device)| numbered(index, event_on(Some(&device))))
            .collect(),
    }
}

/// The devices of a push, read one at a time.
fn devices<'a>(data: &Element<'a>, name: &Name) -> impl Iterator<Item = Element<'a>> + use<'a> {
    let is_push = name.channel == Some(Channel::Push);
    let devices = is_push.then(|| data.objects("recipients"));
    devices.into_iter().flatten()
}

fn numbered(index: usize, event: Event) -> Event {
    Event {
        id: event.id.nth(index),
        ..event
    }
}

fn event(
    element: &Element<'_>,
    data: &Element<'_>,
    name: &Name,
    device: Option<&Element<'_>>,
    delivery: &Delivery,
) -> Event {
    let event_time = element.id("timestamp");
    let event_time = event_time.as_deref().and_then(time::from_text);
    let channel = name.channel.unwrap_or(Channel::Email);
    // "to" may hold display names, and several with commas: Customer.io reports it as the sender
    // wrote it.
    let recipients = Recipients::of_channel(channel, recipient(data, name, device));
    Event {
        channel,
        kind: vocabulary::kind(name, data, device),
        provider_kind: name.verbatim.clone(),
        occurred_at: OccurredAt::event_or_received(event_time, delivery),
        customer_id: customer_id(data),
        message_id: message_id(data),
        subject: data.text("subject"),
        campaign: campaign(data),
        metadata: metadata(data, name, device),
        ..Event::of(delivery, element, id(element, data, name, delivery))
    }
    .to(&recipients)
}

/// The provider's id, else what makes the event what it is; the whole text where it does not even
/// name a message.
fn id(element: &Element<'_>, data: &Element<'_>, name: &Name, delivery: &Delivery) -> EventId {
    if let Some(id) = element.id("event_id") {
        return EventId::of_provider(delivery.provider(), &id);
    }
    let message = message_id(data);
    let recipient = recipient(data, name, None); // as sent: an id does not change with our spelling
    EventId::of(&[
        Some(delivery.provider()),
        message.as_deref(),
        name.object.as_deref(),
        name.verbatim.as_deref(),
        element.id("timestamp").as_deref(),
        recipient.as_deref().map(str::trim),
        data.text("href").as_deref(),
        message.is_none().then_some(element.raw()),
    ])
}

fn message_id(data: &Element<'_>) -> Option<String> {
    data.id("delivery_id").or_else(|| data.id("email_id")) // `email_id`: the format of 2012
}

/// The address in the message's own channel. An event of another channel without one (a draft) does
/// not borrow the person's mail address: it is found by the customer id.
fn recipient(data: &Element<'_>, name: &Name, device: Option<&Element<'_>>) -> Option<String> {
    let is_some = |text: &String| !text.trim().is_empty();
    let own = || data.id("recipient").filter(is_some);
    let of_device = || device?.id("device_id").filter(is_some);
    let of_person = || data.text("email_address").filter(is_some);
    let of_identifiers = || data.object("identifiers")?.text("email").filter(is_some);
    match name.channel {
        Some(Channel::Email) => own().or_else(of_person).or_else(of_identifiers),
        Some(_) => of_device().or_else(own),
        None => own(),
    }
}

/// The team's own id; the deprecated field has it, too, and is empty for a deleted person; then
/// Customer.io's.
fn customer_id(data: &Element<'_>) -> Option<String> {
    let identifiers = data.object("identifiers");
    let identifier = |key| identifiers.as_ref().and_then(|ids| ids.id(key));
    identifier("id")
        .or_else(|| data.id("customer_id"))
        .or_else(|| identifier("cio_id"))
}

/// What the message was part of. The four count separately, so the number alone would be ambiguous;
/// the commonest goes without a prefix.
fn campaign(data: &Element<'_>) -> Option<String> {
    [
        ("transactional_message_id", "transactional:"),
        ("newsletter_id", "newsletter:"),
        ("broadcast_id", "broadcast:"),
        ("campaign_id", ""),
    ]
    .into_iter()
    .find_map(|(key, prefix)| Some(format!("{prefix}{}", data.id(key)?)))
}

fn metadata(
    data: &Element<'_>,
    name: &Name,
    device: Option<&Element<'_>>,
) -> BTreeMap<String, Value> {
    let ids = METADATA.iter().map(|key| (*key, data.id(key)));
    let facts = [
        (
            "device_platform",
            device.and_then(|d| d.text("device_platform")),
        ),
        // A device's token is the key of its event, and says nothing of the person.
        ("customer_id", device.and_then(|_| customer_id(data))),
        (
            "preferences",
            name.is_preferences().then(|| preferences(data)).flatten(),
        ),
    ];
    ids.chain(facts)
        .filter_map(|(key, value)| Some((key.to_owned(), Value::String(value?))))
        .collect()
}

/// The choices, as JSON text. Customer.io sends them as JSON inside a string, and only with Body
/// Content switched on.
fn preferences(data: &Element<'_>) -> Option<String> {
    let content = data.text("content")?;
    let content = Element::parse(&content)?;
    let choices: Vec<String> = ["topics", "channels"]
        .into_iter()
        .filter_map(|key| Some(format!("\"{key}\":{}", content.object(key)?.raw())))
        .collect();
    let text = format!("{{{}}}", choices.join(","));
    let is_whole = !choices.is_empty() && text.chars().count() <= PREFERENCES_CHARS;
    is_whole.then_some(text)
}
