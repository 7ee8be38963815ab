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

/// The code of the line that says a function has started.
const STARTED: &str = "started";

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

/// Prints that a function has started, and its version. A process says it once, before its first
/// invocation, so that `doctor` can tell what is deployed.
pub fn started(function: &str) {
    line(&Start::new(now(), function));
}

/// What a function says when it has started.
#[derive(Serialize)]
struct Start<'a> {
    #[serde(flatten)]
    head: Head,
    function: &'a str,
    code: &'static str,
    version: &'static str,
}

impl<'a> Start<'a> {
    fn new(at: Timestamp, function: &'a str) -> Self {
        Self {
            head: Head::new(at, Level::Info),
            function,
            code: STARTED,
            version: env!("CARGO_PKG_VERSION"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_one_line_with_the_version_of_the_workspace() {
        let at = Timestamp::constant(1_767_323_045, 678_901_234);
        let line = serde_json::to_string(&Start::new(at, "sendgrid")).unwrap();
        let version = env!("CARGO_PKG_VERSION");
        let wanted = format!(
            r#"{{"timestamp":"2026-01-02T03:04:05.678Z","level":"info","function":"sendgrid","code":"started","version":"{version}"}}"#
        );
        assert_eq!(line, wanted);
    }
}
