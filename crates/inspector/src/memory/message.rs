//! A message of the queue that the consumer has processed.

use std::fmt::Write as _;
use std::sync::Arc;

use outlets::fact::event_id;
use registry::Normalized;
use shared::auth;
use shared::delivery::Delivery;
use shared::event::{Address, Event};
use shared::provider::Provider;
use stack::poller::Handled;
use table::keys::{partition_key, sort_key};

use crate::own::own;
use operator::print::now;

/// The most events of one webhook by which it is found.
pub(crate) const MOST_EVENTS: usize = 100;
/// The most bytes of the words by which it is found.
const WORD_BYTES: usize = 8 * 1024;

/// A message that was processed once more.
#[derive(Clone)]
pub(crate) struct Message {
    pub(crate) id: String,
    /// The id that it had when it was put aside first. A redrive gives it another.
    pub(crate) first_id: Option<String>,
    pub(crate) queue_arn: String,
    pub(crate) body: Arc<str>,
    /// Whether the queue has let go of it.
    pub(crate) is_done: bool,
    pub(crate) attempt: u32,
    /// The ids of the notifications of its events.
    pub(crate) ids: Vec<String>,
    /// What it is found by: its messages' ids and recipients, in lower case.
    pub(crate) words: String,
}

impl Message {
    /// Returns what the page remembers of a message.
    pub(crate) fn of(handled: &Handled<'_>) -> Self {
        let mut message = Self {
            id: handled.message_id.to_owned(),
            first_id: handled.first_id.map(str::to_owned),
            queue_arn: handled.queue_arn.to_owned(),
            body: handled.body.into(),
            is_done: handled.stored,
            attempt: handled.attempt,
            ids: Vec::new(),
            words: String::new(),
        };
        // What comes again is read when it is done.
        let normalized = message.is_done.then(|| message.normalized()).flatten();
        if let Some(normalized) = normalized {
            let events = normalized.events.iter().take(MOST_EVENTS);
            for event in events {
                message.ids.push(notification_id(event));
                message.add_words(event);
            }
        }
        message
    }

    /// Returns its events, if it has any.
    pub(crate) fn normalized(&self) -> Option<Normalized> {
        match own(&self.queue_arn) {
            Some(provider) => of_own(provider, &self.queue_arn, &self.body),
            None => registry::normalize(&self.body).ok(),
        }
    }

    fn add_words(&mut self, event: &Event) {
        let recipient = event.recipient.as_ref().map(Address::expose);
        let words = [recipient, event.message_id.as_deref()];
        for word in words.into_iter().flatten() {
            let word = word.to_lowercase();
            if !self.words.contains(&word) && self.words.len() + word.len() < WORD_BYTES {
                let _ = writeln!(self.words, "{word}"); // a String takes it all
            }
        }
    }
}

/// Returns the events of a message of a provider's own queue.
pub(crate) fn of_own(provider: &dyn Provider, queue_arn: &str, body: &str) -> Option<Normalized> {
    let authentic = auth::transport(queue_arn, queue_arn, body)?;
    let delivery = Delivery::seal(authentic, provider.name(), now());
    registry::normalize_with(provider, delivery).ok()
}

/// Returns the id under which others are told of an event.
pub(crate) fn notification_id(event: &Event) -> String {
    event_id(&partition_key(event), &sort_key(event))
}
