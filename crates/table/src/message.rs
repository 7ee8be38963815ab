//! What happened to a message, for all of its recipients.
//!
//! A provider's events do not always name a message as its send API did. What its servers have
//! added is taken away here, so that either name finds it.

use jiff::Timestamp;
use serde::Serialize;
use shared::event::Kind;
use shared::time::from_rfc3339;

use crate::announced::{Announced, owner_of};
use crate::item::Item;
use crate::keys::{Owner, key};
use crate::read::text;
use crate::words::happened;

/// The provider whose events name a message by its id and by more.
const LONG_FORM: &str = "sendgrid";
/// Ends the id in a Message-ID that a provider has made of it: `<id@email.amazonses.com>`.
const AT: char = '@';
/// How many parts of a longer form are looked at.
const PARTS: usize = 6;

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

/// Returns the keys that a message may have in the index by messages. Only the first that has
/// something counts.
///
/// The first has the id as it is given. The others are without what a provider's servers have
/// added: a domain, and for `SendGrid` more.
#[must_use]
pub fn keys_of(provider: &str, id: &str) -> Vec<String> {
    let ends = |c: char| c == AT || (c == '.' && provider == LONG_FORM);
    let places = id.match_indices(ends).map(|(place, _)| place);
    let shorter = places.filter_map(|place| id.get(..place));
    let shorter = shorter.filter(|id| !id.is_empty());
    let mut ids: Vec<&str> = shorter.take(PARTS).collect();
    ids.push(id);
    ids.reverse();
    ids.into_iter().map(|id| key(provider, id)).collect()
}

impl Message {
    /// Returns a message of which nothing is stored.
    #[must_use]
    pub fn nothing(message: String) -> Self {
        Self {
            message,
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

    /// Returns what the items of a message say, each `announced` with `raw` or without.
    #[must_use]
    pub fn of(
        message: String,
        mut items: Vec<&Item>,
        mut announced: impl FnMut(&Item) -> Option<Announced>,
    ) -> Self {
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
                recipient.events.extend(announced(item));
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
        let at = |millis| Timestamp::from_millisecond(millis).unwrap();
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

    #[test]
    fn an_id_is_asked_for_as_its_provider_may_name_it() {
        assert_eq!(
            keys_of("mailgun", "m1@mg.test"),
            ["mailgun#m1@mg.test", "mailgun#m1"]
        );
        let long = ["sendgrid#a.filter-1.0", "sendgrid#a.filter-1", "sendgrid#a"];
        assert_eq!(keys_of("sendgrid", "a.filter-1.0"), long);
        assert_eq!(keys_of("resend", "a.b"), ["resend#a.b"]);
        assert_eq!(keys_of("resend", "@b"), ["resend#@b"]);
        assert_eq!(keys_of("ses", &"@".repeat(99)).len(), 7);
    }
}
