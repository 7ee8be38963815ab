//! The consumer Lambda. It gets an SQS batch and returns the messages that failed.

use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use consumer::batch::{self, BatchResponse, QueueEvent};
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use runtime::log;
use table::store::Store;
use tokio::time::Instant;

/// The time at the end of an invocation that is kept free, to report what failed before Lambda
/// stops it.
const RESERVE: Duration = Duration::from_secs(2);
/// The longest that one attempt may take. The next one is for an operation with the SDK's retries.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// The time for an invocation if nobody says when it ends.
const NO_DEADLINE: Duration = Duration::from_secs(30);

/// The consumer's settings from its environment.
struct Settings {
    table: String,
    retention_days: u32,
    metrics_namespace: String,
}

impl Settings {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the consumer reads its environment"
    )]
    fn from_environment() -> Result<Self, &'static str> {
        let table = std::env::var("TABLE_NAME").unwrap_or_default();
        if table.trim().is_empty() {
            return Err("TABLE_NAME is not set: set it to the name of the events table");
        }
        let retention = std::env::var("RETENTION_DAYS").unwrap_or_default();
        let retention_days = match retention.trim() {
            "" => 0,
            days => days.parse().map_err(
                |_| "RETENTION_DAYS is not a whole number of days (0 keeps events for ever)",
            )?,
        };
        Ok(Self {
            table,
            retention_days,
            metrics_namespace: std::env::var("METRICS_NAMESPACE").unwrap_or_default(),
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    log::hide_panic_messages("consumer");
    let settings = match Settings::from_environment() {
        Ok(settings) => settings,
        Err(message) => return stop("settings_unreadable", message),
    };
    log::count_in(&settings.metrics_namespace);
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    let config = runtime::aws::config(timeouts);
    let client = aws_sdk_dynamodb::Client::new(&config);
    connect(&client, &settings.table).await;
    let store = Store::new(client, settings.table, settings.retention_days);
    let consume = |event| consume(event, &store);
    match lambda_runtime::run(service_fn(consume)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => stop("runtime_failed", &error.to_string()),
    }
}

/// Opens the connection to the table, with TLS, before the first batch would have to wait for it.
///
/// The answer does not matter. On AWS the request is refused, because the function may only write.
async fn connect(client: &aws_sdk_dynamodb::Client, table: &str) {
    let asking = client.describe_table().table_name(table).send();
    let _ = tokio::time::timeout(CONNECT_TIMEOUT, asking).await;
}

fn stop(code: &str, message: &str) -> ExitCode {
    log::stopped("consumer", code, message);
    ExitCode::FAILURE
}

async fn consume(event: LambdaEvent<QueueEvent>, store: &Store) -> Result<BatchResponse, Error> {
    let records = event.payload.records;
    // A failure with a blank id cannot be reported: it would fail the whole batch, in a less
    // obvious way.
    if records.iter().any(|record| record.message_id.is_empty()) {
        return Err("a record of the batch has no messageId".into());
    }
    let deadline = deadline(event.context.deadline);
    Ok(batch::process(&records, store, now(), deadline).await)
}

#[expect(clippy::disallowed_methods, reason = "how late an event is stored")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// Returns the invocation's end, less the reserve. `deadline` is Lambda's, in Unix milliseconds.
///
/// A deadline that was over before the invocation began does not count: `cargo lambda watch` sends
/// a number of milliseconds that is not a time.
fn deadline(deadline: u64) -> Instant {
    #[expect(
        clippy::disallowed_methods,
        reason = "Lambda's deadline is a wall-clock time"
    )]
    let now = SystemTime::now();
    let end = SystemTime::UNIX_EPOCH + Duration::from_millis(deadline);
    let left = end.duration_since(now).unwrap_or(NO_DEADLINE);
    Instant::now() + left.saturating_sub(RESERVE)
}
