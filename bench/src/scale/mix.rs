//! What comes in, by the product's own code: every provider's real samples are made into queue
//! messages, events and items, and what writing one of them takes is read from these.

use std::collections::{BTreeMap, BTreeSet};

use operator::samples;
use registry::SENDERS;
use shared::event::Event;
use shared::provider::Strength;
use stack::template::Template;
use table::item::{Item, item, size};
use table::keys::names_somebody;
use table::shard::PROBLEMS;
use table::sight::{self, Wanted};
use table::word::word;

use super::chance::{length, number, whole};
use crate::cost::{entry_size, projections, units};
use crate::outcome::Outcome;
use crate::results::Results;
use crate::subject::RECEIVER;
use crate::workload::{self, DAY};

/// Events of these days are kept: it changes no size.
const RETENTION_DAYS: u32 = 400;

/// Which events come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kinds {
    /// Those of an ordinary day.
    Day,
    /// Bounces alone, by a blocklist where the provider says so.
    Blocked,
    /// Events that name neither a recipient nor a customer.
    Nobody,
}

/// Events for which the table does the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Class {
    /// The place of the kind in [`PROBLEMS`], if it is a problem.
    pub(crate) problem: Option<usize>,
    /// Whether the event names nobody, and is kept in one of the shards for these.
    pub(crate) is_nobody: bool,
    /// Write units of the item.
    pub(crate) item_units: u64,
    /// Write units of its entry in `by_message`, if it has one.
    pub(crate) message_units: u64,
    /// Write units of its entry in `by_problem`, if it has one.
    pub(crate) problem_units: u64,
    /// Other writes, of one unit each: first sights and registers.
    pub(crate) beside: u64,
}

/// A provider and its events.
#[derive(Clone, Debug)]
pub(crate) struct Sending {
    pub(crate) name: &'static str,
    /// CPU of its receiver for a webhook, on a whole processor.
    pub(crate) cpu_ms: f64,
    pub(crate) is_signed: bool,
    /// Whether its signature is good for one body, which the table remembers.
    pub(crate) has_token: bool,
    /// The mean size of a queue message.
    pub(crate) message_bytes: f64,
    /// The share of each class.
    pub(crate) shares: Vec<f64>,
}

/// What comes in.
#[derive(Clone, Debug)]
pub(crate) struct Mix {
    pub(crate) classes: Vec<Class>,
    pub(crate) senders: Vec<Sending>,
}

/// An event of a sample, with what is made of it.
#[derive(Clone, Copy)]
struct Made {
    kind: &'static str,
    is_blocked: bool,
    is_nobody: bool,
    bytes: usize,
    message_bytes: usize,
    class: Class,
}

impl Mix {
    /// Reads every provider's samples.
    pub(crate) fn of(kinds: Kinds, template: &Template, results: &Results) -> Outcome<Self> {
        let indexes = projections(template)?;
        let shares = shares_of_day()?;
        let mut drafts = Vec::new();
        for sender in SENDERS {
            let made = made(sender.name(), &indexes)?;
            let chosen = chosen(kinds, &made, &shares);
            if !chosen.is_empty() {
                drafts.push((*sender, chosen));
            }
        }
        let classes: BTreeSet<Class> = drafts
            .iter()
            .flat_map(|(_, chosen)| chosen.iter().map(|(made, _)| made.class))
            .collect();
        let classes: Vec<Class> = classes.into_iter().collect();
        let senders = drafts.into_iter().map(|(sender, chosen)| {
            let name = sender.name();
            let share = |of: Class| -> f64 {
                let those = chosen.iter().filter(|(made, _)| made.class == of);
                those.map(|(_, share)| share).sum()
            };
            let bytes = chosen
                .iter()
                .map(|(made, share)| number(length(made.message_bytes)) * share);
            Sending {
                name,
                cpu_ms: results.median("cpu_ms", name),
                is_signed: sender.strength() == Strength::Signed,
                has_token: sender.strength() == Strength::Token,
                message_bytes: bytes.sum(),
                shares: classes.iter().map(|class| share(*class)).collect(),
            }
        });
        let senders: Vec<Sending> = senders.collect();
        if senders.is_empty() {
            return Err("no sample is of such events".into());
        }
        Ok(Self { classes, senders })
    }

    /// Returns what one event writes on average, in write units, all senders alike.
    #[cfg(test)]
    pub(crate) fn units_per_event(&self) -> f64 {
        let each = |sender: &Sending| -> f64 {
            let shares = sender.shares.iter().zip(&self.classes);
            shares
                .map(|(share, class)| share * number(class.all_units()))
                .sum()
        };
        self.senders.iter().map(each).sum::<f64>() / number(length(self.senders.len()))
    }
}

