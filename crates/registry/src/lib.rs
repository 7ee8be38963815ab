//! Lists every provider, one line each, and turns a queue message into its events.
//!
//! [`normalize()`] is pure, and one bad part never costs its neighbours: a bad element costs only
//! itself, and a panic costs only its message.

use std::panic::{AssertUnwindSafe, catch_unwind};

use shared::aside::Aside;
use shared::delivery::{Delivery, DeliveryError};
use shared::element::Element;
use shared::event::Event;
use shared::malformed::Malformed;
use shared::normalize::{self, Budget};
use shared::operator;
use shared::operator::spoken::Operator;
use shared::provider::Provider;
use shared::sender::Sender;

/// Writes the lists of providers, from one line each.
macro_rules! providers {
    (webhooks: $($sent:path),+; queues: $($queued:path),+;) => {
        /// Every provider. Its name is that of its folder, and the order is theirs.
        pub static PROVIDERS: &[&dyn Provider] = &[$(&$sent,)+ $(&$queued,)+];

        /// Every provider that sends webhooks, as their sender, in the same order. It is a list of
        /// its own, because no deployed function needs it.
        pub static SENDERS: &[&dyn Sender] = &[$(&$sent,)+];

        /// Every provider whose events come through a queue of their own, without a receiver.
        pub static QUEUED: &[&dyn Sender] = &[$(&$queued,)+];
    };
}

providers! {
    webhooks:
        brevo::Brevo,
        customerio::Customerio,
        inboxroad::Inboxroad,
        insider::Insider,
        mailersend::Mailersend,
        mailgun::Mailgun,
        mailjet::Mailjet,
        mailpanda::Mailpanda,
        mailtrap::Mailtrap,
        mandrill::Mandrill,
        postmark::Postmark,
        resend::Resend,
        sendgrid::Sendgrid,
        sparkpost::Sparkpost;
    queues:
        ses::Ses;
}

/// Returns the sender of this name.
#[must_use]
pub fn sender(name: &str) -> Option<&'static dyn Sender> {
    let all = SENDERS.iter().chain(QUEUED).copied();
    all.into_iter().find(|sender| sender.name() == name)
}

/// Returns the provider of a delivery with this name: one of [`PROVIDERS`], or the operator, whose
/// words the API puts in the queue.
fn provider_of_delivery(name: &str) -> Option<&'static dyn Provider> {
    if name == operator::PROVIDER {
        return Some(&Operator);
    }
    provider(name)
}

/// Returns the provider of this name.
#[must_use]
pub fn provider(name: &str) -> Option<&'static dyn Provider> {
    PROVIDERS.iter().copied().find(|p| p.name() == name)
}

/// The content of one queue message: the good events, and what is wrong with the rest.
#[derive(Debug)]
pub struct Normalized {
    /// The delivery.
    pub delivery: Delivery,
    /// Every event that can be stored.
    pub events: Vec<Event>,
    /// Every element that cannot be stored, and why.
    pub malformed: Vec<Malformed>,
    /// Those elements, as a delivery of their own.
    pub aside: Option<Delivery>,
}

/// Why no event could be read from a queue message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Poison {
    /// The message is not a delivery.
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    /// This registry does not have the delivery's provider.
    #[error("the delivery's provider is not one of this consumer's")]
    ProviderUnknown,
    /// Our own code panicked.
    #[error("normalizing panicked")]
    Panicked,
    /// The delivery came under a token, and names no event that the token could stand for.
    #[error("the body under the token names no event")]
    TokenWithoutEvent,
}

impl Poison {
    /// Returns the stable name for logs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Delivery(error) => error.code(),
            Self::ProviderUnknown => "provider_unknown",
            Self::Panicked => "normalize_panicked",
            Self::TokenWithoutEvent => "token_without_event",
        }
    }
}

