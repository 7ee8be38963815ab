//! The table, as a function sees it through somebody who counts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use operator::send::Poster;
use serde_json::{Value, json};
use stack::lambda::Lambda;
use tests::stack::Running;
use tokio::net::TcpListener;

const TARGET: &str = "x-amz-target";
const ENDPOINT: &str = "AWS_ENDPOINT_URL_DYNAMODB";

/// Counts the requests to the table, and may answer some of them otherwise.
#[derive(Clone)]
pub struct Counter {
    table: String,
    poster: Arc<Poster>,
    requests: Arc<Mutex<Vec<(String, Value)>>>,
    /// Whether a batch of keys is left out as a whole, as a table that is throttled leaves it.
    holds_back: Arc<AtomicBool>,
}

impl Counter {
    /// The function `api`, with the counter before its table.
    pub async fn before(running: &Running) -> (Lambda, Self) {
        let settings = running.stack.functions["api"].settings();
        let counter = Self {
            table: settings.environment[ENDPOINT].clone(),
            poster: Arc::new(Poster::new(running.stack.api, BTreeMap::new())),
            requests: Arc::default(),
            holds_back: Arc::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(answer).with_state(counter.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        let lambda = running.function("api", &[(ENDPOINT, &endpoint)]).await;
        (lambda.expect("a function"), counter)
    }

    /// The operations and their requests, since this was asked for last.
    pub fn requests(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.requests.lock().expect("requests"))
    }

    /// The operations alone.
    pub fn operations(&self) -> Vec<String> {
        let requests = self.requests().into_iter();
        requests.map(|(operation, _)| operation).collect()
    }

    /// Leaves out batches of keys from now on, or no more.
    pub fn hold_back(&self, holds: bool) {
        self.holds_back.store(holds, Ordering::SeqCst);
    }
}

async fn answer(State(counter): State<Counter>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers[TARGET].to_str().expect("a target").to_owned();
    let operation = target.rsplit('.').next().expect("an operation").to_owned();
    let asked: Value = serde_json::from_slice(&body).expect("JSON");
    let left_out = asked["RequestItems"].clone();
    let holds_back = counter.holds_back.load(Ordering::SeqCst) && operation == "BatchGetItem";
    counter
        .requests
        .lock()
        .expect("requests")
        .push((operation, asked));
    if holds_back {
        let nothing = json!({ "Responses": {}, "UnprocessedKeys": left_out });
        return Response::new(Body::from(nothing.to_string()));
    }
    let given = [
        "authorization",
        "x-amz-date",
        "x-amz-security-token",
        TARGET,
    ];
    let given = given.into_iter().filter_map(|name| {
        let value = headers.get(name)?.to_str().ok()?;
        Some((name, value.to_owned()))
    });
    let given: Vec<(&str, String)> = given.collect();
    let (url, json) = (&counter.table, "application/x-amz-json-1.0");
    let reply = counter.poster.post(url, json, &given, body.to_vec()).await;
    let reply = reply.expect("an answer of the table");
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status.as_u16()).expect("a status");
    response
}
