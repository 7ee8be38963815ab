//! The body of every receiver Lambda: gateway event in, queue message out, one log line.

use std::process::ExitCode;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use jiff::Timestamp;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::http::{HeaderValue, header};
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;

use crate::auth::{SECRETS_VARIABLE, Secrets, SecretsError};
use crate::aws;
use crate::delivery::Delivery;
use crate::incoming::Incoming;
use crate::log;
use crate::provider::Provider;
use crate::rejection::Rejection;
use crate::request::Request;

/// The longest that a webhook may wait for the queue, in all. Customer.io gives up after 4 s.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(3);
/// The longest wait for one attempt: a hung connection leaves time for a second one.
const QUEUE_ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1_400);
/// The longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Decides about one request: a pure function of the event, the secrets and the operator's window (see
/// [`Incoming::new`]), so a recorded request can be tested. `clock` is only used where the event has no time of its own.
///
/// # Errors
/// A [`Rejection`], checked in this order: body, signature headers, signature, window.
pub fn admit(
    provider: &dyn Provider,
    secrets: &Secrets,
    window: Option<u64>,
    request: &Request,
    clock: Timestamp,
) -> Result<Delivery, Rejection> {
    let body = request.bytes()?;
    let received_at = request.received_at().unwrap_or(clock);
    let incoming = Incoming::new(&request.headers.0, &body, received_at, window);
    let authentic = provider.verify(&incoming, secrets)?;
    Ok(Delivery::seal(
        authentic,
        provider.name(),
        &incoming,
        provider.keep_headers(),
    ))
}

/// Everything that a receiver reads from its environment.
struct Settings {
    secrets: Secrets,
    queue_url: String,
    window: Option<u64>,
}

/// Why a receiver refuses to start.
#[derive(Debug, thiserror::Error)]
enum SettingsError {
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error("QUEUE_URL is not set: set it to the URL of the deliveries queue")]
    QueueUrlUnset,
    #[error("SIGNATURE_WINDOW is not a whole number of seconds (0 turns the check off)")]
    WindowUnreadable,
}

impl SettingsError {
    fn code(&self) -> &'static str {
        match self {
            Self::Secrets(secrets) => secrets.code(),
            Self::QueueUrlUnset => "queue_url_unset",
            Self::WindowUnreadable => "signature_window_unreadable",
        }
    }
}

impl Settings {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where a receiver reads its environment"
    )]
    fn from_environment() -> Result<Self, SettingsError> {
        let secrets = std::env::var(SECRETS_VARIABLE).map_err(|_| SecretsError::Unset)?;
        let queue_url = std::env::var("QUEUE_URL").unwrap_or_default();
        if queue_url.trim().is_empty() {
            return Err(SettingsError::QueueUrlUnset);
        }
        let window = match std::env::var("SIGNATURE_WINDOW").unwrap_or_default().trim() {
            "" => None,
            seconds => Some(
                seconds
                    .parse()
                    .map_err(|_| SettingsError::WindowUnreadable)?,
            ),
        };
        Ok(Self {
            secrets: Secrets::parse(&secrets)?,
            queue_url,
            window,
        })
    }
}

/// Runs a receiver until Lambda stops it.
pub async fn run(provider: &'static dyn Provider) -> ExitCode {
    let settings = match Settings::from_environment() {
        Ok(settings) => settings,
        Err(error) => {
            log::stopped(provider.name(), error.code(), &error.to_string());
            return ExitCode::FAILURE;
        }
    };
    let queue = queue_client().await;
    let receiver = Receiver {
        provider,
        settings,
        queue,
    };
    let receiver = &receiver;
    let served = lambda_runtime::run(service_fn(move |event: LambdaEvent<Request>| async move {
        receiver.receive(event).await
    }))
    .await;
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::stopped(provider.name(), "runtime_failed", &error.to_string());
            ExitCode::FAILURE
        }
    }
}

struct Receiver {
    provider: &'static dyn Provider,
    settings: Settings,
    queue: aws_sdk_sqs::Client,
}

