//! Shows the user what a running stack does: a line per webhook and a line per stored event.
//!
//! The functions' own log lines have no addresses. The recipient is shown here, because this is the
//! developer's own screen.

use std::io::IsTerminal as _;
use std::sync::Arc;

use operator::print::{json, printable, say};
use serde::Serialize;
use serde_json::Value;
use shared::time::rfc3339_ms;
use stack::lambda::Output;
use stack::poller::{Handled, Observer};
use stack::{READY, Stack};

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
pub(crate) enum Verbosity {
    /// Only lines that are not the outcome of a webhook, such as why a function stopped, or has no
    /// key.
    Quiet,
    /// A line for each webhook and each event.
    Outcomes,
    /// Also the functions' own log lines.
    Lines,
}

/// Shows what the functions print.
#[must_use]
pub(crate) fn output(verbosity: Verbosity) -> Output {
    Arc::new(move |function, line| {
        let has_no_key = line.contains("\"outcome\":\"secret_refresh_failed\"");
        let is_outcome = line.contains("\"outcome\":") && !has_no_key;
        if verbosity == Verbosity::Quiet && is_outcome {
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

/// Returns a line for a receiver's outcome, for what is wrong with its secret, or for why a
/// function stopped. The consumer's outcomes are shown event by event instead.
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
        "secret_refresh_failed" | "secret_previous_unusable" | "secret_odd" | "" => Some(format!(
            "{function}: {} ({})",
            printable(text("message")),
            printable(text("code"))
        )),
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
        _ => None,
    }
}

/// Shows every stored event, and every message that is not stored.
#[must_use]
pub(crate) fn observer(verbosity: Verbosity) -> Observer {
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
    let normalized = match registry::normalize(handled.body) {
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

/// Prints where everything is.
pub(crate) fn welcome(stack: &Stack) {
    say("");
    say(READY);
    for route in &stack.routes {
        say(&format!("  POST http://{}{route}", stack.api));
    }
    say(&format!("  queue    http://{}", stack.sqs));
    say(&format!("  table    http://{}", stack.dynamodb));
    say(&format!("  secrets  http://{}", stack.secrets_manager));
    say("");
}

/// Makes a panic say only where it happened, because its message may quote a body.
pub(crate) fn hide_panic_messages() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        eprintln!("panic at {}", place.unwrap_or_default());
    }));
}

/// Prints a receipt as JSON.
///
/// # Errors
/// Returns an error if the receipt cannot be written as JSON.
pub(crate) fn print_receipt(receipt: &impl Serialize) -> Result<(), serde_json::Error> {
    say(&json(receipt)?);
    Ok(())
}
