//! The lines of sweep's log: one for each endpoint of which there is something to say.

use jiff::Timestamp;
use runtime::log::{Head, Level};
use serde::Serialize;

/// The name of the function.
pub(crate) const FUNCTION: &str = "sweep";

/// What was found and sent for one endpoint.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    #[serde(flatten)]
    head: Head,
    function: &'static str,
    outcome: &'static str,
    request_id: &'a str,
    outlet: String,
    #[serde(flatten)]
    swept: Swept,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
}

/// The numbers of an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Swept {
    /// How many notifications were sent.
    pub(crate) sent: usize,
    /// Whether the one that was sent is a probe.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) probe: bool,
    /// How many wait for their next attempt, or for their endpoint, up to a bound.
    pub(crate) parked: usize,
    /// How many seconds ago the first attempt at the oldest of them was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) oldest_s: Option<i64>,
    /// How many have no more attempts, up to a bound.
    pub(crate) undelivered: usize,
    /// How many are forgotten now, because their fourteen days are over.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) expired: usize,
    /// Whether the breaker is open.
    pub(crate) open: bool,
    /// For how many seconds the endpoint has failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failing_s: Option<i64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Swept {
    /// Checks whether there is nothing to say.
    pub(crate) fn is_quiet(&self) -> bool {
        *self == Self::default()
    }
}

impl<'a> Line<'a> {
    /// Returns the line of an endpoint. With a `code` not all of it was done.
    pub(crate) fn swept(
        outlet: u64,
        swept: Swept,
        code: Option<&'static str>,
        request_id: &'a str,
        now: Timestamp,
    ) -> Self {
        let level = code.map_or(Level::Info, |_| Level::Warn);
        Self {
            head: Head::new(now, level),
            function: FUNCTION,
            outcome: "swept",
            request_id,
            outlet: outlet.to_string(),
            swept,
            code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_numbers_of_an_endpoint_and_a_quiet_one_has_none() {
        let swept = Swept {
            sent: 100,
            parked: 3_000,
            oldest_s: Some(7_200),
            undelivered: 2,
            open: true,
            failing_s: Some(7_201),
            ..Swept::default()
        };
        let now = "2026-03-03T08:15:00.123Z".parse().unwrap();
        let line = Line::swept(3, swept, None, "r", now);
        let wanted = r#"{"timestamp":"2026-03-03T08:15:00.123Z","level":"info","function":"sweep","outcome":"swept","request_id":"r","outlet":"3","sent":100,"parked":3000,"oldest_s":7200,"undelivered":2,"open":true,"failing_s":7201}"#;
        assert_eq!(serde_json::to_string(&line).unwrap(), wanted);
        assert!(Swept::default().is_quiet());
    }
}
