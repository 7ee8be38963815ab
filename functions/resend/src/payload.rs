//! What Resend sends: `{"type", "created_at", "data": {…}}`, one event an object.
//!
//! `created_at` at the top is the event's time; the one in `data` is the message's. A click has a
//! time of its own.
//!
//! An event is about one recipient and does not say which: `to` is the message's whole list,
//! without its copies.
//!
//! Another Postern's webhooks are signed alike and have the time, the message and the recipient at
//! the top (`timestamp`, `email_id`, `recipient`). They are read there where `data` has none.
//!
//! A contact that has unsubscribed and an entry of the suppression list have an address of their
//! own. Not mapped, and so `unknown`: mail that was received, what else happens to contacts, and
//! what happens to domains.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::delivery::Delivery;
use shared::element::{Element, MOST_OTHERS};
use shared::event::{Event, EventId, OccurredAt, bare_message_id};
use shared::mail_headers::MailHeaders;
use shared::normalize::is_array;
use shared::recipients::Recipients;
use shared::time;

use crate::headers::signed_id;
use crate::vocabulary::{self, Name};

/// The one event of an element.
pub(crate) fn events(element: &Element<'_>, delivery: &Delivery) -> Vec<Event> {
    let nested = element.object("data");
    let data = nested.as_ref().unwrap_or(element);
    let name = Name::read(element, data);
    let time = name
        .time()
        .or_else(|| time::from_text(&element.id("created_at")?))
        .or_else(|| time::from_text(&element.id("timestamp")?));
    let headers = MailHeaders::of(data);
    let event = Event {
        kind: vocabulary::kind(&name, data),
        provider_kind: name.verbatim.clone(),
        occurred_at: OccurredAt::event_or_received(time, delivery),
        message_id: data.id("email_id").or_else(|| element.id("email_id")),
        rfc_message_id: rfc_message_id(element, data),
        subject: data.text("subject"),
        campaign: data.id("broadcast_id").or_else(|| data.id("template_id")),
        tags: headers.tags(),
        metadata: metadata(data, &name, &headers),
        ..Event::of(delivery, element, event_id(element, delivery))
    };
    vec![event.to(&recipients(element, data, &name))]
}

/// In what another Postern sends, `message_id` is the provider's, as `email_id` at the top is.
fn rfc_message_id(element: &Element<'_>, data: &Element<'_>) -> Option<String> {
    let id = data.text("message_id")?;
    let is_the_providers = element.id("email_id").as_ref() == Some(&id);
    bare_message_id(&id).filter(|_| !is_the_providers)
}

/// The signed id, for this endpoint. A delivery always has it; one without could only have been put
/// into the queue by someone else, and is told apart by all that it says. So are the events of an
/// array, which Resend does not send: they share one signed id.
fn event_id(element: &Element<'_>, delivery: &Delivery) -> EventId {
    let provider = Some(delivery.provider());
    match signed_id(delivery) {
        Some(id) => {
            let id = EventId::of(&[provider, delivery.source(), Some(id)]);
            if is_array(delivery.body()) {
                id.told_apart_by(element.raw())
            } else {
                id
            }
        }
        None => EventId::of(&[provider, Some(element.raw())]),
    }
}

/// To whom the message went; of a contact, or an entry of the suppression list, its address.
fn recipients(element: &Element<'_>, data: &Element<'_>, name: &Name<'_>) -> Recipients {
    if name.is_of_suppression_list() {
        // an entry's own, whatever else is said beside it
        return Recipients::of(data.text("email"));
    }
    let to = data.texts("to");
    if !to.is_empty() {
        return Recipients::of(to);
    }
    // A list of one may be written as one.
    let only = ["to", "email"].iter().find_map(|key| data.text(key));
    Recipients::of(only.or_else(|| element.text("recipient")))
}

/// The sender's tags, which are pairs of name and value, and so metadata here; beside them what a
/// header has, and an entry's origin.
fn metadata(
    data: &Element<'_>,
    name: &Name<'_>,
    headers: &MailHeaders<'_>,
) -> BTreeMap<String, Value> {
    let mut metadata = headers.metadata();
    metadata.extend(tags(data));
    if name.is_of_suppression_list() {
        let facts = ["origin", "source_id"].into_iter();
        metadata.extend(facts.filter_map(|key| Some((key.to_owned(), data.id(key)?.into()))));
    }
    metadata
}

/// `{"name": "value"}` in an event; `[{"name", "value"}]` when sending, read too.
fn tags(data: &Element<'_>) -> BTreeMap<String, Value> {
    if let Some(tags) = data.object("tags") {
        return tags.others(&[]);
    }
    let pair = |tag: Element<'_>| Some((tag.text("name")?, tag.id("value")?.into()));
    let pairs = data.objects("tags").filter_map(pair);
    pairs.take(MOST_OTHERS).collect()
}
