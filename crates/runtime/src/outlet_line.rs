//! A log line about an endpoint, which `deliver` and `sweep` both have.

use jiff::Timestamp;
use serde::Serialize;

use crate::log::{Head, Level};

/// What has happened to an endpoint, or to what is sealed for it.
#[derive(Serialize)]
pub struct OutletLine<'a> {
    #[serde(flatten)]
    head: Head,
    function: &'static str,
    outcome: &'static str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    outlet: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
}

impl<'a> OutletLine<'a> {
    /// Returns a function's line about all endpoints.
    #[must_use]
    pub fn new(
        level: Level,
        function: &'static str,
        outcome: &'static str,
        request_id: &'a str,
        now: Timestamp,
    ) -> Self {
        Self {
            head: Head::new(now, level),
            function,
            outcome,
            request_id,
            outlet: None,
            code: None,
        }
    }

    /// Returns the line about one endpoint.
    #[must_use]
    pub fn about(self, outlet: u64) -> Self {
        Self {
            outlet: Some(outlet.to_string()),
            ..self
        }
    }

    /// Returns the line with why it is so, if there is a reason.
    #[must_use]
    pub fn because(self, code: Option<&'a str>) -> Self {
        Self { code, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_about_one_endpoint_or_about_all() {
        let now = Timestamp::constant(1_767_323_045, 678_901_234);
        let line = || OutletLine::new(Level::Error, "sweep", "unsealed", "r", now);
        let text = |line: &OutletLine<'_>| serde_json::to_string(line).unwrap();
        let head = r#"{"timestamp":"2026-01-02T03:04:05.678Z","level":"error","function":"sweep","outcome":"unsealed","request_id":"r""#;
        assert_eq!(text(&line()), format!("{head}}}"));
        assert_eq!(
            text(&line().about(3).because(Some("gone"))),
            format!(r#"{head},"outlet":"3","code":"gone"}}"#)
        );
    }
}
