//! Answers "May I still mail this address?" with one `GetItem`, from an item beside the timeline.
//!
//! The item holds a register for each reason: `bounced`, `complained`, `unsubscribed`, `manual`.
//! The attribute of that name is a map `{since, event}`, and it is present only while the reason
//! stands. **If an attribute of a reason is there, do not mail, for that reason.**
//!
//! Whoever mails decides which reasons count: a password mail may ignore `unsubscribed`.
//!
//! `<reason>_at` is the register's order key. It stays when the reason is lifted, because it must
//! outlast an older word that arrives late.
//!
//! Each register is a fold over the history that does not depend on order or repetition: it only
//! ever moves to a later word.
//!
//! The order key has three parts: the time at which the event counts, then 1 for a word that sets
//! and 0 for one that lifts, then the event id. If two words are from the same millisecond, the 1
//! makes the careful one win.
//!
//! A `subscribed` lifts `unsubscribed` and nothing else. The other reasons are lifted by the
//! provider's own word (`suppression_removed`) or by a person.
//!
//! An opt-out of a list, group, topic or stream has an item of its own,
//! `suppression#<scope>#<provider>#<id>`, with the register `unsubscribed`.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use shared::event::{Event, Reason};
use shared::operator::{Act, PROVIDER};
use shared::time::rfc3339_ms;

use crate::item::Item;
use crate::keys::{Key, SUPPRESSION, partition_key, sort_key};
use crate::read::text;
use crate::sight::Dated;
use crate::word::{Word, word};

/// Says in a register that an import set it: the people on an imported list are not news, so nobody
/// is told of them.
const ACT: &str = "act";

/// One register of one item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Register {
    /// The partition key.
    pub pk: String,
    /// The sort key.
    pub sk: String,
    /// Which of the item's registers.
    pub reason: Reason,
}

impl Register {
    /// Returns the key of the register's item.
    #[must_use]
    pub fn key(&self) -> Key {
        (self.pk.clone(), self.sk.clone())
    }
}

/// What one event says to one register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The register.
    pub register: Register,
    /// The event's order key.
    at: String,
    /// When the event counts, RFC 3339.
    since: String,
    /// The sort key of the event in the same timeline.
    event: String,
    /// Whether the event sets the register. If not, it lifts it.
    sets: bool,
    /// Whether an import said it.
    is_imported: bool,
}

/// The last word on every register of a batch. The changes are folded before they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes(pub BTreeMap<Register, Change>);

impl Changes {
    /// Folds one event in and returns the register that it touched. Most events touch none.
    pub fn fold(&mut self, dated: &Dated) -> Option<Register> {
        let change = Change::of(dated)?;
        let register = change.register.clone();
        self.add(change);
        Some(register)
    }

    /// Folds one change in.
    pub fn add(&mut self, change: Change) {
        match self.0.get(&change.register) {
            Some(last) if last.at >= change.at => {}
            _ => {
                self.0.insert(change.register.clone(), change);
            }
        }
    }
}

/// Returns the reasons that stand in an item.
#[must_use]
pub fn standing(item: &Item) -> Vec<Reason> {
    let stands = |reason: &Reason| item.contains_key(reason.name());
    Reason::ALL.into_iter().filter(stands).collect()
}

/// A reason that stands: since when, and the sort key of the event that said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing<'a> {
    /// When the event counts, RFC 3339.
    pub since: &'a str,
    /// The sort key of the event in the same timeline.
    pub event: &'a str,
}

/// Reads a register of an item. Returns `None` if the reason does not stand. A register without its
/// words stands all the same.
#[must_use]
pub fn register(item: &Item, reason: Reason) -> Option<Standing<'_>> {
    let register = item.get(reason.name())?.as_m().ok();
    let said = |name: &str| register.map_or("", |words| text(words, name));
    Some(Standing {
        since: said("since"),
        event: said("event"),
    })
}

/// Checks whether a register of an item, set or lifted, rests on the event with this id.
#[must_use]
pub fn rests_on(item: &Item, reason: Reason, event_id: &str) -> bool {
    let at = item.get(&order_key(reason)).and_then(|at| at.as_s().ok());
    // The order key has the time, then 1 or 0, then the id, which may have a `#` in it.
    let id = at.and_then(|at| at.splitn(3, '#').nth(2));
    id == Some(event_id)
}

/// Checks whether a register stands because an import said so.
#[must_use]
pub fn is_imported(item: &Item, reason: Reason) -> bool {
    let register = item.get(reason.name()).and_then(|map| map.as_m().ok());
    register.is_some_and(|words| text(words, ACT) == Act::Import.name())
}

