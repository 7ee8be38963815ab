//! What of a webhook cannot become an event.

/// What cannot become an event: no JSON, JSON that is no object, or too much of it. It stays in the
/// queue, and ends in the dead-letter queue. An object is always an event, if need be of kind
/// `unknown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Malformed {
    /// The body is not JSON, or an array in it has no end, or something behind its end.
    #[error("the body is not JSON")]
    BodyNotJson,
    /// The body is JSON, but neither an object nor an array.
    #[error("the body is neither a JSON object nor an array")]
    BodyNotObject,
    /// An element of the array is not an object.
    #[error("an element of the array is not a JSON object")]
    ElementNotObject,
    /// An element of the array is not JSON, and cannot be repaired.
    #[error("an element of the array is not JSON")]
    ElementNotJson,
    /// There would be more events of the webhook than its [`Budget`](crate::normalize::Budget)
    /// allows; those that it allows are stored.
    #[error("the webhook would make too many events")]
    TooManyEvents,
}

impl Malformed {
    /// The stable name that logs, metrics and alarms use.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::BodyNotJson => "body_not_json",
            Self::BodyNotObject => "body_not_object",
            Self::ElementNotObject => "element_not_object",
            Self::ElementNotJson => "element_not_json",
            Self::TooManyEvents => "too_many_events",
        }
    }
}
