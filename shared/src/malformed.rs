//! The parts of a webhook that cannot become an event.

/// Why a part of a webhook cannot become an event: it is not JSON, it is not an object, or it is
/// too much. It is put aside, in the dead-letter queue; what stands beside it is stored.
///
/// An object is always an event, if necessary of kind `unknown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Malformed {
    /// The body is not JSON, or an array in it has no end, or something follows its end.
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
    /// The webhook would make more events than its [`Budget`](crate::normalize::Budget) allows.
    /// Those that it allows are stored.
    #[error("the webhook would make too many events")]
    TooManyEvents,
}

impl Malformed {
    /// Returns the stable name that logs and dead letters use.
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
