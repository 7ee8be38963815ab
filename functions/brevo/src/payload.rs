//! What Brevo sends: flat objects, of transactional and of marketing mail. Only `event` is relied
//! on. `message-id` tells the one, `camp_id` or `campaign name` (a key with a space) the other.
//!
//! An element is one event, unless it names several addresses, or several lists that somebody left
//! or joined. Then it is one event for each, since a reader asks for one at a time.
//!
//! Not mapped, and so `unknown`: mail that was received (`items`), and what became of text messages
//! (`msg_status`), which have no `event`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::{Channel, Event, EventId, Kind, OccurredAt, bare_message_id};
use shared::normalize::Budget;
use shared::recipients::Recipients;
use shared::time;

use crate::vocabulary;

/// Custom arguments by SMTP header: JSON text by convention, any text in truth.
const CUSTOM: &str = "X-Mailin-custom";

/// Unix time in UTC, in milliseconds as sent and in seconds as in the document's samples. The
/// second is the spelling of the document for a `proxy_open`.
const SURE_TIMES: &[&str] = &["ts_epoch", "s_epoch"];
/// Unix seconds, documented as GMT. In one live capture they are the account's wall clock, nine
/// hours off; what happens to contacts has the second one alone, and there it was right.
const DOUBTFUL_TIMES: &[&str] = &["ts_event", "ts"];

/// What one event of an element is about.
#[derive(Clone, Copy)]
struct About<'a> {
    addresses: &'a [String],
    lists: &'a [String],
}

impl About<'_> {
    fn list(&self) -> Option<&str> {
        only(self.lists)
    }
}

/// The events of an element. Where it names more addresses and lists than the webhook's budget
/// allows, one event speaks for all of them.
pub(crate) fn events(element: &Element<'_>, delivery: &Delivery, budget: &Budget) -> Vec<Event> {
    let addresses = vocabulary::addresses(element);
    let lists = vocabulary::lists(element);
    let event_about = |about| event(element, delivery, about);

    let mut each = Vec::new();
    for addresses in singly(&addresses) {
        for lists in singly(&lists) {
            each.push(About { addresses, lists });
        }
    }
    if let [one] = each[..] {
        return vec![event_about(one)];
    }
    let all = event_about(About {
        addresses: &addresses,
        lists: &lists,
    });
    if !budget.allows(each.len(), &all) {
        return vec![all];
    }
    each.into_iter().map(event_about).collect()
}

/// Each text by itself. Where there is none, no text is one.
fn singly(texts: &[String]) -> Vec<&[String]> {
    if texts.is_empty() {
        vec![texts]
    } else {
        texts.chunks(1).collect()
    }
}

/// The text that stands alone.
fn only(texts: &[String]) -> Option<&str> {
    match texts {
        [only] => Some(only),
        _ => None,
    }
}

fn event(element: &Element<'_>, delivery: &Delivery, about: About<'_>) -> Event {
    if element.has("msg_status") && !element.has("event") {
        return text_message(element, delivery, about);
    }
    let time = When::of(element);
    // The send API returns it in angle brackets, events have it with and without.
    let message_id = element
        .text("message-id")
        .and_then(|id| bare_message_id(&id));
    let kind = vocabulary::kind(element, about.list());
    let event = Event {
        provider_kind: element.text("event"),
        occurred_at: OccurredAt::event_or_received(time.time, delivery),
        rfc_message_id: message_id.clone(),
        message_id,
        subject: element.text("subject"),
        campaign: ["camp_id", "campaign name", "template_id"]
            .iter()
            .find_map(|key| element.id(key)),
        tags: tags(element),
        metadata: metadata(element, &kind, &time),
        kind,
        ..Event::of(delivery, element, event_id(element, delivery, about))
    };
    event.to(&Recipients::of(about.addresses.iter().cloned()))
}

