//! What SES says: `{"eventType", "mail": {…}, "<the event's own>": {…}}`, by itself or in an
//! envelope.
//!
//! `mail` is the message: `timestamp` is when it was sent, `destination` everybody whom it was sent
//! to, copies included. The event's own object has its time and, of some, its recipients; what is
//! then said is said of each of them. Opens, clicks and complaints do not say who it was.
//!
//! `raw` is the whole message of the queue, with its envelope: SNS writes the event as a text, and
//! what `EventBridge` calls a notice stands beside it. The client's address is left to it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::{Event, EventId, Kind, OccurredAt, bare_message_id};
use shared::normalize::Budget;
use shared::recipients::Recipients;

use crate::envelope::{EventBridge, Sns};
use crate::mail::Mail;
use crate::name::Name;
use crate::people::{self, Whom};
use crate::subscription::choices;
use crate::times::time_of;
use crate::vocabulary;

/// The domain whose addresses stand for an outcome, and for nobody.
const SIMULATOR: &str = "@simulator.amazonses.com";

/// The events of one message of the queue: one for each recipient that it speaks of.
pub(crate) fn events(element: &Element<'_>, delivery: &Delivery, budget: &Budget) -> Vec<Event> {
    let sns = Sns::of(element);
    let message = sns.as_ref().and_then(|sns| sns.message.as_deref());
    let inner = message.and_then(Element::parse);
    let inside = inner.as_ref().unwrap_or(element);
    let bridge = EventBridge::of(inside);
    let event = bridge.as_ref().map_or(inside, |bridge| &bridge.detail);
    // What SNS calls it is the name only of what is no event.
    let of_sns = || sns.as_ref().filter(|_| inner.is_none())?.name.as_deref();
    let called = bridge.as_ref().map(|bridge| bridge.name.as_str());
    let published = bridge.as_ref().and_then(|bridge| bridge.time);
    let told = Told {
        element,
        event,
        name: Name::read(event, called.or_else(of_sns)),
        mail: Mail::of(event),
        published: published.or_else(|| sns.as_ref()?.time),
        delivery,
    };
    told.events(budget)
}

/// What an element tells.
struct Told<'a, 'b> {
    element: &'a Element<'b>,
    event: &'a Element<'a>,
    name: Name<'a>,
    mail: Mail<'a>,
    /// When the envelope was written.
    published: Option<Timestamp>,
    delivery: &'a Delivery,
}

/// One fact: of whom, what, and about which topic of a contact list.
type Fact<'w, 'a> = (&'w Whom<'a>, Kind, Option<String>);

