//! Turns a delivery into events: its elements one after the other, in parts, within a budget.
//!
//! A sender chooses what a webhook says, and a small body can make many events: a list of a
//! thousand devices repeats its element a thousand times. So what is made of a webhook is counted
//! over the whole webhook.
//!
//! What does not fit is put aside as [`Malformed::TooManyEvents`], once. What fitted is stored.
//!
//! All of this is a function of the delivery: the same webhook twice makes the same events.

use serde_json::Value;

use crate::aside::Aside;
use crate::delivery::Delivery;
use crate::element::Element;
use crate::elements::Elements;
use crate::event::{Address, Event, Kind};
use crate::json;
use crate::malformed::Malformed;
use crate::speed;

pub use crate::elements::Layout;

/// The most elements, and events, of a part. So a webhook with a million elements costs little
/// memory. This is ten times what any provider sends.
pub const PART_EVENTS: usize = 1_000;
/// The most bytes of events in a part before it ends, and the most that the several events of one
/// element may have.
pub const PART_BYTES: usize = 4 * 1024 * 1024;

/// The most events that a webhook may make.
pub const MOST_EVENTS: usize = 10_000;
/// The most bytes of events that each byte of a webhook's body may make.
const BYTES_PER_BYTE: usize = 16;
/// The bytes of events that any webhook may make.
const BYTES: usize = 1024 * 1024;

/// How much may still be made of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    events: usize,
    bytes: usize,
}

impl Budget {
    /// Returns the budget of a whole delivery: 10,000 events, and 16 bytes for each byte of its
    /// body plus 1 MiB.
    #[must_use]
    pub fn of(delivery: &Delivery) -> Self {
        Self {
            events: MOST_EVENTS,
            bytes: BYTES_PER_BYTE * delivery.body().len() + BYTES,
        }
    }

    /// Checks whether one element may become `count` events like this one. If not, it must become
    /// one event that stands for all of them.
    #[must_use]
    pub fn allows(&self, count: usize, event: &Event) -> bool {
        // The others may say more than this one, but each of their texts is in the element once.
        let differences = 4 * event.raw.len();
        let bytes = count
            .saturating_mul(bytes_of(event))
            .saturating_add(differences);
        count <= self.events && bytes <= self.bytes.min(PART_BYTES)
    }

    /// Subtracts what these events need. If that is more than there is, it subtracts nothing and
    /// returns `false`.
    fn spend(&mut self, events: &[Event]) -> bool {
        let bytes: usize = events.iter().map(bytes_of).sum();
        let left = self.events.checked_sub(events.len());
        match left.zip(self.bytes.checked_sub(bytes)) {
            Some((events, bytes)) => {
                *self = Self { events, bytes };
                true
            }
            None => false,
        }
    }
}

/// Returns the bytes of text in an event.
#[must_use]
pub fn bytes_of(event: &Event) -> usize {
    let texts = [
        &event.source,
        &event.provider_kind,
        &event.customer_id,
        &event.message_id,
        &event.rfc_message_id,
        &event.subject,
        &event.campaign,
    ];
    let texts = texts.into_iter().flatten().map(String::len);
    let recipient = event.recipient.as_ref().map(Address::expose);
    let metadata = event.metadata.iter().map(|(key, value)| {
        key.len()
            + match value {
                Value::String(text) => text.len(),
                Value::Array(values) => values.iter().map(|v| v.as_str().map_or(8, str::len)).sum(),
                _ => 8,
            }
    });
    let headers = event.headers.iter();
    let fact = match &event.kind {
        Kind::Clicked { url, .. } => url.as_deref(),
        Kind::Bounced(r) | Kind::Deferred(r) | Kind::Rejected(r) | Kind::Failed(r) => {
            r.reason.as_deref()
        }
        _ => None,
    };
    texts.sum::<usize>()
        + event.id.as_str().len()
        + event.provider.len()
        + event.raw.len()
        + event.raw_as_sent.as_ref().map_or(0, Vec::len)
        + recipient.map_or(0, str::len)
        + fact.map_or(0, str::len)
        + event.tags.iter().map(String::len).sum::<usize>()
        + metadata.sum::<usize>()
        + headers
            .map(|(key, text)| key.len() + text.len())
            .sum::<usize>()
}

