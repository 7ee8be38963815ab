//! Writes log lines as JSON: one per outcome, with fields instead of sentences. Each begins with
//! its [`Head`].
//!
//! The types that hold addresses, secrets, headers and bodies cannot be serialized, so they cannot
//! get into a line.
//!
//! A line can carry metrics in CloudWatch's embedded metric format, which needs no agent and no
//! extra call (CloudWatch user guide, "Specification: Embedded metric format", read 2026-11-21).

use std::sync::OnceLock;

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

/// The namespace of the metrics if none is set.
const DEFAULT_NAMESPACE: &str = "Postern";
static NAMESPACE: OnceLock<String> = OnceLock::new();

/// Sets the namespace of every metric of this process. Call it before the first line. A blank name
/// is ignored.
///
/// In `template.yaml` it is the stack's name, so that no alarm of one stack counts what another
/// stack in the same account does.
pub fn count_in(namespace: &str) {
    let namespace = namespace.trim();
    if !namespace.is_empty() {
        let _ = NAMESPACE.set(namespace.to_owned());
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

/// The field `_aws` of a line, which says which of its fields are metrics.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Metrics {
    /// The time in Unix milliseconds.
    timestamp: i64,
    cloud_watch_metrics: Vec<Directive>,
}

/// Some metrics, counted once for each set of dimensions.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: Vec<Vec<&'static str>>,
    metrics: Vec<Metric>,
}

/// A field of the line that is a metric.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: &'static str,
    /// `None` for a count. A number without a unit is a count, and every byte of a line is billed.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'static str>,
}

impl Metrics {
    /// Returns an empty set of metrics.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        Self {
            timestamp: time.as_millisecond(),
            cloud_watch_metrics: Vec::new(),
        }
    }

    /// Declares fields of the line as metrics, `counts` and `milliseconds`, once for each set of
    /// `dimensions`. The dimensions are fields of the line, too.
    #[must_use]
    pub fn of(
        mut self,
        dimensions: &[&[&'static str]],
        counts: &[&'static str],
        milliseconds: &[&'static str],
    ) -> Self {
        let counts = counts.iter().map(|name| (name, None));
        let milliseconds = milliseconds.iter().map(|name| (name, Some("Milliseconds")));
        let metrics = counts.chain(milliseconds);
        self.cloud_watch_metrics.push(Directive {
            namespace: NAMESPACE.get().map_or(DEFAULT_NAMESPACE, String::as_str),
            dimensions: dimensions.iter().map(|set| set.to_vec()).collect(),
            metrics: metrics.map(|(name, unit)| Metric { name, unit }).collect(),
        });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_begins_with_its_time_and_its_level() {
        let at = Timestamp::constant(1_767_323_045, 678_901_234);
        let stop = Stop {
            head: Head::new(at, Level::Error),
            function: "insider",
            code: "queue_url_unset",
            message: "why",
        };
        assert_eq!(
            serde_json::to_string(&stop).unwrap(),
            r#"{"timestamp":"2026-01-02T03:04:05.678Z","level":"error","function":"insider","code":"queue_url_unset","message":"why"}"#
        );
    }
}
