//! What of a message is in the table, for the log.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared::delivery::Delivery;
use shared::event::Event;
use shared::secrets::is_label;

/// What is counted for an event once it is in the table.
#[derive(Clone, Copy)]
pub(crate) struct Stored {
    kind: &'static str,
    occurred_at: Timestamp,
}

impl From<&Event> for Stored {
    fn from(event: &Event) -> Self {
        Self {
            kind: event.kind.name(),
            occurred_at: event.occurred_at.time(),
        }
    }
}

/// What is in the table of one message.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) provider: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) events: usize,
    /// How many events the batch had before.
    pub(crate) repeats: usize,
    /// How many events were past their retention when they arrived. They are not stored.
    pub(crate) expired: usize,
    /// How many messages said nothing: a notice of a provider's.
    pub(crate) pings: usize,
    pub(crate) oldest: Option<Timestamp>,
    pub(crate) kinds: BTreeMap<&'static str, usize>,
}

impl Counts {
    /// Sets the provider and the source of the message.
    pub(crate) fn of(&mut self, delivery: &Delivery) {
        self.provider = Some(delivery.provider().to_owned());
        // Whoever may write to the queue chose this word.
        let source = delivery.source().filter(|source| is_label(source));
        self.source = source.map(str::to_owned);
    }

    /// Counts an event that is in the table now. An event that was there before is counted, too,
    /// because a write does not tell.
    pub(crate) fn stored(&mut self, event: Stored) {
        self.events += 1;
        *self.kinds.entry(event.kind).or_default() += 1;
        self.oldest = self.oldest.into_iter().chain([event.occurred_at]).min();
    }
}
