//! What `MailerSend` sends: `{"type", "created_at", "data": {…}}`, one event an object, in two
//! versions that no field names.
//!
//! Version 2 has the message flat in `data`, and the event's own facts in `data.meta`, which is an
//! empty list where there are none. Version 1, which ends in December 2026, has the message in
//! `data.email` and the facts in `data.morph`; some samples have `morph` beside `data`. Both are
//! read wherever they are, so that a mixture loses nothing.
//!
//! Version 1's `url` at the top is our own webhook's, and never the link that was followed.
//! `data.type` is mostly the message's state ("rejected", "delivered"), and not what happened.

use jiff::Timestamp;
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::{Event, EventId, Kind, OccurredAt};
use shared::recipients::Recipients;
use shared::time;

use crate::vocabulary::{self, Details};

/// The one event of an element.
pub(crate) fn events(element: &Element<'_>, delivery: &Delivery) -> Vec<Event> {
    let nested = element.object("data");
    let data = nested.as_ref().unwrap_or(element);
    let email = data.object("email"); // version 1; in version 2 it may be the address
    let email = email.as_ref();
    let details = Details::read(element, data);
    let kind = vocabulary::kind(element, data, &details);
    let mut event = Event {
        provider_kind: name(element),
        occurred_at: OccurredAt::event_or_received(occurred_at(element, data, email), delivery),
        message_id: message_id(data),
        subject: data
            .text("subject")
            .or_else(|| email.and_then(|email| email.text("subject"))),
        // like `morph`, it may stand beside `data`
        campaign: data.id("template_id").or_else(|| element.id("template_id")),
        tags: tags(data).or_else(|| tags(email?)).unwrap_or_default(),
        kind,
        ..Event::of(
            delivery,
            element,
            event_id(element, nested.as_ref(), delivery),
        )
    };
    let email_id = data.id("email_id").or_else(|| email?.id("id"));
    // One message may go to several people: this is the one mail of it.
    let mail = email_id.map(|id| ("email_id", id));
    let reasons = matches!(event.kind, Kind::Unsubscribed { .. } | Kind::Complained)
        .then(|| details.reasons())
        .into_iter()
        .flatten();
    for (key, fact) in mail.into_iter().chain(reasons) {
        event.metadata.insert(key.to_owned(), fact.into());
    }
    if vocabulary::is_first(element) {
        event.metadata.insert("first".to_owned(), true.into());
    }
    let recipient = recipient(data, email).filter(|_| vocabulary::is_of_recipient(element));
    vec![event.to(&Recipients::of(recipient))]
}

/// The provider's word. A verification of an address has it in `object`.
fn name(element: &Element<'_>) -> Option<String> {
    element.text("type").or_else(|| element.text("object"))
}

/// In version 1 the time at the top is the webhook's, a little later than the event's.
fn occurred_at(
    element: &Element<'_>,
    data: &Element<'_>,
    email: Option<&Element<'_>>,
) -> Option<Timestamp> {
    let (top, nested) = (element.id("created_at"), data.id("created_at"));
    let (first, second) = if email.is_some() {
        (nested, top)
    } else {
        (top, nested) // of an account's event `data` is a thing, made at another time
    };
    [first, second].into_iter().flatten().find_map(|text| {
        // Events of the account come without a zone. It is not documented; UTC is a guess.
        time::from_text(&text).or_else(|| time::from_rfc3339(&format!("{}Z", text.trim())))
    })
}

/// Real webhooks of version 2 have `recipient`, and the documents `email`.
fn recipient(data: &Element<'_>, email: Option<&Element<'_>>) -> Option<String> {
    data.text("recipient")
        .or_else(|| email?.object("recipient")?.text("email"))
        .or_else(|| data.text("email"))
        .or_else(|| data.object("recipient")?.text("email"))
}

/// A list, null where there are none. One may come as a text.
fn tags(message: &Element<'_>) -> Option<Vec<String>> {
    let only = message.text("tags").map(|tag| vec![tag]);
    only.or_else(|| Some(message.texts("tags")).filter(|tags| !tags.is_empty()))
}

fn message_id(data: &Element<'_>) -> Option<String> {
    let of_version_1 = || data.object("email")?.object("message")?.id("id");
    data.id("message_id").or_else(of_version_1)
}

/// See the top of `lib.rs`. The same open comes as `opened` and as `opened_unique` to those who
/// chose both, and whether it has two ids then is not known.
fn event_id(element: &Element<'_>, data: Option<&Element<'_>>, delivery: &Delivery) -> EventId {
    let provider = Some(delivery.provider());
    let name = element
        .text("type")
        .filter(|_| vocabulary::is_activity(element));
    let id = data.and_then(|data| data.id("id"));
    match (name, id) {
        // The message tells samples apart, which share one id.
        (Some(name), Some(id)) => {
            let message = data.and_then(message_id);
            EventId::of(&[provider, Some(&name), Some(&id), message.as_deref()])
        }
        _ => EventId::of(&[provider, Some(element.raw())]),
    }
}
