//! Which faults are in force, and when each one strikes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};

use super::fault::{Fault, Injection};

/// The faults in force, and how often each has struck. Clones share them.
#[derive(Clone)]
pub struct Faults {
    state: Arc<Mutex<State>>,
}

struct State {
    seed: u64,
    in_force: BTreeMap<Fault, Injection>,
    generators: BTreeMap<Fault, SmallRng>,
    struck: BTreeMap<Fault, u64>,
}

/// A fault that strikes one request, message or invocation.
pub(crate) struct Strike {
    /// The fault's milliseconds.
    pub(crate) within: Duration,
    /// A generator for whatever else is left to chance.
    pub(crate) chance: SmallRng,
}

impl Strike {
    /// Returns a random time within the fault's milliseconds.
    pub(crate) fn delay(&mut self) -> Duration {
        self.within.mul_f64(self.chance.random())
    }
}

impl Faults {
    /// Returns faults whose choices follow from `seed`.
    #[must_use]
    pub fn new(seed: u64, faults: Vec<Injection>) -> Self {
        let state = State {
            seed,
            in_force: BTreeMap::new(),
            generators: BTreeMap::new(),
            struck: BTreeMap::new(),
        };
        let all = Self {
            state: Arc::new(Mutex::new(state)),
        };
        all.set(faults);
        all
    }

    /// Puts these faults in force, and no others. If two have the same name, the later one counts.
    pub fn set(&self, faults: Vec<Injection>) {
        self.lock().in_force = faults.into_iter().map(|f| (f.fault, f)).collect();
    }

    /// Takes all faults out of force.
    pub fn clear(&self) {
        self.set(Vec::new());
    }

    /// Returns how often each fault has struck.
    #[must_use]
    pub fn struck(&self) -> BTreeMap<Fault, u64> {
        self.lock().struck.clone()
    }

    /// Decides whether this fault strikes now.
    pub(crate) fn strike(&self, fault: Fault) -> Option<Strike> {
        let mut state = self.lock();
        let injection = *state.in_force.get(&fault)?;
        let seed = state.seed ^ fault.salt();
        let generators = &mut state.generators;
        let generator = generators
            .entry(fault)
            .or_insert_with(|| SmallRng::seed_from_u64(seed));
        let strikes = generator.random_bool(injection.probability);
        let chance = SmallRng::seed_from_u64(generator.next_u64());
        if !strikes {
            return None;
        }
        *state.struck.entry(fault).or_default() += 1;
        Some(Strike {
            within: injection.within,
            chance,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fault::{Service, Trouble};
    use super::*;

    fn drop_of_the_queue(probability: f64) -> Vec<Injection> {
        let fault = Fault::Answer(Service::Queue, Trouble::Drop);
        vec![Injection {
            fault,
            probability,
            within: Duration::ZERO,
        }]
    }

    fn choices(faults: &Faults, count: usize) -> Vec<bool> {
        let fault = Fault::Answer(Service::Queue, Trouble::Drop);
        (0..count).map(|_| faults.strike(fault).is_some()).collect()
    }

    #[test]
    fn the_same_seed_chooses_the_same_requests() {
        let choose = |seed| choices(&Faults::new(seed, drop_of_the_queue(0.5)), 64);
        assert_eq!(choose(7), choose(7));
        assert_ne!(choose(7), choose(8));
    }

    #[test]
    fn a_fault_strikes_as_often_as_it_should_and_is_counted() {
        let faults = Faults::new(1, drop_of_the_queue(0.1));
        let struck = choices(&faults, 10_000).into_iter().filter(|s| *s).count();
        assert!((900..1100).contains(&struck), "{struck} of 10,000");
        assert_eq!(
            faults.struck().into_values().collect::<Vec<_>>(),
            [struck as u64]
        );
        let always = Faults::new(1, drop_of_the_queue(1.0));
        assert_eq!(choices(&always, 100), [true; 100]);
    }

    #[test]
    fn what_is_not_in_force_never_strikes() {
        let faults = Faults::new(1, drop_of_the_queue(1.0));
        assert!(faults.strike(Fault::FunctionKill).is_none());
        faults.clear();
        assert_eq!(choices(&faults, 100), [false; 100]);
        assert_eq!(faults.struck(), BTreeMap::new());
    }
}
