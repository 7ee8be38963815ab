//! Posts raw bodies, signed as their provider would sign them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use axum::http::{Method, Request, StatusCode, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use shared::provider::{Provider, Signed};

use crate::functions::root;
use crate::secrets;
use crate::terminal::now;

/// Posts webhooks to one API.
pub struct Sender {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
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

impl Sender {
    /// Posts to the API at `address`; `secrets` as on the command line.
    #[must_use]
    pub fn new(address: impl std::fmt::Display, secrets: BTreeMap<String, String>) -> Self {
        Self::to(&format!("http://{address}"), secrets)
    }

    /// Posts to the API with this base URL, such as a deployed one; `secrets` as on the command line.
    #[must_use]
    pub fn to(url: &str, secrets: BTreeMap<String, String>) -> Self {
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .build();
        Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            api: url.trim_end_matches('/').to_owned(),
            secrets,
        }
    }

    /// The URL of a provider's webhook, without the key that its secret may put there.
    #[must_use]
    pub fn url(&self, provider: &dyn Provider) -> String {
        format!("{}/webhooks/{}", self.api, provider.name())
    }

    /// The URL of a provider's webhook with its key, if the secret has one. Not to be shown.
    ///
    /// # Errors
    /// A text for the person at the terminal: no secret.
    pub fn url_with_key(&self, provider: &dyn Provider) -> Result<String, String> {
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
    /// A text for the person at the terminal: no secret, or a key that cannot sign.
    pub fn signed(&self, provider: &dyn Provider, body: &[u8]) -> Result<Signed, String> {
        let key = secrets::signing_key(provider, &self.secrets)?;
        Ok(provider.signed(&key, body, now()))
    }

    /// Signs and posts a body.
    ///
    /// # Errors
    /// A text for the person at the terminal.
    pub async fn send(&self, provider: &dyn Provider, body: Vec<u8>) -> Result<Reply, String> {
        let Signed { headers, body } = self.signed(provider, &body)?;
        let url = self.url_with_key(provider)?;
        self.post(&url, &headers, body).await
    }

    /// Posts a body with these headers.
    ///
    /// # Errors
    /// A text for the person at the terminal.
    pub async fn post(
        &self,
        url: &str,
        headers: &[(&str, String)],
        body: Vec<u8>,
    ) -> Result<Reply, String> {
        let mut request = Request::builder().method(Method::POST).uri(url);
        request = request.header(header::CONTENT_TYPE, content_type(&body));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(Bytes::from(body)));
        let request = request.map_err(|error| format!("cannot build the request: {error}"))?;
        // A query may hold a key, and is not shown.
        let shown = url.split('?').next().unwrap_or_default();
        let unreachable = |error: &dyn std::fmt::Display| {
            format!("no answer from {shown} ({error}): is the stack up?")
        };
        let response = self
            .client
            .request(request)
            .await
            .map_err(|error| unreachable(&error))?;
        let status = response.status();
        let body = response
            .into_body()
            .collect()
            .await
            .map_err(|error| unreachable(&error))?;
        let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
        Ok(Reply { status, body })
    }
}

/// JSON is UTF-8 (RFC 8259, section 8.1), and an API may hand on as text what is said to be JSON, with U+FFFD for what is not
/// UTF-8; the signature covers the bytes as they are.
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
/// A text for the person at the terminal.
pub fn provider_of(file: &Path, given: Option<&str>) -> Result<&'static dyn Provider, String> {
    let folder = file
        .parent()
        .and_then(|folder| folder.file_name()?.to_str());
    let name = given.or(folder).unwrap_or_default();
    consumer::provider(name).ok_or_else(|| {
        let known: Vec<&str> = consumer::PROVIDERS.iter().map(|p| p.name()).collect();
        format!(
            "{} is not in a provider's folder: give --provider, one of {}",
            file.display(),
            known.join(", ")
        )
    })
}

/// The sample bodies of a provider, sorted: every `events/<provider>/*.json` but expectations and the recorded request.
///
/// # Errors
/// A text for the person at the terminal.
pub fn samples(provider: &dyn Provider) -> Result<Vec<PathBuf>, String> {
    let folder = root().join("events").join(provider.name());
    let failed = |error: std::io::Error| format!("cannot read {}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let is_body = path
            .extension()
            .is_some_and(|extension| extension == "json");
        if is_body && name != "request.json" && !name.ends_with(".expected.json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
