//! How a fault is written: `<service>:<fault>=<probability>[,<ms>]`, and `endpoint:down=<hours>h`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::fault::{Ailment, Fault, Injection};
use super::known::{TABLE, Within};

const LONGEST_MS: u64 = 3_600_000;
/// How many hours an endpoint may be down: less than retries last, and less than it takes to be
/// switched off.
const HOURS: std::ops::RangeInclusive<u64> = 1..=72;

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
    /// The time is not a whole number of hours.
    #[error("{0} is no time: it must be whole hours from 1h to 72h, such as endpoint:down=8h")]
    Hours(String),
    /// The fault has no time, and milliseconds were given.
    #[error("{0} takes no milliseconds")]
    Timeless(&'static str),
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
        if let Within::Hours(_) = entry.within {
            return Ok(Self {
                fault: entry.fault,
                probability: 1.0,
                within: hours(strength)?,
            });
        }
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
            (Some(_), Within::Nothing) => return Err(FaultError::Timeless(entry.name)),
            (Some(ms), _) => ms
                .parse()
                .ok()
                .filter(|ms| *ms <= LONGEST_MS)
                .map(Duration::from_millis)
                .ok_or_else(|| FaultError::Time(ms.to_owned()))?,
            (None, usual) => usual.usual(),
        };
        Ok(Self {
            fault: entry.fault,
            probability: likely,
            within,
        })
    }
}

/// Reads hours, such as `8h`.
fn hours(text: &str) -> Result<Duration, FaultError> {
    let hours = text
        .strip_suffix('h')
        .and_then(|hours| hours.parse().ok())
        .filter(|hours| HOURS.contains(hours));
    hours
        .map(Duration::from_hours)
        .ok_or_else(|| FaultError::Hours(text.to_owned()))
}

impl fmt::Display for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=", self.fault.name())?;
        if self.fault == Fault::Endpoint(Ailment::Down) {
            return write!(f, "{}h", self.within.as_secs() / 3600);
        }
        write!(f, "{}", self.probability)?;
        if self.within.is_zero() {
            return Ok(());
        }
        write!(f, ",{}", self.within.as_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fault::Service::Table;
    use super::super::fault::Trouble::Slow;
    use super::super::known::{every, help};
    use super::*;

    fn read(text: &str) -> Result<Injection, FaultError> {
        text.parse()
    }

    #[test]
    fn a_fault_is_read_as_it_is_written() {
        let slow = Injection {
            fault: Fault::Answer(Table, Slow),
            probability: 0.25,
            within: Duration::from_millis(40),
        };
        assert_eq!(read("table:slow=0.25,40"), Ok(slow));
        // The help says how one is written, and that can be read.
        for example in ["bus:error=1", "table:slow=0.2,50"] {
            assert!(help().contains(example), "{example}");
            assert!(read(example).is_ok(), "{example}");
        }
        for injection in every() {
            assert_eq!(read(&injection.to_string()), Ok(injection));
            assert!(help().contains(injection.fault.name()));
        }
        let down = read("endpoint:down=30h").map(|injection| injection.within);
        assert_eq!(down, Ok(Duration::from_hours(30)));
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
        for hours in ["", "8", "0h", "73h", "-1h", "1.5h", "0.5"] {
            assert_eq!(
                of(&format!("endpoint:down={hours}")),
                FaultError::Hours(hours.to_owned())
            );
        }
        assert_eq!(of("table:hang=1,5"), FaultError::Timeless("table:hang"));
    }
}
