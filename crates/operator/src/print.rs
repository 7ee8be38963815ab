//! Text for a terminal: what somebody sent is shown and never obeyed.

use std::io::Write as _;

use jiff::Timestamp;
use serde::Serialize;

/// Prints a line; a closed terminal is no reason to stop.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Whether a terminal may obey it, or show a line in another order, or not at all: control
/// characters, both blocks of them; the marks of direction and the line separators of Unicode; the
/// byte order mark, annotations and tags, which are invisible.
fn is_obeyed(c: char) -> bool {
    let is_invisible = matches!(
        c,
        '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    );
    c.is_control() || is_invisible
}

/// Text that somebody sent, without the characters that a terminal obeys or that turn a line
/// around.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if is_obeyed(c) { '\u{fffd}' } else { c })
        .collect()
}

/// Writes JSON for a terminal: what one would obey is escaped, so that the JSON says the same and
/// does nothing.
///
/// # Errors
/// Returns what cannot be JSON.
pub fn json(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let json = serde_json::to_string(value)?;
    Ok(escaped(&json))
}

/// JSON as it is written to a terminal or a file. Every other character than ASCII is inside a
/// string, where an escape means the same; a control character of ASCII is white space between the
/// values, or DEL.
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

/// Returns when a user's command happens.
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
    use super::printable;

    #[test]
    fn what_a_terminal_would_obey_is_not_printed() {
        let text = "kim\u{1b}[2J\u{9b}31m\r\n\u{202e}tset\u{7f}\0@mail.test ë";
        assert_eq!(printable(text), "kim�[2J�31m���tset��@mail.test ë");
    }
}
