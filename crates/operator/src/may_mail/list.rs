//! Reads the addresses of a list, one after the other: a text with an address a line, or a column
//! of a CSV file. The list is never in memory as a whole.

use std::io::{self, BufRead, Cursor, Read};

use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};

use crate::asked::Asked;

/// What may stand between the columns. Spreadsheets of some countries write a semicolon.
const SEPARATORS: [u8; 3] = *b",;\t";
/// The longest first line that is looked through for the columns.
const HEADER_BYTES: u64 = 64 * 1024;
/// What some programs put before a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One row of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The number of its line, from 1.
    pub line: u64,
    /// What should be an address.
    pub text: String,
}

/// The rows of a list.
pub enum Rows {
    /// An address a line. Lines without a text are left out.
    Lines(Lines),
    /// A column of a CSV file.
    Column(Box<Column>),
}

/// The lines of a text.
pub struct Lines {
    file: String,
    text: Box<dyn BufRead>,
    line: u64,
}

/// A column of a CSV file.
pub struct Column {
    file: String,
    reader: Reader<Box<dyn Read>>,
    record: ByteRecord,
    place: usize,
}

/// Reads a list. With `column` it is a CSV file whose first line names the columns.
///
/// # Errors
/// Returns [`Asked::Column`] if there is no such column, [`Asked::ColumnTwice`] if it is there
/// twice, and [`Asked::File`] if the file cannot be read.
pub fn rows(file: &str, mut text: Box<dyn BufRead>, column: Option<&str>) -> Result<Rows, Asked> {
    let failed = |cause| Asked::File {
        file: file.to_owned(),
        cause,
    };
    let start = text.fill_buf().map_err(failed)?;
    if start.starts_with(BYTE_ORDER_MARK) {
        text.consume(BYTE_ORDER_MARK.len());
    }
    let Some(column) = column else {
        return Ok(Rows::Lines(Lines {
            file: file.to_owned(),
            text,
            line: 0,
        }));
    };
    let mut header = Vec::new();
    let mut first = (&mut text).take(HEADER_BYTES);
    first.read_until(b'\n', &mut header).map_err(failed)?;
    let (separator, place) = find(&header, column).ok_or_else(|| Asked::Column {
        column: column.to_owned(),
        file: file.to_owned(),
        columns: columns(&header),
    })?;
    if is_twice(&header, separator, column) {
        return Err(Asked::ColumnTwice {
            column: column.to_owned(),
            file: file.to_owned(),
        });
    }
    // The header is read again with the rest, so that lines are counted from it. The last row ends
    // as all others do.
    let end: &[u8] = b"\n";
    let whole: Box<dyn Read> = Box::new(Cursor::new(header).chain(text).chain(end));
    let reader = csv(separator).has_headers(true).from_reader(whole);
    Ok(Rows::Column(Box::new(Column {
        file: file.to_owned(),
        reader,
        record: ByteRecord::new(),
        place,
    })))
}

/// Rows may have fewer columns than the first one, or more. A carriage return before the end of a
/// line is white space, so that lines are counted by their ends alone.
fn csv(separator: u8) -> ReaderBuilder {
    let mut csv = ReaderBuilder::new();
    let csv_of = csv.delimiter(separator).flexible(true);
    csv_of.terminator(Terminator::Any(b'\n'));
    csv
}

/// Returns the names in a header, with this separator.
fn names(header: &[u8], separator: u8) -> Vec<String> {
    let mut reader = csv(separator).has_headers(false).from_reader(header);
    let mut record = ByteRecord::new();
    let is_read = reader.read_byte_record(&mut record).unwrap_or_default();
    let names = record.iter().filter(|_| is_read);
    names
        .map(|name| String::from_utf8_lossy(name).trim().to_owned())
        .collect()
}

/// Finds the separator and the place of a column, in any case.
fn find(header: &[u8], column: &str) -> Option<(u8, usize)> {
    let column = column.trim().to_lowercase();
    SEPARATORS.into_iter().find_map(|separator| {
        let mut names = names(header, separator).into_iter();
        let place = names.position(|name| name.to_lowercase() == column)?;
        Some((separator, place))
    })
}

/// Checks whether two columns have this name, in any case.
fn is_twice(header: &[u8], separator: u8, column: &str) -> bool {
    let column = column.trim().to_lowercase();
    let names = names(header, separator).into_iter();
    names.filter(|name| name.to_lowercase() == column).count() > 1
}

/// Returns the columns by the separator that gives the most.
fn columns(header: &[u8]) -> Vec<String> {
    let all = SEPARATORS
        .into_iter()
        .rev()
        .map(|separator| names(header, separator));
    all.max_by_key(Vec::len).unwrap_or_default()
}

impl Iterator for Rows {
    type Item = Result<Row, Asked>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Lines(lines) => lines.next().transpose(),
            Self::Column(column) => column.next().transpose(),
        }
    }
}