/// Checks whether a body is an array, and not the one object that most providers send.
#[must_use]
pub fn is_array(body: &[u8]) -> bool {
    json::body(body).starts_with(b"[")
}

/// Returns a delivery's events, one part after the other. Each part has at least one result.
/// `events` makes the events of one element, as its provider does.
pub fn parts<F>(delivery: &Delivery, layout: Layout, events: F) -> Parts<'_, F>
where
    F: FnMut(&Element<'_>, &Budget) -> Vec<Event>,
{
    Parts {
        events,
        elements: Elements::of(delivery, layout),
        budget: Budget::of(delivery),
        aside: Aside::default(),
    }
}

/// The parts of a delivery: see [`parts`].
pub struct Parts<'a, F> {
    events: F,
    elements: Elements<'a>,
    budget: Budget,
    aside: Aside,
}

impl<F: FnMut(&Element<'_>, &Budget) -> Vec<Event>> Iterator for Parts<'_, F> {
    type Item = Vec<Result<Event, Malformed>>;

    fn next(&mut self) -> Option<Self::Item> {
        let (mut results, mut bytes) = (Vec::new(), 0);
        while results.len() < PART_EVENTS && bytes < PART_BYTES {
            let Some(element) = self.elements.next() else {
                break;
            };
            match element.and_then(|element| self.events(element)) {
                Ok(events) => {
                    bytes += events.iter().map(bytes_of).sum::<usize>();
                    results.extend(events.into_iter().map(Ok));
                }
                Err(malformed) => {
                    self.put_aside(malformed, element.ok());
                    results.push(Err(malformed));
                }
            }
        }
        speed::judge(&mut results);
        (!results.is_empty()).then_some(results)
    }
}

impl<F> Parts<'_, F> {
    /// Returns what could not become an event in the parts so far.
    #[must_use]
    pub fn aside(self) -> Aside {
        self.aside
    }

    /// Puts aside what is malformed: the `element`, or what the list has lost, or the whole body.
    fn put_aside(&mut self, malformed: Malformed, element: Option<&[u8]>) {
        let is_over = malformed == Malformed::TooManyEvents;
        match (&self.elements, element) {
            (Elements::Many { items, .. }, Some(_)) if is_over => {
                self.aside.rest(items.from_last());
                self.elements = Elements::Over; // what follows is over, too
            }
            (Elements::Lines(lines), Some(_)) if is_over => {
                self.aside.line(lines.from_last());
                self.elements = Elements::Over;
            }
            (Elements::Many { .. }, Some(element)) => self.aside.element(element),
            (Elements::Lines(_), Some(line)) => self.aside.line(line),
            (Elements::Broken(items), _) => match items.from_end() {
                Some(rest) => self.aside.after(rest),
                None => self.aside.cut(),
            },
            _ => self.aside.body(),
        }
    }
}

impl<F: FnMut(&Element<'_>, &Budget) -> Vec<Event>> Parts<'_, F> {
    /// Returns the events of one element, which need not be JSON.
    fn events(&mut self, sent: &[u8]) -> Result<Vec<Event>, Malformed> {
        if !sent.starts_with(b"{") {
            return Err(Malformed::ElementNotObject);
        }
        if let Some(element) = std::str::from_utf8(sent).ok().and_then(Element::parse) {
            return self.events_of(&element);
        }
        let text = json::repair(sent);
        let element = text.as_deref().and_then(Element::parse);
        let element = element.ok_or(match self.elements {
            Elements::Many { .. } | Elements::Lines(_) => Malformed::ElementNotJson,
            _ => Malformed::BodyNotJson,
        })?;
        self.events_of(&element.repaired_from(sent))
    }

    fn events_of(&mut self, element: &Element<'_>) -> Result<Vec<Event>, Malformed> {
        let events = (self.events)(element, &self.budget);
        let fits = self.budget.spend(&events);
        fits.then_some(events).ok_or(Malformed::TooManyEvents)
    }
}
