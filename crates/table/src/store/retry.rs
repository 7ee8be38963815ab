//! Decides how often a write is tried, and when a retry is useless.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use backon::{ExponentialBuilder, Retryable as _};
use tokio::time::Duration;

/// How many requests are under way at once.
pub const CONCURRENCY: usize = 8;

/// Returns the back-off: 50 ms doubling to 2 s, with jitter, without an end. The caller has a
/// deadline.
#[must_use]
pub fn back_off() -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(50))
        .with_max_delay(Duration::from_secs(2))
        .without_max_times()
        .with_jitter()
}

/// Sends a request until DynamoDB answers it, or finds it wrong. It has no end of its own.
pub(super) async fn answered<T, E, R, F>(request: impl FnMut() -> F) -> Result<T, SdkError<E, R>>
where
    E: ProvideErrorMetadata,
    F: Future<Output = Result<T, SdkError<E, R>>>,
{
    request
        .retry(back_off())
        .when(|error| matches!(Failure::of(error), Failure::Unavailable))
        .await
}

/// Why a write failed.
pub(super) enum Failure {
    /// DynamoDB found something wrong with the request itself.
    Refused,
    /// DynamoDB was throttled, down or out of reach, even after the SDK's own retries.
    Unavailable,
}

impl Failure {
    /// A condition that does not hold is an answer, and counts as refused.
    pub(super) fn of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Self {
        match error {
            SdkError::ServiceError(service)
                if matches!(
                    service.err().code(),
                    Some("ValidationException" | "ConditionalCheckFailedException")
                ) =>
            {
                Self::Refused
            }
            _ => Self::Unavailable,
        }
    }
}
