//! What is known of an endpoint between two attempts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::written;
use crate::hour::Hour;
use crate::pace;

/// Why an endpoint is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Disabled {
    /// It has failed for days.
    Failing,
    /// It said that it is gone.
    Gone,
}

impl Disabled {
    /// Returns the stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Gone => "gone",
        }
    }
}

/// What became of the latest test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LastTest {
    /// The test's webhook id.
    pub id: String,
    /// Whether the endpoint accepted it.
    pub delivered: bool,
    /// The stable name of what became of it.
    pub code: String,
    /// The endpoint's status, if it answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How long the attempt took.
    pub latency_ms: u64,
    /// When it ended.
    #[serde(with = "written", skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// How many tests are remembered.
const TESTS: usize = 8;

/// What is known of an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// How many attempts in a row failed.
    #[serde(skip_serializing_if = "is_zero")]
    pub failures: u32,
    /// When the first of them failed.
    #[serde(with = "written", skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// How long they took in all.
    #[serde(skip_serializing_if = "is_none")]
    pub wasted_ms: u64,
    /// How long attempts that hung took, of late. What is accepted between them does not count
    /// against it.
    #[serde(skip_serializing_if = "is_none")]
    pub hung_ms: u64,
    /// When the latest of them ended.
    #[serde(with = "written", skip_serializing_if = "Option::is_none")]
    pub hung_at: Option<Timestamp>,
    /// When the breaker opened, if it is open.
    #[serde(with = "written", skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Timestamp>,
    /// When the next probe is due, if the breaker is open.
    #[serde(with = "written", skip_serializing_if = "Option::is_none")]
    pub probe_at: Option<Timestamp>,
    /// How many probes have failed since the breaker opened.
    #[serde(skip_serializing_if = "is_zero")]
    pub step: u32,
    /// How many probes were sent since then. It says whose turn it is.
    #[serde(skip_serializing_if = "is_zero")]
    pub probes: u32,
    /// Since when the endpoint is back, until all that was parked before has gone out.
    #[serde(with = "written", skip_serializing_if = "Option::is_none")]
    pub back_since: Option<Timestamp>,
    /// How many parked notifications went out since then.
    #[serde(skip_serializing_if = "is_none")]
    pub paced: u64,
    /// Why the endpoint is disabled, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<Disabled>,
    /// Why the latest attempt that failed did so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_code: Option<String>,
    /// When it failed.
    #[serde(with = "written", skip_serializing_if = "Option::is_none")]
    pub last_at: Option<Timestamp>,
    /// The latest tests, the oldest first. There are several, because they may be made at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<LastTest>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl State {
    /// Reads a state. Returns `None` if the text is not one.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Writes the state.
    #[must_use]
    pub fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() // it has nothing that cannot be written
    }

    /// Checks whether the endpoint is spared: only probes are sent.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.opened_at.is_some()
    }

    /// Checks whether the endpoint was given up, until a person makes it active again.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        self.disabled.is_some()
    }

    /// Returns when the next probe is due, if the breaker is open.
    #[must_use]
    pub fn next_probe(&self) -> Option<Timestamp> {
        self.probe_at.filter(|_| self.is_open())
    }

    /// Returns how many parked notifications one sweep may send.
    #[must_use]
    pub fn allowed(&self, now: Timestamp, hour: &Hour) -> u64 {
        pace::allowed(self.back_since, self.paced, now, hour)
    }

    /// Returns the state once so many parked notifications are to be sent. They count only while
    /// the endpoint is coming back.
    #[must_use]
    pub fn sending(&self, count: u64) -> Self {
        let paced = self.paced.saturating_add(count);
        Self {
            paced: self.back_since.map_or(0, |_| paced),
            ..self.clone()
        }
    }

    /// Returns the state once all that was parked before the return has gone out.
    #[must_use]
    pub fn drained(&self) -> Self {
        Self {
            back_since: None,
            paced: 0,
            ..self.clone()
        }
    }

    /// Returns the state after a test.
    #[must_use]
    pub fn tested(&self, test: LastTest) -> Self {
        let mut state = self.clone();
        state.tests.retain(|known| known.id != test.id);
        state.tests.push(test);
        let old = state.tests.len().saturating_sub(TESTS);
        state.tests.drain(..old);
        state
    }

    /// Returns the state of an endpoint that is given up. It is not probed.
    #[must_use]
    pub fn disabled(&self, why: Disabled) -> Self {
        Self {
            disabled: Some(why),
            opened_at: None,
            probe_at: None,
            back_since: None,
            paced: 0,
            ..self.clone()
        }
    }

    /// Returns the state without its row of failures.
    pub(super) fn closed(&self) -> Self {
        Self {
            back_since: self.back_since,
            paced: self.paced,
            hung_ms: self.hung_ms,
            hung_at: self.hung_at,
            disabled: self.disabled,
            last_code: self.last_code.clone(),
            last_at: self.last_at,
            tests: self.tests.clone(),
            ..Self::default()
        }
    }
}