/// What became of a text message: not mapped, but in its channel and under its number.
fn text_message(element: &Element<'_>, delivery: &Delivery, about: About<'_>) -> Event {
    let event = Event {
        channel: Channel::Sms,
        provider_kind: element.text("msg_status"),
        occurred_at: OccurredAt::event_or_received(When::of(element).time, delivery),
        message_id: element.id("messageId"),
        ..Event::of(delivery, element, event_id(element, delivery, about))
    };
    event.to(&Recipients::of_channel(Channel::Sms, element.id("to")))
}

/// When it happened, and whether that can be believed.
struct When {
    time: Option<Timestamp>,
    is_doubtful: bool,
}

impl When {
    fn of(element: &Element<'_>) -> Self {
        let read = |key: &str| time::from_text(&element.id(key)?);
        let sure = SURE_TIMES.iter().find_map(|key| read(key));
        let time = sure.or_else(|| DOUBTFUL_TIMES.iter().find_map(|key| read(key)));
        Self {
            time,
            is_doubtful: sure.is_none() && time.is_some(),
        }
    }
}

/// `tags` is what was sent as such. Else `tag` is a header's one text, or the template's name. It
/// may be a list, too, or the JSON text of one.
fn tags(element: &Element<'_>) -> Vec<String> {
    let key = if element.has("tags") { "tags" } else { "tag" };
    let Some(text) = element.text(key) else {
        return element.texts(key);
    };
    let object = format!("{{\"list\":{text}}}");
    let list = Element::parse(&object).filter(|_| text.trim_start().starts_with('['));
    list.map_or_else(|| vec![text], |list| list.texts("list"))
}

/// The sender's custom arguments, and what changes the meaning of an event.
fn metadata(element: &Element<'_>, kind: &Kind, time: &When) -> BTreeMap<String, Value> {
    let campaign = element.text("campaign name");
    // On opens and clicks it may be the person's own address, which is left to `raw`.
    let is_of_server = matches!(kind, Kind::Bounced(_) | Kind::Deferred(_));
    let sending_ip = element.text("sending_ip").filter(|_| is_of_server);
    let facts: [(&str, Option<Value>); 4] = [
        ("campaign_name", campaign.map(Value::from)),
        (
            "first",
            vocabulary::is_first(element).then_some(true.into()),
        ),
        ("sending_ip", sending_ip.map(Value::from)),
        // It may be off by the account's zone.
        ("time_is_doubtful", time.is_doubtful.then_some(true.into())),
    ];
    let mut metadata = custom(element);
    let facts = facts.into_iter();
    metadata.extend(facts.filter_map(|(name, value)| Some((name.to_owned(), value?))));
    metadata
}

/// The sender's custom arguments, each by its name; a text that is no object is kept under the name
/// of its header.
fn custom(element: &Element<'_>) -> BTreeMap<String, Value> {
    let Some(text) = element.text(CUSTOM) else {
        let object = element.object(CUSTOM);
        return object.map(|object| object.others(&[])).unwrap_or_default();
    };
    match Element::parse(&text) {
        Some(object) => object.others(&[]),
        None => BTreeMap::from([(CUSTOM.to_owned(), text.into())]),
    }
}

/// See the top of `lib.rs`. Several recipients of one mail share its id, so `email` counts.
fn event_id(element: &Element<'_>, delivery: &Delivery, about: About<'_>) -> EventId {
    let provider = Some(delivery.provider());
    let times = SURE_TIMES.iter().chain(DOUBTFUL_TIMES);
    let time = times.copied().find_map(|key| element.id(key));
    let message = element.text("message-id");
    let campaign = element.id("camp_id").filter(|_| message.is_none());
    let (event, email) = (element.text("event"), only(about.addresses));
    let is_identified = event.is_some()
        && email.is_some()
        && time.is_some()
        && (message.is_some() || campaign.is_some());
    EventId::of(&[
        provider,
        event.as_deref(),
        email,
        message.as_deref(),
        campaign.as_deref(),
        time.as_deref(),
        element.text("link").as_deref(),
        element.text("URL").as_deref(),
        element.text("reason").as_deref(),
        about.list(),
        (!is_identified).then_some(element.raw()),
    ])
}
