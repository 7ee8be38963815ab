//! HTTP as an operation speaks it: one client for webhooks and for the status of a local stack.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::{Request, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;

use crate::error::root_cause;

/// The longest answer that is read, in bytes: more than any API of ours says.
const ANSWER_BYTES: usize = 1024 * 1024;

/// The body of an answer, as it comes.
pub type Body = UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;

/// A client of HTTP/1.1, with TLS where the URL asks for it.
pub struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    /// How long an answer may take.
    patience: Duration,
}

impl Http {
    /// Returns a client whose answers may take so long.
    #[must_use]
    pub fn new(patience: Duration) -> Self {
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

    /// Sends a request and reads its whole answer; why there is none, as a text.
    ///
    /// # Errors
    /// Returns why there is no answer, as a text.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), String> {
        let (status, _, body) = self.exchange(request).await?;
        Ok((status, body))
    }

    /// Sends a request and reads its whole answer, with its headers; why there is none, as a text.
    ///
    /// # Errors
    /// Returns why there is no answer, as a text.
    pub async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<(StatusCode, HeaderMap, Bytes), String> {
        let answer = timeout(self.patience, self.answer(request)).await;
        answer.unwrap_or_else(|_| Err(format!("nothing in {:?}", self.patience)))
    }

    /// Sends a request and returns the beginning of its answer. The rest may take for ever.
    ///
    /// # Errors
    /// Returns why there is no answer, as a text.
    pub async fn open(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Body), String> {
        let response = timeout(self.patience, self.client.request(request)).await;
        let response = response.map_err(|_| format!("nothing in {:?}", self.patience))?;
        let response = response.map_err(|error| root_cause(&error))?;
        let status = response.status();
        let body = response.into_body().map_err(Into::into).boxed_unsync();
        Ok((status, body))
    }

    async fn answer(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<(StatusCode, HeaderMap, Bytes), String> {
        let response = self.client.request(request).await;
        let response = response.map_err(|error| root_cause(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = Limited::new(response.into_body(), ANSWER_BYTES);
        let body = body.collect().await;
        let body = body.map_err(|error| root_cause(error.as_ref()))?;
        Ok((status, headers, body.to_bytes()))
    }
}
