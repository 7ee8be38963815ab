//! Writes events for a spreadsheet, which must not read what somebody sent as a formula.

use std::io;

use csv::{QuoteStyle, WriterBuilder};
use table::announced::Announced;

use crate::print::harmless;

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
///
/// # Errors
/// Returns an error if the text cannot be written.
pub fn csv(events: &[Announced]) -> io::Result<String> {
    let mut writer = WriterBuilder::new();
    let writer = writer.quote_style(QuoteStyle::Always);
    let mut writer = writer.from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for event in events {
        writer.write_record(COLUMNS.map(|name| harmless(event.text(name))))?;
    }
    let bytes = writer
        .into_inner()
        .map_err(csv::IntoInnerError::into_error)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}
