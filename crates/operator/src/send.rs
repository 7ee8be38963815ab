//! Posts raw bodies, signed as their provider would sign them.
//!
//! What is sent is [`chosen()`], [`prepared`] and posted by a [`Poster`].

mod broken;
mod chosen;
mod content_type;
mod curl;
mod error;
mod keys;
mod prepared;
mod queued;
mod reply;

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, header};
use http_body_util::Full;
use shared::sender::{Sender, Signed};

use crate::error::Error;
use crate::http::Http;
use crate::print::now;
use crate::secrets;

pub use self::broken::Break;
pub use self::chosen::{Chosen, are_webhooks, base_url, chosen, is_for};
pub use self::content_type::content_type;
pub use self::curl::curl;
pub use self::error::SendError;
pub use self::keys::{of_file, of_stack};
pub use self::prepared::{How, Prepared, prepared};
pub use self::queued::enqueue;
pub use self::reply::Reply;

/// How long an API may take to answer: a little longer than API Gateway waits for a function.
const PATIENCE: Duration = Duration::from_secs(35);

/// The header in which API Gateway says a request's id.
const REQUEST_ID: &str = "apigw-requestid";

/// Posts webhooks to one API.
pub struct Poster {
    http: Http,
    api: String,
    secrets: BTreeMap<String, String>,
}

impl Poster {
    /// Returns a poster for the API at `address`. The `secrets` are those of the command line.
    #[must_use]
    pub fn new(address: impl std::fmt::Display, secrets: BTreeMap<String, String>) -> Self {
        Self::to(&format!("http://{address}"), secrets)
    }

    /// Returns a poster for the API with this base URL, such as a deployed one. The `secrets` are
    /// those of the command line.
    #[must_use]
    pub fn to(url: &str, secrets: BTreeMap<String, String>) -> Self {
        Self {
            http: Http::new(PATIENCE),
            api: url.trim_end_matches('/').to_owned(),
            secrets,
        }
    }

    /// Returns the key that a provider's webhooks are signed with.
    ///
    /// # Errors
    /// Returns the errors of [`secrets::signing_key`]. A provider whose events come through a queue
    /// of its own signs nothing, with an empty key.
    pub fn key(&self, provider: &dyn Sender) -> Result<String, Error> {
        if queued::is_queued(provider) {
            return Ok(String::new());
        }
        secrets::signing_key(provider, &self.secrets)
    }

    /// Returns the URL of a provider's webhook, without the key that its secret may add.
    #[must_use]
    pub fn url(&self, provider: &dyn Sender) -> String {
        format!("{}/webhooks/{}", self.api, provider.name())
    }

    /// Returns the URL of a provider's webhook with its key, if the secret has one. Do not show
    /// this URL to anyone.
    ///
    /// # Errors
    /// Returns [`Error::NoSecret`] or [`Error::Secret`] if the secret cannot be read.
    pub fn url_with_key(&self, provider: &dyn Sender) -> Result<String, Error> {
        let url = self.url(provider);
        let key = secrets::url_key(provider, &self.secrets)?;
        Ok(match key {
            Some(key) => format!("{url}?key={key}"),
            None => url,
        })
    }

    /// Returns the request that a provider would send now with this body.
    ///
    /// # Errors
    /// Returns [`Error::NoSecret`] or [`Error::Secret`] if the secret cannot be read. Returns
    /// [`Error::KeyCannotSign`] if its key can only check signatures.
    pub fn signed(&self, provider: &dyn Sender, body: &[u8]) -> Result<Signed, Error> {
        Ok(provider.signed(&self.key(provider)?, body, now()))
    }

    /// Signs and posts a body.
    ///
    /// # Errors
    /// Returns the errors of [`Poster::signed`] and of [`Poster::post`].
    pub async fn send(&self, provider: &dyn Sender, body: Vec<u8>) -> Result<Reply, Error> {
        let Signed { headers, body } = self.signed(provider, &body)?;
        let url = self.url_with_key(provider)?;
        let content_type = content_type(provider, &body);
        self.post(&url, content_type, &headers, body).await
    }

    /// Posts a body of this content type with these headers.
    ///
    /// # Errors
    /// Returns [`Error::Request`] if no request can be built, and [`Error::NoAnswer`] if the API
    /// does not answer.
    pub async fn post(
        &self,
        url: &str,
        content_type: &str,
        headers: &[(&str, String)],
        body: Vec<u8>,
    ) -> Result<Reply, Error> {
        let mut request = Request::builder().method(Method::POST).uri(url);
        request = request.header(header::CONTENT_TYPE, content_type);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(Bytes::from(body)));
        let request = request.map_err(|error| Error::Request(error.to_string()))?;
        let answer = self.http.exchange(request).await;
        let (status, headers, body) = answer.map_err(|cause| Error::NoAnswer {
            // The query is left out, because it may hold a key.
            url: url.split('?').next().unwrap_or_default().to_owned(),
            cause,
        })?;
        let body = String::from_utf8_lossy(&body).into_owned();
        let id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
        Ok(Reply {
            status,
            body,
            request_id: id.map(str::to_owned),
        })
    }
}