impl Lines {
    fn next(&mut self) -> Result<Option<Row>, Asked> {
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let read = self.text.read_until(b'\n', &mut bytes);
            let read = read.map_err(|cause| Asked::File {
                file: self.file.clone(),
                cause,
            })?;
            if read == 0 {
                return Ok(None);
            }
            self.line += 1;
            let text = text_of(&bytes);
            if !text.is_empty() {
                let line = self.line;
                return Ok(Some(Row { line, text }));
            }
        }
    }
}

impl Column {
    fn next(&mut self) -> Result<Option<Row>, Asked> {
        loop {
            let read = self.reader.read_byte_record(&mut self.record);
            let is_read = read.map_err(|cause| Asked::File {
                file: self.file.clone(),
                cause: io::Error::other(cause),
            })?;
            if !is_read {
                return Ok(None);
            }
            let text = |place| self.record.get(place).map(text_of).unwrap_or_default();
            let is_blank = self.record.len() == 1 && text(0).is_empty();
            if !is_blank {
                let (line, text) = (self.line(), text(self.place));
                return Ok(Some(Row { line, text }));
            }
        }
    }

    /// Returns the line in which the row begins: its fields may have line breaks.
    #[expect(clippy::naive_bytecount, reason = "a row is short")]
    fn line(&self) -> u64 {
        let fields = self.record.as_slice().iter();
        let breaks = fields.filter(|byte| **byte == b'\n').count();
        let lines = u64::try_from(breaks).unwrap_or_default() + 1;
        self.reader.position().line().saturating_sub(lines)
    }
}

/// Bytes that are no UTF-8 become a character that no address has.
fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static [u8], column: Option<&str>) -> Vec<(u64, String)> {
        let rows = rows("crm.csv", Box::new(text), column).expect("a list");
        let rows = rows.map(|row| row.expect("a row"));
        rows.map(|row| (row.line, row.text)).collect()
    }

    fn wanted(rows: &[(u64, &str)]) -> Vec<(u64, String)> {
        rows.iter()
            .map(|(line, text)| (*line, (*text).to_owned()))
            .collect()
    }

    #[test]
    fn a_column_that_is_there_twice_is_not_guessed() {
        let text = &b"email;Name;E-Mail;EMAIL\nkim@mail.test;Kim;lee@mail.test;max@mail.test\n"[..];
        let refused = rows("crm.csv", Box::new(text), Some("Email")).err();
        let refused = refused.map(|error| (error.code(), error.to_string()));
        assert_eq!(
            refused,
            Some((
                "column_twice",
                "`Email` is there twice in crm.csv".to_owned()
            ))
        );
        assert_eq!(read(text, Some("e-mail")), wanted(&[(2, "lee@mail.test")]));
    }

    #[test]
    fn a_text_has_an_address_a_line() {
        let text = b"\xef\xbb\xbfkim@mail.test\r\n\n \"Ode, Lee\" <lee@mail.test> \n\xff@mail.test";
        let rows = wanted(&[
            (1, "kim@mail.test"),
            (3, "\"Ode, Lee\" <lee@mail.test>"),
            (4, "\u{fffd}@mail.test"),
        ]);
        assert_eq!(read(text, None), rows);
        assert_eq!(read(b"", None), []);
    }

    #[test]
    fn a_csv_has_a_column_however_its_columns_are_separated() {
        let rows = wanted(&[(2, "kim@mail.test"), (3, "lee@mail.test"), (5, "")]);
        for text in [
            &b"Name,E-Mail\r\n\"Ode, Kim\",kim@mail.test\r\nLee,lee@mail.test,x\r\n\r\nMax\r\n"[..],
            &b"\xef\xbb\xbfE-Mail;Name\n kim@mail.test ;Ode\n\"lee@mail.test\";Lee\n\n;Max"[..],
            &b"n\te-mail\n1\tkim@mail.test\n2\tlee@mail.test\n\n3"[..],
        ] {
            assert_eq!(read(text, Some("e-mail")), rows);
        }
        // A line break within quotes is no end of a row.
        let text = b"name,email\n\"Ode\nKim\",kim@mail.test\nLee,lee@mail.test\n";
        let rows = wanted(&[(2, "kim@mail.test"), (4, "lee@mail.test")]);
        assert_eq!(read(text, Some("email")), rows);
    }

    #[test]
    fn a_column_that_is_not_there_names_those_that_are() {
        let text: &[u8] = b"name;email;city\n";
        let refused = rows("crm.csv", Box::new(text), Some("emial"))
            .err()
            .expect("refused");
        assert_eq!(refused.to_string(), "`emial` is no column of crm.csv");
        let hint = "--column, did you mean `email`?  one of: name email city";
        assert_eq!(refused.hint().as_deref(), Some(hint));
        let empty: &[u8] = b"";
        let refused = rows("x", Box::new(empty), Some("email"))
            .err()
            .expect("refused");
        assert_eq!(refused.code(), "column_unknown");
    }
}
