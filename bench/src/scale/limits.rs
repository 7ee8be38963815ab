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
    /// After which pauses a provider sends a webhook again.
    pub(crate) provider_retries_minutes: Vec<f64>,
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

    /// Returns an assumption by its name.
    pub(crate) fn assumed(&self, name: &str) -> Outcome<f64> {
        let assumed = self.assumptions.get(name).map(|assumed| assumed.value);
        assumed.ok_or_else(|| format!("bench/limits.json has no assumption {name}").into())
    }
}

#[cfg(test)]
mod tests {
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
    fn a_limit_that_is_not_there_is_named() {
        let error = Limits::read().unwrap().of("speed_of_light").unwrap_err();
        let message = "bench/limits.json has no limit speed_of_light";
        assert_eq!(error.to_string(), message);
    }
}