impl Receiver {
    /// Checks, sends, answers and logs. Never an `Err`: whatever the internet sends has an answer of its own.
    async fn receive(
        &self,
        event: LambdaEvent<Request>,
    ) -> Result<ApiGatewayV2httpResponse, lambda_runtime::Error> {
        #[expect(
            clippy::disallowed_methods,
            reason = "a front end that sends no time of its own"
        )]
        let clock = Timestamp::now();
        let mut line = Line::new(self.provider.name(), &event.context.request_id);
        let result = self.enqueue(&event.payload, clock, &mut line).await;
        let response = match result {
            Ok(()) => accepted(self.provider.reply()),
            Err(rejection) => {
                line.refused(rejection);
                refused(rejection)
            }
        };
        log::line(&line);
        Ok(response)
    }

    async fn enqueue(
        &self,
        request: &Request,
        clock: Timestamp,
        line: &mut Line,
    ) -> Result<(), Rejection> {
        let settings = &self.settings;
        let delivery = admit(
            self.provider,
            &settings.secrets,
            settings.window,
            request,
            clock,
        )?;
        line.source = delivery.source().map(str::to_owned);
        line.body_bytes = Some(delivery.body().len());
        let message = delivery.encode()?;
        line.message_bytes = Some(message.len());
        let sent = self
            .queue
            .send_message()
            .queue_url(&settings.queue_url)
            .message_body(message)
            .send()
            .await;
        match sent {
            Ok(sent) => {
                line.message_id = sent.message_id;
                Ok(())
            }
            Err(error) => {
                line.queue_error = Some(queue_error(&error));
                Err(Rejection::QueueUnavailable)
            }
        }
    }
}

/// The error's code, or the kind of failure: never its text, which could quote the message.
fn queue_error<E: aws_sdk_sqs::error::ProvideErrorMetadata, R>(
    error: &aws_sdk_sqs::error::SdkError<E, R>,
) -> String {
    use aws_sdk_sqs::error::SdkError;
    match error {
        SdkError::TimeoutError(_) => "timeout".to_owned(),
        SdkError::DispatchFailure(_) => "dispatch_failure".to_owned(),
        SdkError::ResponseError(_) => "response_unreadable".to_owned(),
        SdkError::ServiceError(service) => service.err().code().unwrap_or("service").to_owned(),
        _ => "request_not_built".to_owned(),
    }
}

/// One line per webhook.
#[derive(Serialize)]
struct Line {
    level: &'static str,
    provider: &'static str,
    outcome: &'static str,
    status: u16,
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_bytes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_bytes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
}

impl Line {
    fn new(provider: &'static str, request_id: &str) -> Self {
        Self {
            level: "info",
            provider,
            outcome: "accepted",
            status: 200,
            request_id: request_id.to_owned(),
            code: None,
            queue_error: None,
            source: None,
            body_bytes: None,
            message_bytes: None,
            message_id: None,
        }
    }

    fn refused(&mut self, rejection: Rejection) {
        self.level = "warn";
        self.outcome = "rejected";
        self.status = rejection.status();
        self.code = Some(rejection.code());
    }
}

fn accepted(reply: &'static str) -> ApiGatewayV2httpResponse {
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = 200;
    if !reply.is_empty() {
        let json = HeaderValue::from_static("application/json");
        response.headers.insert(header::CONTENT_TYPE, json);
    }
    response.body = Some(reply.into());
    response
}

/// An empty body: a sender learns nothing about how close it came.
fn refused(rejection: Rejection) -> ApiGatewayV2httpResponse {
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = i64::from(rejection.status());
    response.body = Some("".into());
    response
}

async fn queue_client() -> aws_sdk_sqs::Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(QUEUE_ATTEMPT_TIMEOUT)
        .operation_timeout(QUEUE_TIMEOUT)
        .build();
    aws_sdk_sqs::Client::new(&aws::config(timeouts).await)
}
