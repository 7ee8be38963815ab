//! The older format: `PowerMTA`'s accounting records as JSON, without `kind`. Inboxroad sends it
//! unsigned, which is refused at the door; a record that comes signed all the same is a fact like
//! any other.

use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::{Event, EventId, Kind, OccurredAt, Refusal};
use shared::recipients::Recipients;
use shared::time;

use super::bounce;
use super::message_ids::MessageIds;

/// What tells it from the signed format.
pub(super) fn is_legacy(element: &Element<'_>) -> bool {
    !element.has("kind") && element.has("type") && element.has("rcpt")
}

/// The event of an accounting record.
pub(super) fn event(element: &Element<'_>, delivery: &Delivery) -> Event {
    // Unix seconds, written as a string.
    let time = element.id("timeLogged");
    let time = time.as_deref().and_then(time::from_text);
    let name = element.text("type");
    let recipients = Recipients::of(element.text("rcpt"));
    let ids = MessageIds::of(element.text("header_Message-Id").as_deref());
    let is_identified =
        name.is_some() && !recipients.is_empty() && ids.message_id.is_some() && time.is_some();
    let id = event_id(element, delivery, is_identified);
    Event {
        kind: kind(element),
        provider_kind: name,
        occurred_at: OccurredAt::event_or_received(time, delivery),
        message_id: ids.message_id,
        rfc_message_id: ids.rfc_message_id,
        ..Event::of(delivery, element, id)
    }
    .to(&recipients)
}

fn kind(element: &Element<'_>) -> Kind {
    match element.word("type").as_str() {
        "d" => Kind::Delivered,
        // Refused in the SMTP session; accepted, then returned by mail.
        "b" | "rb" => Kind::Bounced(refusal(element)),
        "f" => Kind::Complained, // feedback loop
        "rs" => remote_status(element),
        _ => Kind::Unknown,
    }
}

/// A delivery status notification that is no plain bounce says by its action (RFC 3464, 2.3.3) what
/// has happened.
fn remote_status(element: &Element<'_>) -> Kind {
    match element.word("dsnAction").as_str() {
        "failed" => Kind::Bounced(refusal(element)),
        "delayed" => Kind::Deferred(refusal(element)),
        _ => Kind::Unknown, // relayed and expanded: on its way, out of sight
    }
}

fn refusal(element: &Element<'_>) -> Refusal {
    let report = bounce::Report {
        status: element.text("dsnStatus"),
        diagnostic: element.text("dsnDiag"),
        category: element.text("bounceCat"),
        class: None,
    };
    report.weigh()
}

fn event_id(element: &Element<'_>, delivery: &Delivery, is_identified: bool) -> EventId {
    EventId::of(&[
        Some(delivery.provider()),
        element.text("type").as_deref(),
        element.text("header_Message-Id").as_deref(),
        element.text("rcpt").as_deref(),
        element.id("timeLogged").as_deref(),
        element.text("dsnStatus").as_deref(),
        (!is_identified).then_some(element.raw()),
    ])
}
