//! What can go wrong, and how a fault is written: `<service>:<fault>=<probability>[,<ms>]`.

use std::fmt::{self, Write as _};
use std::str::FromStr;
use std::time::Duration;

/// A service that the functions call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// SQS.
    Queue,
    /// `DynamoDB`.
    Table,
}

/// What a service does to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// Refuses the request with the service's own throttling error.
    Throttle,
    /// Answers 500 with the service's own internal error.
    Error,
    /// Resets the connection and does not do the work.
    Reset,
    /// Never answers and does not do the work.
    Hang,
    /// Waits before it does the work.
    Slow,
    /// Does the work, and then resets the connection instead of answering.
    Drop,
}

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A service's answer to one request of a function.
    Answer(Service, Trouble),
    /// The table leaves part of a `BatchWriteItem` undone and says so.
    TablePartial,
    /// The queue delivers a message a second time, to another invocation. The first invocation may
    /// still be under way.
    QueueDuplicate,
    /// The queue delivers a message later than messages that came after it.
    QueueReorder,
    /// A function's process is killed while it has a request.
    FunctionKill,
    /// Everything is killed at once: services, poller and gateway. Only the storm can do that,
    /// because it can start them again.
    StackKill,
}

/// A fault that is in force.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Injection {
    /// Which fault it is.
    pub fault: Fault,
    /// How likely it is for each request, message or invocation: above 0, at most 1.
    pub probability: f64,
    /// How long the fault lasts, or how late it may make a message. Zero for a fault that has no
    /// time.
    pub within: Duration,
}

/// Why a text is not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// The text does not have the form of a fault.
    #[error("expected SERVICE:FAULT=PROBABILITY[,MS], such as table:throttle=0.2")]
    Form,
    /// No fault has this name.
    #[error("there is no fault {0}; there are {1}")]
    Unknown(String, String),
    /// The probability is not above 0 and at most 1.
    #[error("{0} is no probability: it must be above 0, and at most 1")]
    Probability(String),
    /// The time is not a whole number of milliseconds up to an hour.
    #[error("{0} is no time: it must be whole milliseconds, at most 3600000")]
    Time(String),
    /// The fault has no time, and milliseconds were given.
    #[error("{0} takes no milliseconds")]
    Timeless(&'static str),
}

/// One fault of the table below.
struct Entry {
    fault: Fault,
    name: &'static str,
    /// The probability with `--all-faults`. It is so small that all faults together still let work
    /// through.
    usual: f64,
    /// The milliseconds if none are given. `None` for a fault without time.
    within: Option<u64>,
    what: &'static str,
}

const LONGEST_MS: u64 = 3_600_000;

