//! What Mailtrap sends: flat objects, of any kinds and messages, in a list or one a line.
//!
//! `ip` is the reader's, and is left to `raw`: it is a person's.
//!
//! Not mapped, and so `unknown`: what happens to the account (`activity_log.…`), and mail that was
//! received (`inbound…`).

use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::{Event, EventId, OccurredAt};
use shared::recipients::Recipients;
use shared::time;

use crate::vocabulary;

/// The id that every sample of the documents has; what the button for a test posts has it, too.
const SAMPLE_ID: &str = "bede7236-2284-43d6-a953-1fdcafd0fdbc";

/// The one event of an element.
pub(crate) fn events(element: &Element<'_>, delivery: &Delivery) -> Vec<Event> {
    let time = element.id("timestamp");
    let time = time.as_deref().and_then(time::from_text);
    let variables = element.object("custom_variables");
    let mut event = Event {
        kind: vocabulary::kind(element),
        provider_kind: element.text("event"),
        occurred_at: OccurredAt::event_or_received(time, delivery),
        message_id: element.id("message_id"),
        tags: tags(element),
        metadata: variables.map(|them| them.others(&[])).unwrap_or_default(),
        ..Event::of(delivery, element, event_id(element, delivery))
    };
    if let Some(stream) = element.text("sending_stream") {
        let key = "sending_stream".to_owned();
        event.metadata.insert(key, stream.into());
    }
    if element.id("event_id").as_deref() == Some(SAMPLE_ID) {
        event.metadata.insert("test".to_owned(), true.into());
    }
    vec![event.to(&Recipients::of(element.text("email")))]
}

/// A message has one category.
fn tags(element: &Element<'_>) -> Vec<String> {
    match element.text("category") {
        Some(only) => vec![only],
        None => element.texts("category"),
    }
}

/// See the top of `lib.rs`.
fn event_id(element: &Element<'_>, delivery: &Delivery) -> EventId {
    let provider = Some(delivery.provider());
    match ["event_id", "event", "email"].map(|key| element.id(key)) {
        [Some(id), Some(event), Some(email)] => EventId::of(&[
            provider,
            Some(&id),
            Some(&event),
            Some(&email),
            element.id("message_id").as_deref(), // of samples that share all the others
        ]),
        _ => EventId::of(&[provider, Some(element.raw())]),
    }
}
