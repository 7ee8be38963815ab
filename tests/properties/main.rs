//! What holds for any input. A module a subject; `json` makes the bodies, `tests::laws` is shared
//! with the fuzz targets.
//!
//! An input that ever failed stands beside its property as a test of its own.

mod address;
mod announced;
mod budget;
mod delivery;
mod element;
mod event;
mod identity;
mod item;
mod json;
mod normalize;
mod packing;
mod reading;
mod refused;
mod sight;
mod suppression;
mod terminal;
mod time;

use std::fmt::Debug;

use proptest::prelude::*;
use proptest::test_runner::{TestCaseResult, TestRunner};
use registry::{QUEUED, SENDERS};
use shared::sender::Sender;

/// So many random cases, and nothing written to the source folder.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Runs a property for every provider, its name in the failure.
fn each<T: Debug, S: Strategy<Value = T>>(
    count: u32,
    strategy: impl Fn(&'static dyn Sender) -> S,
    property: impl Fn(&dyn Sender, T) -> TestCaseResult,
) {
    for provider in SENDERS.iter().chain(QUEUED) {
        println!("provider: {}", provider.name());
        let run = TestRunner::new(cases(count))
            .run(&strategy(*provider), |value| property(*provider, value));
        if let Err(failure) = run {
            panic!("{}: {failure}", provider.name());
        }
    }
}
