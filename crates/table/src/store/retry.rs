//! Decides how often a write is tried, and when a retry is useless.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use backon::ExponentialBuilder;
use tokio::time::Duration;

/// How many requests are under way at once.
pub(super) const CONCURRENCY: usize = 8;

/// Returns the back-off: 50 ms doubling to 2 s, seven times, with jitter. This is about six seconds
/// in all.
pub(super) fn back_off() -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(50))
        .with_max_delay(Duration::from_secs(2))
        .with_max_times(7)
        .with_jitter()
}

/// Why a write failed.
pub(super) enum Failure {
    /// DynamoDB found something wrong with the request itself.
    Refused,
    /// DynamoDB was throttled, down or out of reach, even after the SDK's own retries.
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
