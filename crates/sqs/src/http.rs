//! The HTTP edge: AWS JSON 1.0, one POST per action. Signatures are not checked.

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{
        HeaderMap, StatusCode, Uri,
        header::{CONTENT_TYPE, HOST},
    },
    response::{IntoResponse, Response},
    routing::post,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use uuid::Uuid;

use crate::{
    call::Call, errors::SqsError, message_actions as messages, queue_actions as queues,
    service::Sqs,
};

/// The largest request body. JSON escapes can make a batch of 1 MiB six times as long.
const BODY_LIMIT: usize = 12 * 1024 * 1024;
const JSON_1_0: &str = "application/x-amz-json-1.0";

/// Returns the HTTP service of an emulator. Give it to `axum::serve`, or put layers around it.
pub fn router(sqs: &Sqs) -> Router {
    Router::new()
        .route("/", post(serve))
        .route("/{account}/{queue}", post(serve))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(sqs.clone())
}

async fn serve(State(sqs): State<Sqs>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let call = Call {
        sqs: &sqs,
        host: header(HOST.as_str()).unwrap_or("localhost"),
        path: uri.path(),
    };
    let target = header("x-amz-target").unwrap_or_default();
    let answer = match target.strip_prefix("AmazonSQS.") {
        Some(action) => act(&call, action, &body).await,
        None => Err(SqsError::InvalidAction(target.into())),
    };
    let answer = match answer {
        Ok(answer) => sqs.written().await.map(|()| answer),
        refused => refused,
    };
    match answer {
        Ok(body) => {
            let id = ("x-amzn-requestid", Uuid::new_v4().to_string());
            ([(CONTENT_TYPE.as_str(), JSON_1_0.to_owned()), id], body).into_response()
        }
        Err(error) => refuse(&error),
    }
}

#[rustfmt::skip]
async fn act(call: &Call<'_>, action: &str, body: &[u8]) -> Result<Vec<u8>, SqsError> {
    match action {
        "CreateQueue" => write(queues::create(call, read(body)?)),
        "GetQueueUrl" => write(queues::get_url(call, &read(body)?)),
        "ListQueues" => write(queues::list(call, &read(body)?)),
        "GetQueueAttributes" => write(queues::get_attributes(call, read(body)?)),
        "SetQueueAttributes" => write(queues::set_attributes(call, read(body)?)),
        "PurgeQueue" => write(queues::purge(call, &read(body)?)),
        "ListDeadLetterSourceQueues" => write(queues::list_sources(call, &read(body)?)),
        "StartMessageMoveTask" => write(queues::start_move(call, &read(body)?)),
        "ListMessageMoveTasks" => write(queues::list_moves(call, &read(body)?)),
        "SendMessage" => write(messages::send(call, read(body)?)),
        "SendMessageBatch" => write(messages::send_batch(call, read(body)?)),
        "ReceiveMessage" => write(messages::receive(call, read(body)?).await),
        "DeleteMessage" => write(messages::delete(call, &read(body)?)),
        "DeleteMessageBatch" => write(messages::delete_batch(call, read(body)?)),
        "ChangeMessageVisibility" => write(messages::change(call, &read(body)?)),
        "ChangeMessageVisibilityBatch" => write(messages::change_batch(call, read(body)?)),
        unknown => Err(SqsError::InvalidAction(unknown.into())),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, SqsError> {
    // The error names a position, and no content.
    serde_json::from_slice(body).map_err(|error| {
        SqsError::Malformed(format!(
            "The request is not what the action takes (line {}, column {}).",
            error.line(),
            error.column()
        ))
    })
}

fn write(answer: Result<impl Serialize, SqsError>) -> Result<Vec<u8>, SqsError> {
    serde_json::to_vec(&answer?).map_err(|_| SqsError::Internal)
}

fn refuse(error: &SqsError) -> Response {
    let (status, fault) = if error.is_internal() {
        (StatusCode::INTERNAL_SERVER_ERROR, "Receiver")
    } else {
        (StatusCode::BAD_REQUEST, "Sender")
    };
    let body = json!({
        "__type": format!("{}#{}", error.namespace(), error.shape()),
        "message": error.to_string(),
    });
    let headers = [
        (CONTENT_TYPE.as_str(), JSON_1_0.to_owned()),
        ("x-amzn-requestid", Uuid::new_v4().to_string()),
        ("x-amzn-query-error", format!("{};{fault}", error.code())),
    ];
    (status, headers, body.to_string()).into_response()
}
