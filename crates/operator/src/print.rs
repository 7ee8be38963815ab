//! Prints text to a terminal. Text from outside is shown in a form that the terminal does not obey.

use std::io::{ErrorKind, Write as _};
use std::sync::OnceLock;

use jiff::Timestamp;
use serde::Serialize;
use shared::terminal::is_obeyed;

/// Why standard output has taken no more, if it has not.
static REFUSED: OnceLock<String> = OnceLock::new();

/// Prints a line. If whoever reads it has gone, this is not an error: [`refused`] has any other.
pub fn say(line: &str) {
    write(&format!("{line}\n"));
}

/// Prints a text as it is.
pub fn write(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            REFUSED.get_or_init(|| error.to_string());
        }
        _ => {}
    }
}

/// Returns why standard output has not taken all that was printed, such as a disk that is full.
#[must_use]
pub fn refused() -> Option<&'static str> {
    REFUSED.get().map(String::as_str)
}

/// Returns text from outside without the characters that a terminal obeys or that reorder a line.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if is_obeyed(c) { '\u{fffd}' } else { c })
        .collect()
}

/// Returns text of several lines from outside in such a form: its line ends stay.
#[must_use]
pub fn printable_lines(text: &str) -> String {
    text.split('\n')
        .map(printable)
        .collect::<Vec<_>>()
        .join("\n")
}

/// What starts a formula in some spreadsheet: East Asian ones read the full-width signs, too.
const FORMULA: [char; 10] = [
    '=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// Puts an apostrophe before a text that a spreadsheet would read as a formula.
///
/// Where the comma is in numbers, a spreadsheet splits a line at its semicolons, whatever the
/// quotation marks say. So what follows one is the start of a cell, too.
#[must_use]
pub fn harmless(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len() + 1);
    let mut starts = true;
    for c in text.chars() {
        if starts && FORMULA.contains(&c) {
            harmless.push('\'');
        }
        // Blanks and quotation marks before a sign may be dropped.
        let is_dropped = c == '"' || c.is_whitespace() || is_obeyed(c);
        starts = matches!(c, ';' | '\t') || starts && is_dropped;
        harmless.push(c);
    }
    printable(&harmless)
}

/// Writes JSON for a terminal. Characters that a terminal would obey are escaped, so that the JSON
/// means the same and the terminal does nothing.
///
/// # Errors
/// Returns an error if the value cannot be written as JSON.
pub fn json(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let json = serde_json::to_string(value)?;
    Ok(escaped(&json))
}

/// Escapes the characters that a terminal would obey.
///
/// Every non-ASCII character is inside a string, where an escape means the same. An ASCII control
/// character is either white space between values, which is kept, or DEL.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() && c != '\u{7f}' || !is_obeyed(c) {
            text.push(c);
            continue;
        }
        let mut units = [0; 2];
        let units = c.encode_utf16(&mut units).iter();
        text.extend(units.map(|unit| format!("\\u{unit:04x}")));
    }
    text
}

/// Returns the current time. A user's command happens at this time.
#[expect(
    clippy::disallowed_methods,
    reason = "what a user does at a terminal happens now"
)]
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::{harmless, printable};

    #[test]
    fn no_part_of_a_cell_is_a_formula() {
        for (text, cell) in [
            ("kim@mail.test", "kim@mail.test"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@a", "'@a"),
            ("\tx", "'\u{fffd}x"),
            ("\rx", "'\u{fffd}x"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("\u{ff0b}1", "'\u{ff0b}1"),
            ("\u{ff0d}1", "'\u{ff0d}1"),
            ("\u{ff20}a", "'\u{ff20}a"),
            (" =1", " '=1"),
            ("550;=1+1;x", "550;'=1+1;x"),
            ("550; \"=1+1", "550; \"'=1+1"),
            ("550;;-1", "550;;'-1"),
            ("a\t@x", "a\u{fffd}'@x"),
            ("a; b=1-2", "a; b=1-2"),
            ("", ""),
        ] {
            assert_eq!(harmless(text), cell, "{text:?}");
        }
    }

    #[test]
    fn what_a_terminal_would_obey_is_not_printed() {
        let text = "kim\u{1b}[2J\u{9b}31m\r\n\u{202e}tset\u{7f}\0@mail.test ë";
        assert_eq!(printable(text), "kim�[2J�31m���tset��@mail.test ë");
    }
}