impl<'a> Told<'a, '_> {
    /// Each event repeats the element. If they are more than the budget allows, one event speaks
    /// for all of them, and says that it could be about any.
    fn events(&self, budget: &Budget) -> Vec<Event> {
        let everybody = people::everybody(&self.name, &self.mail);
        let each = people::each(&self.name, &self.mail);
        let whole = || self.fact(&everybody);
        let facts: Vec<Fact<'_, '_>> = match self.name.word.as_str() {
            "subscription" => choices(&self.name)
                .into_iter()
                .map(|choice| (&everybody, choice.kind, choice.topic))
                .collect(),
            _ => each.iter().map(|whom| self.fact(whom)).collect(),
        };
        let count = facts.len();
        let mut events = facts.into_iter().map(|fact| self.event(fact));
        match events.next() {
            None => vec![self.event(whole())],
            Some(first) if count > 1 && !budget.allows(count, &first) => {
                vec![self.event(whole())]
            }
            Some(first) => [first].into_iter().chain(events).collect(),
        }
    }

    fn fact<'w>(&self, whom: &'w Whom<'a>) -> Fact<'w, 'a> {
        let kind = vocabulary::kind(&self.name, whom.answer.as_ref());
        (whom, kind, None)
    }

    fn event(&self, (whom, kind, topic): Fact<'_, '_>) -> Event {
        let own = self.own_time().as_deref().and_then(time_of);
        let time = own.or(self.published);
        let id = self.event_id(&whom.addresses, topic, own.is_some());
        let event = Event {
            kind,
            provider_kind: self.name.verbatim.clone(),
            occurred_at: OccurredAt::event_or_received(time, self.delivery),
            message_id: self.mail.id(),
            rfc_message_id: self.mail.rfc_id().and_then(|id| bare_message_id(&id)),
            subject: self.mail.subject(),
            campaign: self.name.text("templateName"), // of a template that could not be rendered
            tags: self.mail.header_tags(),
            metadata: self.metadata(&whom.addresses),
            ..Event::of(self.delivery, self.element, id)
        };
        event.to(&Recipients::of(whom.addresses.iter().cloned()))
    }

    /// The event's own time; of what is told of by the message alone, the message's.
    fn own_time(&self) -> Option<String> {
        if self.name.is_of_sending() {
            return self.mail.time();
        }
        self.name.part.as_ref()?.id("timestamp")
    }

    /// The sender's, then what changes the meaning of the event. A name that the sender uses stays
    /// the sender's.
    fn metadata(&self, addresses: &[String]) -> BTreeMap<String, Value> {
        let mut metadata = self.mail.metadata();
        let is_simulated = |text: &String| text.to_ascii_lowercase().contains(SIMULATOR);
        let expires_at = self.name.text("expirationTime"); // when SES gives up
        let is_test = addresses.iter().any(is_simulated);
        let facts = [
            ("expires_at", expires_at.map(Value::from)),
            ("sent_to", self.sent_to(addresses)),
            ("test", is_test.then(|| true.into())),
        ];
        for (name, value) in facts {
            if let Some(value) = value {
                metadata.entry(name.to_owned()).or_insert(value);
            }
        }
        metadata
    }

    /// Where a message to one address went, if it came back from another, to which it was
    /// forwarded.
    fn sent_to(&self, addresses: &[String]) -> Option<Value> {
        let sent = self.mail.destination();
        let ([sent], [address]) = (&sent[..], addresses) else {
            return None;
        };
        let bare = address.trim().trim_matches(['<', '>']).to_lowercase();
        let is_other = !sent.to_lowercase().contains(&bare);
        is_other.then(|| sent.as_str().into())
    }

    /// See the top of `lib.rs`.
    fn event_id(&self, addresses: &[String], topic: Option<String>, has_a_time: bool) -> EventId {
        let word = self.name.word.as_str();
        let named = [Some(self.delivery.provider()), Some(word)];
        let to = addresses.iter().map(|text| Some(text.as_str()));
        let part = self.name.part.as_ref();
        let feedback = part.and_then(|part| part.id("feedbackId"));
        if let Some(feedback) = feedback.filter(|_| !addresses.is_empty()) {
            let facts = named.into_iter().chain([Some(feedback.as_str())]);
            return EventId::of(&facts.chain(to).collect::<Vec<_>>());
        }
        let message = self.mail.id();
        let is_identified =
            !word.is_empty() && message.is_some() && !addresses.is_empty() && has_a_time;
        let texts = [
            message,
            self.own_time(),
            self.name.text("link"),
            self.name.text("ipAddress"),
            self.name.text("userAgent"),
            self.name.text("delayType"),
            self.name.text("contactList"),
            topic,
            (!is_identified).then(|| self.whole().to_owned()),
        ];
        let texts = texts.iter().map(Option::as_deref);
        let facts = named.into_iter().chain(texts).chain(to);
        EventId::of(&facts.collect::<Vec<_>>())
    }

    /// The event, which is the same in either envelope; with its envelope, where only that has its
    /// name.
    fn whole(&self) -> &str {
        let is_named = self.event.has("eventType") || self.event.has("notificationType");
        if is_named {
            self.event.raw().trim()
        } else {
            self.element.raw()
        }
    }
}
