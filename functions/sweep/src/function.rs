//! The body of the sweep Lambda. A schedule invokes it.

use std::process::ExitCode;
use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use outlets::bus::outlet_of;
use outlets::hour::Hour;
use outlets::store::Outlets;
use runtime::aws;
use runtime::clock::now;
use runtime::environment::{EnvironmentError, needed, number, optional};
use runtime::function::{deadline, ended, stop};
use runtime::log::{self, Level};
use runtime::outbox::Outbox;
use runtime::outlet_line::OutletLine;
use runtime::sealing::Sealing;
use serde_json::Value;

use crate::line::FUNCTION;
use crate::state::Sweep;
use crate::sweep::sweep;

/// The time at the end of an invocation that is kept free, to log before Lambda stops it.
const RESERVE: Duration = Duration::from_secs(5);
/// The longest that one attempt at AWS may take. The next one is for an operation with the SDK's
/// retries.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(10);
/// The time for an invocation if nobody says when it ends.
const NO_DEADLINE: Duration = Duration::from_secs(55);

/// The function's settings from its environment.
struct Settings {
    outlets: String,
    outbox: String,
    sealing: String,
    bus: Option<String>,
    hour: Hour,
}

impl Settings {
    fn from_environment() -> Result<Self, EnvironmentError> {
        Ok(Self {
            outlets: needed("OUTLETS_TABLE_NAME")?,
            outbox: needed("OUTBOX_URL")?,
            sealing: needed("SEALING_SECRET_NAME")?,
            bus: optional("EVENT_BUS_ARN"),
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
    let config = aws::config(aws::timeouts(ATTEMPT_TIMEOUT, OPERATION_TIMEOUT));
    let secrets = aws_sdk_secretsmanager::Client::new(&config);
    let table = aws_sdk_dynamodb::Client::new(&config);
    let queue = aws_sdk_sqs::Client::new(&config);
    let state = Sweep {
        outlets: Outlets::new(table, settings.outlets),
        outbox: Outbox::new(queue, settings.outbox),
        sealing: Sealing::open(secrets, settings.sealing, now()).await,
        bus: outlet_of(settings.bus.as_deref()),
        hour: settings.hour,
    };
    log::started(FUNCTION);
    let sweep_once = |event| sweep_once(event, &state);
    ended(FUNCTION, lambda_runtime::run(service_fn(sweep_once)).await)
}

async fn sweep_once(event: LambdaEvent<Value>, state: &Sweep) -> Result<(), Error> {
    let deadline = deadline(event.context.deadline, NO_DEADLINE, RESERVE);
    let swept = Box::pin(sweep(state, &event.context.request_id, deadline)).await;
    // The next one comes in a minute. This one counts as an error, so that its alarm sees it.
    swept.map_err(|error| {
        let id = &event.context.request_id;
        let line = OutletLine::new(Level::Error, FUNCTION, "failed", id, now());
        log::line(&line.because(Some(error.code())));
        error.code().into()
    })
}
