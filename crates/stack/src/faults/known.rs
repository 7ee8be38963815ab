//! Every fault: its name, how often it strikes unless it is told, and what happens.

use std::fmt::Write as _;
use std::time::Duration;

use super::fault::Fault::{
    Answer, BusPartial, Endpoint, FunctionKill, QueueDuplicate, QueueReorder, StackKill,
    StreamDuplicate, StreamHold, TablePartial,
};
use super::fault::Service::{Bus, Queue, Table};
use super::fault::Trouble::{Drop, Error, Hang, Reset, Slow, Throttle};
use super::fault::{Ailment, Fault, Injection};
use Within::{Hours, Millis, Nothing};

/// One fault of the table below.
pub(super) struct Entry {
    pub(super) fault: Fault,
    pub(super) name: &'static str,
    /// The probability with `--all-faults`. It is so small that all faults together still let work
    /// through.
    usual: f64,
    /// The time if none is given.
    pub(super) within: Within,
    what: &'static str,
}

/// How long a fault lasts if the user does not say so.
#[derive(Clone, Copy)]
pub(super) enum Within {
    /// It has no time.
    Nothing,
    /// So many milliseconds.
    Millis(u64),
    /// So many hours of the stack. The fault has no probability.
    Hours(u64),
}

impl Within {
    /// Returns the time.
    pub(super) fn usual(self) -> Duration {
        match self {
            Self::Nothing => Duration::ZERO,
            Self::Millis(ms) => Duration::from_millis(ms),
            Self::Hours(hours) => Duration::from_hours(hours),
        }
    }
}

const fn entry(
    fault: Fault,
    name: &'static str,
    usual: f64,
    within: Within,
    what: &'static str,
) -> Entry {
    Entry {
        fault,
        name,
        usual,
        within,
        what,
    }
}

#[rustfmt::skip]
pub(super) const TABLE: &[Entry] = &[
    entry(Answer(Queue, Throttle), "queue:throttle", 0.02, Nothing, "refuses with RequestThrottled, 400"),
    entry(Answer(Queue, Error), "queue:error", 0.02, Nothing, "answers InternalFailure, 500"),
    entry(Answer(Queue, Reset), "queue:reset", 0.02, Nothing, "resets the connection, and does nothing"),
    entry(Answer(Queue, Hang), "queue:hang", 0.002, Nothing, "never answers, and does nothing"),
    entry(Answer(Queue, Slow), "queue:slow", 0.05, Millis(200), "waits so long before it does anything"),
    entry(Answer(Queue, Drop), "queue:drop", 0.02, Nothing, "does the work, and resets the connection instead of answering"),
    entry(QueueDuplicate, "queue:duplicate", 0.05, Millis(100), "delivers a message again, at most so much later"),
    entry(QueueReorder, "queue:reorder", 0.05, Millis(1000), "holds a message back, at most so long, while later ones pass"),
    entry(Answer(Table, Throttle), "table:throttle", 0.05, Nothing, "refuses with ProvisionedThroughputExceededException, 400"),
    entry(Answer(Table, Error), "table:error", 0.02, Nothing, "answers InternalServerError, 500"),
    entry(Answer(Table, Reset), "table:reset", 0.02, Nothing, "resets the connection, and does nothing"),
    entry(Answer(Table, Hang), "table:hang", 0.002, Nothing, "never answers, and does nothing"),
    entry(Answer(Table, Slow), "table:slow", 0.05, Millis(200), "waits so long before it does anything"),
    entry(Answer(Table, Drop), "table:drop", 0.02, Nothing, "does the work, and resets the connection instead of answering"),
    entry(TablePartial, "table:partial", 0.1, Nothing, "returns part of a BatchWriteItem as UnprocessedItems"),
    entry(StreamDuplicate, "stream:duplicate", 0.05, Millis(100), "hands a batch of the table's stream over again, at most so much later"),
    entry(StreamHold, "stream:hold", 0.05, Millis(1000), "holds a batch of the table's stream back, at most so long"),
    entry(Endpoint(Ailment::Error), "endpoint:error", 0.03, Nothing, "answers a notification 500 (storm only, as all of endpoint)"),
    entry(Endpoint(Ailment::Hang), "endpoint:hang", 0.0005, Nothing, "never answers"),
    entry(Endpoint(Ailment::Reset), "endpoint:reset", 0.02, Nothing, "resets the connection, and does nothing"),
    entry(Endpoint(Ailment::Drop), "endpoint:drop", 0.02, Nothing, "keeps the notification, and resets the connection"),
    entry(Endpoint(Ailment::Slow), "endpoint:slow", 0.05, Millis(200), "waits so long before it answers"),
    entry(Endpoint(Ailment::Redirect), "endpoint:redirect", 0.02, Nothing, "points to another address"),
    entry(Endpoint(Ailment::Down), "endpoint:down", 1.0, Hours(8), "is down for so many hours, which are short in a storm: endpoint:down=8h"),
    entry(Answer(Bus, Throttle), "bus:throttle", 0.05, Nothing, "refuses with ThrottlingException, 400"),
    entry(Answer(Bus, Error), "bus:error", 0.02, Nothing, "answers InternalException, 500"),
    entry(Answer(Bus, Hang), "bus:hang", 0.002, Nothing, "never answers, and does nothing"),
    entry(Answer(Bus, Drop), "bus:drop", 0.02, Nothing, "does the work, and resets the connection instead of answering"),
    entry(BusPartial, "bus:partial", 0.1, Nothing, "takes part of the entries, and refuses each of the others with a code"),
    entry(FunctionKill, "function:kill", 0.005, Millis(10), "SIGKILL to a function that has a request, at most so much later"),
    entry(StackKill, "stack:kill", 0.0001, Nothing, "SIGKILL to the whole stack, so often per webhook (storm only)"),
];

