//! The body of the fanout Lambda. It gets a batch of the stream and returns where it must go on.

use std::process::ExitCode;
use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use outlets::bus::outlet_of;
use outlets::store::{Cached, Outlets};
use outlets::stream::{StreamAnswer, StreamEvent};
use runtime::aws;
use runtime::clock::now;
use runtime::environment::{EnvironmentError, needed, number, optional};
use runtime::function::{deadline, ended, stop};
use runtime::log;
use runtime::outbox::Outbox;

use crate::batch::{self, Fanout};
use crate::line::FUNCTION;

/// The time at the end of an invocation that is kept free, to answer before Lambda stops it.
const RESERVE: Duration = Duration::from_secs(2);
/// The longest that one attempt at AWS may take. The next one is for an operation with the SDK's
/// retries.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(5);
/// The time for an invocation if nobody says when it ends.
const NO_DEADLINE: Duration = Duration::from_secs(30);
/// How old an event may be that is announced, in days, if nobody says so.
const MAX_AGE_DAYS: u32 = 8;

/// The function's settings from its environment.
struct Settings {
    outlets: String,
    outbox: String,
    dead_letters: String,
    bus: Option<String>,
    max_age_days: u32,
}

impl Settings {
    fn from_environment() -> Result<Self, EnvironmentError> {
        Ok(Self {
            outlets: needed("OUTLETS_TABLE_NAME")?,
            outbox: needed("OUTBOX_URL")?,
            dead_letters: needed("OUTBOX_DEAD_LETTER_URL")?,
            bus: optional("EVENT_BUS_ARN"),
            max_age_days: number("ANNOUNCE_MAX_AGE_DAYS")?.unwrap_or(MAX_AGE_DAYS),
        })
    }
}

/// Runs the function until Lambda stops it.
pub async fn run() -> ExitCode {
    log::hide_panic_messages(FUNCTION);
    let settings = match Settings::from_environment() {
        Ok(settings) => settings,
        Err(error) => return stop(FUNCTION, error.code(), &error.to_string()),
    };
    let config = aws::config(aws::timeouts(ATTEMPT_TIMEOUT, OPERATION_TIMEOUT));
    let table = aws_sdk_dynamodb::Client::new(&config);
    let queue = aws_sdk_sqs::Client::new(&config);
    let fanout = Fanout {
        endpoints: Cached::new(
            Outlets::new(table, settings.outlets),
            outlet_of(settings.bus.as_deref()),
        ),
        outbox: Outbox::new(queue.clone(), settings.outbox),
        dead_letters: Outbox::new(queue, settings.dead_letters),
        max_age_days: settings.max_age_days,
    };
    log::started(FUNCTION);
    let handle = |event| announce(event, &fanout);
    ended(FUNCTION, lambda_runtime::run(service_fn(handle)).await)
}

async fn announce(event: LambdaEvent<StreamEvent>, fanout: &Fanout) -> Result<StreamAnswer, Error> {
    let records = event.payload.records;
    let deadline = deadline(event.context.deadline, NO_DEADLINE, RESERVE);
    let request_id = event.context.request_id.as_str();
    let answer = batch::process(records, fanout, request_id, now(), deadline);
    Ok(Box::pin(answer).await?)
}
