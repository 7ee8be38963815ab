//! What rebuilding one stored event would change.

use std::collections::BTreeSet;

use shared::auth::fingerprint;
use shared::event::Event;
use table::item::Item;
use table::keys::Key;
use table::sight::{self, Dated, Wanted};
use table::store::key_of;
use table::suppression;
use table::word::word_of;

use super::remake::{occurred_at, retention_days};
use crate::print::printable;
use table::read::{plain, text};

/// Attributes with words and numbers of Postern's own, which may be shown. Any other attribute may
/// name a person.
const OUR_WORDS: &[&str] = &[
    "kind",
    "channel",
    "schema",
    "occurred_at_source",
    "machine",
    "machine_why",
    "bounce_class",
    "bounce_category",
    "smtp_code",
    "enhanced_code",
    "scope",
    "suppression_reason",
    "expires_at",
    "raw_bytes",
];
/// How many digits of its key's fingerprint name an item.
const NAME_DIGITS: usize = 12;

/// One stored event that this checkout would store differently.
#[derive(Clone, Debug)]
pub struct Change {
    /// The item as it is stored.
    pub before: Item,
    /// Whether the item's key is no longer the key of any of its events. The item is deleted once
    /// its successors are stored.
    pub is_moved: bool,
    /// The items to put, each with its event. The successor of the stored item comes first. Empty
    /// if all of them are stored already.
    pub puts: Vec<(Dated, Item)>,
    /// The first sights to remember and the ones to forget.
    pub(super) times: Times,
}

/// The first sights of a change's events.
#[derive(Clone, Debug)]
pub(super) struct Times {
    /// What is remembered for the new events if nothing is remembered yet: the stored time, which
    /// is the earliest one known.
    pub(super) needed: Wanted,
    /// What was remembered for the stored event and is no longer needed.
    pub(super) obsolete: Vec<Key>,
}

impl Change {
    /// Returns the item that takes the place of the stored one. Returns `None` if the stored item
    /// is right as it is, or if its event is already stored elsewhere.
    fn successor(&self) -> Option<&Item> {
        let (_, first) = self.puts.first()?;
        (self.is_moved || key_of(first) == key_of(&self.before)).then_some(first)
    }

    /// Returns the events of the same element that are not stored yet.
    pub(super) fn additions(&self) -> impl Iterator<Item = &Item> {
        let successors = usize::from(self.successor().is_some());
        self.puts.iter().skip(successors).map(|(_, item)| item)
    }

    /// Returns the kind before and the kind after, for a stored item that changes. There is no kind
    /// after if the event is already stored elsewhere.
    #[must_use]
    pub fn kinds(&self) -> Option<(&str, Option<&str>)> {
        let after = self.successor().map(|item| text(item, "kind"));
        (self.is_moved || after.is_some()).then(|| (text(&self.before, "kind"), after))
    }

    /// Returns the names of the attributes that differ.
    #[must_use]
    pub fn attributes(&self) -> BTreeSet<&str> {
        let Some(after) = self.successor() else {
            return BTreeSet::new();
        };
        let names = self.before.keys().chain(after.keys()).map(String::as_str);
        names
            .filter(|name| self.before.get(*name) != after.get(*name))
            .collect()
    }

    /// Returns the change in one line. With `show`, the line has everything that differs and the
    /// keys, which name people.
    #[must_use]
    pub fn line(&self, show: bool) -> String {
        let before = plain(&self.before);
        let after = self.successor().map(plain);
        let mut told: Vec<String> = Vec::new();
        for name in self.attributes() {
            let of = |item: &serde_json::Value| {
                let value = item.get(name)?;
                let is_shown = show || OUR_WORDS.contains(&name);
                Some(if is_shown {
                    printable(&value.to_string())
                } else {
                    "…".to_owned()
                })
            };
            let value = |item| of(item).unwrap_or_else(|| "absent".to_owned());
            let after = after.as_ref().map(value).unwrap_or_default();
            told.push(format!("{name} {} -> {after}", value(&before)));
        }
        if self.is_moved && after.is_none() {
            told.push("stored already under its new key".to_owned());
        }
        let additions = self.additions().map(|item| text(item, "kind"));
        told.extend(additions.map(|kind| format!("beside it, not stored: {kind}")));
        let (provider, time) = (text(&self.before, "provider"), text(&self.before, "sk"));
        let time = time.split('#').next().unwrap_or_default();
        format!("{provider} {time} {}: {}", self.name(show), told.join("; "))
    }

    fn name(&self, show: bool) -> String {
        let (pk, sk) = key_of(&self.before).unwrap_or_default();
        if show {
            return format!("{pk:?} {sk:?}");
        }
        let mut name = fingerprint(&[Some(&pk), Some(&sk)]);
        name.truncate(NAME_DIGITS);
        name
    }

    /// Adds the words of the events to the suppression changes of their addresses.
    pub(super) fn fold(&self, changes: &mut suppression::Changes) {
        for (dated, _) in &self.puts {
            changes.fold(dated);
        }
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        self.puts.iter().filter_map(|(_, item)| key_of(item))
    }
}

impl Times {
    pub(super) fn of(before: &Item, events: &[Event]) -> Self {
        let mut needed = Wanted::new();
        let stored_at = occurred_at(before).unwrap_or_default();
        for event in events {
            sight::want(&mut needed, event, stored_at, retention_days(before));
        }
        let mut obsolete = own_sights(before);
        obsolete.retain(|own| !needed.contains_key(own));
        Self { needed, obsolete }
    }
}

/// Returns the keys where the first sight of a stored event may be remembered. In the first schema
/// all first sights were stored under the event's id.
fn own_sights(before: &Item) -> Vec<Key> {
    let (provider, id) = (text(before, "provider"), text(before, "id"));
    let speaks = word_of(before).is_some();
    let beside = speaks.then(|| sight::key_beside(text(before, "pk"), provider, id));
    let was_undated = text(before, "occurred_at_source") == "received";
    let of_id = was_undated.then(|| sight::key_of_id(provider, id));
    beside.into_iter().chain(of_id).collect()
}
