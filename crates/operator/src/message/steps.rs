//! What happened to a message, step by step.

use jiff::Timestamp;
use serde::Serialize;
use shared::event::Kind;
use shared::time::from_rfc3339;
use table::announced::{Announced, owner_of};
use table::item::Item;
use table::keys::Owner;
use table::read::text;

use super::id::MessageId;
use crate::events::happened;

/// What happened to one message.
#[derive(Serialize)]
pub struct Message {
    /// Its key in the index: `<provider>#<message id>`.
    pub message: String,
    /// Its recipients, in the order of their first events.
    pub recipients: Vec<Recipient>,
}

/// What happened to one recipient of it.
#[derive(Serialize)]
pub struct Recipient {
    /// The canonical address. `None` for somebody who is known by the team's own id, or not at all.
    pub address: Option<String>,
    /// The team's own id of somebody whose address is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// The events, the first one first.
    pub events: Vec<Announced>,
}

impl Message {
    /// Returns a message of which nothing is stored.
    #[must_use]
    pub fn nothing(id: &MessageId) -> Self {
        Self {
            message: id.text(),
            recipients: Vec::new(),
        }
    }

    /// Returns the day of its first event.
    #[must_use]
    pub fn day(&self) -> &str {
        let events = self
            .recipients
            .iter()
            .flat_map(|recipient| &recipient.events);
        let first = events.map(|event| event.text("occurred_at")).min();
        first.and_then(|time| time.get(..10)).unwrap_or_default()
    }

    pub(super) fn of(message: String, mut items: Vec<&Item>) -> Self {
        items.sort_by_key(|item| place(item));
        let mut recipients: Vec<(Option<Owner<'_>>, Recipient)> = Vec::new();
        for item in items {
            let owner = owner_of(item);
            let place = recipients.iter().position(|(other, _)| *other == owner);
            let place = place.unwrap_or_else(|| {
                recipients.push((owner, Recipient::of(owner)));
                recipients.len() - 1
            });
            if let Some((_, recipient)) = recipients.get_mut(place) {
                recipient.events.extend(Announced::of(item));
            }
        }
        Self {
            message,
            recipients: recipients
                .into_iter()
                .map(|(_, recipient)| recipient)
                .collect(),
        }
    }
}

/// Returns the place of an event among others: by its time, then by what comes first in the life of
/// a message. Providers give one time to several events.
fn place(item: &Item) -> (&str, Option<usize>, &str) {
    let (time, id) = text(item, "sk").split_once('#').unwrap_or_default();
    let kind = text(item, "kind");
    let kind = Kind::NAMES.into_iter().position(|name| name == kind);
    (time, kind, id)
}

impl Recipient {
    fn of(owner: Option<Owner<'_>>) -> Self {
        Self {
            address: owner.and_then(Owner::address).map(str::to_owned),
            customer_id: owner.and_then(Owner::customer).map(str::to_owned),
            events: Vec::new(),
        }
    }

    /// Returns the name for a person.
    #[must_use]
    pub fn name(&self) -> &str {
        let name = self.address.as_deref().or(self.customer_id.as_deref());
        name.unwrap_or("nobody")
    }

    /// Returns what happened, one thing after the other: for a person with the time that passed,
    /// for a script with each time.
    #[must_use]
    pub fn steps(&self, is_for_a_person: bool) -> String {
        let mut start = None;
        let steps = self.events.iter().map(|event| {
            let at = event.text("occurred_at");
            let time = from_rfc3339(at);
            let what = happened(event);
            let why = Some(event.text("reason")).filter(|reason| !reason.is_empty());
            let why = why.map_or_else(String::new, |reason| format!(" ({reason})"));
            let step = match (start, time) {
                _ if !is_for_a_person => format!("{what} {at}{why}"),
                (Some(start), Some(time)) => format!("+{} {what}{why}", passed(start, time)),
                _ => {
                    let clock = at.split(['T', '.']).nth(1).unwrap_or_default();
                    format!("{what} {clock}{why}")
                }
            };
            start = start.or(time);
            step
        });
        steps.collect::<Vec<_>>().join(" -> ")
    }
}

/// Returns how much time passed, in the largest unit that has one.
fn passed(start: Timestamp, end: Timestamp) -> String {
    let millis = end.as_millisecond() - start.as_millisecond();
    match millis {
        ..60_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        60_000..3_600_000 => format!("{} min", millis / 60_000),
        3_600_000..172_800_000 => format!("{} h", millis / 3_600_000),
        _ => format!("{} days", millis / 86_400_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_in_a_unit_that_fits() {
        let at = |millis| Timestamp::from_millisecond(millis).expect("a time");
        for (millis, text) in [
            (0, "0.0 s"),
            (5_499, "5.4 s"),
            (60_000, "1 min"),
            (7_200_000, "2 h"),
            (172_800_000, "2 days"),
        ] {
            assert_eq!(passed(at(0), at(millis)), text);
        }
    }
}
