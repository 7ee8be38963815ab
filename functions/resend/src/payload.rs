//! What Resend sends: `{"type", "created_at", "data": {…}}`, one event an object.
//!
//! `created_at` at the top is the event's time; the one in `data` is the message's. A click has a time of its own.
//!
//! An event is about one recipient and does not say which: `to` is the message's whole list. With one address, that is the
//! recipient. With several it is the one that the refusal's text names; else the first, all are kept in `metadata.recipients`,
//! and the event says that its recipient is ambiguous: it then changes nobody's suppression.
//!
//! Not mapped, and so `unknown`: mail that was received, and what happens to contacts, domains and the suppression list.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::delivery::Delivery;
use shared::element::{Element, MOST_OTHERS};
use shared::event::{Address, Event, EventId, OccurredAt, bare_message_id};
use shared::normalize::is_array;
use shared::time;

use crate::signed_id;
use crate::vocabulary::{self, Name};

/// The one event of an element.
pub(crate) fn events(element: &Element<'_>, delivery: &Delivery) -> Vec<Event> {
    let nested = element.object("data");
    let data = nested.as_ref().unwrap_or(element);
    let name = Name::read(element, data);
    let time = name
        .time()
        .or_else(|| time::from_rfc3339(&element.text("created_at")?));
    let recipients = Recipients::of(data, &name);
    vec![Event {
        kind: vocabulary::kind(&name),
        provider_kind: name.verbatim.clone(),
        occurred_at: OccurredAt::event_or_received(time, delivery),
        recipient: recipients.chosen(),
        recipient_is_ambiguous: recipients.is_ambiguous(),
        message_id: data.id("email_id"),
        rfc_message_id: data.text("message_id").and_then(|id| bare_message_id(&id)),
        subject: data.text("subject"),
        campaign: data.id("broadcast_id").or_else(|| data.id("template_id")),
        metadata: metadata(data, &name, &recipients),
        ..Event::of(delivery, element, event_id(element, delivery))
    }]
}

/// The signed id, for this endpoint. A delivery always has it; one without could only have been put into the queue by
/// someone else, and is told apart by all that it says. So are the events of an array, which Resend does not send: they
/// share one signed id.
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

/// To whom the message went, or whom the event is about: distinct addresses, in their order.
struct Recipients {
    all: Vec<String>,
    /// Whether there are more than are looked at.
    is_cut: bool,
    /// The place of the one that the refusal names.
    named: Option<usize>,
}

impl Recipients {
    fn of(data: &Element<'_>, name: &Name<'_>) -> Self {
        let to = data.texts("to");
        let to = if to.is_empty() {
            // A list of one may be written as one; a contact, or an entry of the suppression list, has an address.
            ["to", "email"]
                .iter()
                .find_map(|key| data.text(key))
                .into_iter()
                .collect()
        } else {
            to
        };
        let is_cut = to.len() > MOST_RECIPIENTS;
        let mut all: Vec<String> = Vec::new();
        for address in to.iter().filter_map(|to| address(to)).take(MOST_RECIPIENTS) {
            if !all.iter().any(|known| known.eq_ignore_ascii_case(address)) {
                all.push(address.to_owned());
            }
        }
        let named = name.named_among(&all).filter(|_| !is_cut);
        Self { all, is_cut, named }
    }

    fn chosen(&self) -> Option<Address> {
        let address = self.all.get(self.named.unwrap_or(0))?;
        Address::new(address)
    }

    fn is_ambiguous(&self) -> bool {
        (self.all.len() > 1 || self.is_cut) && self.named.is_none()
    }
}

/// Resend sends to 50 at most; a list that is longer is not Resend's: it is ambiguous whatever it says, and all in `raw`.
const MOST_RECIPIENTS: usize = 50;

/// The address of `Name <address>`, or of a bare one.
fn address(text: &str) -> Option<&str> {
    let text = text.trim();
    let address = match text.rsplit_once('<') {
        Some((_, rest)) => rest.strip_suffix('>').unwrap_or(rest),
        None => text,
    };
    Some(address.trim()).filter(|address| !address.is_empty())
}

/// The sender's tags, which are pairs of name and value, and so metadata here; beside them what is ours to say.
fn metadata(
    data: &Element<'_>,
    name: &Name<'_>,
    recipients: &Recipients,
) -> BTreeMap<String, Value> {
    let mut metadata = tags(data);
    if recipients.all.len() > 1 {
        metadata.insert("recipients".to_owned(), recipients.all.clone().into());
    }
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
