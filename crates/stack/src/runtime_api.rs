//! The Runtime API of one instance (AWS Lambda developer guide, "Lambda runtime API", version
//! 2018-06-01).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};

/// Lambda's limit for a synchronous payload and answer, in bytes.
pub const PAYLOAD_BYTES: usize = 6 * 1024 * 1024;

/// Why an invocation has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// The function reported an error itself.
    #[error("the function reported an error")]
    Reported,
    /// The function's process ended.
    #[error("the function's process ended ({0})")]
    Died(String),
    /// The function ran longer than its timeout.
    #[error("the function timed out")]
    TimedOut,
    /// The function never asked for work.
    #[error("the function {0} did not start: {1}")]
    NotStarted(String, String),
}

/// One invocation for an instance.
pub(crate) struct Invocation {
    pub(crate) id: String,
    pub(crate) payload: Bytes,
    pub(crate) deadline: SystemTime,
    pub(crate) answer: Waiting,
}

type Waiting = oneshot::Sender<Result<Bytes, InvokeError>>;

struct RuntimeApi {
    invocations: AsyncMutex<mpsc::Receiver<Invocation>>,
    asked: Mutex<Option<oneshot::Sender<()>>>,
    /// The invocation under way: its id, and the sender for its answer.
    current: Mutex<Option<(String, Waiting)>>,
    arn: String,
}

/// Returns the routes of an instance that processes `invocations`. `asked` is sent a message at the
/// instance's first request for work.
pub(crate) fn router(
    invocations: mpsc::Receiver<Invocation>,
    asked: oneshot::Sender<()>,
    arn: String,
) -> Router {
    let state = RuntimeApi {
        invocations: AsyncMutex::new(invocations),
        asked: Mutex::new(Some(asked)),
        current: Mutex::new(None),
        arn,
    };
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route(
            "/2018-06-01/runtime/invocation/{id}/response",
            post(response),
        )
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .layer(DefaultBodyLimit::max(PAYLOAD_BYTES))
        .with_state(Arc::new(state))
}

async fn next(State(api): State<Arc<RuntimeApi>>) -> Response {
    let asked = api
        .asked
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    if let Some(asked) = asked {
        let _ = asked.send(());
    }
    let Some(invocation) = api.invocations.lock().await.recv().await else {
        return status(StatusCode::GONE); // the stack is stopping
    };
    let since_epoch = invocation.deadline.duration_since(SystemTime::UNIX_EPOCH);
    let deadline = since_epoch.unwrap_or_default().as_millis().to_string();
    let response = Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", &invocation.id)
        .header("lambda-runtime-deadline-ms", deadline)
        .header("lambda-runtime-invoked-function-arn", &api.arn)
        .header(
            "lambda-runtime-trace-id",
            "Root=1-00000000-000000000000000000000000;Sampled=0",
        )
        .body(Body::from(invocation.payload));
    let mut current = api.current.lock().unwrap_or_else(PoisonError::into_inner);
    *current = Some((invocation.id, invocation.answer));
    response.unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
}

async fn response(
    State(api): State<Arc<RuntimeApi>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    api.answer(&id, Ok(body))
}

async fn error(State(api): State<Arc<RuntimeApi>>, Path(id): Path<String>) -> Response {
    api.answer(&id, Err(InvokeError::Reported))
}

impl RuntimeApi {
    fn answer(&self, id: &str, answer: Result<Bytes, InvokeError>) -> Response {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        match current.take_if(|(current, _)| current == id) {
            Some((_, waiting)) => {
                let _ = waiting.send(answer);
                status(StatusCode::ACCEPTED)
            }
            None => status(StatusCode::BAD_REQUEST),
        }
    }
}

fn status(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