fn is_import(event: &Event) -> bool {
    let act = event.provider_kind.as_deref();
    event.provider == PROVIDER && act == Some(Act::Import.name())
}

/// Returns the attribute of a register's order key.
#[must_use]
pub fn order_key(reason: Reason) -> String {
    format!("{}_at", reason.name())
}

impl Change {
    /// Returns what an event says to a register, if it says anything.
    #[must_use]
    pub fn of(dated: &Dated) -> Option<Self> {
        let event = &dated.event;
        let Word { sk, reason, sets } = word(event)?;
        let since = rfc3339_ms(dated.counts_at);
        Some(Self {
            register: Register {
                pk: partition_key(event),
                sk,
                reason,
            },
            at: format!("{since}#{}#{}", u8::from(sets), event.id.as_str()),
            since,
            event: sort_key(event),
            sets,
            is_imported: is_import(event),
        })
    }

    /// Returns what an item of the first shape says. That shape had one `reason` for all, with
    /// `at`, `since` and `event`.
    ///
    /// The word goes into the register of its reason, under the partition key `pk`. If it was
    /// lifted, by a `subscribed`, it goes into `unsubscribed`. Returns `None` for an item of
    /// today's shape.
    #[must_use]
    pub fn of_first_shape(item: &Item, pk: String) -> Option<Self> {
        let text = |name: &str| item.get(name)?.as_s().ok().cloned();
        let (at, since, event) = (text("at")?, text("since")?, text("event")?);
        let name = text("reason");
        let reason = name.as_deref().unwrap_or("unsubscribed");
        Some(Self {
            register: Register {
                pk,
                sk: SUPPRESSION.to_owned(),
                reason: Reason::ALL.into_iter().find(|r| r.name() == reason)?,
            },
            at,
            since,
            event,
            sets: name.is_some(),
            is_imported: false,
        })
    }

    /// Returns whether the change sets the register. If not, it lifts it.
    #[must_use]
    pub fn sets(&self) -> bool {
        self.sets
    }

    /// Checks whether this event speaks later than the register of the stored item.
    #[must_use]
    pub fn moves(&self, item: Option<&Item>) -> bool {
        let at = item.and_then(|item| item.get(&order_key(self.register.reason))?.as_s().ok());
        at.is_none_or(|at| *at < self.at)
    }

    /// Checks whether the register says the same as this event, or will do so once this change is
    /// applied.
    #[must_use]
    pub fn agrees_with(&self, item: &Item) -> bool {
        self.moves(Some(item)) || item.contains_key(self.register.reason.name()) == self.sets
    }

    /// Returns the update expression. Its condition refuses the update if a later event has already
    /// spoken.
    #[must_use]
    pub fn expression(&self) -> &'static str {
        if self.sets {
            "SET #at = :at, #reason = :reason"
        } else {
            "SET #at = :at REMOVE #reason"
        }
    }

    /// Returns the condition of the update.
    #[must_use]
    pub fn condition(&self) -> &'static str {
        "attribute_not_exists(#at) OR #at < :at"
    }

    /// Returns the names in the expression.
    #[must_use]
    pub fn names(&self) -> HashMap<String, String> {
        let reason = self.register.reason;
        HashMap::from([
            ("#at".to_owned(), order_key(reason)),
            ("#reason".to_owned(), reason.name().to_owned()),
        ])
    }

    /// Returns the values in the expression.
    #[must_use]
    pub fn values(&self) -> HashMap<String, AttributeValue> {
        let mut values = HashMap::from([(":at".to_owned(), AttributeValue::S(self.at.clone()))]);
        if self.sets {
            values.insert(":reason".to_owned(), self.map());
        }
        values
    }

    /// Applies the change to an item as the update would.
    pub fn apply(&self, item: &mut Item) {
        if !self.moves(Some(item)) {
            return;
        }
        let reason = self.register.reason;
        item.insert(order_key(reason), AttributeValue::S(self.at.clone()));
        if self.sets {
            item.insert(reason.name().to_owned(), self.map());
        } else {
            item.remove(reason.name());
        }
    }

    fn map(&self) -> AttributeValue {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let mut map = HashMap::from([
            ("since".to_owned(), text(&self.since)),
            ("event".to_owned(), text(&self.event)),
        ]);
        if self.is_imported {
            map.insert(ACT.to_owned(), text(Act::Import.name()));
        }
        AttributeValue::M(map)
    }
}
