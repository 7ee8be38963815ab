//! Notices quotation marks that are torn: what follows the end of a quoted cell is neither another
//! cell nor another row.
//!
//! A program that writes `"550 "no" such user"` has not doubled the marks inside, and one mark that
//! is never closed makes one row of two. The reader goes on as well as it can, and would put an
//! address into a cell that is about another one. So such a row is not believed.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};
use std::sync::{Arc, Mutex, PoisonError};

/// Where the reader is.
#[derive(Clone, Copy)]
enum Place {
    /// At the start of a cell.
    Start,
    /// In a cell without quotation marks.
    Plain,
    /// In a quoted cell.
    Quoted,
    /// Behind a quotation mark in a quoted cell: its end, or the first of two.
    Mark,
}

/// The lines in which a quotation mark is torn.
#[derive(Clone, Default)]
pub(super) struct Torn(Arc<Mutex<VecDeque<u64>>>);

impl Torn {
    /// Checks whether a mark is torn in one of these lines. Lines before them are forgotten.
    pub(super) fn is_in(&self, first: u64, last: u64) -> bool {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while lines.front().is_some_and(|line| *line < first) {
            lines.pop_front();
        }
        lines.front().is_some_and(|line| *line <= last)
    }

    fn add(&self, line: u64) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.back() != Some(&line) {
            lines.push_back(line);
        }
    }
}

/// Reads a CSV file, and watches its quotation marks.
pub(super) struct Watched<R> {
    reader: R,
    separator: u8,
    place: Place,
    line: u64,
    torn: Torn,
}

impl<R: BufRead> Watched<R> {
    /// Watches a reader whose first line has this number.
    pub(super) fn new(reader: R, separator: u8, line: u64, torn: Torn) -> Self {
        Self {
            reader,
            separator,
            place: Place::Start,
            line,
            torn,
        }
    }

    fn watch(&mut self, byte: u8) {
        let is_end = byte == self.separator || byte == b'\n' || byte == b'\r';
        self.place = match (self.place, byte) {
            (Place::Quoted, b'"') => Place::Mark,
            (Place::Quoted, _) | (Place::Start | Place::Mark, b'"') => Place::Quoted,
            _ if is_end => Place::Start,
            (Place::Mark, _) => {
                self.torn.add(self.line);
                Place::Plain
            }
            (Place::Start | Place::Plain, _) => Place::Plain,
        };
        self.line += u64::from(byte == b'\n');
    }
}

impl<R: BufRead> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        for byte in buffer.iter().take(read) {
            self.watch(*byte);
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn torn(text: &str) -> Vec<u64> {
        let torn = Torn::default();
        let mut watched = Watched::new(text.as_bytes(), b',', 1, torn.clone());
        let mut read = String::new();
        watched.read_to_string(&mut read).expect("text");
        assert_eq!(read, text);
        let lines = torn.0.lock().expect("lines");
        lines.iter().copied().collect()
    }

    #[test]
    fn marks_that_are_torn_are_noticed_in_their_line() {
        for (text, lines) in [
            ("a,\"b, \"\"c\"\"\nd\",e\r\n\"f\"\n", vec![]),
            ("a,\"\",\"\"\"\"\n", vec![]),
            ("a 5\" disk,b\n", vec![]),
            ("a,\"550 \"no\" such user\",b\n", vec![1]),
            ("x\na,\"open,b\nc,\"hi\" x,d\n", vec![3]),
            ("\"a\" ,b\n", vec![1]),
        ] {
            assert_eq!(torn(text), lines, "{text}");
        }
    }
}
