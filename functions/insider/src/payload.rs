//! Insider's words (V1), for marketing and transactional mail alike.
//!
//! Only `event` is relied on. The documented skeleton of a body shows `0`, `""` and `null` for what
//! an event does not have: they mean "absent" everywhere. `ip` stays in `raw`: the documented
//! examples are no possible addresses. So do `sender_domain`, `personalization_name` and
//! `variation_id`: the ordinary item is to fit one write unit, and nobody looks an event up by
//! them.

use shared::bounce::{Class, Evidence, listed};
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::{Event, EventId, Kind, OccurredAt, Refusal, Scope};
use shared::machine::Machine;
use shared::recipients::Recipients;
use shared::time;

/// The one event of an element.
pub(crate) fn events(element: &Element<'_>, delivery: &Delivery) -> Vec<Event> {
    let time = element.id("timestamp");
    let time = time.as_deref().and_then(time::from_text);
    let name = element.text("event");
    let recipients = Recipients::of(element.text("email"));
    let message_id = id("iid", element);
    let kind = kind(element);
    let is_identified =
        name.is_some() && !recipients.is_empty() && message_id.is_some() && time.is_some();
    let event_id = event_id(element, delivery, is_identified);
    let event = Event {
        // A body with `event_name` alone is of another product, Data Stream, which ends up here by
        // a wrong URL.
        provider_kind: name.or_else(|| element.text("event_name")),
        occurred_at: OccurredAt::event_or_received(time, delivery),
        message_id,
        subject: element.text("subject"),
        campaign: campaign(element),
        metadata: metadata(element, &kind)
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.into())))
            .collect(),
        kind,
        ..Event::of(delivery, element, event_id)
    };
    vec![event.to(&recipients)]
}

fn kind(element: &Element<'_>) -> Kind {
    let reason = element.text("reason");
    let refusal = |class| {
        Refusal::judge(&Evidence {
            class,
            text: reason.as_deref(),
            ..Evidence::default()
        })
    };
    let event = element.word("event");
    // Insider's catalogue of events has the names of transactional mail with this prefix.
    match event.strip_prefix("txn_email_").unwrap_or(&event) {
        "processed" => Kind::Queued, // ready to be delivered, not tried yet
        "delivered" => Kind::Delivered,
        "deferred" => Kind::Deferred(refusal(None)), // comes without a reason
        "bounce" => Kind::Bounced(refusal(Some(bounce_class(element)))),
        "open" => Kind::Opened(machine(element)),
        "click" => Kind::Clicked {
            // Verbatim. The document says that special characters are percent-encoded; decoding
            // them would change the URL.
            url: element.text("link_clicked"),
            machine: machine(element),
        },
        "unsubscribe" => Kind::Unsubscribed {
            scope: Scope::Global,
            machine: machine(element),
        },
        // Must not suppress the address.
        "group_unsubscribe" => Kind::Unsubscribed {
            scope: Scope::Group(group(element)),
            machine: machine(element),
        },
        "spam_complaint" | "spam" | "spamreport" => Kind::Complained, // the first is documented
        // Not documented as values of `event`, but Insider's titles and the catalogue's names.
        "blocked" => Kind::Bounced(refusal(Some(Class::Soft))),
        // a word never seen makes no address bad; its reason may
        "bounced" => Kind::Bounced(refusal(None)),
        "dropped" | "drop" => Kind::Rejected(Refusal {
            // Of a message to a group, the opt-out may be of the group: the lesser one is certain.
            scope: group(element).map_or(Scope::Global, |group| Scope::Group(Some(group))),
            ..dropped(reason.as_deref())
        }),
        _ => Kind::Unknown,
    }
}

/// The group's id; one without an id is told apart by its name.
fn group(element: &Element<'_>) -> Option<String> {
    id("ins_unsub_id", element).or_else(|| element.text("unsub_group_name"))
}

/// Not tried. The words are those of the service behind Insider, and prove nothing of the address.
fn dropped(reason: Option<&str>) -> Refusal {
    Refusal::judge(&Evidence {
        class: Some(Class::Undetermined),
        category: reason.and_then(listed),
        text: reason,
        ..Evidence::default()
    })
}

fn bounce_class(element: &Element<'_>) -> Class {
    match id("event_type", element) {
        None => Class::Hard, // titled "Bounced", called hard; against it the server's answer holds
        // titled "Blocked", called soft
        Some(word) if word.eq_ignore_ascii_case("blocked") => Class::Soft,
        Some(_) => Class::Undetermined, // never seen
    }
}

fn machine(element: &Element<'_>) -> Machine {
    let user_agent = element.text("user_agent");
    user_agent.map_or(Machine::None, |text| Machine::of_user_agent(&text))
}

/// The campaign of an Email campaign, else the journey of Architect. A `deferred` from Architect
/// has both names, and is counted with the campaign.
fn campaign(element: &Element<'_>) -> Option<String> {
    element
        .text("campaign_name")
        .or_else(|| element.text("journey_name"))
        .or_else(|| id("campaign_id", element))
}

fn metadata(element: &Element<'_>, kind: &Kind) -> [(&'static str, Option<String>); 5] {
    let offset = match kind {
        Kind::Clicked { .. } => element.object("url_offset"),
        _ => None,
    };
    let reason = match kind {
        Kind::Unsubscribed { .. } => element.text("reason"),
        _ => None, // a refusal has a place of its own for it
    };
    [
        ("group", id("ins_unsub_id", element)),
        ("group_name", element.text("unsub_group_name")),
        ("msg_id", id("msg-id", element)),
        // Which of several links to one URL. Here 0 is a place: an absent offset is null as a
        // whole.
        ("link_index", offset.and_then(|offset| offset.id("index"))),
        // In Architect's sample of an unsubscription.
        ("reason", reason),
    ]
}

/// `iid` names the message and is the same for all of its events, so the facts around it make the
/// id. Where one of the four that every event has is missing, too few are left, and the whole
/// element counts.
///
/// Campaign and journey count, because `iid` may not tell them apart: the document's samples share
/// one, and the mail of a campaign and that of a journey would be one event.
fn event_id(element: &Element<'_>, delivery: &Delivery, is_identified: bool) -> EventId {
    let offset = element.object("url_offset");
    EventId::of(&[
        Some(delivery.provider()),
        id("iid", element).as_deref(),
        element.text("event").as_deref(),
        element.text("event_type").as_deref(),
        id("timestamp", element).as_deref(),
        element.text("email").as_deref(),
        element.text("link_clicked").as_deref(),
        offset.and_then(|offset| offset.id("index")).as_deref(),
        id("ins_unsub_id", element).as_deref(),
        id("campaign_id", element).as_deref(),
        element.text("campaign_name").as_deref(),
        id("journey_id", element).as_deref(),
        element.text("journey_name").as_deref(),
        (!is_identified).then_some(element.raw()),
    ])
}

/// A word or number that names something. The document has `ins_unsub_id` as both; 0 is the
/// skeleton's "absent".
fn id(key: &str, element: &Element<'_>) -> Option<String> {
    element.id(key).filter(|id| id != "0")
}
