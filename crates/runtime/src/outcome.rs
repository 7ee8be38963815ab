//! A receiver's log line: one per webhook. The template makes its metrics of it.

use jiff::Timestamp;
use serde::Serialize;

use crate::log::{Head, Level};
use shared::admit::Admitted;
use shared::rejection::Rejection;
use shared::secrets::Stage;

/// What became of one webhook. It contains nothing from the sender but the size.
///
/// Every byte of it is billed, so what goes without saying is left out: the status 200 and the
/// current version of the secret.
#[derive(Serialize)]
pub(crate) struct Line {
    #[serde(flatten)]
    head: Head,
    provider: &'static str,
    outcome: &'static str,
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) queue_error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_bytes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message_id: Option<String>,
}

impl Line {
    pub(crate) fn new(at: Timestamp, provider: &'static str, request_id: &str) -> Self {
        Self {
            head: Head::new(at, Level::Info),
            provider,
            outcome: "accepted",
            request_id: request_id.to_owned(),
            status: None,
            code: None,
            queue_error: None,
            source: None,
            stage: None,
            body_bytes: None,
            message_id: None,
        }
    }

    pub(crate) fn admitted(&mut self, admitted: &Admitted) {
        let is_previous = admitted.stage == Stage::Previous;
        self.source = admitted.delivery.source().map(str::to_owned);
        self.stage = is_previous.then(|| admitted.stage.name());
        self.body_bytes = Some(admitted.delivery.body().len());
    }

    /// Marks the webhook as a ping. Nothing is enqueued. It does not count as accepted, because a
    /// provider that sends nothing else is silent.
    pub(crate) fn pinged(&mut self) {
        self.outcome = "ping";
    }

    /// Marks the webhook as its provider's handshake. Nothing is looked at, and nothing is
    /// enqueued.
    pub(crate) fn shook_hands(&mut self) {
        self.outcome = "handshake";
    }

    pub(crate) fn refused(&mut self, rejection: Rejection, status: u16) {
        self.head.level = Level::Warn;
        self.outcome = "rejected";
        self.status = Some(status);
        self.code = Some(rejection.code());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01234567-89ab-cdef-0123-456789abcdef";
    const AT: Timestamp = Timestamp::constant(1_767_323_045, 678_901_234);

    fn text(line: &Line) -> String {
        serde_json::to_string(line).unwrap()
    }

    #[test]
    fn an_accepted_webhook_is_one_short_line() {
        let mut line = Line::new(AT, "customerio", ID);
        line.body_bytes = Some(10_485_760);
        line.message_id = Some(ID.to_owned());
        let text = text(&line);
        assert_eq!(
            text,
            r#"{"timestamp":"2026-01-02T03:04:05.678Z","level":"info","provider":"customerio","outcome":"accepted","request_id":"01234567-89ab-cdef-0123-456789abcdef","body_bytes":10485760,"message_id":"01234567-89ab-cdef-0123-456789abcdef"}"#
        );
        let bytes = text.len() + "\n".len();
        assert!(bytes <= 235, "{bytes} bytes");
    }

    #[test]
    fn a_refused_one_has_its_status_and_its_code() {
        let mut line = Line::new(AT, "insider", "r");
        line.queue_error = Some("timeout".to_owned());
        line.refused(Rejection::QueueUnavailable, 503);
        assert_eq!(
            text(&line),
            r#"{"timestamp":"2026-01-02T03:04:05.678Z","level":"warn","provider":"insider","outcome":"rejected","request_id":"r","status":503,"code":"queue_unavailable","queue_error":"timeout"}"#
        );
    }

    #[test]
    fn what_a_key_of_the_version_before_signed_says_so() {
        let mut line = Line::new(AT, "insider", "r");
        line.source = Some("eu".to_owned());
        line.stage = Some(Stage::Previous.name());
        line.body_bytes = Some(2);
        line.pinged();
        assert_eq!(
            text(&line),
            r#"{"timestamp":"2026-01-02T03:04:05.678Z","level":"info","provider":"insider","outcome":"ping","request_id":"r","source":"eu","stage":"AWSPREVIOUS","body_bytes":2}"#
        );
    }
}
