//! The log lines: one for each change, and one for each request that is refused.
//!
//! A request that only asks, and is answered, has no line. No line has a URL, a secret or an
//! address in it: of an endpoint there is its id and its host.

use jiff::Timestamp;
use outlets::manage::Refusal;
use runtime::log::{Head, Level};
use serde::Serialize;

/// What was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Managed {
    /// `created`, `changed`, `removed`, `tested`, `rotated` or `retried`.
    pub(crate) what: &'static str,
    /// The endpoint.
    pub(crate) outlet: u64,
    /// Its host.
    pub(crate) host: String,
}

impl Managed {
    /// Checks whether an endpoint is another one since.
    pub(crate) fn is_change(&self) -> bool {
        !matches!(self.what, "tested" | "retried")
    }
}

/// What became of one request.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    #[serde(flatten)]
    head: Head,
    function: &'static str,
    outcome: &'static str,
    /// Who asked, if they proved it.
    #[serde(skip_serializing_if = "Option::is_none")]
    who: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    what: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outlet: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// The stable name of what failed behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    request_id: &'a str,
}

impl<'a> Line<'a> {
    /// Returns the line of a change.
    pub(crate) fn managed(
        at: Timestamp,
        who: &'a str,
        managed: &'a Managed,
        request_id: &'a str,
    ) -> Self {
        Self {
            who: Some(who),
            what: Some(managed.what),
            outlet: Some(managed.outlet.to_string()),
            host: Some(&managed.host),
            ..Self::new(at, Level::Info, "managed", request_id)
        }
    }

    /// Returns the line of what somebody said of an address. It does not say of which.
    pub(crate) fn said(
        at: Timestamp,
        who: &'a str,
        what: &'static str,
        request_id: &'a str,
    ) -> Self {
        Self {
            who: Some(who),
            what: Some(what),
            ..Self::new(at, Level::Info, "said", request_id)
        }
    }

    /// Returns the line of a request that is refused.
    pub(crate) fn refused(
        at: Timestamp,
        who: Option<&'a str>,
        refusal: &Refusal,
        cause: Option<&'static str>,
        request_id: &'a str,
    ) -> Self {
        let level = if refusal.status() < 500 {
            Level::Warn
        } else {
            Level::Error
        };
        Self {
            who,
            status: Some(refusal.status()),
            code: Some(refusal.code()),
            cause,
            ..Self::new(at, level, "refused", request_id)
        }
    }

    fn new(at: Timestamp, level: Level, outcome: &'static str, request_id: &'a str) -> Self {
        Self {
            head: Head::new(at, level),
            function: "api",
            outcome,
            who: None,
            what: None,
            outlet: None,
            host: None,
            status: None,
            code: None,
            cause: None,
            request_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::constant(1_767_323_045, 678_901_234);

    #[test]
    fn a_change_says_who_did_what_and_of_an_endpoint_the_host() {
        let managed = Managed {
            what: "created",
            outlet: 3,
            host: "crm.example.com".to_owned(),
        };
        let line = Line::managed(AT, "admin:ops", &managed, "r");
        let line = serde_json::to_string(&line).unwrap();
        let wanted = r#"{"timestamp":"2026-01-02T03:04:05.678Z","level":"info","function":"api","outcome":"managed","who":"admin:ops","what":"created","outlet":"3","host":"crm.example.com","request_id":"r"}"#;
        assert_eq!(line, wanted);
    }

    #[test]
    fn a_word_says_who_said_it_and_not_of_whom() {
        let line = Line::said(AT, "admin:ops", "lifted", "r");
        let line = serde_json::to_string(&line).unwrap();
        let wanted = r#"{"timestamp":"2026-01-02T03:04:05.678Z","level":"info","function":"api","outcome":"said","who":"admin:ops","what":"lifted","request_id":"r"}"#;
        assert_eq!(line, wanted);
    }

    #[test]
    fn a_refusal_says_why() {
        let line = Line::refused(AT, None, &Refusal::Unproven, None, "r");
        let line = serde_json::to_string(&line).unwrap();
        let wanted = r#"{"timestamp":"2026-01-02T03:04:05.678Z","level":"warn","function":"api","outcome":"refused","status":401,"code":"unproven","request_id":"r"}"#;
        assert_eq!(line, wanted);
    }
}
