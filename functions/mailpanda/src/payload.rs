//! `MailPanda`'s words.
//!
//! The body of an outbound webhook is not documented. What is read here is the documented shape of
//! the provider's own inbound endpoint (`type`, `email_id`, `recipient`, `timestamp`), with the
//! names that other providers give the same fields, at the top level or under `data`. Whatever is
//! not found is absent, and the event stays.

use jiff::Timestamp;
use shared::bounce::{Class, Evidence, listed};
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::{Event, EventId, Kind, OccurredAt, Refusal, Scope};
use shared::machine::Machine;
use shared::recipients::Recipients;
use shared::time;

const DISCRIMINATOR: &[&str] = &["type", "event", "event_type"];
const TIME: &[&str] = &["timestamp", "created_at"];
const URL: &[&str] = &["url", "link"];
const REASON: &[&str] = &["reason", "error"];

/// The one event of an element.
pub(crate) fn events(element: &Element<'_>, delivery: &Delivery) -> Vec<Event> {
    let fields = Fields::of(element);
    let name = fields.text(DISCRIMINATOR);
    let (timestamp, time) = time(&fields).unzip();
    let to = recipients(&fields);
    let recipients = Recipients::of(to.iter().cloned());
    // As sent: an id does not change with our spelling. Several texts leave it to the whole
    // element.
    let recipient = to.first().filter(|_| to.len() == 1);
    let message_id = message_id(&fields);
    let url = url(&fields);
    let is_identified =
        name.is_some() && recipient.is_some() && message_id.is_some() && time.is_some();
    let id = EventId::of(&[
        Some(delivery.provider()),
        name.as_deref(),
        message_id.as_deref(),
        recipient.map(String::as_str),
        timestamp.as_deref(),
        url.as_deref(),
        // Where one of the four that every event has is missing, too few are left, and the whole
        // element counts.
        (!is_identified).then_some(element.raw()),
    ]);
    let event = Event {
        kind: kind(name.as_deref(), url, &fields),
        provider_kind: name,
        occurred_at: OccurredAt::event_or_received(time, delivery),
        message_id,
        subject: fields.text(&["subject"]),
        tags: fields.texts("tags"),
        ..Event::of(delivery, element, id)
    };
    vec![event.to(&recipients)]
}

/// Three vocabularies for one thing: `open` (subscriptions), `email.open` (the list of types),
/// `email.opened` (samples).
fn kind(name: Option<&str>, url: Option<String>, fields: &Fields<'_>) -> Kind {
    let name = name.unwrap_or_default().to_ascii_lowercase();
    match name.strip_prefix("email.").unwrap_or(&name) {
        "open" | "opened" => Kind::Opened(machine(fields)),
        "click" | "clicked" => Kind::Clicked {
            url,
            machine: machine(fields),
        },
        "bounce" | "bounced" => Kind::Bounced(refusal(fields)), // hard or soft, no word for which
        "unsubscribe" | "unsubscribed" => Kind::Unsubscribed {
            scope: Scope::Global,
            machine: machine(fields),
        },
        "delivered" => Kind::Delivered, // documented for the inbound endpoint only
        // Not documented; the words of the providers whose events MailPanda passes on.
        "queued" | "scheduled" | "processed" => Kind::Queued,
        "sent" => Kind::Sent,
        "delivery_delayed" | "deferred" => Kind::Deferred(refusal(fields)),
        "dropped" | "suppressed" | "rejected" => Kind::Rejected(rejection(fields)),
        "failed" => Kind::Failed(refusal(fields)),
        "complained" | "complaint" | "spam" => Kind::Complained,
        _ => Kind::Unknown,
    }
}

fn refusal(fields: &Fields<'_>) -> Refusal {
    let bounce = fields.object("bounce");
    let in_bounce = |key| bounce.as_ref().and_then(|bounce| bounce.text(key));
    let class = fields.text(&["bounce_type"]).or_else(|| in_bounce("type"));
    Refusal::judge(&Evidence {
        class: class.and_then(|word| class_of(&word)),
        text: reason(fields).as_deref(),
        ..Evidence::default()
    })
}

/// Not tried: the words are the provider's own, and prove nothing of the address.
fn rejection(fields: &Fields<'_>) -> Refusal {
    let reason = reason(fields);
    Refusal::judge(&Evidence {
        class: Some(Class::Undetermined),
        category: reason.as_deref().and_then(listed),
        text: reason.as_deref(),
        ..Evidence::default()
    })
}

fn reason(fields: &Fields<'_>) -> Option<String> {
    let bounce = fields.object("bounce");
    let in_bounce = |key| bounce.as_ref().and_then(|bounce| bounce.text(key));
    fields
        .text(REASON)
        .or_else(|| in_bounce("reason"))
        .or_else(|| in_bounce("message"))
        .or_else(|| fields.text(&["message"])) // last: at the top level it may be about the webhook
}

/// Not documented; any other word leaves it to the text.
fn class_of(word: &str) -> Option<Class> {
    Some(match word.to_ascii_lowercase().as_str() {
        "hard" | "permanent" => Class::Hard,
        "soft" | "transient" | "temporary" => Class::Soft,
        "block" | "blocked" => Class::Block,
        _ => return None,
    })
}

fn machine(fields: &Fields<'_>) -> Machine {
    let user_agent = fields.text(&["user_agent"]);
    user_agent.map_or(Machine::None, |text| Machine::of_user_agent(&text))
}

fn url(fields: &Fields<'_>) -> Option<String> {
    let click = fields.object("click");
    fields.text(URL).or_else(|| click?.text("link"))
}

/// The first time that can be read, verbatim and parsed: RFC 3339, or Unix time in any unit.
fn time(fields: &Fields<'_>) -> Option<(String, Timestamp)> {
    TIME.iter().find_map(|key| {
        let text = fields.id(&[key])?;
        let time = time::from_text(&text)?;
        Some((text, time))
    })
}

/// `to` may be a list, with display names as in the send API.
fn recipients(fields: &Fields<'_>) -> Vec<String> {
    match fields.text(&["recipient", "email", "to"]) {
        Some(only) => vec![only],
        None => fields.texts("to"),
    }
}

/// Beside `data`, an outer `id` is the envelope's own name, not the mail's.
fn message_id(fields: &Fields<'_>) -> Option<String> {
    let innermost = fields.inner.as_ref().unwrap_or(fields.outer);
    fields
        .id(&["email_id", "message_id"])
        .or_else(|| innermost.id("id"))
}

/// The element, and the object under its `data` where there is one. A key is looked up in both,
/// outside first, before the next of its names is.
struct Fields<'a> {
    outer: &'a Element<'a>,
    inner: Option<Element<'a>>,
}

impl<'a> Fields<'a> {
    fn of(element: &'a Element<'a>) -> Self {
        Self {
            outer: element,
            inner: element.object("data"),
        }
    }

    fn first<T>(&self, get: impl Fn(&Element<'a>) -> Option<T>) -> Option<T> {
        get(self.outer).or_else(|| get(self.inner.as_ref()?))
    }

    fn text(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.first(|e| e.text(key)))
    }

    fn id(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.first(|e| e.id(key)))
    }

    fn object(&self, key: &str) -> Option<Element<'a>> {
        self.first(|e| e.object(key))
    }

    fn texts(&self, key: &str) -> Vec<String> {
        let texts = self.first(|e| Some(e.texts(key)).filter(|texts| !texts.is_empty()));
        texts.unwrap_or_default()
    }
}
