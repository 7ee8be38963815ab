//! Tells those who listen what happens on the stack that this process runs.

use std::sync::{Mutex, PoisonError};

use operator::live::{Entry, Heard, Joined, heard};
use operator::print::now;
use serde_json::Value;
use shared::provider::{Provider, Strength};
use stack::live::Live;
use stack::poller::Handled;

/// Makes entries of what the functions print and of what the queue lets go of.
pub(crate) struct Feed {
    live: Live,
    joined: Mutex<Joined>,
}

impl Feed {
    /// Returns a feed that tells its entries to these listeners.
    pub(crate) fn new(live: Live) -> Self {
        Self {
            live,
            joined: Mutex::default(),
        }
    }

    /// Reads a log line of a function. Returns whether it was about a webhook.
    pub(crate) fn hear(&self, line: &Value) -> bool {
        let Some(heard) = heard(line) else {
            return false;
        };
        match heard {
            Heard::Accepted => {}
            Heard::Entry(entry) => self.tell(&entry),
            Heard::Stored(ids) => {
                for id in ids {
                    self.tell_if(self.joined(|joined| joined.stored(&id)));
                }
            }
            Heard::PutAside {
                message_id,
                codes,
                events,
            } => {
                let entry = self.joined(|joined| joined.put_aside(&message_id, codes, events));
                self.tell_if(entry);
            }
        }
        true
    }

    /// Notes a message that the consumer has processed.
    pub(crate) fn handled(&self, message: &Handled<'_>) {
        if message.stored {
            let entry = match own(message.queue_arn) {
                Some(provider) => Entry::of_own(
                    provider,
                    message.queue_arn,
                    message.message_id,
                    message.body,
                ),
                None => Entry::of_message(message.message_id, message.body),
            };
            self.tell_if(self.joined(|joined| joined.done(message.message_id, entry)));
        }
    }

    fn joined<T>(&self, act: impl FnOnce(&mut Joined) -> T) -> T {
        act(&mut self.joined.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn tell_if(&self, entry: Option<Entry>) {
        if let Some(entry) = entry {
            self.tell(&entry);
        }
    }

    fn tell(&self, entry: &Entry) {
        if let Ok(entry) = serde_json::to_value(entry) {
            self.live.tell(entry, now().as_millisecond());
        }
    }
}

/// Returns the provider whose own queue this is. The template names such a queue after it:
/// `SesQueue`.
fn own(queue_arn: &str) -> Option<&'static dyn Provider> {
    let queue = queue_arn.rsplit(':').next()?;
    let name = queue.strip_suffix("Queue")?.to_ascii_lowercase();
    let provider = registry::provider(&name)?;
    (provider.strength() == Strength::Transport).then_some(provider)
}
