//! What the check of the table found.

use serde::{Deserialize, Serialize};

/// What the check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// Events in the acknowledged webhooks.
    pub acknowledged_events: u64,
    /// Acknowledged events that are in the table as they should be.
    pub stored: u64,
    /// Events that are in the table although their webhooks were never acknowledged.
    pub stored_unacknowledged: u64,
    /// Suppression items that match the fold of the history.
    pub suppressions: u64,
    /// Acknowledged events that are not in the table.
    pub lost: u64,
    /// Events that are in the table a second time, at another time.
    pub doubled: u64,
    /// Events that the table holds differently from what the webhook says.
    pub differs: u64,
    /// Stored events of webhooks that were refused.
    pub forged: u64,
    /// Items for which nothing was sent.
    pub extra: u64,
    /// Suppression items that do not match the fold of the history. Missing ones are counted, too.
    pub suppressions_wrong: u64,
    /// First sights that are missing, or whose time is not that of an attempt.
    pub first_seen_wrong: u64,
    /// Acknowledged webhooks that have something unreadable in them.
    pub poison: u64,
    /// Such webhooks that are not in the dead-letter queue.
    pub poison_lost: u64,
    /// Messages in the dead-letter queue that do not belong there.
    pub dead: u64,
    /// The first few defects, each described in a few words.
    pub examples: Vec<String>,
}

const EXAMPLES: usize = 10;

impl Findings {
    /// Returns the counts that must be zero, by name.
    #[must_use]
    pub fn defects(&self) -> [(&'static str, u64); 9] {
        [
            ("lost", self.lost),
            ("doubled", self.doubled),
            ("differs", self.differs),
            ("forged", self.forged),
            ("extra", self.extra),
            ("suppressions_wrong", self.suppressions_wrong),
            ("first_seen_wrong", self.first_seen_wrong),
            ("poison_lost", self.poison_lost),
            ("dead", self.dead),
        ]
    }

    pub(crate) fn note(&mut self, what: &str, key: &str) {
        if self.examples.len() < EXAMPLES {
            self.examples.push(format!("{what} {key}"));
        }
    }
}
