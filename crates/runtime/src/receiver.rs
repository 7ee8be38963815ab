//! The body of every receiver Lambda. It gets a gateway event, sends a queue message and writes one
//! log line.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use jiff::Timestamp;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::http::{HeaderValue, header};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use tokio::time::{Instant, timeout, timeout_at};

use crate::aws::{self, CONNECT_TIMEOUT};
use crate::clock::now;
use crate::deadline::{ATTEMPT_TIMEOUT, CALL_TIMEOUT, Deadline};
use crate::keyring::{Keyring, KeyringError, Store, Trouble};
use crate::log;
use crate::outcome::Line;
use crate::settings::{Keys, Settings, SettingsError};
use crate::task::in_a_task;
use shared::admit::{Admitted, admit, is_handshake};
use shared::provider::Provider;
use shared::rejection::Rejection;
use shared::request::Request;
use shared::secrets::{Secrets, SecretsError};

/// Runs a receiver until Lambda stops it.
pub async fn run(provider: &'static dyn Provider) -> ExitCode {
    log::hide_panic_messages(provider.name());
    match in_a_task(serve(provider)).await {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(stop)) => {
            log::stopped(provider.name(), stop.code(), &stop.to_string());
            ExitCode::FAILURE
        }
        None => ExitCode::FAILURE, // it has panicked, and said so
    }
}

/// Why a receiver does not start, or stops.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("the Lambda runtime stopped: {0}")]
    Runtime(#[from] lambda_runtime::Error),
}

impl Stop {
    fn code(&self) -> &'static str {
        match self {
            Self::Settings(error) => error.code(),
            Self::Runtime(_) => "runtime_failed",
        }
    }
}

async fn serve(provider: &'static dyn Provider) -> Result<(), Stop> {
    let settings = Settings::from_environment(provider)?;
    let config = aws::config(aws::timeouts(ATTEMPT_TIMEOUT, CALL_TIMEOUT));
    let queue = aws_sdk_sqs::Client::new(&config);
    let opening = async {
        match settings.keys {
            Keys::Given(secrets) => given(provider, secrets),
            Keys::Managed(name) => {
                let client = aws_sdk_secretsmanager::Client::new(&config);
                Keyring::open(Store::new(client, name, provider), now()).await
            }
        }
    };
    let (keyring, ()) = tokio::join!(opening, connect(&queue, &settings.queue_url));
    let receiver = Arc::new(Receiver {
        provider,
        keyring,
        queue,
        queue_url: settings.queue_url,
        window: settings.window,
    });
    let receive = move |event: LambdaEvent<Request>| Arc::clone(&receiver).receive(event);
    log::started(provider.name());
    Ok(lambda_runtime::run(service_fn(receive)).await?)
}

/// Returns the keyring of what the environment gives, and says what is wrong with it.
fn given(provider: &dyn Provider, secrets: Result<Secrets, SecretsError>) -> Keyring {
    let name = provider.name();
    let secrets = secrets.map_err(KeyringError::from);
    match &secrets {
        Ok(secrets) => {
            for warning in secrets.warnings(|key| provider.doubt_key(key)) {
                log::line(&Trouble::of_key(now(), name, warning));
            }
        }
        Err(error) => log::line(&Trouble::of_reading(now(), name, error)),
    }
    Keyring::given(secrets)
}

/// Opens the connection to the queue, with TLS, before the first webhook would have to wait for it.
///
/// The answer does not matter. The function may ask, so that no account has a denied call in its
/// trail at each start.
async fn connect(queue: &aws_sdk_sqs::Client, queue_url: &str) {
    let asking = queue.get_queue_attributes().queue_url(queue_url).send();
    let _ = timeout(CONNECT_TIMEOUT, asking).await;
}

struct Receiver {
    provider: &'static dyn Provider,
    keyring: Keyring,
    queue: aws_sdk_sqs::Client,
    queue_url: String,
    window: Option<u64>,
}