impl Class {
    /// Returns the write units that are billed.
    pub(crate) fn all_units(&self) -> u64 {
        self.item_units + self.message_units + self.problem_units + self.beside
    }
}

/// The share of each kind on an ordinary day: see [`DAY`].
fn shares_of_day() -> Outcome<BTreeMap<&'static str, f64>> {
    let all: usize = DAY.iter().map(|(_, _, share)| share).sum();
    let mut shares = BTreeMap::new();
    for (sample, _, share) in DAY {
        let name = format!("{RECEIVER}/{sample}");
        let sample = samples::find(&name).ok_or_else(|| format!("no sample {name}"))?;
        let message = workload::message(RECEIVER, std::str::from_utf8(sample.body)?)?;
        let event = registry::normalize(&message)?.events.into_iter().next();
        let kind = event.ok_or("no event")?.kind.name();
        *shares.entry(kind).or_default() += number(length(*share)) / number(length(all));
    }
    Ok(shares)
}

/// Makes events and items of all samples of a provider. A sample of nothing makes none.
fn made(provider: &'static str, indexes: &[(String, Vec<String>)]) -> Outcome<Vec<Made>> {
    let mut all = Vec::new();
    for sample in samples::of(provider) {
        // Some samples are of what is refused, or stored nowhere.
        let Ok(body) = std::str::from_utf8(sample.body) else {
            continue;
        };
        let Ok(message) = workload::message(provider, body) else {
            continue;
        };
        let Ok(normalized) = registry::normalize(&message) else {
            continue;
        };
        let share = message.len() / normalized.events.len().max(1);
        for event in &normalized.events {
            all.push(one(event, share, indexes)?);
        }
    }
    if all.is_empty() {
        return Err(format!("{provider} has no sample of an event").into());
    }
    Ok(all)
}

fn one(event: &Event, message_bytes: usize, indexes: &[(String, Vec<String>)]) -> Outcome<Made> {
    let item = item(event, RETENTION_DAYS);
    let entry = |key: &str| -> Outcome<u64> {
        let index = indexes.iter().find(|(name, _)| name == key);
        let (_, names) = index.ok_or_else(|| format!("no index by {key}"))?;
        let is_there = item.contains_key(key);
        Ok(if is_there {
            write_units(entry_size(&item, names))
        } else {
            0
        })
    };
    let mut wanted = Wanted::new();
    sight::want(&mut wanted, event, event.occurred_at.time(), RETENTION_DAYS);
    let beside = wanted.len() + usize::from(word(event).is_some());
    let kind = event.kind.name();
    let problem = PROBLEMS.iter().position(|problem| *problem == kind);
    Ok(Made {
        kind,
        is_blocked: text(&item, "bounce_class") == Some("block"),
        is_nobody: !names_somebody(event),
        bytes: size(&item),
        message_bytes,
        class: Class {
            problem: problem.filter(|_| item.contains_key("problem")),
            is_nobody: !names_somebody(event),
            item_units: write_units(size(&item)),
            message_units: entry("message")?,
            problem_units: entry("problem")?,
            beside: length(beside),
        },
    })
}

fn write_units(bytes: usize) -> u64 {
    whole(units(bytes))
}

fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// Chooses the events that come, with their shares, which are 1 in all. Of each kind it is the
/// one of the median size. What a provider has no sample of, it does not send.
fn chosen(kinds: Kinds, made: &[Made], shares: &BTreeMap<&'static str, f64>) -> Vec<(Made, f64)> {
    let median = |is_one: &dyn Fn(&Made) -> bool| {
        let mut those: Vec<Made> = made.iter().copied().filter(is_one).collect();
        those.sort_by_key(|made| made.bytes);
        those.get(those.len() / 2).copied()
    };
    let blocked = || {
        let blocked = median(&|made| made.kind == "bounced" && made.is_blocked);
        blocked.or_else(|| median(&|made| made.kind == "bounced"))
    };
    let mut chosen: Vec<(Made, f64)> = match kinds {
        Kinds::Blocked => blocked().map(|made| (made, 1.0)).into_iter().collect(),
        Kinds::Nobody => {
            let nobody = median(&|made| made.is_nobody);
            nobody.map(|made| (made, 1.0)).into_iter().collect()
        }
        Kinds::Day => {
            let of_day = shares.iter().filter_map(|(kind, share)| {
                let one = median(&|made| made.kind == *kind && !made.is_nobody);
                Some((one?, *share))
            });
            of_day.collect()
        }
    };
    let all: f64 = chosen.iter().map(|(_, share)| share).sum();
    for (_, share) in &mut chosen {
        *share /= all;
    }
    chosen
}
