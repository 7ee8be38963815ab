//! By what a webhook is found again.

use std::collections::HashMap;

use super::caught::Caught;

/// The numbers of the webhooks that are remembered, by what others call them.
#[derive(Default)]
pub(super) struct Known {
    /// By the gateway's id of the request.
    pub(super) requests: HashMap<String, u64>,
    /// By the id of a message of the queue. A redriven one has several.
    pub(super) messages: HashMap<String, u64>,
    /// By the id of an event's notification, with the event's place in the webhook. Of a webhook
    /// that came twice, this is the later one.
    pub(super) events: HashMap<String, (u64, usize)>,
}

impl Known {
    /// Forgets all that leads to a webhook.
    pub(super) fn forget(&mut self, caught: &Caught) {
        if let Some(id) = &caught.arrived.id {
            self.requests.remove(id);
        }
        if caught.message_id.is_some() {
            self.messages.retain(|_, number| *number != caught.number);
        }
        for id in caught.message.iter().flat_map(|message| &message.ids) {
            // Another one may have taken its place.
            if self
                .events
                .get(id)
                .is_some_and(|(number, _)| *number == caught.number)
            {
                self.events.remove(id);
            }
        }
    }
}
