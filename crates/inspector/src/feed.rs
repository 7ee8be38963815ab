//! Tells those who listen what happens on the stack that this process runs.

use std::sync::{Arc, Mutex, PoisonError};

use operator::live::{Entry, Heard, Joined, heard};
use operator::print::now;
use serde_json::Value;
use stack::live::Live;
use stack::poller::Handled;

use crate::inspector::Inspector;
use crate::own::own;

/// Makes entries of what the functions print and of what the queue lets go of.
pub struct Feed {
    live: Live,
    joined: Mutex<Joined>,
    page: Option<Arc<Inspector>>,
}

impl Feed {
    /// Returns a feed that tells its entries to these listeners, and to the page, if there is one.
    #[must_use]
    pub fn new(live: Live, page: Option<Arc<Inspector>>) -> Self {
        Self {
            live,
            joined: Mutex::default(),
            page,
        }
    }

    /// Reads a log line of a function. Returns whether it was about a webhook.
    pub fn hear(&self, line: &Value) -> bool {
        if let Some(page) = &self.page {
            page.hear(line);
        }
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
    pub fn handled(&self, message: &Handled<'_>) {
        if let Some(page) = &self.page {
            page.handled(message);
        }
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
        if let Some(page) = &self.page {
            page.told(entry);
        }
        if let Ok(entry) = serde_json::to_value(entry) {
            self.live.tell(entry, now().as_millisecond());
        }
    }
}
