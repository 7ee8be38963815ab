//! Writes log lines as JSON: one per outcome, with fields instead of sentences. Each begins with
//! its [`Head`].
//!
//! The types that hold addresses, secrets, headers and bodies cannot be serialized, so they cannot
//! get into a line.
//!
//! Metrics are made of the lines by the metric filters in `template.yaml`.

use jiff::Timestamp;
use serde::Serialize;
use shared::time::rfc3339_ms;

use crate::clock::now;

/// How bad the outcome of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// All is well.
    Info,
    /// Somebody else is at fault, or it may pass.
    Warn,
    /// Somebody has to do something.
    Error,
}

/// What every line begins with. A line has it as its first field, `#[serde(flatten)]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
    timestamp: String,
    /// How bad it is.
    pub level: Level,
}

impl Head {
    /// Returns the head of a line about what happened `at` this time.
    #[must_use]
    pub fn new(at: Timestamp, level: Level) -> Self {
        Self {
            timestamp: rfc3339_ms(at),
            level,
        }
    }
}

/// Prints to stderr why a function does not start, or stops. There is no webhook to answer.
pub fn stopped(function: &str, code: &str, message: &str) {
    let stop = Stop {
        head: Head::new(now(), Level::Error),
        function,
        code,
        message,
    };
    if let Ok(line) = serde_json::to_string(&stop) {
        eprintln!("{line}");
    }
}

/// Why a function does not start, or stops.
#[derive(Serialize)]
struct Stop<'a> {
    #[serde(flatten)]
    head: Head,
    function: &'a str,
    code: &'a str,
    message: &'a str,
}

/// Makes a panic say only where it happened, because its message may quote text from a sender.
pub fn hide_panic_messages(function: &'static str) {
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string);
        stopped(function, "panicked", &place.unwrap_or_default());
    }));
}

/// Prints one line. If a line cannot be written, it is dropped, because losing a webhook would be
/// worse.
pub fn line<T: Serialize>(fields: &T) {
    use std::io::Write as _;
    if let Ok(mut text) = serde_json::to_vec(fields) {
        text.push(b'\n');
        let _ = std::io::stdout().lock().write_all(&text);
    }
}
