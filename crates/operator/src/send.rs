//! Posts raw bodies, signed as their provider would sign them.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::Full;
use shared::sender::{Sender, Signed};

use crate::error::Error;
use crate::http::Http;
use crate::print::now;
use crate::secrets;

/// Posts webhooks to one API.
pub struct Poster {
    http: Http,
    api: String,
    secrets: BTreeMap<String, String>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: String,
}

impl Poster {
    /// Posts to the API at `address`; `secrets` as on the command line.
    #[must_use]
    pub fn new(address: impl std::fmt::Display, secrets: BTreeMap<String, String>) -> Self {
        Self::to(&format!("http://{address}"), secrets)
    }

    /// Posts to the API with this base URL, such as a deployed one; `secrets` as on the command
    /// line.
    #[must_use]
    pub fn to(url: &str, secrets: BTreeMap<String, String>) -> Self {
        Self {
            http: Http::new(),
            api: url.trim_end_matches('/').to_owned(),
            secrets,
        }
    }

    /// The URL of a provider's webhook, without the key that its secret may put there.
    #[must_use]
    pub fn url(&self, provider: &dyn Sender) -> String {
        format!("{}/webhooks/{}", self.api, provider.name())
    }

    /// The URL of a provider's webhook with its key, if the secret has one. Not to be shown.
    ///
    /// # Errors
    /// Returns [`Error::NoSecret`] or [`Error::Secret`].
    pub fn url_with_key(&self, provider: &dyn Sender) -> Result<String, Error> {
        let url = self.url(provider);
        let key = secrets::url_key(provider, &self.secrets)?;
        Ok(match key {
            Some(key) => format!("{url}?key={key}"),
            None => url,
        })
    }

    /// The request that a provider would send now with this body.
    ///
    /// # Errors
    /// Returns [`Error::NoSecret`], [`Error::Secret`] or [`Error::KeyCannotSign`].
    pub fn signed(&self, provider: &dyn Sender, body: &[u8]) -> Result<Signed, Error> {
        let key = secrets::signing_key(provider, &self.secrets)?;
        Ok(provider.signed(&key, body, now()))
    }

    /// Signs and posts a body.
    ///
    /// # Errors
    /// Those of [`Poster::signed`] and of [`Poster::post`].
    pub async fn send(&self, provider: &dyn Sender, body: Vec<u8>) -> Result<Reply, Error> {
        let Signed { headers, body } = self.signed(provider, &body)?;
        let url = self.url_with_key(provider)?;
        self.post(&url, &headers, body).await
    }

    /// Posts a body with these headers.
    ///
    /// # Errors
    /// Returns [`Error::Request`] or [`Error::NoAnswer`].
    pub async fn post(
        &self,
        url: &str,
        headers: &[(&str, String)],
        body: Vec<u8>,
    ) -> Result<Reply, Error> {
        let mut request = Request::builder().method(Method::POST).uri(url);
        request = request.header(header::CONTENT_TYPE, content_type(&body));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(Bytes::from(body)));
        let request = request.map_err(|error| Error::Request(error.to_string()))?;
        let answer = self.http.send(request).await;
        let (status, body) = answer.map_err(|cause| Error::NoAnswer {
            // A query may hold a key, and is not shown.
            url: url.split('?').next().unwrap_or_default().to_owned(),
            cause,
        })?;
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Reply { status, body })
    }
}

/// JSON is UTF-8 (RFC 8259, section 8.1), and an API may hand on as text what is said to be JSON,
/// with U+FFFD for what is not UTF-8; the signature covers the bytes as they are.
fn content_type(body: &[u8]) -> &'static str {
    if std::str::from_utf8(body).is_ok() {
        "application/json"
    } else {
        "application/octet-stream"
    }
}

/// The provider that a file belongs to: its folder's name.
///
/// # Errors
/// Returns [`Error::NoProvider`] for a file in another folder.
pub fn provider_of(file: &Path, given: Option<&str>) -> Result<&'static dyn Sender, Error> {
    let folder = file
        .parent()
        .and_then(|folder| folder.file_name()?.to_str());
    let name = given.or(folder).unwrap_or_default();
    registry::sender(name).ok_or_else(|| Error::NoProvider(file.to_owned()))
}