/// Normalizes one queue message.
///
/// # Errors
/// Returns a [`Poison`] if the message belongs in the dead-letter queue.
pub fn normalize(message: &str) -> Result<Normalized, Poison> {
    let (provider, delivery) = open(message)?;
    normalize_with(provider, delivery)
}

/// Reads one queue message and finds its provider.
///
/// # Errors
/// Returns [`Poison::Delivery`] if the message is not a delivery, and [`Poison::ProviderUnknown`]
/// if it names another provider.
pub fn open(message: &str) -> Result<(&'static dyn Provider, Delivery), Poison> {
    let delivery = Delivery::decode(message)?;
    let provider = provider_of_delivery(delivery.provider());
    let provider = provider.ok_or(Poison::ProviderUnknown)?;
    Ok((provider, delivery))
}

/// Normalizes a delivery with the provider given: see [`normalize()`].
///
/// # Errors
/// Returns [`Poison::Panicked`] if our code panics, and [`Poison::TokenWithoutEvent`] if a delivery
/// under a token names no event.
pub fn normalize_with(provider: &dyn Provider, delivery: Delivery) -> Result<Normalized, Poison> {
    names_event(provider, &delivery)?;
    let (mut events, mut malformed) = (Vec::new(), Vec::new());
    let mut parts = parts(provider, &delivery);
    for part in &mut parts {
        let (good, bad) = part?;
        events.extend(good);
        malformed.extend(bad);
    }
    let aside = parts.aside().of(&delivery);
    Ok(Normalized {
        delivery,
        events,
        malformed,
        aside,
    })
}

/// Checks that a delivery under a token names an event.
///
/// This comes before anything is made of the delivery. A body that names no event must not take the
/// token from the webhook that names one.
///
/// # Errors
/// Returns [`Poison::TokenWithoutEvent`] if it names none.
pub fn names_event(provider: &dyn Provider, delivery: &Delivery) -> Result<(), Poison> {
    if delivery.token().is_some() && !provider.names_event(delivery.body()) {
        return Err(Poison::TokenWithoutEvent);
    }
    Ok(())
}

/// The events of one part of a delivery, and what is wrong with its other elements.
pub type Part = (Vec<Event>, Vec<Malformed>);

/// Returns the parts of a delivery, one after the other.
///
/// A panic is caught and is the last part. So it costs the delivery's neighbours in the batch
/// nothing.
pub fn parts<'a>(provider: &'a dyn Provider, delivery: &'a Delivery) -> Parts<'a> {
    let events: EventsOf<'a> =
        Box::new(move |element, budget| provider.events(element, delivery, budget));
    Parts {
        parts: Some(normalize::parts(
            delivery,
            provider.layout_of(delivery),
            events,
        )),
    }
}

type EventsOf<'a> = Box<dyn FnMut(&Element<'_>, &Budget) -> Vec<Event> + 'a>;

/// The parts of a delivery: see [`parts`].
pub struct Parts<'a> {
    /// The parts, until our code panics.
    parts: Option<normalize::Parts<'a, EventsOf<'a>>>,
}

impl Parts<'_> {
    /// Returns what of the delivery could not become an event. After a panic it is all of it.
    #[must_use]
    pub fn aside(self) -> Aside {
        self.parts.map_or(Aside::Body, normalize::Parts::aside)
    }
}

impl Iterator for Parts<'_> {
    type Item = Result<Part, Poison>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = catch_unwind(AssertUnwindSafe(|| self.parts.as_mut()?.next()));
        if next.is_err() {
            self.parts = None;
        }
        let part = next.map(|part| part.map(split));
        part.map_err(|_| Poison::Panicked).transpose()
    }
}

fn split(results: Vec<Result<Event, Malformed>>) -> Part {
    let (mut events, mut malformed) = (Vec::with_capacity(results.len()), Vec::new());
    for result in results {
        match result {
            Ok(event) => events.push(event),
            Err(error) => malformed.push(error),
        }
    }
    (events, malformed)
}
