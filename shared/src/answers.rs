//! What a provider makes of an answer: some stop for good where others try again.

use crate::rejection::Rejection;

/// How a receiver answers one provider. Only this says so; the conformance suite holds every
/// provider to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answers {
    /// The body of the 200.
    pub accepted: &'static str,
    /// The status that makes the provider send the webhook again later.
    pub busy: Busy,
    /// How long a webhook may take until it is answered, in milliseconds. The provider's own
    /// patience is longer.
    pub within_ms: u64,
}

/// A status that makes a provider send a webhook again later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// 503, which most providers retry. It is not 500 or 502, after which Customer.io waits an hour
    /// before it retries (docs.customer.io/api/webhooks).
    Unavailable,
    /// 429, for a provider that drops an event for good on any 5xx.
    TooManyRequests,
}

impl Busy {
    fn status(self) -> u16 {
        match self {
            Self::Unavailable => 503,
            Self::TooManyRequests => 429,
        }
    }
}

impl Default for Answers {
    /// An empty 200, 503 while busy, and 3 seconds: Customer.io gives up after 4.
    fn default() -> Self {
        Self {
            accepted: "",
            busy: Busy::Unavailable,
            within_ms: 3_000,
        }
    }
}

impl Answers {
    /// Returns the HTTP status of a refusal. This is the only place where a status is chosen.
    ///
    /// It is never 403, 406, 410 or 3xx, because some provider stops permanently on each of them.
    #[must_use]
    pub fn status(&self, rejection: Rejection) -> u16 {
        match rejection {
            Rejection::BodyUndecodable => 400,
            Rejection::MethodNotAllowed => 405,
            Rejection::TooLarge => 413,
            Rejection::KeyUnavailable | Rejection::QueueUnavailable => self.busy.status(),
            Rejection::SignatureMissing
            | Rejection::SignatureDuplicated
            | Rejection::SignatureUnreadable
            | Rejection::FormEncoded
            | Rejection::NotAForm
            | Rejection::SignatureMismatch
            | Rejection::CredentialMissing
            | Rejection::CredentialDuplicated
            | Rejection::CredentialUnreadable
            | Rejection::CredentialMismatch
            | Rejection::IdMissing
            | Rejection::IdDuplicated
            | Rejection::IdUnreadable
            | Rejection::UrlKeyMismatch
            | Rejection::TimestampMissing
            | Rejection::TimestampDuplicated
            | Rejection::TimestampUnreadable
            | Rejection::TimestampStale
            | Rejection::TimestampAhead => 401,
        }
    }
}
