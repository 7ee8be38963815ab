//! The words that there are.

use registry::PROVIDERS;

/// Who wrote the operator's own events, in the place of a provider.
pub const OPERATOR: &str = shared::operator::PROVIDER;

/// The words for a day, besides a date and a number of days.
pub const DAYS: [&str; 2] = ["today", "yesterday"];

/// The classes of a bounce.
pub const CLASSES: [&str; 4] = ["hard", "soft", "block", "undetermined"];

/// The names of the providers, and of the operator.
#[must_use]
pub fn providers() -> Vec<&'static str> {
    let names = PROVIDERS.iter().map(|provider| provider.name());
    names.chain([OPERATOR]).collect()
}
