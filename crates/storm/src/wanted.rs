//! What the sinks must be told: what stands in the table, as far as they have subscribed to it.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use outlets::announce::{Change, Done, Said, announced};
use outlets::fact::{Fact, event_id};
use outlets::filter::Filter;
use outlets::notification::Notification;
use shared::event::Reason;
use table::item::Item;
use table::keys::{SUPPRESSION, owner};
use table::read::text;
use table::suppression::order_key;

use crate::sinks::{BUS, Kept, Sinks, Word, detail, digest, filter};

/// For how many days what happened is told: for as long as it is kept, so that all of it is told.
pub(crate) const ANNOUNCED_DAYS: u32 = 400;

/// What there is to tell, by the sinks' names.
pub struct Wanted {
    sinks: BTreeMap<&'static str, Wishes>,
    /// The ids of all events in the table.
    known: HashSet<String>,
    registers: Registers,
}

/// The registers of all suppressions, by the keys of their items and their reasons.
type Registers = BTreeMap<(String, Reason), Register>;

/// Returns the digest of what a notification says, as a sink gets it.
type Body = dyn Fn(&Notification) -> Option<u64>;

/// What a sink must be told.
struct Wishes {
    events: HashMap<String, Wish>,
    suppressions: bool,
}

/// An event that a sink wants.
struct Wish {
    /// The digest of the body that the item makes.
    body: u64,
    /// Whether it must be told. At the edge of what is too old, it may be.
    is_sure: bool,
}

/// A register as it is at the end.
struct Register {
    /// The id of the notification of its last word.
    id: String,
    stands: bool,
}

/// What is wrong with an id at a sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// The table has nothing of the kind.
    Stranger,
    /// The sink has not subscribed to it.
    Unwanted,
    /// The item makes another body.
    BodyDiffers,
}

/// What a sink has not accepted yet, or has never.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Missing {
    /// How many notifications it wants.
    pub(crate) wanted: u64,
    /// The ids of the events that are missing.
    pub(crate) events: Vec<String>,
    /// The registers of whose last word it does not know.
    pub(crate) registers: Vec<(String, Reason)>,
}

impl Missing {
    pub(crate) fn count(&self) -> usize {
        self.events.len() + self.registers.len()
    }
}

impl Wanted {
    /// Returns what the sinks must be told of these items. They were stored between `began` and
    /// `ended`.
    #[must_use]
    pub fn of(sinks: &Sinks, items: &[Item], began: Timestamp, ended: Timestamp) -> Self {
        let born: Vec<(&Item, bool)> = items
            .iter()
            .filter(|item| is_announced(item, began))
            .map(|item| (item, is_announced(item, ended)))
            .collect();
        let wishes = |filter: &Filter, body: &Body| Wishes {
            events: born
                .iter()
                .filter_map(|(item, is_sure)| {
                    let told = Notification::of_event(item, filter)?;
                    let body = body(&told)?;
                    let is_sure = *is_sure;
                    Some((told.id, Wish { body, is_sure }))
                })
                .collect(),
            suppressions: filter.wants_suppression(),
        };
        let posted = |told: &Notification| Some(digest(&told.body));
        let endpoints = sinks.0.iter();
        let endpoints = endpoints.map(|sink| (sink.name, wishes(&sink.filter, &posted)));
        let bus = (BUS, wishes(&filter(), &detail));
        let known = items.iter().filter(|item| item.contains_key("kind"));
        Self {
            sinks: endpoints.chain([bus]).collect(),
            known: known
                .map(|item| event_id(text(item, "pk"), text(item, "sk")))
                .collect(),
            registers: registers(items),
        }
    }

    /// Returns what a sink misses that has accepted this.
    pub(crate) fn missing(&self, sink: &'static str, kept: &Kept) -> Missing {
        let Some(wishes) = self.sinks.get(sink) else {
            return Missing::default();
        };
        let sure = wishes.events.iter().filter(|(_, wish)| wish.is_sure);
        let mut missing = Missing::default();
        for (id, _) in sure {
            missing.wanted += 1;
            if !kept.accepted.contains(id) {
                missing.events.push(id.clone());
            }
        }
        if wishes.suppressions {
            let last = last_words(kept);
            for (key, register) in &self.registers {
                let says = last.get(key).map(|word| word.stands);
                let is_right = match says {
                    _ if kept.accepted.contains(&register.id) => true,
                    Some(stands) => stands == register.stands,
                    // What never stood is never told.
                    None => !register.stands,
                };
                missing.wanted += u64::from(says.is_some() || register.stands);
                if !is_right {
                    missing.registers.push(key.clone());
                }
            }
        }
        missing
    }

    /// Returns what is wrong with this notification at a sink, by its id and its body.
    pub(crate) fn misfit(
        &self,
        sink: &str,
        id: &str,
        body: u64,
        word: Option<&[u8]>,
    ) -> Option<Misfit> {
        let wishes = self.sinks.get(sink)?;
        if let Some(body) = word {
            let word = Word::of(body).filter(|word| word.id() == id);
            let register = word.and_then(|word| self.registers.get(&(word.pk, word.reason)));
            return match register {
                None => Some(Misfit::Stranger),
                Some(_) if !wishes.suppressions => Some(Misfit::Unwanted),
                Some(_) => None,
            };
        }
        match wishes.events.get(id) {
            Some(wish) if wish.body != body => Some(Misfit::BodyDiffers),
            Some(_) => None,
            None if self.known.contains(id) => Some(Misfit::Unwanted),
            None => Some(Misfit::Stranger),
        }
    }
}

/// Checks whether the birth of an item is told at this time.
fn is_announced(item: &Item, now: Timestamp) -> bool {
    let change = Change {
        done: Done::Inserted,
        old: None,
        new: Some(item.clone()),
    };
    text(item, "sk") != SUPPRESSION
        && matches!(announced(&change, now, ANNOUNCED_DAYS), Said::Facts(_))
}

/// Returns every register of the items that has ever had a word.
fn registers(items: &[Item]) -> Registers {
    let suppressions = items
        .iter()
        .filter(|item| text(item, "sk") == SUPPRESSION && owner(text(item, "pk")).is_some());
    let mut registers = Registers::new();
    for item in suppressions {
        let pk = text(item, "pk");
        let spoken = Reason::ALL.into_iter();
        for reason in spoken.filter(|reason| item.contains_key(&order_key(*reason))) {
            let register = Register {
                id: Fact::suppression(pk, reason).id(Some(item)),
                stands: item.contains_key(reason.name()),
            };
            registers.insert((pk.to_owned(), reason), register);
        }
    }
    registers
}

/// Returns the current word about each register, as a subscriber finds it: that with the greatest
/// time.
fn last_words(kept: &Kept) -> BTreeMap<(String, Reason), Word> {
    let mut last: BTreeMap<(String, Reason), Word> = BTreeMap::new();
    let accepted = kept.requests.iter().filter(|request| request.is_accepted);
    for word in accepted.filter_map(|request| Word::of(request.suppression.as_ref()?)) {
        let key = (word.pk.clone(), word.reason);
        if last.get(&key).is_none_or(|known| known.at <= word.at) {
            last.insert(key, word);
        }
    }
    last
}
