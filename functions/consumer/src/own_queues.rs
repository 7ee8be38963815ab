//! The queues of providers that have no receiver. What is in such a queue is what the provider
//! sent, and the queue itself vouches for it: its policy admits one sender.
//!
//! A record of such a queue is sealed into a delivery first. From then on it is like any other,
//! also in the dead-letter queue.

use jiff::Timestamp;
use shared::auth;
use shared::delivery::Delivery;
use shared::provider::{Provider, Strength};

use crate::event::Record;

/// A queue of one provider alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnQueue {
    /// The provider's name.
    pub provider: &'static str,
    /// The queue's ARN, by which Lambda says where a record comes from.
    pub arn: String,
    /// The queue's URL.
    pub url: String,
}

impl OwnQueue {
    /// Returns the queue of a provider, unless the stack does not have it: then its ARN is empty.
    #[must_use]
    pub fn new(provider: &'static dyn Provider, arn: String, url: String) -> Option<Self> {
        let is_own = provider.strength() == Strength::Transport && !arn.is_empty();
        let provider = provider.name();
        is_own.then_some(Self { provider, arn, url })
    }

    /// Makes a delivery of each record that comes from one of these queues. The record keeps its
    /// place in its queue. A body that is too large even when compressed stays as it is, and is put
    /// aside.
    ///
    /// `now` stands for the time at which SQS took the message, if the record does not say it.
    #[must_use]
    pub fn sealed(queues: &[Self], mut records: Vec<Record>, now: Timestamp) -> Vec<Record> {
        for record in &mut records {
            let sealed = queues.iter().find_map(|queue| queue.seal(record, now));
            if let Some(message) = sealed {
                record.body = message;
            }
        }
        records
    }

    fn seal(&self, record: &Record, now: Timestamp) -> Option<String> {
        let authentic = auth::transport(&self.arn, &record.event_source_arn, &record.body)?;
        let received_at = record.sent_at().unwrap_or(now);
        let delivery = Delivery::seal(authentic, self.provider, received_at);
        delivery.encode().ok()
    }
}
