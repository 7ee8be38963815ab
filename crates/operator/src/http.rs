//! HTTP as an operation speaks it: one client for webhooks and for the status of a local stack.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;

use crate::error::root_cause;

/// The longest answer that is read, in bytes: more than any API of ours says.
const ANSWER_BYTES: usize = 1024 * 1024;

/// A client of HTTP/1.1, with TLS where the URL asks for it.
pub(crate) struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    /// How long an answer may take.
    patience: Duration,
}

impl Http {
    pub(crate) fn new(patience: Duration) -> Self {
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .build();
        Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            patience,
        }
    }

    /// Sends a request and reads the status and the body of its answer; why there is none, as a
    /// text.
    pub(crate) async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<(StatusCode, Bytes), String> {
        let answer = self.answered(request).await?;
        Ok((answer.status(), answer.into_body()))
    }

    /// Sends a request and reads its whole answer; why there is none, as a text.
    pub(crate) async fn answered(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>, String> {
        let answer = timeout(self.patience, self.answer(request)).await;
        answer.unwrap_or_else(|_| Err(format!("nothing in {:?}", self.patience)))
    }

    async fn answer(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, String> {
        let response = self.client.request(request).await;
        let response = response.map_err(|error| root_cause(&error))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, ANSWER_BYTES).collect().await;
        let body = body.map_err(|error| root_cause(error.as_ref()))?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }
}
