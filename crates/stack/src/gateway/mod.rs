//! The HTTP API: the template's routes, payload format 2.0, and what API Gateway does to a request
//! on the way.
//!
//! Some behaviour is the same as on AWS (API Gateway developer guide, "Lambda proxy integrations
//! for HTTP APIs"):
//!
//! - Header names are in lower case.
//! - Repeated headers and query parameters are joined with a comma, and query parameters are
//!   decoded.
//! - Bodies are base64-encoded unless their content type is text, JSON, XML or JavaScript.
//! - A body has at most 10 MB, and an event at most 6 MB.
//! - The most specific route is taken, and a path is decoded.
//! - A route with the authorizer `AWS_IAM` lets signed requests pass, and no others. Here they also
//!   have to come from this machine.
//! - The gateway's own answers are the same.

mod event;
pub mod iam;
mod routes;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header, request};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::delivery::MAX_BODY;
use shared::time::rfc3339_ms;
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout};

use self::event::event;
use self::routes::taken;
use crate::bus::{self, Bus};
use crate::clock::now;
use crate::impatient::Impatient;
use crate::lambda::{InvokeError, Lambda, PAYLOAD_BYTES};
use crate::live::Live;
use crate::page::{Page, Seen};
use crate::server_sent::PATIENCE;
use crate::template::Route;
use crate::visitor::Access;
use crate::{status, stream, visitor};

/// The header in which API Gateway says a request's id. A receiver's log line has it here, too.
const REQUEST_ID: HeaderName = HeaderName::from_static("apigw-requestid");

/// The largest body of a request that the page itself sends, in bytes.
const PAGE_BODY: usize = 64 * 1024;
/// How long the body of a request may take that no function gets.
const LOST_BODY: Duration = Duration::from_secs(1);

/// The HTTP API, with its routes.
pub struct Gateway {
    /// The routes, each with its function.
    pub routes: Vec<(Route, Arc<Lambda>)>,
    /// The stack's status, served at `GET /_postern/status`, to this machine only.
    pub status: Value,
    /// The port that this machine reaches the API at.
    pub port: u16,
    /// What happens on the stack, served at `GET /_postern/live`, to this machine only.
    pub live: Live,
    /// The event bus, whose events are served at `GET /_postern/bus`, to this machine only.
    pub bus: Option<Bus>,
    /// A page about the webhooks, served to this machine only.
    pub page: Option<Arc<dyn Page>>,
}

impl Gateway {
    /// Serves the API, until the task is aborted. A client that reads nothing is dropped.
    pub async fn serve(self, listener: TcpListener) {
        let router = Router::new().fallback(serve).with_state(Arc::new(self));
        let listener = Impatient {
            listener,
            patience: PATIENCE,
        };
        let _ = axum::serve(listener, router).await;
    }
}

async fn serve(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if parts.uri.path().starts_with(visitor::PATHS) {
        return gateway.shown(parts, body).await;
    }
    if gateway.is_front_page(&parts) {
        let page = gateway.paged(parts, body).await;
        return page.unwrap_or_else(|| message(StatusCode::NOT_FOUND));
    }
    let (began, id) = (Instant::now(), uuid::Uuid::new_v4().to_string());
    let page = gateway.page.as_ref().filter(|page| page.wants(&parts));
    let body = Arriving {
        body,
        at: now(),
        id: &id,
        page,
    };
    let answered = gateway.answer(&parts, body).await;
    let is_own = answered.is_err();
    let mut response = answered.unwrap_or_else(|status| gateway.own(status, &parts, &id));
    if let Ok(id) = HeaderValue::try_from(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    if let Some(page) = page {
        page.answered(Seen {
            took: began.elapsed(),
            status: response.status().as_u16(),
            is_own,
            id,
        });
    }
    response
}

/// The body of a request to the API, and whom to show the request when it is there.
struct Arriving<'a> {
    body: Body,
    at: Timestamp,
    id: &'a str,
    page: Option<&'a Arc<dyn Page>>,
}

impl Arriving<'_> {
    /// Reads the body for a function, and shows the request.
    async fn read(self, parts: &request::Parts) -> Result<Bytes, StatusCode> {
        let Self { at, id, page, .. } = self;
        let body = to_bytes(self.body, MAX_BODY).await;
        if let Some(page) = page {
            page.came(id, at, parts, body.as_ref().ok().cloned());
        }
        body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)
    }

    /// Shows a request that no function gets. Only for that its body is read, and not for long.
    async fn lost(self, parts: &request::Parts) {
        let Self { at, id, page, .. } = self;
        let Some(page) = page else {
            return;
        };
        let body = timeout(LOST_BODY, to_bytes(self.body, MAX_BODY)).await;
        page.came(id, at, parts, body.ok().and_then(Result::ok));
    }
}

