//! The page itself: files written by hand, in the binary.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, header};

/// What the page may do: run and fetch what this port serves, and nothing else. No text can become
/// a program.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types 'none'";

/// What every answer to the page carries.
const ALWAYS: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// The files, by the path that they are served at.
const FILES: [(&str, &str, &str); 8] = [
    ("/", HTML, include_str!("../page/index.html")),
    ("/_postern/app.css", STYLE, include_str!("../page/app.css")),
    ("/_postern/app.js", SCRIPT, include_str!("../page/app.js")),
    ("/_postern/text.js", SCRIPT, include_str!("../page/text.js")),
    ("/_postern/list.js", SCRIPT, include_str!("../page/list.js")),
    ("/_postern/body.js", SCRIPT, include_str!("../page/body.js")),
    (
        "/_postern/detail.js",
        SCRIPT,
        include_str!("../page/detail.js"),
    ),
    (
        "/_postern/views.js",
        SCRIPT,
        include_str!("../page/views.js"),
    ),
];

/// Returns a file of the page.
pub(crate) fn file(path: &str) -> Option<Response> {
    let (_, kind, text) = FILES.iter().find(|(known, ..)| *known == path)?;
    Some(answer(kind, Bytes::from_static(text.as_bytes())))
}

/// Returns an answer of this kind, that nobody keeps and that no other page can read.
pub(crate) fn answer(kind: &'static str, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    dress(&mut response, kind);
    response
}

/// Adds the headers that every answer carries.
pub(crate) fn dress(response: &mut Response, kind: &'static str) {
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let policy = HeaderValue::from_static(POLICY);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
}
