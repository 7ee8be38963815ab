//! Finds what happened to one message, for all of its recipients.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use registry::PROVIDERS;
use serde::Serialize;
use shared::event::bare_message_id;
use shared::time::from_rfc3339;
use table::announced::{Announced, owner_of};
use table::item::Item;
use table::keys::{Key, Owner};
use table::read::{Index, text};
use table::store::key_of;

use crate::asked::Asked;
use crate::error::Error;
use crate::events::{Events, happened};
use crate::meant::meant;

/// Reads under way at once.
const CONCURRENCY: usize = 8;
/// The provider whose events name a message by its id and by more.
const LONG_FORM: &str = "sendgrid";
/// How many parts of that longer form are looked at.
const PARTS: usize = 6;

/// A message, as a user types its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageId {
    provider: Option<&'static str>,
    id: String,
}

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

impl MessageId {
    /// Reads an id as a provider writes it, or as the table does: `<provider>#<id>`. It may be in
    /// the angle brackets of a Message-ID.
    ///
    /// # Errors
    /// Returns [`Asked::Message`] if nothing is left.
    pub fn parse(text: &str) -> Result<Self, Asked> {
        let text = text.trim();
        let named = text.split_once('#').and_then(|(name, id)| {
            let provider = registry::provider(name)?;
            Some((Some(provider.name()), id))
        });
        let (provider, id) = named.unwrap_or((None, text));
        let id = bare_message_id(id).ok_or_else(|| Asked::Message(text.to_owned()))?;
        Ok(Self { provider, id })
    }

    /// Returns the keys that it may have in the index. Of one provider's, only the first that has
    /// something counts.
    fn keys(&self) -> Vec<Vec<String>> {
        let providers = PROVIDERS.iter().map(|provider| provider.name());
        let providers = providers.filter(|name| self.provider.is_none_or(|one| one == *name));
        let keys = providers.map(|name| {
            let ids = self.ids(name).into_iter();
            ids.map(|id| format!("{name}#{id}")).collect()
        });
        keys.collect()
    }

    /// Returns the id, and for `SendGrid` what it may be without what its servers have added.
    fn ids(&self, provider: &str) -> Vec<&str> {
        let dots = self.id.match_indices('.').map(|(place, _)| place);
        let shorter = dots.filter_map(|place| self.id.get(..place));
        let shorter = shorter.filter(|id| !id.is_empty() && provider == LONG_FORM);
        let mut ids: Vec<&str> = shorter.take(PARTS).collect();
        ids.push(&self.id);
        ids.reverse();
        ids
    }

    /// Returns the text.
    #[must_use]
    pub fn text(&self) -> String {
        match self.provider {
            Some(provider) => format!("{provider}#{}", self.id),
            None => self.id.clone(),
        }
    }

    /// Returns what to say if there is no event of it.
    #[must_use]
    pub fn nothing(&self) -> String {
        let asked = match self.provider {
            Some(provider) => format!("of {provider}"),
            None => format!("of any of {} providers", PROVIDERS.len()),
        };
        let parts = self.id.split_once('#');
        let names = PROVIDERS.iter().map(|provider| provider.name());
        let meant = parts.and_then(|(name, id)| Some((meant(name, names)?, id)));
        let hint = match meant {
            Some((name, id)) => format!("did you mean {name}#{id}?"),
            None => "is it the id that the send API returned?".to_owned(),
        };
        format!("nothing is stored of a message {} {asked}: {hint}", self.id)
    }

    /// Reads what happened to it. Two providers may have named a message the same.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn find(&self, events: &Events, now: Timestamp) -> Result<Vec<Message>, Error> {
        let of_each: Vec<Vec<Item>> = stream::iter(self.keys())
            .map(|keys| first(events, keys))
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        let keys: BTreeSet<Key> = of_each.iter().flatten().filter_map(key_of).collect();
        // The index does not have everything.
        let whole = events.items(&keys, &[]).await?.items;
        let mut messages: BTreeMap<String, Vec<&Item>> = BTreeMap::new();
        for item in whole.values().filter(|item| !is_expired(item, now)) {
            let message = text(item, "message").to_owned();
            messages.entry(message).or_default().push(item);
        }
        let messages = messages.into_iter();
        Ok(messages
            .map(|(key, items)| Message::of(key, items))
            .collect())
    }
}

/// Reads the first of some keys of the index that has something.
async fn first(events: &Events, keys: Vec<String>) -> Result<Vec<Item>, Error> {
    for key in keys {
        let items = events.indexed(Index::Message, key).await?;
        if !items.is_empty() {
            return Ok(items);
        }
    }
    Ok(Vec::new())
}

fn is_expired(item: &Item, now: Timestamp) -> bool {
    let expires_at: Option<i64> = text(item, "expires_at").parse().ok();
    expires_at.is_some_and(|at| at <= now.as_second())
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

    fn of(message: String, mut items: Vec<&Item>) -> Self {
        items.sort_by_key(|item| (text(item, "sk"), text(item, "pk")));
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

    fn keys(text: &str) -> Vec<Vec<String>> {
        MessageId::parse(text).expect("an id").keys()
    }

    #[test]
    fn an_id_is_asked_for_as_each_provider_may_name_it() {
        for text in [
            "mailgun#m1@mg.test",
            " <m1@mg.test> ",
            "mailgun#<m1@mg.test>",
        ] {
            assert!(
                keys(text).contains(&vec!["mailgun#m1@mg.test".to_owned()]),
                "{text}"
            );
        }
        assert_eq!(keys("a").len(), PROVIDERS.len());
        assert_eq!(keys("mailgun#a").len(), 1);
        // the longest first
        let long = ["sendgrid#a.filter-1.0", "sendgrid#a.filter-1", "sendgrid#a"];
        assert_eq!(keys("sendgrid#a.filter-1.0"), [long]);
        // an id with a sharp of its own
        assert!(keys("x#y").contains(&vec!["mailpanda#x#y".to_owned()]));
    }

    #[test]
    fn what_is_no_id_is_refused_and_what_finds_nothing_says_what_was_meant() {
        for text in ["", " ", "<>", "resend#", "resend# <> "] {
            let refused = MessageId::parse(text).expect_err(text);
            assert_eq!(refused.code(), "message_unreadable", "{text}");
        }
        let nothing = |text| MessageId::parse(text).expect("an id").nothing();
        assert_eq!(
            nothing("resned#A1"),
            "nothing is stored of a message resned#A1 of any of 7 providers: did you mean resend#A1?"
        );
        assert_eq!(
            nothing("resend#A1"),
            "nothing is stored of a message A1 of resend: is it the id that the send API returned?"
        );
    }

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
