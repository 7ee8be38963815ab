//! Writes rows for a spreadsheet, which must not read what somebody sent as a formula.

use csv::{QuoteStyle, WriterBuilder};

use crate::print::harmless;

/// Returns rows as lines of CSV, without an end of the last one. Every cell is in quotation marks,
/// because a spreadsheet that splits at semicolons leaves alone what is in them.
#[must_use]
pub fn csv<Row>(rows: impl IntoIterator<Item = Row>) -> String
where
    Row: IntoIterator<Item: AsRef<str>>,
{
    let mut lines = WriterBuilder::new();
    let lines = lines.quote_style(QuoteStyle::Always);
    let mut lines = lines.from_writer(Vec::new());
    for row in rows {
        // Writing to memory cannot fail.
        let _ = lines.write_record(row.into_iter().map(|cell| harmless(cell.as_ref())));
    }
    let lines = lines.into_inner().unwrap_or_default();
    let lines = String::from_utf8(lines).unwrap_or_default();
    lines.trim_end_matches('\n').to_owned()
}
