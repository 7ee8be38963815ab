//! HTTP as an operation speaks it: one client for webhooks and for the status of a local stack.

use bytes::Bytes;
use std::time::Duration;

use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;

use crate::error::root_cause;

/// The longest answer that is read, in bytes: more than any API of ours says.
const ANSWER_BYTES: usize = 1024 * 1024;

/// How long an answer may take: a little longer than API Gateway waits for a function.
const PATIENCE: Duration = Duration::from_secs(35);

/// A client of HTTP/1.1, with TLS where the URL asks for it.
pub(crate) struct Http(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Http {
    pub(crate) fn new() -> Self {
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .build();
        Self(Client::builder(TokioExecutor::new()).build(connector))
    }

    /// Sends a request and reads its whole answer; why there is none, as a text.
    pub(crate) async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<(StatusCode, Bytes), String> {
        let answer = timeout(PATIENCE, self.answer(request)).await;
        answer.unwrap_or_else(|_| Err(format!("nothing in {PATIENCE:?}")))
    }

    async fn answer(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), String> {
        let response = self.0.request(request).await;
        let response = response.map_err(|error| root_cause(&error))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_BYTES);
        let body = body.collect().await;
        let body = body.map_err(|error| root_cause(error.as_ref()))?;
        Ok((status, body.to_bytes()))
    }
}
