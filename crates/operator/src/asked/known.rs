//! The words that there are.

use shared::providers as names;
pub use table::asked::CLASSES;

/// Who wrote the operator's own events, in the place of a provider.
pub const OPERATOR: &str = shared::operator::PROVIDER;

/// The words for a day, besides a date and a number of days.
pub const DAYS: [&str; 2] = ["today", "yesterday"];

/// The names of the providers, and of the operator.
#[must_use]
pub fn providers() -> Vec<&'static str> {
    names::all().collect()
}