impl Gateway {
    /// Returns what this machine may see of the stack. Whoever else asks learns nothing of it.
    async fn shown(&self, parts: request::Parts, body: Body) -> Response {
        let is_read = parts.method == Method::GET && visitor::is_here(&parts, self.port);
        match parts.uri.path() {
            status::PATH if is_read => json(StatusCode::OK, &self.status),
            stream::PATH if is_read => {
                let stream = stream::serve(&self.live, &parts.uri, &parts.headers);
                stream.unwrap_or_else(|| message(StatusCode::SERVICE_UNAVAILABLE))
            }
            bus::PATH if is_read && self.bus.is_some() => {
                let shown = self.bus.as_ref().map(|bus| bus::shown(bus, &parts.uri));
                json(StatusCode::OK, &shown.unwrap_or_default())
            }
            status::PATH | stream::PATH | bus::PATH => message(StatusCode::NOT_FOUND),
            _ => {
                let page = self.paged(parts, body).await;
                page.unwrap_or_else(|| message(StatusCode::NOT_FOUND))
            }
        }
    }

    /// Checks whether a request is for the page itself, by somebody at this machine. A browser asks
    /// for the icon, too. To all others these are paths that no route has.
    fn is_front_page(&self, parts: &request::Parts) -> bool {
        let is_path = ["/", "/favicon.ico"].contains(&parts.uri.path());
        let is_read = is_path && parts.method == Method::GET && self.page.is_some();
        is_read && visitor::is_here(parts, self.port)
    }

    /// Returns the page's answer. Returns `None` if there is no page, or none for this visitor.
    async fn paged(&self, parts: request::Parts, body: Body) -> Option<Response> {
        let page = self.page.as_ref()?;
        match visitor::access(&parts, self.port) {
            Access::Elsewhere => None,
            Access::OfAnother => Some(of_another()),
            Access::Here => {
                let Ok(body) = to_bytes(body, PAGE_BODY).await else {
                    return Some(message(StatusCode::PAYLOAD_TOO_LARGE));
                };
                Arc::clone(page).answer(parts, body).await
            }
        }
    }

    /// Returns the function's answer to a request; a status if the gateway answers by itself.
    async fn answer(
        &self,
        parts: &request::Parts,
        arriving: Arriving<'_>,
    ) -> Result<Response, StatusCode> {
        let id = arriving.id;
        let taken = taken(&self.routes, parts.method.as_str(), parts.uri.path());
        let Some(taken) = taken else {
            arriving.lost(parts).await;
            return Err(StatusCode::NOT_FOUND);
        };
        let body = arriving.read(parts).await?;
        let caller = if taken.route.is_signed {
            Some(self.caller(parts, &body).ok_or(StatusCode::FORBIDDEN)?)
        } else {
            None
        };
        let event = event(parts, &body, id, &taken, caller).to_string();
        if event.len() > PAYLOAD_BYTES {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        // The function runs in a task of its own: if a client hangs up, it does not stop, as on
        // AWS.
        let (id, event, function) = (id.to_owned(), Bytes::from(event), taken.function);
        let invoked = tokio::spawn(async move { function.invoke_as(id, event).await });
        match invoked.await {
            Ok(Ok(answer)) => answered(&answer).ok_or(StatusCode::INTERNAL_SERVER_ERROR),
            Ok(Err(InvokeError::TimedOut)) => Err(StatusCode::SERVICE_UNAVAILABLE),
            _ => Err(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// Returns who has signed a request. Everybody knows the credentials of the local stack's user,
    /// so they count for nothing in the hands of a page, a proxy or a tunnel.
    fn caller(&self, parts: &request::Parts, body: &[u8]) -> Option<Value> {
        let is_here = visitor::is_here(parts, self.port);
        is_here.then(|| iam::caller(parts, body, now())).flatten()
    }

    /// Returns one of the gateway's own answers, and tells whoever listens: no function has a line
    /// about it.
    fn own(&self, status: StatusCode, parts: &request::Parts, id: &str) -> Response {
        let now = now();
        let told = json!({
            "at": rfc3339_ms(now),
            "status": status.as_u16(),
            "method": parts.method.as_str(),
            "path": parts.uri.path(),
            "request_id": id,
        });
        self.live.tell(told, now.as_millisecond());
        message(status)
    }
}

/// A function's answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

fn answered(answer: &[u8]) -> Option<Response> {
    let answer: Answer = serde_json::from_slice(answer).ok()?;
    let body = answer.body.unwrap_or_default();
    let body = if answer.is_base64_encoded {
        STANDARD.decode(body).ok()?
    } else {
        body.into_bytes()
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status_code).ok()?;
    for (name, value) in answer.headers {
        let name = HeaderName::try_from(name).ok()?;
        response
            .headers_mut()
            .insert(name, HeaderValue::try_from(value).ok()?);
    }
    Some(response)
}

/// Builds the answer to a request that would change something and that the page has not sent.
fn of_another() -> Response {
    let error = json!({
        "code": "not_of_the_page",
        "message": "only the page itself changes something here: JSON, with the header x-postern: 1",
    });
    let mut response = json(StatusCode::FORBIDDEN, &json!({"error": error}));
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response
}

/// Builds one of the gateway's own answers, with the words of API Gateway.
fn message(status: StatusCode) -> Response {
    let message = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "Request Entity Too Large",
        status => status.canonical_reason().unwrap_or_default(),
    };
    json(status, &json!({"message": message}))
}

fn json(status: StatusCode, value: &Value) -> Response {
    let mut response = Response::new(Body::from(value.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