/// Returns the text about faults for `--help`.
#[must_use]
pub fn help() -> String {
    let mut text = "What goes wrong, for the functions alone; may be repeated. Of each request, message or invocation the share \
         PROBABILITY is struck. A fault is written NAME=PROBABILITY, as in bus:error=1, or \
         NAME=PROBABILITY,MILLISECONDS, as in table:slow=0.2,50. The faults, with the milliseconds that they have if none are given:\n"
        .to_owned();
    for entry in TABLE {
        let within = match entry.within {
            Nothing => String::new(),
            Millis(ms) => format!("{ms} ms"),
            Hours(hours) => format!("{hours}h"),
        };
        let _ = write!(text, "\n{:<18}{:>8}  {}", entry.name, within, entry.what);
    }
    text
}

/// Returns every fault with its usual probability.
pub fn every() -> impl Iterator<Item = Injection> {
    TABLE.iter().map(|entry| Injection {
        fault: entry.fault,
        probability: entry.usual,
        within: entry.within.usual(),
    })
}

impl Fault {
    /// Returns the fault's name as users write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        TABLE
            .iter()
            .find(|entry| entry.fault == self)
            .map_or("", |entry| entry.name)
    }

    /// Checks whether the functions' processes survive the fault.
    #[must_use]
    pub fn lets_processes_live(self) -> bool {
        !matches!(self, FunctionKill | StackKill)
    }

    /// Checks whether the fault strikes on the way from the table to those who are told.
    #[must_use]
    pub fn is_on_the_way_out(self) -> bool {
        matches!(
            self,
            StreamDuplicate | StreamHold | Endpoint(_) | Answer(Bus, _) | BusPartial
        )
    }

    /// Checks whether the fault strikes what only a storm has: the whole stack, which the storm
    /// starts again, and the endpoints that it is told by.
    #[must_use]
    pub fn is_of_a_storm(self) -> bool {
        matches!(self, StackKill | Endpoint(_))
    }

    /// Returns a number that makes the choices of two faults differ under one seed.
    pub(super) fn salt(self) -> u64 {
        let place = TABLE.iter().position(|entry| entry.fault == self);
        // The numbers are far apart, so that two pairs of a seed and a fault never meet by counting
        // up.
        (place.unwrap_or_default() as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}
