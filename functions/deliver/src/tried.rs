//! What an endpoint's answer, or its silence, means.

use std::time::Duration;

use jiff::Timestamp;
use outlets::breaker::Outcome;

use crate::egress::{Answer, Failure};

/// What an attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The endpoint accepted it.
    Delivered,
    /// The endpoint wants nothing any more.
    Gone,
    /// It is to be tried again.
    Failed,
}

/// One attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tried {
    pub(crate) verdict: Verdict,
    /// The stable name of what became of it.
    pub(crate) code: &'static str,
    /// The endpoint's status, if it answered.
    pub(crate) status: Option<u16>,
    /// When the endpoint wants the next attempt.
    pub(crate) retry_after: Option<Timestamp>,
    /// How long the attempt took.
    pub(crate) took: Duration,
}

impl Tried {
    /// Returns what an answer means. Only a success is one: a redirect is not followed, so it is a
    /// failure like any other.
    pub(crate) fn of(answer: Result<Answer, Failure>, took: Duration) -> Self {
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => return Self::failed(failure.code(), took),
        };
        let (verdict, code) = match answer.status {
            200..=299 => (Verdict::Delivered, "delivered"),
            300..=399 => (Verdict::Failed, "redirected"),
            410 => (Verdict::Gone, "gone"),
            _ => (Verdict::Failed, "http_status"),
        };
        Self {
            verdict,
            code,
            status: Some(answer.status),
            retry_after: answer.retry_after,
            took,
        }
    }

    /// Returns an attempt of what the bus accepted. It has no status.
    pub(crate) fn accepted(took: Duration) -> Self {
        Self {
            verdict: Verdict::Delivered,
            code: "delivered",
            status: None,
            retry_after: None,
            took,
        }
    }

    /// Returns an attempt that was not answered, or not made, and why.
    pub(crate) fn failed(code: &'static str, took: Duration) -> Self {
        Self {
            verdict: Verdict::Failed,
            code,
            status: None,
            retry_after: None,
            took,
        }
    }

    /// Returns what the attempt tells the breaker.
    pub(crate) fn outcome(&self, is_probe: bool) -> Outcome {
        match self.verdict {
            Verdict::Delivered => Outcome::Delivered,
            Verdict::Gone => Outcome::Gone,
            Verdict::Failed => Outcome::Failed {
                code: self.reason(),
                wasted: self.took,
                retry_after: self.retry_after,
                is_probe,
            },
        }
    }

    /// Returns why the attempt failed, as people are shown it: the status, if there is one.
    pub(crate) fn reason(&self) -> String {
        let status = self.status.map(|status| status.to_string());
        status.unwrap_or_else(|| self.code.to_owned())
    }

    /// Returns how long the attempt took, in milliseconds.
    pub(crate) fn latency_ms(&self) -> u64 {
        self.took.as_millis().try_into().unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(status: u16) -> (Verdict, &'static str) {
        let answer = Answer {
            status,
            retry_after: None,
        };
        let tried = Tried::of(Ok(answer), Duration::ZERO);
        assert_eq!(tried.status, Some(status));
        (tried.verdict, tried.code)
    }

    #[test]
    fn only_a_success_is_one() {
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(tried(status), (Verdict::Delivered, "delivered"), "{status}");
        }
        for status in [300, 301, 302, 303, 304, 307, 308, 399] {
            assert_eq!(tried(status), (Verdict::Failed, "redirected"), "{status}");
        }
        for status in [101, 400, 401, 404, 409, 429, 500, 503, 599, 999] {
            assert_eq!(tried(status), (Verdict::Failed, "http_status"), "{status}");
        }
        assert_eq!(tried(410), (Verdict::Gone, "gone"));
    }

    #[test]
    fn a_failure_without_an_answer_has_its_code_and_no_status() {
        let took = Duration::from_secs(15);
        let tried = Tried::of(Err(Failure::Timeout), took);
        assert_eq!((tried.code, tried.status), ("timeout", None));
        let wanted = Outcome::Failed {
            code: "timeout".to_owned(),
            wasted: took,
            retry_after: None,
            is_probe: true,
        };
        assert_eq!(tried.outcome(true), wanted);
        assert_eq!(tried.latency_ms(), 15_000);
    }
}
