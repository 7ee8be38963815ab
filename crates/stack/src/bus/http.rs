//! The HTTP edge: AWS JSON 1.1, one POST per action. Signatures are not checked.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::entry::Given;
use super::memory::Bus;
use crate::clock::now;

const JSON_1_1: &str = "application/x-amz-json-1.1";
/// The path at which this machine sees the events. `?after=N` goes on after the first N.
pub(crate) const PATH: &str = "/_postern/bus";
/// The one action that there is.
const PUT: &str = "AWSEvents.PutEvents";
/// The most entries of a request, and the most bytes of all of them.
const MOST: usize = 10;
const MOST_BYTES: usize = 256 * 1024;

/// Returns the HTTP service of a bus.
pub fn router(bus: &Bus) -> Router {
    Router::new()
        .route("/", post(answer))
        .with_state(bus.clone())
}

/// Serves a bus, until the task is aborted.
pub async fn serve(bus: Bus, listener: TcpListener) {
    let _ = axum::serve(listener, router(&bus)).await;
}

/// Returns what somebody sees who looks at the bus by this address.
pub(crate) fn shown(bus: &Bus, uri: &Uri) -> Value {
    let query = uri.query().unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let after = pairs.find(|(name, _)| name == "after");
    bus.shown(after.and_then(|(_, after)| after.parse().ok()))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    entries: Vec<Given>,
}

/// Why a whole request was refused.
struct Refused {
    code: &'static str,
    message: String,
}

async fn answer(State(bus): State<Bus>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|v| v.to_str().ok());
    let target = target.unwrap_or_default();
    let answer = if target == PUT {
        read(&body).map(|put| put_all(&bus, put))
    } else {
        Err(Refused {
            code: "UnknownOperationException",
            message: format!("The action {target} is not valid for this endpoint."),
        })
    };
    let (status, body) = match answer {
        Ok(body) => (StatusCode::OK, body),
        Err(Refused { code, message }) => (
            StatusCode::BAD_REQUEST,
            json!({"__type": code, "message": message}),
        ),
    };
    let headers = [
        (CONTENT_TYPE.as_str(), JSON_1_1.to_owned()),
        ("x-amzn-requestid", Uuid::new_v4().to_string()),
    ];
    (status, headers, body.to_string()).into_response()
}

fn read(body: &[u8]) -> Result<Put, Refused> {
    let put: Put = serde_json::from_slice(body).map_err(|error| Refused {
        code: "SerializationException",
        // The error names a position, and no content.
        message: format!("line {}, column {}", error.line(), error.column()),
    })?;
    let invalid = |message: String| Refused {
        code: "ValidationException",
        message,
    };
    let bound = |word: &str, bound: usize| {
        invalid(format!(
            "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length {word} than or equal to {bound}"
        ))
    };
    if put.entries.is_empty() {
        return Err(bound("greater", 1));
    }
    if put.entries.len() > MOST {
        return Err(bound("less", MOST));
    }
    let bytes: usize = put.entries.iter().map(Given::bytes).sum();
    if bytes > MOST_BYTES {
        let message = "Total size of the entries in the request is over the limit.";
        return Err(invalid(message.to_owned()));
    }
    Ok(put)
}

/// Judges each entry by itself. The answers stand in the entries' order.
fn put_all(bus: &Bus, put: Put) -> Value {
    let answers = put.entries.into_iter().map(|given| match given.read() {
        Ok(entry) => json!({"EventId": bus.accept(&entry, now())}),
        Err(error) => json!({"ErrorCode": error.code(), "ErrorMessage": error.to_string()}),
    });
    let answers: Vec<Value> = answers.collect();
    let failed = answers
        .iter()
        .filter(|answer| answer.get("EventId").is_none());
    json!({"FailedEntryCount": failed.count(), "Entries": answers})
}
