//! AWS's limits, each with its source, and what is assumed where AWS says nothing.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::outcome::Outcome;

/// `bench/limits.json`.
#[derive(Clone, Deserialize)]
pub(crate) struct Limits {
    #[serde(rename = "limits")]
    documented: BTreeMap<String, Limit>,
    assumptions: BTreeMap<String, Assumption>,
    /// How each provider sends a webhook again.
    ladders: BTreeMap<String, Ladder>,
}

/// How a provider sends a webhook again that was not accepted.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Ladder {
    /// After each refusal it waits for so many minutes; after the last one it gives up.
    minutes: Vec<f64>,
    /// How often it waits for the last of them.
    #[serde(default = "once")]
    last: usize,
    /// Whether a 5xx ends it at once.
    #[serde(default)]
    pub(crate) ends_at_5xx: bool,
    #[cfg(test)]
    what: String,
}

fn once() -> usize {
    1
}

impl Ladder {
    /// Returns for how many minutes it waits after so many earlier refusals, unless it gives up.
    pub(crate) fn pause_minutes(&self, earlier: usize) -> Option<f64> {
        let most = (self.minutes.len() + self.last).saturating_sub(1);
        let place = earlier.min(self.minutes.len().saturating_sub(1));
        let pause = self.minutes.get(place).copied();
        pause.filter(|_| earlier < most)
    }
}

/// What AWS documents.
#[derive(Clone, Deserialize)]
struct Limit {
    value: f64,
    #[cfg(test)]
    what: String,
    #[cfg(test)]
    source: String,
    #[cfg(test)]
    read: String,
}

/// What nobody documents.
#[derive(Clone, Deserialize)]
struct Assumption {
    value: f64,
    #[cfg(test)]
    what: String,
}

impl Limits {
    pub(crate) fn read() -> Outcome<Self> {
        Ok(serde_json::from_str(include_str!("../../limits.json"))?)
    }

    /// Returns a limit of AWS by its name.
    pub(crate) fn of(&self, name: &str) -> Outcome<f64> {
        let limit = self.documented.get(name).map(|limit| limit.value);
        limit.ok_or_else(|| format!("bench/limits.json has no limit {name}").into())
    }

    /// Returns how the provider of this name sends again.
    pub(crate) fn ladder(&self, provider: &str) -> Outcome<&Ladder> {
        let ladder = self.ladders.get(provider);
        ladder.ok_or_else(|| format!("bench/limits.json has no ladder of {provider}").into())
    }

    /// Returns an assumption by its name.
    pub(crate) fn assumed(&self, name: &str) -> Outcome<f64> {
        let assumed = self.assumptions.get(name).map(|assumed| assumed.value);
        assumed.ok_or_else(|| format!("bench/limits.json has no assumption {name}").into())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_limit_says_where_it_was_read_and_when() {
        let limits = Limits::read().unwrap();
        assert!(limits.documented.len() > 15);
        for (name, limit) in &limits.documented {
            let is_sourced = limit.source.contains("https://")
                || limit.source.contains("same page")
                || limit.source.starts_with("from memory: ");
            assert!(is_sourced, "{name}: {}", limit.source);
            assert_eq!(limit.read.len(), "2026-11-26".len(), "{name}");
            assert!(limit.value > 0.0 && !limit.what.is_empty(), "{name}");
        }
        for (name, assumed) in &limits.assumptions {
            assert!(assumed.value > 0.0 && !assumed.what.is_empty(), "{name}");
        }
    }

    #[test]
    fn every_provider_has_its_ladder_and_no_other_has_one() {
        let limits = Limits::read().unwrap();
        let ladders: BTreeSet<&str> = limits.ladders.keys().map(|name| &**name).collect();
        let senders = registry::SENDERS.iter().map(|sender| sender.name());
        assert_eq!(ladders, senders.collect());
        for (name, ladder) in &limits.ladders {
            assert!(!ladder.what.is_empty(), "{name}");
            assert!(
                ladder.minutes.iter().all(|minutes| *minutes > 0.0),
                "{name}"
            );
        }
    }

    #[test]
    fn a_ladder_ends_after_its_last_pause() {
        let pauses = |minutes: &[f64], last| {
            let ladder = Ladder {
                minutes: minutes.to_vec(),
                last,
                ends_at_5xx: false,
                what: String::new(),
            };
            let all = (0..6).map_while(|earlier| ladder.pause_minutes(earlier));
            all.collect::<Vec<_>>()
        };
        assert_eq!(pauses(&[1.0, 5.0], 1), [1.0, 5.0]);
        assert_eq!(pauses(&[1.0, 5.0], 3), [1.0, 5.0, 5.0, 5.0]);
        assert_eq!(pauses(&[], 1), [0.0; 0]);
    }

    #[test]
    fn a_limit_that_is_not_there_is_named() {
        let error = Limits::read().unwrap().of("speed_of_light").unwrap_err();
        let message = "bench/limits.json has no limit speed_of_light";
        assert_eq!(error.to_string(), message);
    }
}
