//! How often a write is tried, and when it is not worth it.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use backon::ExponentialBuilder;
use tokio::time::Duration;

/// Requests under way at once.
pub(super) const CONCURRENCY: usize = 8;

/// 50 ms doubling to 2 s, seven times, with jitter: about six seconds in all.
pub(super) fn back_off() -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(50))
        .with_max_delay(Duration::from_secs(2))
        .with_max_times(7)
        .with_jitter()
}

/// Why a write did not succeed.
pub(super) enum Failure {
    /// DynamoDB found something wrong with the request itself.
    Refused,
    /// Throttled, down or out of reach, after the SDK's own retries.
    Unavailable,
}

impl Failure {
    pub(super) fn of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Self {
        match error {
            SdkError::ServiceError(service)
                if service.err().code() == Some("ValidationException") =>
            {
                Self::Refused
            }
            _ => Self::Unavailable,
        }
    }
}
