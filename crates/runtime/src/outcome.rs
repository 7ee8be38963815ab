//! A receiver's log line: one per webhook, with its metrics.

use jiff::Timestamp;
use serde::Serialize;

use crate::log::Metrics;
use shared::admit::Admitted;
use shared::rejection::Rejection;

/// What became of one webhook. It contains nothing from the sender but the size.
#[derive(Serialize)]
pub(crate) struct Line {
    level: &'static str,
    provider: &'static str,
    outcome: &'static str,
    status: u16,
    request_id: String,
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
    pub(crate) message_bytes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message_id: Option<String>,
    /// Metric: 1 if the webhook was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<u8>,
    /// Metric: 1 if the webhook was accepted and has no event in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pinged: Option<u8>,
    /// Metric: 1 if the webhook was signed with a key of `stage`.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed: Option<u8>,
    /// Metric: 1 if the webhook was rejected with `code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected: Option<u8>,
    #[serde(rename = "_aws", skip_serializing_if = "Option::is_none")]
    metrics: Option<Metrics>,
}

impl Line {
    pub(crate) fn new(provider: &'static str, request_id: &str) -> Self {
        Self {
            level: "info",
            provider,
            outcome: "accepted",
            status: 200,
            request_id: request_id.to_owned(),
            code: None,
            queue_error: None,
            source: None,
            stage: None,
            body_bytes: None,
            message_bytes: None,
            message_id: None,
            accepted: Some(1),
            pinged: None,
            signed: None,
            rejected: None,
            metrics: None,
        }
    }

    pub(crate) fn admitted(&mut self, admitted: &Admitted) {
        self.source = admitted.delivery.source().map(str::to_owned);
        self.stage = Some(admitted.stage.name());
        self.signed = Some(1);
        self.body_bytes = Some(admitted.delivery.body().len());
    }

    /// Marks the webhook as a ping. Nothing is enqueued. It does not count as accepted, because a
    /// provider that sends nothing else is silent.
    pub(crate) fn pinged(&mut self) {
        self.outcome = "ping";
        self.accepted = None;
        self.pinged = Some(1);
    }

    pub(crate) fn refused(&mut self, rejection: Rejection) {
        self.level = "warn";
        self.outcome = "rejected";
        self.status = rejection.status();
        self.code = Some(rejection.code());
        self.accepted = None;
        self.rejected = Some(1);
    }

    /// Declares which fields are metrics. If keys have labels, `signed` is also counted by label: a
    /// rotation is finished when the previous version is no longer counted.
    pub(crate) fn with_metrics(mut self, at: Timestamp) -> Self {
        let mut metrics = Metrics::at(at);
        if self.accepted.is_some() {
            metrics = metrics.of(&[&["provider"]], &["accepted"], &[]);
        }
        if self.pinged.is_some() {
            metrics = metrics.of(&[&["provider"]], &["pinged"], &[]);
        }
        if self.rejected.is_some() {
            metrics = metrics.of(&[&["provider"], &["provider", "code"]], &["rejected"], &[]);
        }
        if self.signed.is_some() {
            let by_stage: &[&str] = &["provider", "stage"];
            let by_label: &[&str] = &["provider", "source", "stage"];
            metrics = match self.source {
                None => metrics.of(&[by_stage], &["signed"], &[]),
                Some(_) => metrics.of(&[by_stage, by_label], &["signed"], &[]),
            };
        }
        self.metrics = Some(metrics);
        self
    }
}
