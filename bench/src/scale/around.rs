//! What a step of the clock goes by.

use std::time::Duration;

use super::chance::{Chance, whole};
use super::figures::Figures;
use super::mix::Mix;
use super::record::Record;

/// The clock, chance, and what is counted.
pub(crate) struct Around<'a> {
    pub(crate) step: u64,
    pub(crate) step_ms: f64,
    pub(crate) mix: &'a Mix,
    pub(crate) figures: &'a Figures,
    pub(crate) chance: &'a mut Chance,
    pub(crate) record: &'a mut Record,
}

impl Around<'_> {
    /// Returns the step that is so much later, and at least the next one.
    pub(crate) fn after(&self, time: Duration) -> u64 {
        let steps = time.as_secs_f64() * 1_000.0 / self.step_ms;
        self.step + whole(steps.ceil()).max(1)
    }

    /// Returns how many seconds ago a step was.
    pub(crate) fn seconds_since(&self, step: u64) -> f64 {
        let ago = self.step.saturating_sub(step);
        super::chance::number(ago) * self.step_ms / 1_000.0
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.step_ms / 1_000.0
    }
}
