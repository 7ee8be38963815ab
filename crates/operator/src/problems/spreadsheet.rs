//! Writes events for a spreadsheet.

use table::announced::Announced;

use crate::spreadsheet;

/// The columns.
const COLUMNS: [&str; 9] = [
    "occurred_at",
    "kind",
    "bounce_class",
    "bounce_category",
    "recipient",
    "customer_id",
    "provider",
    "provider_kind",
    "reason",
];

/// Returns the events as CSV, with a header.
#[must_use]
pub fn csv(events: &[Announced]) -> String {
    let rows = events
        .iter()
        .map(|event| COLUMNS.map(|name| event.text(name)));
    spreadsheet::csv([COLUMNS].into_iter().chain(rows))
}
