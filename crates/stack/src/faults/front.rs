//! The functions' way to a service. Everything that they ask for passes the faults first.

use std::future::pending;
use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderName, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::connection::{Connection, Resettable};
use super::{Fault, Faults, Service, Trouble, answers, entries, partial};

/// The largest body that is read. It is more than the table accepts in one request.
const BODY_LIMIT: usize = 32 * 1024 * 1024;
const TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// Returns `router` behind the faults of `service`. [`serve`] serves it.
pub(crate) fn behind(router: Router, service: Service, faults: Faults) -> Router {
    router.layer(from_fn_with_state(Front { service, faults }, meet))
}

/// Serves a router whose faults may reset the connection, until the task is aborted.
pub(crate) async fn serve(listener: TcpListener, router: Router) {
    let router = router.into_make_service_with_connect_info::<Connection>();
    let _ = axum::serve(Resettable(listener), router).await;
}

/// Returns a router that forwards every request to the HTTP service at `address`.
pub(crate) fn to(address: SocketAddr) -> Router {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(connector);
    Router::new()
        .fallback(pass_on)
        .with_state(Upstream { client, address })
}

#[derive(Clone)]
struct Front {
    service: Service,
    faults: Faults,
}

#[derive(Clone)]
struct Upstream {
    client: Client<HttpConnector, Body>,
    address: SocketAddr,
}

async fn meet(
    State(front): State<Front>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
    next: Next,
) -> Response {
    let strike = |trouble| {
        let fault = Fault::Answer(front.service, trouble);
        front.faults.strike(fault)
    };
    if let Some(slow) = strike(Trouble::Slow) {
        sleep(slow.within).await;
    }
    if strike(Trouble::Hang).is_some() {
        return pending().await; // until the client has had enough
    }
    if strike(Trouble::Reset).is_some() {
        connection.reset();
        return Response::default();
    }
    if strike(Trouble::Throttle).is_some() {
        return answers::throttled(front.service);
    }
    if strike(Trouble::Error).is_some() {
        return answers::failed(front.service);
    }
    let answer = match partly(&request) {
        Some(Partly::Write) => write_partly(&front, request, next).await,
        Some(Partly::Put) => put_partly(&front, request, next).await,
        None => next.run(request).await,
    };
    if strike(Trouble::Drop).is_some() {
        connection.reset();
    }
    answer
}

/// A request of which a service may do a part.
enum Partly {
    Write,
    Put,
}

fn partly(request: &Request) -> Option<Partly> {
    match request.headers().get(TARGET)?.as_bytes() {
        b"AWSEvents.PutEvents" => Some(Partly::Put),
        target if target.ends_with(b".BatchWriteItem") => Some(Partly::Write),
        _ => None,
    }
}

/// Takes part of the entries out of a call, and refuses each of them.
async fn put_partly(front: &Front, request: Request, next: Next) -> Response {
    let Some(mut strike) = front.faults.strike(Fault::BusPartial) else {
        return next.run(request).await;
    };
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return answers::failed(front.service);
    };
    let Some(picked) = entries::picked(&body, &mut strike.chance) else {
        return next.run(Request::from_parts(parts, Body::from(body))).await;
    };
    parts.headers.remove(CONTENT_LENGTH);
    let answer = match picked.request() {
        Some(rest) => next.run(Request::from_parts(parts, Body::from(rest))).await,
        None => Response::new(Body::empty()),
    };
    picked.refused_in(answer).await
}

async fn write_partly(front: &Front, request: Request, next: Next) -> Response {
    let Some(mut strike) = front.faults.strike(Fault::TablePartial) else {
        return next.run(request).await;
    };
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return answers::failed(front.service);
    };
    let Some(mut cut) = partial::cut(&body, &mut strike.chance) else {
        // Nothing can be left over from a single write, so the table refuses the request.
        return answers::throttled(front.service);
    };
    parts.headers.remove(CONTENT_LENGTH);
    let request = Request::from_parts(parts, Body::from(std::mem::take(&mut cut.request)));
    cut.returned_in(next.run(request).await).await
}

async fn pass_on(State(upstream): State<Upstream>, mut request: Request) -> Response {
    let path = request.uri().path_and_query();
    let uri = Uri::builder()
        .scheme("http")
        .authority(upstream.address.to_string())
        .path_and_query(path.map_or("/", |path| path.as_str()))
        .build();
    let Ok(uri) = uri else {
        return unavailable();
    };
    *request.uri_mut() = uri;
    let answer = upstream.client.request(request).await;
    answer.map_or_else(|_| unavailable(), |answer| answer.map(Body::new))
}

fn unavailable() -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}
