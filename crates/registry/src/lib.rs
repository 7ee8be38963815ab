//! Every provider, one line each, and a queue message as its events.
//!
//! [`normalize()`] is pure and never loses a neighbour: a bad element costs only itself, a panic
//! costs only its message.

use std::panic::{AssertUnwindSafe, catch_unwind};

use shared::delivery::{Delivery, DeliveryError};
use shared::event::Event;
use shared::malformed::Malformed;
use shared::normalize;
use shared::provider::Provider;
use shared::sender::Sender;

/// Every provider, one line each.
pub static PROVIDERS: &[&dyn Provider] = &[
    &customerio::Customerio,
    &inboxroad::Inboxroad,
    &insider::Insider,
    &mailgun::Mailgun,
    &mailpanda::Mailpanda,
    &resend::Resend,
    &sendgrid::Sendgrid,
];

/// Every provider as the sender of its webhooks, in the same order. A list of its own: no deployed
/// function needs it, so none has it.
pub static SENDERS: &[&dyn Sender] = &[
    &customerio::Customerio,
    &inboxroad::Inboxroad,
    &insider::Insider,
    &mailgun::Mailgun,
    &mailpanda::Mailpanda,
    &resend::Resend,
    &sendgrid::Sendgrid,
];

/// Returns the sender of this name.
#[must_use]
pub fn sender(name: &str) -> Option<&'static dyn Sender> {
    SENDERS.iter().copied().find(|s| s.name() == name)
}

/// Returns the provider of this name.
#[must_use]
pub fn provider(name: &str) -> Option<&'static dyn Provider> {
    PROVIDERS.iter().copied().find(|p| p.name() == name)
}

/// What one queue message says: the good events, and what is wrong with the rest.
#[derive(Debug)]
pub struct Normalized {
    /// The delivery.
    pub delivery: Delivery,
    /// Every event that can be stored.
    pub events: Vec<Event>,
    /// Every element that cannot.
    pub malformed: Vec<Malformed>,
}

/// Why a queue message gave no event at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Poison {
    /// It is no delivery.
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    /// A delivery of a provider that this registry does not have.
    #[error("the delivery's provider is not one of this consumer's")]
    ProviderUnknown,
    /// Our own defect.
    #[error("normalizing panicked")]
    Panicked,
    /// It came under a token, and names no event that the token could be good for.
    #[error("the body under the token names no event")]
    TokenWithoutEvent,
}

impl Poison {
    /// The stable name for logs.
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
/// [`Poison`]: the message belongs in the dead-letter queue.
pub fn normalize(message: &str) -> Result<Normalized, Poison> {
    let (provider, delivery) = open(message)?;
    normalize_with(provider, delivery)
}

/// Reads one queue message and finds its provider.
///
/// # Errors
/// Returns [`Poison::Delivery`] or [`Poison::ProviderUnknown`].
pub fn open(message: &str) -> Result<(&'static dyn Provider, Delivery), Poison> {
    let delivery = Delivery::decode(message)?;
    let provider = provider(delivery.provider()).ok_or(Poison::ProviderUnknown)?;
    Ok((provider, delivery))
}

/// [`normalize()`] with the provider given.
///
/// # Errors
/// [`Poison::Panicked`], [`Poison::TokenWithoutEvent`].
pub fn normalize_with(provider: &dyn Provider, delivery: Delivery) -> Result<Normalized, Poison> {
    names_event(provider, &delivery)?;
    let (mut events, mut malformed) = (Vec::new(), Vec::new());
    for part in parts(provider, &delivery) {
        let (good, bad) = part?;
        events.extend(good);
        malformed.extend(bad);
    }
    Ok(Normalized {
        delivery,
        events,
        malformed,
    })
}

/// Sees to it that what came under a token names an event, before anything is made of it: a body
/// that names none must not take the token from the webhook that does.
///
/// # Errors
/// Returns [`Poison::TokenWithoutEvent`].
pub fn names_event(provider: &dyn Provider, delivery: &Delivery) -> Result<(), Poison> {
    if delivery.token().is_some() && !provider.names_event(delivery.body()) {
        return Err(Poison::TokenWithoutEvent);
    }
    Ok(())
}

/// The events of a piece of a delivery, and what is wrong with the rest.
pub type Part = (Vec<Event>, Vec<Malformed>);

/// Returns the parts of a delivery, one after the other: a panic is caught, so that it costs its
/// neighbours in the batch nothing, and is the last of them.
pub fn parts<'a>(
    provider: &'a dyn Provider,
    delivery: &'a Delivery,
) -> impl Iterator<Item = Result<Part, Poison>> + use<'a> {
    let mut parts = Some(normalize::parts(delivery, |element, budget| {
        provider.events(element, delivery, budget)
    }));
    std::iter::from_fn(move || {
        let next = catch_unwind(AssertUnwindSafe(|| parts.as_mut()?.next()));
        if next.is_err() {
            parts = None;
        }
        let part = next.map(|part| part.map(split));
        part.map_err(|_| Poison::Panicked).transpose()
    })
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
