//! Cuts JSON Lines.

use super::items::is_whole;
use super::start::body;

/// The elements of JSON Lines: one on each line that is not blank.
#[derive(Clone)]
pub struct Lines<'a> {
    rest: &'a [u8],
    /// From the last line on.
    last: &'a [u8],
}

impl<'a> Lines<'a> {
    /// Reads JSON Lines of objects. Returns `None` if no line is a whole object, and for a single
    /// line.
    #[must_use]
    pub fn of(bytes: &'a [u8]) -> Option<Self> {
        let lines = Self {
            rest: bytes,
            last: bytes,
        };
        let is_object = |line: &[u8]| line.starts_with(b"{") && is_whole(line);
        let are_several = lines.clone().nth(1).is_some();
        (are_several && lines.clone().any(is_object)).then_some(lines)
    }

    /// Returns everything from the last line on.
    #[must_use]
    pub fn from_last(&self) -> &'a [u8] {
        self.last.trim_ascii()
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        while !self.rest.is_empty() {
            self.last = self.rest;
            let mut parts = self.rest.splitn(2, |byte| *byte == b'\n');
            let line = body(parts.next().unwrap_or_default());
            self.rest = parts.next().unwrap_or_default();
            if !line.is_empty() {
                return Some(line);
            }
        }
        None
    }
}
