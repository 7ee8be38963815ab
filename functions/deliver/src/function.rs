//! The body of the deliver Lambda. It gets an SQS batch and returns the messages that failed.

use std::process::ExitCode;
use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use outlets::bus::outlet_of;
use outlets::hour::Hour;
use outlets::store::{Cached, Outlets};
use outlets::target::Place;
use runtime::aws;
use runtime::clock::now;
use runtime::environment::{EnvironmentError, hosts, needed, number, optional};
use runtime::function::{deadline, ended, stop};
use runtime::log;
use runtime::outbox::Outbox;
use runtime::sealing::Sealing;
use table::read::Reader;

use crate::batch;
use crate::bus::Bus;
use crate::egress::Egress;
use crate::event::{BatchResponse, QueueEvent};
use crate::line::FUNCTION;
use crate::state::Deliver;

/// The time at the end of an invocation that is kept free, to judge the endpoints and to answer
/// before Lambda stops it.
const RESERVE: Duration = Duration::from_secs(4);
/// The longest that one attempt at AWS may take. The next one is for an operation with the SDK's
/// retries.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(1);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(3);
/// The time for an invocation if nobody says when it ends.
const NO_DEADLINE: Duration = Duration::from_secs(30);

/// The function's settings from its environment.
struct Settings {
    events: String,
    outlets: String,
    outbox: String,
    dead_letters: String,
    sealing: String,
    own_hosts: Vec<String>,
    bus: Option<String>,
    stack: String,
    hour: Hour,
}

impl Settings {
    fn from_environment() -> Result<Self, EnvironmentError> {
        Ok(Self {
            events: needed("TABLE_NAME")?,
            outlets: needed("OUTLETS_TABLE_NAME")?,
            outbox: needed("OUTBOX_URL")?,
            dead_letters: needed("OUTBOX_DEAD_LETTER_URL")?,
            sealing: needed("SEALING_SECRET_NAME")?,
            own_hosts: hosts("API_HOSTS"),
            bus: optional("EVENT_BUS_ARN"),
            stack: optional("STACK_NAME").unwrap_or_default(),
            hour: Hour::from_millis(number("OUTLETS_HOUR_MS")?),
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
    let place = Place::of_stack(&settings.outbox, settings.own_hosts);
    let Ok(egress) = Egress::new(place) else {
        return stop(FUNCTION, "tls_unusable", "TLS cannot be set up");
    };
    let config = aws::config(aws::timeouts(ATTEMPT_TIMEOUT, OPERATION_TIMEOUT));
    let secrets = aws_sdk_secretsmanager::Client::new(&config);
    let table = aws_sdk_dynamodb::Client::new(&config);
    let queue = aws_sdk_sqs::Client::new(&config);
    let outlets = Outlets::new(table.clone(), settings.outlets);
    let deliver = Deliver {
        endpoints: Cached::new(outlets.clone(), outlet_of(settings.bus.as_deref())),
        outlets,
        events: Reader::new(table, settings.events),
        outbox: Outbox::new(queue.clone(), settings.outbox),
        dead_letters: Outbox::new(queue, settings.dead_letters),
        sealing: Sealing::open(secrets, settings.sealing, now()).await,
        egress,
        bus: settings
            .bus
            .map(|arn| Bus::new(&config, arn, &settings.stack)),
        hour: settings.hour,
    };
    log::started(FUNCTION);
    let handle = |event| handle(event, &deliver);
    ended(FUNCTION, lambda_runtime::run(service_fn(handle)).await)
}

async fn handle(event: LambdaEvent<QueueEvent>, deliver: &Deliver) -> Result<BatchResponse, Error> {
    let records = event.payload.records;
    // A failure with a blank id cannot be reported: it would fail the whole batch, in a less
    // obvious way.
    if records.iter().any(|record| record.message_id.is_empty()) {
        return Err("a record of the batch has no messageId".into());
    }
    let deadline = deadline(event.context.deadline, NO_DEADLINE, RESERVE);
    let request_id = event.context.request_id.as_str();
    let processing = batch::process(&records, deliver, request_id, deadline);
    Ok(Box::pin(processing).await)
}
