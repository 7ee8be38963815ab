//! What the check of the sinks found: whether everybody was told what they want, as it stands in
//! the table, and nothing else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What became of one sink.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// What it subscribed to.
    pub events: String,
    /// How many notifications it wants, of what is stored.
    pub wanted: u64,
    /// How many of them it has accepted.
    pub accepted: u64,
    /// How many of them wait in the table.
    pub held: u64,
    /// How many requests it got.
    pub requests: u64,
    /// How many requests brought again what it had accepted.
    pub again: u64,
}

/// What the check of the sinks found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Telling {
    /// The sinks, by name.
    pub sinks: BTreeMap<String, Heard>,
    /// Notifications that a sink wants, of what is stored, and that it has not accepted. If a sink
    /// is dead, those that do not wait for it in the table.
    pub undelivered: u64,
    /// Notifications that the well sink accepted twice, although no fault can cause that.
    pub renotified: u64,
    /// Notifications of nothing that is in the table.
    pub stranger: u64,
    /// Notifications with two bodies under one id, or with another body than the item makes.
    pub body_differs: u64,
    /// Notifications of which one of the two signatures is wrong.
    pub badly_signed: u64,
    /// Notifications that the sink has not subscribed to.
    pub unwanted: u64,
    /// Requests with another sink's secret or header, without the sink's own, or at another path.
    pub leaked: u64,
    /// How long it took until everybody was told, in seconds.
    pub telling_s: f64,
    /// The first few defects, each described in a few words.
    pub examples: Vec<String>,
}

/// How many defects are described.
const EXAMPLES: usize = 10;

/// Describes a defect, unless enough are described.
pub(crate) fn note(examples: &mut Vec<String>, what: &str, sink: &str, id: &str) {
    if examples.len() < EXAMPLES {
        examples.push(format!("{what} {sink} {id}"));
    }
}

impl Telling {
    /// Returns the counts that must be zero, by name.
    #[must_use]
    pub fn defects(&self) -> [(&'static str, u64); 7] {
        [
            ("undelivered", self.undelivered),
            ("renotified", self.renotified),
            ("stranger", self.stranger),
            ("body_differs", self.body_differs),
            ("badly_signed", self.badly_signed),
            ("unwanted", self.unwanted),
            ("leaked", self.leaked),
        ]
    }
}
