//! Reads the rows of a CSV file, whatever separates its cells.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Cursor, Read as _};

use csv::{ByteRecord, ErrorKind, ReaderBuilder};
use shared::address::Mailbox;

use super::column::Column;
use super::error::ImportError;
use super::format::SES_COLUMNS;
use super::limit::{Limited, Row};
use super::mapping::lower;
use super::quotes::{Torn, Watched};
use super::row::Cells;
use super::sink::Sink;

/// What separates cells. A spreadsheet uses the semicolon where the comma is in numbers, and the
/// tab in UTF-16.
const SEPARATORS: [u8; 4] = *b",;\t|";

/// Reads every row. `first` is the first line, which has been read from `text` already, and
/// `skipped` is how many lines came before it.
pub(super) fn read(
    first: Vec<u8>,
    text: impl BufRead,
    skipped: u64,
    sink: &mut Sink<'_>,
) -> Result<(), ImportError> {
    let told = told_separator(&first);
    let separator = told.unwrap_or_else(|| separator(&first));
    let (first, skipped) = match told {
        Some(_) => (Vec::new(), skipped + 1),
        None => (first, skipped),
    };
    let (row, torn) = (Row::default(), Torn::default());
    let text = Cursor::new(first).chain(text);
    let mut records = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(Limited {
            reader: BufReader::new(Watched::new(text, separator, skipped + 1, torn.clone())),
            row: row.clone(),
        });
    let mut record = ByteRecord::new();
    let mut columns: Option<Columns> = None;
    loop {
        row.restart();
        let line = skipped + records.position().line();
        match records.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) if row.is_endless() => return Err(ImportError::Endless(line)),
            Err(error) => return Err(failed(error)),
        }
        let line = record.position().map_or(line, |at| skipped + at.line());
        let Some(known) = &columns else {
            let found = Columns::of(&record, sink)?;
            // A file without a header starts with a row.
            if found.width.is_none() {
                sink.add(line, line + breaks(&record), found.cells(&record));
            }
            columns = Some(found);
            continue;
        };
        let last = line + breaks(&record);
        let cells = known.cells(&record);
        if !sink.add(line, last, cells.filter(|_| !torn.is_in(line, last))) {
            return Ok(());
        }
    }
    Ok(())
}

fn failed(error: csv::Error) -> ImportError {
    match error.into_kind() {
        ErrorKind::Io(error) => ImportError::Read(error),
        // No other error is possible: records may have any length, and need not be UTF-8.
        _ => ImportError::Empty,
    }
}

/// Reads the line `sep=;`, which some programs write first, for a spreadsheet.
fn told_separator(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii().strip_prefix(b"sep=")?;
    match line {
        [] => Some(b'\t'), // it was a blank, and was trimmed
        [separator] if SEPARATORS.contains(separator) => Some(*separator),
        _ => None,
    }
}

/// Returns what separates the cells of the first line: the separator that it has most of, outside
/// quotation marks.
fn separator(line: &[u8]) -> u8 {
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut is_quoted = false;
    for byte in line {
        is_quoted ^= *byte == b'"';
        let place = SEPARATORS.iter().position(|separator| separator == byte);
        if let Some(count) = place.and_then(|place| counts.get_mut(place))
            && !is_quoted
        {
            *count += 1;
        }
    }
    // The comma counts if there is none: the last one of the greatest is taken.
    let counted = counts.iter().zip(SEPARATORS).rev();
    counted
        .max_by_key(|(count, _)| **count)
        .map_or(b',', |(_, separator)| separator)
}

/// Returns how many line breaks are inside a record's cells.
fn breaks(record: &ByteRecord) -> u64 {
    let parts = record.as_slice().split(|byte| *byte == b'\n').count() as u64;
    parts.saturating_sub(1)
}

/// Where the columns are.
struct Columns {
    places: Vec<(usize, Column)>,
    /// How many columns the header has. Without a header a row may have any number of cells.
    width: Option<usize>,
}

impl Columns {
    /// Recognizes a file by its first record, which is its header or its first row.
    fn of(record: &ByteRecord, sink: &mut Sink<'_>) -> Result<Self, ImportError> {
        let cells = record.iter();
        let cells: Vec<String> = cells
            .map(|cell| lower(&String::from_utf8_lossy(cell)))
            .collect();
        let mapping = &sink.options().map;
        let counted = mapping.places().filter(|_| !mapping.is_empty());
        let is_named = mapping
            .names()
            .all(|(_, name)| cells.iter().any(|own| own == name));
        if let Some(places) = counted.filter(|_| !is_named) {
            let columns = (1..=cells.len()).map(|number| number.to_string());
            sink.recognize(columns.collect(), None)?;
            return Ok(Self {
                places,
                width: None,
            });
        }
        if mapping.is_empty() && is_row_of_ses(&cells) {
            sink.recognize(SES_COLUMNS.map(str::to_owned).to_vec(), None)?;
            return Ok(Self {
                places: vec![(0, Column::Address), (1, Column::Word)],
                width: None,
            });
        }
        if cells.iter().any(|cell| Mailbox::one(cell).is_ok()) {
            return Err(ImportError::NoHeader);
        }
        // A spreadsheet leaves columns without a name at the end.
        let named = cells.iter().filter(|name| !name.is_empty());
        sink.recognize(named.cloned().collect(), None)?;
        let mut read = HashSet::new();
        let twice = cells
            .iter()
            .find(|name| sink.column(name).is_some() && !read.insert(*name));
        if let Some(name) = twice {
            return Err(ImportError::ColumnTwice(name.clone()));
        }
        let places = cells.iter().enumerate();
        let places = places.filter_map(|(place, name)| Some((place, sink.column(name)?)));
        Ok(Self {
            places: places.collect(),
            width: Some(cells.len()),
        })
    }

    /// Returns the cells of a record. Returns `None` if nobody knows which cell is which.
    fn cells(&self, record: &ByteRecord) -> Option<Cells> {
        let width = self.width.unwrap_or(record.len());
        let mut more = record.iter().skip(width);
        if more.any(|cell| !cell.trim_ascii().is_empty()) {
            return None;
        }
        let mut cells = Cells::default();
        for (place, column) in &self.places {
            let cell = record.get(*place).unwrap_or_default();
            let text = match (std::str::from_utf8(cell), column) {
                (Ok(text), _) => text.to_owned(),
                // Half of an address is another person's.
                (Err(_), Column::Address) => return None,
                (Err(_), _) => String::from_utf8_lossy(cell).into_owned(),
            };
            cells.set(*column, text);
        }
        Some(cells)
    }
}

/// Checks for a row of SES's list, which has no header: `kim@mail.test, BOUNCE`.
fn is_row_of_ses(cells: &[String]) -> bool {
    match cells {
        [address, reason] => {
            ["bounce", "complaint"].contains(&reason.as_str()) && Mailbox::one(address).is_ok()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_what_the_first_line_has_most_of() {
        for (line, wanted) in [
            (&b"email,created\r\n"[..], b','),
            (b"email;created\n", b';'),
            (b"email\tcreated", b'\t'),
            (b"\"a,b,c\";created", b';'),
            (b"email", b','),
            (b"", b','),
        ] {
            assert_eq!(separator(line), wanted, "{line:?}");
        }
        assert_eq!(told_separator(b"sep=;\r\n"), Some(b';'));
        assert_eq!(told_separator(b"sep=\t\n"), Some(b'\t'));
        assert_eq!(told_separator(b"separator;x"), None);
    }
}