const fn entry(
    fault: Fault,
    name: &'static str,
    usual: f64,
    within: Option<u64>,
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

use Fault::{Answer, FunctionKill, QueueDuplicate, QueueReorder, StackKill, TablePartial};
use Service::{Queue, Table};
use Trouble::{Drop, Error, Hang, Reset, Slow, Throttle};

#[rustfmt::skip]
const TABLE: &[Entry] = &[
    entry(Answer(Queue, Throttle), "queue:throttle", 0.02, None, "refuses with RequestThrottled, 400"),
    entry(Answer(Queue, Error), "queue:error", 0.02, None, "answers InternalFailure, 500"),
    entry(Answer(Queue, Reset), "queue:reset", 0.02, None, "resets the connection, and does nothing"),
    entry(Answer(Queue, Hang), "queue:hang", 0.002, None, "never answers, and does nothing"),
    entry(Answer(Queue, Slow), "queue:slow", 0.05, Some(200), "waits so long before it does anything"),
    entry(Answer(Queue, Drop), "queue:drop", 0.02, None, "does the work, and resets the connection instead of answering"),
    entry(QueueDuplicate, "queue:duplicate", 0.05, Some(100), "delivers a message again, at most so much later"),
    entry(QueueReorder, "queue:reorder", 0.05, Some(1000), "holds a message back, at most so long, while later ones pass"),
    entry(Answer(Table, Throttle), "table:throttle", 0.05, None, "refuses with ProvisionedThroughputExceededException, 400"),
    entry(Answer(Table, Error), "table:error", 0.02, None, "answers InternalServerError, 500"),
    entry(Answer(Table, Reset), "table:reset", 0.02, None, "resets the connection, and does nothing"),
    entry(Answer(Table, Hang), "table:hang", 0.002, None, "never answers, and does nothing"),
    entry(Answer(Table, Slow), "table:slow", 0.05, Some(200), "waits so long before it does anything"),
    entry(Answer(Table, Drop), "table:drop", 0.02, None, "does the work, and resets the connection instead of answering"),
    entry(TablePartial, "table:partial", 0.1, None, "returns part of a BatchWriteItem as UnprocessedItems"),
    entry(FunctionKill, "function:kill", 0.005, Some(10), "SIGKILL to a function that has a request, at most so much later"),
    entry(StackKill, "stack:kill", 0.0001, None, "SIGKILL to the whole stack, so often per webhook (storm only)"),
];

/// Returns the text about faults for `--help`.
#[must_use]
pub fn help() -> String {
    let mut text = "What goes wrong, for the functions alone; may be repeated. Of each request, message or invocation the share \
         PROBABILITY is struck. The faults, with the milliseconds that they have if none are given:\n"
        .to_owned();
    for entry in TABLE {
        let within = entry.within.map(|ms| format!("{ms} ms"));
        let _ = write!(
            text,
            "\n{:<16}{:>8}  {}",
            entry.name,
            within.unwrap_or_default(),
            entry.what
        );
    }
    text
}

/// Returns every fault with its usual probability.
pub fn every() -> impl Iterator<Item = Injection> {
    TABLE.iter().map(|entry| Injection {
        fault: entry.fault,
        probability: entry.usual,
        within: Duration::from_millis(entry.within.unwrap_or_default()),
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

    /// Returns a number that makes the choices of two faults differ under one seed.
    pub(super) fn salt(self) -> u64 {
        let place = TABLE.iter().position(|entry| entry.fault == self);
        // The numbers are far apart, so that two pairs of a seed and a fault never meet by counting
        // up.
        (place.unwrap_or_default() as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

impl FromStr for Injection {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (name, strength) = text.split_once('=').ok_or(FaultError::Form)?;
        let entry = TABLE
            .iter()
            .find(|entry| entry.name == name)
            .ok_or_else(|| {
                let names: Vec<&str> = TABLE.iter().map(|entry| entry.name).collect();
                FaultError::Unknown(name.to_owned(), names.join(" "))
            })?;
        let (probability, ms) = match strength.split_once(',') {
            Some((probability, ms)) => (probability, Some(ms)),
            None => (strength, None),
        };
        let likely = probability
            .parse()
            .ok()
            .filter(|p: &f64| *p > 0.0 && *p <= 1.0);
        let likely = likely.ok_or_else(|| FaultError::Probability(probability.to_owned()))?;
        let within = match (ms, entry.within) {
            (Some(_), None) => return Err(FaultError::Timeless(entry.name)),
            (Some(ms), Some(_)) => ms
                .parse()
                .ok()
                .filter(|ms| *ms <= LONGEST_MS)
                .ok_or_else(|| FaultError::Time(ms.to_owned()))?,
            (None, usual) => usual.unwrap_or_default(),
        };
        Ok(Self {
            fault: entry.fault,
            probability: likely,
            within: Duration::from_millis(within),
        })
    }
}

impl fmt::Display for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.fault.name(), self.probability)?;
        if self.within.is_zero() {
            return Ok(());
        }
        write!(f, ",{}", self.within.as_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Injection, FaultError> {
        text.parse()
    }

    #[test]
    fn a_fault_is_read_as_it_is_written() {
        let slow = Injection {
            fault: Answer(Table, Slow),
            probability: 0.25,
            within: Duration::from_millis(40),
        };
        assert_eq!(read("table:slow=0.25,40"), Ok(slow));
        for injection in every() {
            assert_eq!(read(&injection.to_string()), Ok(injection));
            assert!(help().contains(injection.fault.name()));
        }
        let usual = read("queue:slow=1").map(|injection| injection.within);
        assert_eq!(usual, Ok(Duration::from_millis(200)));
    }

    #[test]
    fn each_mistake_is_named() {
        let of = |text: &str| read(text).unwrap_err();
        assert_eq!(of("table:throttle"), FaultError::Form);
        assert!(
            matches!(of("queue:partial=0.1"), FaultError::Unknown(name, _) if name == "queue:partial")
        );
        for probability in ["0", "1.01", "-0.1", "NaN", "", "x"] {
            let mistake = FaultError::Probability(probability.to_owned());
            assert_eq!(of(&format!("table:hang={probability}")), mistake);
        }
        for ms in ["", "-1", "1.5", "3600001"] {
            assert_eq!(
                of(&format!("table:slow=1,{ms}")),
                FaultError::Time(ms.to_owned())
            );
        }
        assert_eq!(of("table:hang=1,5"), FaultError::Timeless("table:hang"));
    }
}
