//! Compares what the sinks were told with what they must be told.

use std::collections::{BTreeSet, HashMap};

use shared::event::Reason;
use stack::faults::{Fault, Injection, Service, Trouble};

use crate::sinks::{BUS, Kept, Sinks, WELL, filter};
use crate::telling::{Heard, Telling, note};
use crate::wanted::{Misfit, Wanted};

/// What waits in the table for a sink that accepts nothing.
#[derive(Debug, Default)]
pub struct Held {
    /// The ids of its notifications.
    pub ids: BTreeSet<String>,
    /// The registers that it is to be told of.
    pub registers: BTreeSet<(String, Reason)>,
}

/// Checks whether a sink without faults may be told twice, under the same id, while these faults
/// are in force.
///
/// A function that dies or never hears an answer does its work again. So does a function that is
/// handed the same twice, and one that has sent part of a batch when the queue refuses the rest.
#[must_use]
pub fn may_double(faults: &[Injection]) -> bool {
    faults.iter().any(|injection| match injection.fault {
        Fault::Answer(Service::Queue, trouble) => trouble != Trouble::Slow,
        Fault::Answer(Service::Table, trouble) => {
            matches!(trouble, Trouble::Drop | Trouble::Hang)
        }
        Fault::QueueDuplicate | Fault::StreamDuplicate | Fault::FunctionKill | Fault::StackKill => {
            true
        }
        _ => false,
    })
}

/// Compares what the sinks were told with what they must be told. `held` waits for the dead one.
#[must_use]
pub fn told(sinks: &Sinks, wanted: &Wanted, held: &Held, may_double: bool) -> Telling {
    let mut telling = Telling::default();
    for sink in &sinks.0 {
        let ear = Ear {
            name: sink.name,
            events: sink.filter.text(),
            is_served: sink.is_served(),
            kept: &sink.kept(),
        };
        let heard = heard(&ear, wanted, held, &mut telling);
        if sink.name == WELL && !may_double {
            telling.renotified += heard.again;
        }
        telling.sinks.insert(sink.name.to_owned(), heard);
    }
    let everything = filter();
    let bus = Ear {
        name: BUS,
        events: everything.text(),
        is_served: true,
        kept: &sinks.1.kept(),
    };
    let heard = heard(&bus, wanted, held, &mut telling);
    telling.sinks.insert(BUS.to_owned(), heard);
    telling
}

/// Whoever was told: a sink, or the bus.
struct Ear<'a> {
    name: &'static str,
    events: &'a str,
    is_served: bool,
    kept: &'a Kept,
}

/// Judges all that a sink was told, and what it was not.
fn heard(ear: &Ear<'_>, wanted: &Wanted, held: &Held, telling: &mut Telling) -> Heard {
    let mut heard = requests(ear, wanted, telling);
    missing(ear, wanted, held, &mut heard, telling);
    heard
}

/// Judges each request of a sink.
fn requests(sink: &Ear<'_>, wanted: &Wanted, telling: &mut Telling) -> Heard {
    let kept = sink.kept;
    let mut heard = Heard {
        events: sink.events.to_owned(),
        requests: kept.requests.len() as u64,
        ..Heard::default()
    };
    let mut bodies: HashMap<&str, u64> = HashMap::new();
    let mut accepted: BTreeSet<&str> = BTreeSet::new();
    for request in &kept.requests {
        let first = *bodies.entry(&request.id).or_insert(request.body);
        let misfit = wanted.misfit(
            sink.name,
            &request.id,
            request.body,
            request.suppression.as_deref(),
        );
        let is_again = request.is_accepted && !accepted.insert(&request.id);
        heard.again += u64::from(is_again);
        let differs = first != request.body || misfit == Some(Misfit::BodyDiffers);
        for (is_wrong, count, what) in [
            (
                misfit == Some(Misfit::Stranger),
                &mut telling.stranger,
                "stranger",
            ),
            (
                misfit == Some(Misfit::Unwanted),
                &mut telling.unwanted,
                "unwanted",
            ),
            (differs, &mut telling.body_differs, "body differs"),
            (
                !request.is_signed,
                &mut telling.badly_signed,
                "badly signed",
            ),
            (request.leaks, &mut telling.leaked, "leaked"),
        ] {
            *count += u64::from(is_wrong);
            if is_wrong {
                note(&mut telling.examples, what, sink.name, &request.id);
            }
        }
    }
    heard
}

/// Counts what a sink has not accepted. For a dead one, it must wait in the table.
fn missing(sink: &Ear<'_>, wanted: &Wanted, held: &Held, heard: &mut Heard, telling: &mut Telling) {
    let missing = wanted.missing(sink.name, sink.kept);
    heard.wanted = missing.wanted;
    heard.accepted = missing.wanted.saturating_sub(missing.count() as u64);
    let waits = |is_held: bool| !sink.is_served && is_held;
    let events = missing.events.into_iter().map(|id| {
        let is_held = held.ids.contains(&id);
        (waits(is_held), id)
    });
    let registers = missing.registers.into_iter().map(|key| {
        let name = format!("{} {}", key.0, key.1.name());
        (waits(held.registers.contains(&key)), name)
    });
    for (is_held, name) in events.chain(registers) {
        if is_held {
            heard.held += 1;
        } else {
            telling.undelivered += 1;
            note(&mut telling.examples, "undelivered", sink.name, &name);
        }
    }
}

#[cfg(test)]
mod tests;
