//! What a person sees: a line per webhook, a line per stored event. The functions' own log lines hold no address; here, on the
//! developer's own screen, the recipient is shown.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use shared::time::rfc3339_ms;

use crate::lambda::Output;
use crate::poller::{Handled, Observer};
use crate::stack::Stack;

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

/// Text that somebody sent, without the characters that a terminal obeys or that turn a line around.
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
/// What cannot be JSON, as a text for the person at the terminal.
pub fn json(value: &impl Serialize) -> Result<String, String> {
    let json = serde_json::to_string(value).map_err(|error| error.to_string())?;
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

/// When a command of the person at the terminal happens.
#[expect(
    clippy::disallowed_methods,
    reason = "what a person at the terminal does happens now"
)]
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::now()
}

fn paint(color: u8, text: &str) -> String {
    if std::io::stdout().is_terminal() {
        format!("\u{1b}[{color}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

const RED: u8 = 31;
const GREEN: u8 = 32;
const BLUE: u8 = 34;

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbosity {
    /// Only what is no outcome of a webhook: why a function stopped.
    Quiet,
    /// A line for each webhook and each event.
    Outcomes,
    /// The functions' own lines as well.
    Lines,
}

/// Shows what the functions print.
#[must_use]
pub fn output(verbosity: Verbosity) -> Output {
    Arc::new(move |function, line| {
        if verbosity == Verbosity::Quiet && line.contains("\"outcome\":") {
            return;
        }
        let fields: Option<Value> = serde_json::from_str(line).ok();
        match fields.filter(Value::is_object) {
            Some(fields) if verbosity != Verbosity::Lines => {
                if let Some(line) = outcome(function, &fields) {
                    say(&line);
                }
            }
            _ => say(&format!("{function}: {}", printable(line))),
        }
    })
}

/// A receiver's outcome, or why a function stopped; the consumer's outcomes are shown event by event instead.
fn outcome(function: &str, fields: &Value) -> Option<String> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    match text("outcome") {
        "accepted" => {
            let bytes = fields
                .get("body_bytes")
                .and_then(Value::as_u64)
                .unwrap_or_default();
            let source = printable(text("source"));
            let verdict = paint(BLUE, "accepted");
            Some(format!(
                "{verdict}  {function:<10} 200 {bytes} bytes {source}"
            ))
        }
        "ping" => {
            let verdict = paint(BLUE, "accepted");
            Some(format!("{verdict}  {function:<10} 200 without an event"))
        }
        "rejected" => {
            let status = fields
                .get("status")
                .and_then(Value::as_u64)
                .unwrap_or_default();
            let verdict = paint(RED, "rejected");
            Some(format!(
                "{verdict}  {function:<10} {status} {}",
                text("code")
            ))
        }
        "" => Some(format!(
            "{function}: {} ({})",
            printable(text("message")),
            printable(text("code"))
        )),
        _ => None,
    }
}

/// Shows every stored event, and every message that is not stored.
#[must_use]
pub fn observer(verbosity: Verbosity) -> Observer {
    Arc::new(move |handled| {
        if verbosity == Verbosity::Quiet {
            return;
        }
        for line in handled_lines(handled) {
            say(&line);
        }
    })
}

fn handled_lines(handled: &Handled<'_>) -> Vec<String> {
    let normalized = match consumer::normalize(handled.body) {
        Ok(normalized) => normalized,
        Err(poison) => return vec![failed(poison.code(), handled.attempt)],
    };
    let mut lines: Vec<String> = Vec::new();
    if handled.stored || !normalized.malformed.is_empty() {
        lines.extend(normalized.events.iter().map(|event| {
            let recipient = event
                .recipient
                .as_ref()
                .map_or_else(|| "-".to_owned(), |address| printable(address.expose()));
            let time = rfc3339_ms(event.occurred_at.time());
            let verdict = paint(GREEN, "stored");
            let kind = event.kind.name();
            format!(
                "{verdict}    {:<10} {kind:<12} {recipient} {time}",
                event.provider
            )
        }));
    }
    let malformed = normalized
        .malformed
        .first()
        .map(|malformed| malformed.code());
    if !handled.stored {
        lines.push(failed(malformed.unwrap_or("not_stored"), handled.attempt));
    }
    lines
}

fn failed(code: &str, attempt: u32) -> String {
    let verdict = paint(RED, "failed");
    format!("{verdict}    consumer   {code}, attempt {attempt}")
}

/// Where everything is.
pub fn welcome(stack: &Stack) {
    say("");
    say("Postern is ready.");
    for route in &stack.routes {
        say(&format!("  POST http://{}{route}", stack.api));
    }
    say(&format!("  queue    http://{}", stack.sqs));
    say(&format!("  table    http://{}", stack.dynamodb));
    say("");
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