impl Receiver {
    /// Checks, sends, answers and logs. It never returns an `Err`, because every request from the
    /// internet gets an answer of its own.
    async fn receive(
        self: Arc<Self>,
        event: LambdaEvent<Request>,
    ) -> Result<ApiGatewayV2httpResponse, Diagnostic> {
        let (started, clock) = (Instant::now(), now());
        let answers = self.provider.answers();
        let within = Duration::from_millis(answers.within_ms);
        let deadline = Deadline::of(event.payload.received_at(), clock, started, within);
        let mut line = Line::new(clock, self.provider.name(), &event.context.request_id);
        if is_handshake(self.provider, &event.payload, clock) {
            line.shook_hands();
            log::line(&line);
            return Ok(answer(200, answers.accepted));
        }
        let accepted = match self.admit(&event.payload, clock).await {
            Ok(admitted) => self.enqueue(&admitted, deadline, &mut line).await,
            Err(rejection) => Err(rejection),
        };
        let response = match accepted {
            Ok(()) => answer(200, answers.accepted),
            Err(rejection) => {
                let status = answers.status(rejection);
                line.refused(rejection, status);
                // The body is empty, so that a sender does not learn how close it came.
                answer(status, "")
            }
        };
        log::line(&line);
        Ok(response)
    }

    /// Admits a request. Without a key nothing is done with it. If a signature, or a URL key,
    /// matches nothing, the secret may just have been rotated, so other keys are tried.
    async fn admit(&self, request: &Request, clock: Timestamp) -> Result<Admitted, Rejection> {
        let judge = |secrets: &Secrets| admit(self.provider, secrets, self.window, request, clock);
        let secrets = self.keyring.secrets(clock).await;
        let secrets = secrets.map_err(|_| Rejection::KeyUnavailable)?;
        let verdict = judge(&secrets);
        let may_be_rotated = verdict.as_ref().is_err_and(|r| r.other_keys_may_help());
        if !may_be_rotated {
            return verdict;
        }
        match self.keyring.others(&secrets, clock).await {
            Some(others) => judge(&others),
            None => verdict,
        }
    }

    async fn enqueue(
        &self,
        admitted: &Admitted,
        deadline: Deadline,
        line: &mut Line,
    ) -> Result<(), Rejection> {
        line.admitted(admitted);
        if self.provider.says_nothing(&admitted.delivery) {
            line.pinged();
            return Ok(());
        }
        let message = admitted.delivery.encode()?;
        let sending = self
            .queue
            .send_message()
            .queue_url(&self.queue_url)
            .message_group_id(admitted.delivery.fair_group())
            .message_body(message)
            .send();
        match timeout_at(deadline.of_call(Instant::now()), sending).await {
            Ok(Ok(sent)) => {
                line.message_id = sent.message_id;
                Ok(())
            }
            Ok(Err(error)) => {
                line.queue_error = Some(queue_error(&error));
                Err(Rejection::QueueUnavailable)
            }
            Err(_) => {
                line.queue_error = Some("timeout".to_owned());
                Err(Rejection::QueueUnavailable)
            }
        }
    }
}

/// Returns the error's code or the kind of failure. The error's text could quote the message.
fn queue_error<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    match error {
        SdkError::TimeoutError(_) => "timeout".to_owned(),
        SdkError::DispatchFailure(_) => "dispatch_failure".to_owned(),
        SdkError::ResponseError(_) => "response_unreadable".to_owned(),
        SdkError::ServiceError(service) => service.err().code().unwrap_or("service").to_owned(),
        _ => "request_not_built".to_owned(),
    }
}

fn answer(status: u16, body: &'static str) -> ApiGatewayV2httpResponse {
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = i64::from(status);
    if !body.is_empty() {
        let json = HeaderValue::from_static("application/json");
        response.headers.insert(header::CONTENT_TYPE, json);
    }
    response.body = Some(body.into());
    response
}
