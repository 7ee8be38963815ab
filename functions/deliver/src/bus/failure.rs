//! Why the bus does not take an entry.

use aws_sdk_eventbridge::config::http::HttpResponse;
use aws_sdk_eventbridge::error::{ProvideErrorMetadata, SdkError};

/// Why an entry, or a whole call, failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// There are too many of them.
    Throttled,
    /// The stack may not put them there.
    Denied,
    /// The bus does not accept what they are.
    Refused,
    /// The service fails, or cannot be reached.
    Unavailable,
    /// It did not answer in time.
    Timeout,
}

impl Failure {
    /// Returns the stable name.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Throttled => "bus_throttled",
            Self::Denied => "bus_denied",
            Self::Refused => "bus_refused",
            Self::Unavailable => "bus_unavailable",
            Self::Timeout => "bus_timeout",
        }
    }

    /// Returns what the code of an entry means (`EventBridge` API reference,
    /// `PutEventsResultEntry`). One without an event's id and without a code says nothing.
    pub(super) fn of_entry(code: Option<&str>) -> Self {
        match code {
            Some("ThrottlingException") => Self::Throttled,
            Some(
                "AccessDeniedException"
                | "NotAuthorizedForSourceException"
                | "NotAuthorizedForDetailTypeException",
            ) => Self::Denied,
            None | Some("InternalFailure" | "InternalException" | "ServiceUnavailable") => {
                Self::Unavailable
            }
            Some(_) => Self::Refused,
        }
    }

    /// Returns why a whole call failed.
    pub(super) fn of_call<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Self {
        match error {
            SdkError::TimeoutError(_) => Self::Timeout,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Self::Timeout,
            SdkError::ServiceError(error) if error.raw().status().is_server_error() => {
                Self::Unavailable
            }
            SdkError::ServiceError(error) => Self::of_entry(error.err().code()),
            _ => Self::Unavailable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_an_entry_has_one_of_ours() {
        for (theirs, ours) in [
            (Some("ThrottlingException"), "bus_throttled"),
            (Some("InternalFailure"), "bus_unavailable"),
            (None, "bus_unavailable"),
            (Some("AccessDeniedException"), "bus_denied"),
            (Some("NotAuthorizedForSourceException"), "bus_denied"),
            (Some("NotAuthorizedForDetailTypeException"), "bus_denied"),
            (Some("InvalidAccountIdException"), "bus_refused"),
            (Some("InvalidArgument"), "bus_refused"),
            (Some("MalformedDetail"), "bus_refused"),
            (Some("RedactionFailure"), "bus_refused"),
        ] {
            assert_eq!(Failure::of_entry(theirs).code(), ours, "{theirs:?}");
        }
    }
}
