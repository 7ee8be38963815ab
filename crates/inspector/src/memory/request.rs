//! A request as it came, and which requests are remembered at all.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method};
use jiff::Timestamp;

use crate::veil;

/// What the paths of our own API begin with. Its requests carry credentials.
const API: &str = "/api";
/// The one path under it that a provider posts to.
const SECOND_ROUTE: &str = "/api/webhooks";
/// What a browser asks for by itself.
const ICON: &str = "/favicon.ico";
/// Where a browser says whose page made it send a request.
const SITE: &str = "sec-fetch-site";

/// A request, or a message of a provider's own queue, as it came.
#[derive(Clone)]
pub(crate) struct Arrived {
    /// The gateway's id. A message of a queue has none.
    pub(crate) id: Option<String>,
    pub(crate) at: Timestamp,
    pub(crate) method: String,
    pub(crate) path: String,
    /// The path as it is shown. It may have a key, too.
    pub(crate) shown_path: String,
    /// The query, as it was sent. It may have a key.
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    /// The body, unless it was larger than the gateway accepts.
    pub(crate) body: Option<Bytes>,
    /// The ARN of the queue that it came by, if it is no request.
    pub(crate) queue_arn: Option<String>,
}

/// Checks whether a request is remembered. Those of our own API are not.
pub(crate) fn is_watched(parts: &Parts) -> bool {
    let path = parts.uri.path();
    if path == SECOND_ROUTE {
        return parts.method == Method::POST;
    }
    let rest = path.strip_prefix(API);
    let is_api = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    !is_api && path != ICON && !is_of_another_page(parts)
}

/// Checks whether another page made a browser ask for the page, which it may do as often as it
/// likes. A person who follows a link is told the same way.
fn is_of_another_page(parts: &Parts) -> bool {
    let mut sites = parts.headers.get_all(SITE).iter();
    parts.method == Method::GET
        && parts.uri.path() == "/"
        && sites.any(|site| site == "cross-site" || site == "same-site")
}

impl Arrived {
    /// Returns a request of the gateway.
    pub(crate) fn of(id: &str, at: Timestamp, parts: &Parts, body: Option<Bytes>) -> Self {
        Self {
            id: Some(id.to_owned()),
            at,
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            shown_path: veil::path(parts.uri.path()),
            query: parts.uri.query().map(str::to_owned),
            headers: parts.headers.clone(),
            body,
            queue_arn: None,
        }
    }

    /// Returns a message of a queue whose request is not known.
    pub(crate) fn of_queue(queue_arn: &str, body: &str, at: Timestamp) -> Self {
        let queue = queue_arn.rsplit(':').next().unwrap_or_default();
        Self {
            id: None,
            at,
            method: "SQS".to_owned(),
            path: queue.to_owned(),
            shown_path: queue.to_owned(),
            query: None,
            headers: HeaderMap::new(),
            body: Some(Bytes::copy_from_slice(body.as_bytes())),
            queue_arn: Some(queue_arn.to_owned()),
        }
    }

    /// Returns how many bytes of memory it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| name.as_str().len() + value.len());
        let body = self.body.as_ref().map_or(0, Bytes::len);
        let query = self.query.as_ref().map_or(0, String::len);
        headers.sum::<usize>() + body + query + 3 * self.path.len()
    }

    /// Returns the body, or nothing.
    pub(crate) fn body(&self) -> &[u8] {
        self.body.as_deref().unwrap_or_default()
    }

    /// Returns the headers one by one, byte for byte.
    pub(crate) fn header_list(&self) -> impl Iterator<Item = (&str, String)> {
        self.headers.iter().map(|(name, value)| {
            let value = value.as_bytes().iter().map(|byte| char::from(*byte));
            (name.as_str(), value.collect())
        })
    }

    /// Returns the headers as a receiver gets them: the gateway joins those that are repeated.
    pub(crate) fn headers_joined(&self) -> Vec<(String, String)> {
        joined(self.header_list())
    }

    /// Returns the parameters of the URL, decoded, one by one.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        let query = self.query.as_deref().unwrap_or_default().as_bytes();
        form_urlencoded::parse(query).into_owned().collect()
    }

    /// Returns the parameters of the URL as a receiver gets them.
    pub(crate) fn parameters_joined(&self) -> Vec<(String, String)> {
        let parameters = self.parameters();
        let parameters = parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()));
        joined(parameters)
    }
}

fn joined<'a>(pairs: impl Iterator<Item = (&'a str, String)>) -> Vec<(String, String)> {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in pairs {
        joined
            .entry(name.to_owned())
            .and_modify(|all| {
                all.push(',');
                all.push_str(&value);
            })
            .or_insert(value);
    }
    joined.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn is_seen(method: &str, uri: &str) -> bool {
        let request = Request::builder().method(method).uri(uri).body(());
        is_watched(&request.expect("a request").into_parts().0)
    }

    #[test]
    fn what_carries_credentials_of_our_own_api_is_not_remembered() {
        for (method, uri) in [
            ("POST", "/webhooks/resend"),
            ("POST", "/webhooks/sendgrd?key=x"),
            ("GET", "/"),
            ("POST", "/apis"),
            ("POST", "/api/webhooks"),
        ] {
            assert!(is_seen(method, uri), "{method} {uri}");
        }
        for (method, uri) in [
            ("GET", "/api/webhooks"),
            ("GET", "/api/webhooks/manage"),
            ("POST", "/api/webhooks/manage"),
            ("POST", "/api/webhooks/"),
            ("GET", "/api/recipients/kim@mail.test"),
            ("GET", "/api"),
            ("GET", "/favicon.ico"),
        ] {
            assert!(!is_seen(method, uri), "{method} {uri}");
        }
    }

    #[test]
    fn what_another_page_makes_a_browser_ask_for_is_not_remembered() {
        for (method, site, is_seen) in [
            ("GET", "cross-site", false),
            ("GET", "same-site", false),
            ("GET", "none", true),
            ("POST", "cross-site", true),
        ] {
            let request = Request::builder().method(method).uri("/");
            let request = request.header("sec-fetch-site", site).body(());
            let parts = request.expect("a request").into_parts().0;
            assert_eq!(is_watched(&parts), is_seen, "{method} {site}");
        }
    }
}
