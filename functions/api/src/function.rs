//! The body of the API Lambda. It gets a request, and always has an answer.

use std::pin::Pin;
use std::process::ExitCode;
use std::time::Duration;

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::http::header;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use outlets::bus::outlet_of;
use outlets::hour::Hour;
use outlets::manage::Refusal;
use outlets::store::{COUNTS_AFTER, Outlets};
use runtime::aws;
use runtime::clock::now;
use runtime::environment::{EnvironmentError, hosts, needed, number, optional};
use runtime::function::{ended, stop};
use runtime::log;
use runtime::outbox::Outbox;
use runtime::sealing::Sealing;
use table::read::Reader;
use tokio::time::sleep;

use crate::answer::Answer;
use crate::ask::Route;
use crate::auth::{Auth, Keyring};
use crate::done::{Done, Wrong};
use crate::event::Event;
use crate::line::Line;
use crate::parts::Parts;
use crate::route::route;
use crate::work;

/// The name of the function.
const FUNCTION: &str = "api";
/// The longest that one attempt at AWS may take, and an operation with the SDK's retries.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(5);

/// The function's environment.
struct Settings {
    table: String,
    outbox_url: String,
    events_table: String,
    queue_url: String,
    sealing_secret: String,
    /// `iam`, `key`, or whatever else stands there.
    auth: Option<String>,
    keys_secret: Option<String>,
    bus: Option<String>,
    own_hosts: Vec<String>,
    hour: Hour,
}

impl Settings {
    fn from_environment() -> Result<Self, EnvironmentError> {
        Ok(Self {
            table: needed("OUTLETS_TABLE_NAME")?,
            outbox_url: needed("OUTBOX_URL")?,
            events_table: needed("TABLE_NAME")?,
            queue_url: needed("QUEUE_URL")?,
            sealing_secret: needed("SEALING_SECRET_NAME")?,
            auth: optional("API_AUTH"),
            keys_secret: optional("API_KEYS_SECRET_NAME"),
            bus: optional("EVENT_BUS_ARN"),
            own_hosts: hosts("API_HOSTS"),
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
    let auth = auth(&settings, secrets.clone());
    let sealing = Sealing::open(secrets, settings.sealing_secret.clone(), now());
    let (auth, sealing) = tokio::join!(Box::pin(auth), Box::pin(sealing));
    let queue = aws_sdk_sqs::Client::new(&config);
    let database = aws_sdk_dynamodb::Client::new(&config);
    let api = &Api {
        auth,
        parts: Parts {
            outlets: Outlets::new(database.clone(), settings.table),
            events: Reader::new(database, settings.events_table),
            deliveries: Outbox::new(queue.clone(), settings.queue_url),
            outbox: Outbox::new(queue, settings.outbox_url.clone()),
            outbox_url: settings.outbox_url,
            bus: outlet_of(settings.bus.as_deref()),
            sealing,
            own_hosts: settings.own_hosts,
            hour: settings.hour,
        },
    };
    log::started(FUNCTION);
    let answer = |event| api.answered(event);
    ended(FUNCTION, lambda_runtime::run(service_fn(answer)).await)
}

/// Returns how callers prove who they are. A mode that is none, or that has no keys, lets nobody
/// in.
async fn auth(settings: &Settings, client: aws_sdk_secretsmanager::Client) -> Auth {
    match (settings.auth.as_deref(), &settings.keys_secret) {
        (Some("iam"), _) => Auth::Iam,
        (Some("key"), Some(name)) => Auth::Key(Keyring::open(client, name.clone(), now()).await),
        _ => {
            let refusal = Refusal::AuthUnset;
            log::stopped(FUNCTION, refusal.code(), &refusal.to_string());
            Auth::Unset
        }
    }
}

/// An answer on its way. All of them are one type, because the compiler follows the types of nested
/// work only so far.
type Answering<'a> = Pin<Box<dyn Future<Output = Result<ApiGatewayV2httpResponse, Error>> + 'a>>;

/// What the function needs for its work.
struct Api {
    auth: Auth,
    parts: Parts,
}

impl Api {
    /// Answers a request. It never fails, because every request gets an answer of its own.
    fn answered(&self, event: LambdaEvent<Event>) -> Answering<'_> {
        Box::pin(async { Ok(self.answer(event).await) })
    }

    /// Answers a request, and writes the line of what it changed, or of why it is refused.
    async fn answer(&self, event: LambdaEvent<Event>) -> ApiGatewayV2httpResponse {
        let (event, request_id) = (event.payload, event.context.request_id);
        let at = now();
        let caller = match self.auth.caller(&event, at).await {
            Ok(caller) => caller,
            Err(refusal) => {
                log::line(&Line::refused(at, None, &refusal, None, &request_id));
                let answer = Answer::refused(&refusal);
                return match (&refusal, &self.auth) {
                    (Refusal::Unproven, Auth::Key(_)) => {
                        answer.with(header::WWW_AUTHENTICATE, "Bearer").into()
                    }
                    _ => answer.into(),
                };
            }
        };
        let who = caller.name.as_str();
        let (ask, allowed) = match route(event.path(), event.method()) {
            Route::To(ask) if ask.is_reading() || caller.may_change => (Ok(ask), None),
            Route::To(_) => (Err(Refusal::ReadOnly), None),
            Route::Method(allowed) => (Err(Refusal::Method), Some(allowed)),
            Route::Nowhere => (Err(Refusal::NotFound), None),
        };
        let done = match ask {
            Ok(ask) => work::run(&self.parts, ask, &event, who, at).await,
            Err(refusal) => Err(Wrong::from(refusal)),
        };
        let answer = match done {
            Ok(Done {
                answer,
                managed,
                said,
            }) => {
                if let Some(said) = said {
                    log::line(&Line::said(at, who, said, &request_id));
                }
                if let Some(managed) = managed {
                    log::line(&Line::managed(at, who, &managed, &request_id));
                    if managed.is_change() {
                        // What happens from the answer on is told by what it says.
                        sleep(COUNTS_AFTER).await;
                    }
                }
                answer
            }
            Err(Wrong { refusal, cause }) => {
                log::line(&Line::refused(at, Some(who), &refusal, cause, &request_id));
                Answer::refused(&refusal)
            }
        };
        match allowed {
            Some(allowed) => answer.with(header::ALLOW, allowed).into(),
            None => answer.into(),
        }
    }
}
