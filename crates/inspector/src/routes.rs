//! Which question of the page gets which answer.

use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use stack::page::{Answering, Page, Seen};

use crate::answers::{dead, detail, items, list, messages, outbound, people, send};
use crate::error::PageError;
use crate::inspector::Inspector;
use crate::memory::{Arrived, Caught, is_watched};
use crate::question::{Answer, Query};
use crate::veil::Veil;
use crate::veiling::veil;
use crate::{assets, follow};

/// What the paths of the answers begin with.
const PATHS: &str = "/_postern/";
const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";

impl Page for Inspector {
    fn wants(&self, parts: &Parts) -> bool {
        is_watched(parts)
    }

    fn answered(&self, seen: Seen) {
        self.change(|memory| memory.answered(&seen));
    }

    fn came(&self, id: &str, at: Timestamp, parts: &Parts, body: Option<Bytes>) {
        let arrived = Arrived::of(id, at, parts, body);
        self.change(|memory| memory.came(arrived));
    }

    fn answer(self: Arc<Self>, parts: Parts, body: Bytes) -> Answering {
        Box::pin(async move { answer(&self, &parts, &body).await })
    }
}

type Answered = Result<Answer, PageError>;

/// Returns the answer to a request of the page. Returns `None` if there is no such path.
async fn answer(page: &Arc<Inspector>, parts: &Parts, body: &[u8]) -> Option<Response> {
    let path = parts.uri.path();
    let answered = match parts.method {
        Method::GET => {
            if let Some(file) = assets::file(path) {
                return Some(file);
            }
            if path == "/favicon.ico" {
                let mut none = assets::answer(JSON, Bytes::new());
                *none.status_mut() = StatusCode::NO_CONTENT;
                return Some(none);
            }
            if path == "/_postern/page/live" {
                return Some(follow::serve(page, parts).unwrap_or_else(busy));
            }
            read(page, path.strip_prefix(PATHS)?, &Query::of(parts)).await?
        }
        Method::POST => change(page, path.strip_prefix(PATHS)?, body).await?,
        _ => return None,
    };
    let veil = veil(page).await;
    let answered = answered.map(|answer| hidden(answer, &veil));
    Some(answered.map_or_else(|error| refused(&error), shown))
}

/// Returns an answer without the secrets that the receivers have.
fn hidden(answer: Answer, veil: &Veil) -> Answer {
    match answer {
        Answer::Json(mut value) => {
            veil.over(&mut value);
            Answer::Json(value)
        }
        Answer::File(name, body) => {
            let hidden = veil.bytes(&body).map(Bytes::from);
            Answer::File(name, hidden.unwrap_or(body))
        }
    }
}

/// Returns the list. To search much takes a while, and no other task should wait for it.
async fn listed(page: &Arc<Inspector>, query: &Query) -> Answered {
    let (veil, page, query) = (veil(page).await, Arc::clone(page), query.clone());
    let listing = tokio::task::spawn_blocking(move || list::list(&page, &query, &veil));
    let listed = listing
        .await
        .map_err(|error| PageError::failed(error.to_string()))?;
    listed.map(Answer::Json)
}

async fn read(page: &Arc<Inspector>, path: &str, query: &Query) -> Option<Answered> {
    let segments: Vec<String> = path.split('/').map(decoded).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let answered = match segments.as_slice() {
        ["webhooks"] => listed(page, query).await,
        ["webhooks", id] => match caught(page, id) {
            Ok(caught) => {
                let veil = veil(page).await;
                Ok(Answer::Json(detail::detail(page, caught, &veil).await))
            }
            Err(error) => Err(error),
        },
        ["webhooks", id, "body"] => caught(page, id).map(|caught| {
            let body = caught.arrived.body.clone().unwrap_or_default();
            Answer::File(format!("{}.bin", caught.name()), body)
        }),
        ["webhooks", id, "items"] => match caught(page, id) {
            Ok(caught) => items::items(page, &caught).await.map(Answer::Json),
            Err(error) => Err(error),
        },
        ["webhooks", id, "curl"] => match caught(page, id) {
            Ok(caught) => send::curl_of(page, &caught).await.map(Answer::Json),
            Err(error) => Err(error),
        },
        ["people", address] => people::person(page, address, query).await.map(Answer::Json),
        // An id may have a slash.
        ["messages", provider, id @ ..] if !id.is_empty() => {
            let found = messages::message(page, provider, &id.join("/")).await;
            found.map(Answer::Json)
        }
        ["dead"] => dead::list(page, &*veil(page).await).map(Answer::Json),
        ["dead", id, "body"] => dead::body(page, id),
        ["outbound"] => outbound::list(page, query).await.map(Answer::Json),
        ["samples"] => Ok(Answer::Json(send::samples())),
        _ => return None,
    };
    Some(answered)
}

async fn change(page: &Inspector, path: &str, body: &[u8]) -> Option<Answered> {
    let segments: Vec<&str> = path.split('/').collect();
    let answered = match segments.as_slice() {
        ["dead", "redrive"] => match parsed(body) {
            Ok(asked) => dead::redrive(page, &asked),
            Err(error) => Err(error),
        },
        ["send"] => match parsed(body) {
            Ok(asked) => send::sample(page, &asked).await,
            Err(error) => Err(error),
        },
        ["webhooks", id, "send"] => match (caught(page, id), parsed(body)) {
            (Ok(caught), Ok(asked)) => send::again(page, &caught, &asked).await,
            (Err(error), _) | (_, Err(error)) => Err(error),
        },
        _ => return None,
    };
    Some(answered.map(Answer::Json))
}

/// Returns the webhook of this name, as it is now.
fn caught(page: &Inspector, name: &str) -> Result<Caught, PageError> {
    let number = name
        .strip_prefix('w')
        .and_then(|number| number.parse().ok());
    let memory = page.memory();
    let found = number.and_then(|number| memory.webhook(number));
    let found = found.filter(|caught| caught.changed > 0).cloned();
    found.ok_or_else(|| PageError::missing("the webhook"))
}

fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, PageError> {
    let parsed = serde_json::from_slice(body);
    parsed.map_err(|_| PageError::asked("body_unreadable", "the body is not what is asked for"))
}

fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

fn shown(answer: Answer) -> Response {
    match answer {
        Answer::Json(value) => assets::answer(JSON, Bytes::from(value.to_string())),
        Answer::File(name, body) => {
            let mut response = assets::answer(BYTES, body);
            let name = format!("attachment; filename=\"{name}\"");
            if let Ok(name) = HeaderValue::try_from(name) {
                let headers = response.headers_mut();
                headers.insert(header::CONTENT_DISPOSITION, name);
            }
            response
        }
    }
}

fn refused(error: &PageError) -> Response {
    let mut response = assets::answer(JSON, Bytes::from(error.json().to_string()));
    *response.status_mut() = error.status;
    response
}

fn busy() -> Response {
    refused(&PageError {
        status: StatusCode::SERVICE_UNAVAILABLE,
        code: "too_many_readers",
        message: "the page is open too often: close one".to_owned(),
    })
}
