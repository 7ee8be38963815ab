//! The body of the consumer Lambda. It gets an SQS batch and returns the messages that failed.

use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use lambda_runtime::{Error, LambdaEvent, service_fn};
use runtime::aws::{self, CONNECT_TIMEOUT};
use runtime::clock::now;
use runtime::log;
use table::store::Store;
use tokio::time::Instant;

use crate::batch;
use crate::event::{BatchResponse, QueueEvent};
use crate::own_queues::OwnQueue;
use crate::queues::{self, Queues};
use crate::state::Consumer;

/// The time at the end of an invocation that is kept free, to answer before Lambda stops it.
pub const RESERVE: Duration = Duration::from_secs(1);
/// The longest that one attempt at the table may take. The next one is for an operation with the
/// SDK's retries.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest that one attempt at the queues may take.
const QUEUE_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(1);
/// The time for an invocation if nobody says when it ends.
const NO_DEADLINE: Duration = Duration::from_secs(30);

/// The consumer's settings from its environment.
struct Settings {
    table: String,
    retention_days: u32,
    queue_url: String,
    dead_letter_queue_url: String,
    own_queues: Vec<OwnQueue>,
}

impl Settings {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the consumer reads its environment"
    )]
    fn from_environment() -> Result<Self, &'static str> {
        let variable = |name: &str| std::env::var(name).unwrap_or_default();
        let needed = |name, message| {
            let value = variable(name);
            Some(value)
                .filter(|value| !value.trim().is_empty())
                .ok_or(message)
        };
        let retention_days = match variable("RETENTION_DAYS").trim() {
            "" => 0,
            days => days.parse().map_err(
                |_| "RETENTION_DAYS is not a whole number of days (0 keeps events for ever)",
            )?,
        };
        Ok(Self {
            table: needed(
                "TABLE_NAME",
                "TABLE_NAME is not set: set it to the name of the events table",
            )?,
            retention_days,
            own_queues: own_queues(variable("SES_QUEUE_ARN"), variable("SES_QUEUE_URL")),
            queue_url: needed(
                "QUEUE_URL",
                "QUEUE_URL is not set: set it to the URL of the deliveries queue",
            )?,
            dead_letter_queue_url: needed(
                "DEAD_LETTER_QUEUE_URL",
                "DEAD_LETTER_QUEUE_URL is not set: set it to the URL of the dead-letter queue",
            )?,
        })
    }
}

/// Returns the queues of providers that have one of their own.
fn own_queues(arn: String, url: String) -> Vec<OwnQueue> {
    let ses = registry::provider("ses");
    let queue = ses.and_then(|ses| OwnQueue::new(ses, arn, url));
    queue.into_iter().collect()
}

/// Runs the consumer until Lambda stops it.
pub async fn run() -> ExitCode {
    log::hide_panic_messages("consumer");
    let settings = match Settings::from_environment() {
        Ok(settings) => settings,
        Err(message) => return stop("settings_unreadable", message),
    };
    let config = aws::config(aws::timeouts(ATTEMPT_TIMEOUT, OPERATION_TIMEOUT));
    let client = aws_sdk_dynamodb::Client::new(&config);
    connect(&client, &settings.table).await;
    let store = Store::new(client, settings.table, settings.retention_days);
    let config = aws::config(aws::timeouts(QUEUE_ATTEMPT_TIMEOUT, queues::TIME));
    let queues = Queues::new(
        aws_sdk_sqs::Client::new(&config),
        settings.queue_url,
        settings.dead_letter_queue_url,
    )
    .with_own(settings.own_queues);
    let consumer = Consumer::new(store, queues);
    let consume = |event| consume(event, &consumer);
    log::started("consumer");
    match lambda_runtime::run(service_fn(consume)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => stop("runtime_failed", &error.to_string()),
    }
}

/// Opens the connection to the table, with TLS, before the first batch would have to wait for it.
///
/// The answer does not matter.
async fn connect(client: &aws_sdk_dynamodb::Client, table: &str) {
    let asking = client.describe_table().table_name(table).send();
    let _ = tokio::time::timeout(CONNECT_TIMEOUT, asking).await;
}

fn stop(code: &str, message: &str) -> ExitCode {
    log::stopped("consumer", code, message);
    ExitCode::FAILURE
}

async fn consume(
    event: LambdaEvent<QueueEvent>,
    consumer: &Consumer,
) -> Result<BatchResponse, Error> {
    let records = event.payload.records;
    // A failure with a blank id cannot be reported: it would fail the whole batch, in a less
    // obvious way.
    if records.iter().any(|record| record.message_id.is_empty()) {
        return Err("a record of the batch has no messageId".into());
    }
    let deadline = deadline(event.context.deadline);
    let records = OwnQueue::sealed(consumer.queues.own(), records, now());
    Ok(batch::process(&records, consumer, now(), deadline).await)
}

/// Returns when the table must have answered: the invocation's end, less the time for the queues
/// and the reserve. `deadline` is Lambda's, in Unix milliseconds.
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
    Instant::now() + left.saturating_sub(queues::TIME + RESERVE)
}
