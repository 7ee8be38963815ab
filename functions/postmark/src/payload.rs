//! What Postmark sends: one flat object a request, told apart by `RecordType`.
//!
//! The recipient is `Email` in a bounce and a complaint, and `Recipient` elsewhere; each type has a
//! time of its own. `MessageID` is null where nobody's message caused the change, and `Tag` is
//! absent, empty or null as it happens.
//!
//! The place and the address of the person (`Geo`) are left to `raw`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::{Event, EventId, OccurredAt};
use shared::recipients::Recipients;
use shared::time;

use crate::vocabulary;

/// Each type's time. An event has one of them.
const TIMES: [&str; 4] = ["DeliveredAt", "BouncedAt", "ReceivedAt", "ChangedAt"];

/// The ids of the messages in the samples that the test button sends.
const SAMPLES: [&str; 2] = [
    "00000000-0000-0000-0000-000000000000",
    "883953f4-6105-42a2-a16a-77a8eac79483",
];

/// The one event of an element.
pub(crate) fn events(element: &Element<'_>, delivery: &Delivery) -> Vec<Event> {
    let time = time(element);
    let time = time.as_deref().and_then(instant);
    let recipient = recipient(element);
    let event = Event {
        kind: vocabulary::kind(element),
        provider_kind: vocabulary::name(element),
        occurred_at: OccurredAt::event_or_received(time, delivery),
        message_id: element.id("MessageID"),
        subject: element.text("Subject"),
        campaign: element.text("MessageStream"),
        tags: element.text("Tag").into_iter().collect(),
        metadata: metadata(element),
        ..Event::of(
            delivery,
            element,
            event_id(element, delivery, time.is_some()),
        )
    };
    vec![event.to(&Recipients::of(recipient))]
}

fn time(element: &Element<'_>) -> Option<String> {
    TIMES.iter().find_map(|key| element.id(key))
}

/// Old bodies have times without a zone, and dates without a time. Both are UTC.
fn instant(text: &str) -> Option<Timestamp> {
    let in_utc = || {
        let local: DateTime = text.trim().parse().ok()?;
        let time = TimeZone::UTC.to_timestamp(local).ok()?;
        time::from_millis(time.as_millisecond())
    };
    time::from_text(text).or_else(in_utc)
}

fn recipient(element: &Element<'_>) -> Option<String> {
    element.text("Recipient").or_else(|| element.text("Email"))
}

/// The sender's own, then what changes the meaning of the event. A name that the sender uses stays
/// the sender's.
fn metadata(element: &Element<'_>) -> BTreeMap<String, Value> {
    let own = element.object("Metadata");
    let mut metadata = own.map(|own| own.others(&[])).unwrap_or_default();
    let flag = |key| element.flag(key).filter(|is_set| *is_set).map(Value::from);
    let is_sample = element
        .id("MessageID")
        .is_some_and(|id| SAMPLES.contains(&id.as_str()));
    let facts = [
        ("first", flag("FirstOpen")),
        ("inactive", flag("Inactive")), // Postmark sends no more to the address
        ("origin", element.text("Origin").map(Value::from)), // who changed a subscription
        ("test", is_sample.then(|| true.into())),
    ];
    for (name, value) in facts {
        if let Some(value) = value {
            metadata.entry(name.to_owned()).or_insert(value);
        }
    }
    metadata
}

/// See the top of `lib.rs`. Only a bounce and a complaint have a number of their own. One number
/// has been seen under two types, which are two events.
fn event_id(element: &Element<'_>, delivery: &Delivery, has_a_time: bool) -> EventId {
    let provider = Some(delivery.provider());
    let record = element.text("RecordType");
    if let (Some(record), Some(id)) = (&record, element.id("ID"))
        && vocabulary::is_numbered(record)
    {
        let kind = element.text("Type");
        return EventId::of(&[provider, Some(record), Some(&id), kind.as_deref()]);
    }
    let recipient = recipient(element);
    let is_numbered = record.as_deref().is_some_and(vocabulary::is_numbered);
    let is_identified = record.is_some() && recipient.is_some() && has_a_time && !is_numbered;
    let suppresses = element.flag("SuppressSending").map(|flag| flag.to_string());
    let geo = element.object("Geo");
    EventId::of(&[
        provider,
        record.as_deref(),
        element.id("MessageID").as_deref(),
        recipient.as_deref(),
        time(element).as_deref(), // as sent: its seven digits tell events apart
        suppresses.as_deref(),
        element.text("SuppressionReason").as_deref(),
        element.text("OriginalLink").as_deref(),
        element.text("ClickLocation").as_deref(),
        element.text("UserAgent").as_deref(),
        geo.and_then(|geo| geo.text("IP")).as_deref(),
        (!is_identified).then_some(element.raw()),
    ])
}
