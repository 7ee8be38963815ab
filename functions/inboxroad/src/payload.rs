//! Inboxroad's words: the signed format (`kind`), and the older `PowerMTA` one (`type` and `rcpt`)
//! should it arrive signed.
//!
//! Only the discriminator is relied on: the sample of a bounce has three more fields, a test
//! webhook may have none. The samples were damaged in publishing (typographic quotes, missing
//! braces); what arrives is JSON or malformed.

mod bounce;
mod legacy;
mod message_ids;

use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::{Event, EventId, Kind, OccurredAt, Refusal, Scope};
use shared::machine::Machine;
use shared::recipients::Recipients;
use shared::time;

use self::message_ids::MessageIds;

/// The one event of an element.
pub(crate) fn events(element: &Element<'_>, delivery: &Delivery) -> Vec<Event> {
    if legacy::is_legacy(element) {
        return vec![legacy::event(element, delivery)];
    }
    let timestamp = element.id("timestamp");
    let time = timestamp.as_deref().and_then(time::from_text);
    let name = element.text("kind");
    let recipients = Recipients::of(element.text("recipient"));
    let ids = MessageIds::of(element.text("message_id").as_deref());
    let is_identified =
        name.is_some() && !recipients.is_empty() && ids.message_id.is_some() && time.is_some();
    let id = event_id(element, delivery, is_identified);
    let event = Event {
        kind: kind(element),
        provider_kind: name,
        occurred_at: OccurredAt::event_or_received(time, delivery),
        message_id: ids.message_id,
        rfc_message_id: ids.rfc_message_id,
        campaign: element // null or absent for mail that was relayed over SMTP
            .object("campaign")
            .and_then(|campaign| campaign.id("id").or_else(|| campaign.text("name"))),
        metadata: metadata(element)
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.into())))
            .collect(),
        ..Event::of(delivery, element, id)
    };
    vec![event.to(&recipients)]
}

/// The first word of a row is documented with a sample; the others are the product page's and the
/// settings page's.
fn kind(element: &Element<'_>) -> Kind {
    match element.word("kind").as_str() {
        // Worded as "reached the inbox"; what is known is that the receiving server took it.
        "delivered" | "delivery" => Kind::Delivered,
        "bounce" | "bounced" => Kind::Bounced(refusal(element)),
        "open" | "opened" => Kind::Opened(Machine::None), // no user agent is sent
        "click" | "clicked" => Kind::Clicked {
            url: element.text("url"),
            machine: Machine::None,
        },
        "subscription_changed" => subscription_changed(element),
        // Without any sample: the words are guesses.
        "unsubscribe" | "unsubscribed" => unsubscribed(scope(element)),
        "complaint" | "complained" | "spam_complaint" | "fbl" => Kind::Complained,
        "deferral" | "deferred" => Kind::Deferred(refusal(element)),
        _ => Kind::Unknown,
    }
}

fn refusal(element: &Element<'_>) -> Refusal {
    let report = bounce::Report {
        status: element.text("dsn_status"),
        // Not documented; a text from the receiving server would be under one of these.
        diagnostic: ["dsn_diag", "diagnostic", "reason"]
            .iter()
            .find_map(|key| element.text(key)),
        category: element.text("bounce_category"),
        class: element.text("bounce_type"),
    };
    report.weigh()
}

/// Always about one list, named or not.
fn subscription_changed(element: &Element<'_>) -> Kind {
    match element.word("change").as_str() {
        "unsubscribe" | "unsubscribed" => unsubscribed(Scope::List(list(element))),
        "resubscribe" | "resubscribed" | "subscribe" | "subscribed" => {
            Kind::Subscribed(Scope::List(list(element)))
        }
        _ => Kind::Unknown,
    }
}

/// An unsubscription outside `subscription_changed`: without a list it must be from everything.
fn scope(element: &Element<'_>) -> Scope {
    if element.has("contact_list") {
        Scope::List(list(element))
    } else {
        Scope::Global
    }
}

fn unsubscribed(scope: Scope) -> Kind {
    Kind::Unsubscribed {
        scope,
        machine: Machine::None, // no user agent is sent
    }
}

/// The list's id; one without an id is told apart by its name.
fn list(element: &Element<'_>) -> Option<String> {
    let list = element.object("contact_list")?;
    list.id("id").or_else(|| list.text("name"))
}

fn metadata(element: &Element<'_>) -> [(&'static str, Option<String>); 3] {
    let list = element.object("contact_list");
    [
        ("list", list.as_ref().and_then(|list| list.id("id"))),
        (
            "list_name",
            list.as_ref().and_then(|list| list.text("name")),
        ),
        // `async`: the message was accepted first, and came back as a mail later.
        ("sync_type", element.text("sync_type")),
    ]
}

/// Nothing names the event. The timestamp has whole seconds, so two clicks on one link within one
/// are one. Where one of the four facts that every event has is missing, too few are left, and the
/// whole element counts.
fn event_id(element: &Element<'_>, delivery: &Delivery, is_identified: bool) -> EventId {
    let list = element.object("contact_list");
    EventId::of(&[
        Some(delivery.provider()),
        element.text("kind").as_deref(),
        element.text("message_id").as_deref(),
        element.text("recipient").as_deref(),
        element.id("timestamp").as_deref(),
        element.text("url").as_deref(),
        element.text("change").as_deref(),
        list.and_then(|list| list.id("id")).as_deref(),
        element.text("sync_type").as_deref(),
        element.text("dsn_status").as_deref(),
        (!is_identified).then_some(element.raw()),
    ])
}
