//! What every run reads, and how a scenario is run by it.

use std::path::Path;

use super::figures::Figures;
use super::limits::Limits;
use super::mix::Mix;
use super::scenario::Scenario;
use super::setting::Opened;
use super::table::Shards;
use super::world::{End, Plan, STEP_MS, run};
use crate::outcome::Outcome;
use crate::prices::Prices;
use crate::results::Results;

/// What every run reads.
pub(crate) struct Known {
    pub(crate) results: Results,
    pub(crate) prices: Prices,
    pub(crate) limits: Limits,
    pub(crate) seed: u64,
}

impl Known {
    /// Reads the recorded figures.
    pub(crate) fn read(results: &Path, seed: u64) -> Outcome<Self> {
        Ok(Self {
            results: Results::read(results)?,
            prices: Prices::read()?,
            limits: Limits::read()?,
            seed,
        })
    }

    /// Lets a scenario happen to a stack that is opened so far.
    pub(crate) fn happen(
        &self,
        scenario: &Scenario,
        opened: Opened,
        shards: Shards,
    ) -> Outcome<End> {
        let setting = opened.setting(&self.limits)?;
        let mix = Mix::of(scenario.kinds, &opened.template()?, &self.results)?;
        let figures = Figures::of(&self.results, &self.prices, &self.limits, &setting)?;
        run(&Plan {
            scenario,
            setting: &setting,
            mix: &mix,
            figures: &figures,
            limits: &self.limits,
            shards,
            partial: 0.0,
            seed: self.seed,
            step_ms: STEP_MS,
        })
    }
}
