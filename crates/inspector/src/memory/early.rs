//! What is known of a message before the request that it was made of. The functions' lines come by
//! several ways, in any order.

use std::collections::{BTreeMap, VecDeque};

use operator::live::Entry;

use super::message::Message;

/// The most messages that are known so. The oldest are forgotten.
const MOST: usize = 256;
/// The most facts of one.
const FACTS: usize = 8;

/// Something that happened to a message.
pub(super) enum Fact {
    /// The queue has passed it to the consumer.
    Handled(Box<Message>),
    /// The consumer has said what became of it.
    Told(Box<Entry>),
}

/// The facts of messages whose requests are not known yet.
#[derive(Default)]
pub(super) struct Early {
    facts: BTreeMap<String, Vec<Fact>>,
    order: VecDeque<String>,
}

impl Early {
    /// Keeps a fact of a message.
    pub(super) fn keep(&mut self, message_id: &str, fact: Fact) {
        let facts = self.facts.entry(message_id.to_owned()).or_insert_with(|| {
            self.order.push_back(message_id.to_owned());
            Vec::new()
        });
        if facts.len() < FACTS {
            facts.push(fact);
        }
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.facts.remove(&oldest);
        }
    }

    /// Takes the facts of a message out, in their order.
    pub(super) fn take(&mut self, message_id: &str) -> Vec<Fact> {
        let facts = self.facts.remove(message_id);
        if facts.is_some() {
            self.order.retain(|id| id != message_id);
        }
        facts.unwrap_or_default()
    }
}
