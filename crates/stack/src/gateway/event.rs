//! The event that a function gets for a request, in payload format 2.0.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header, request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::routes::Taken;
use crate::clock::now;
use crate::template::ACCOUNT;

/// Builds the event of a request with this id, which takes this route.
pub(super) fn event(
    parts: &request::Parts,
    body: &Bytes,
    id: &str,
    taken: &Taken<'_>,
    caller: Option<Value>,
) -> Value {
    let headers = joined(pairs(&parts.headers));
    let method = parts.method.as_str();
    // An HTTP API decodes the path, in which it is unlike all other gateways.
    let path = decoded(parts.uri.path());
    let route_key = format!("{} {}", taken.route.method, taken.route.path);
    let text = if is_text(&parts.headers) {
        std::str::from_utf8(body).ok()
    } else {
        None
    };
    let now = now();
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "local",
            "domainName": headers.get("host"),
            "domainPrefix": "local",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": headers.get("user-agent"),
            },
            "requestId": id,
            "routeKey": route_key,
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.as_millisecond(),
        },
        "headers": headers,
        "isBase64Encoded": text.is_none() && !body.is_empty(),
    });
    if let (Some(caller), Some(context)) = (caller, context_of(&mut event)) {
        context.insert("authorizer".to_owned(), json!({"iam": caller}));
    }
    let Some(fields) = event.as_object_mut() else {
        return event;
    };
    if let Some(proxy) = taken.proxy {
        fields.insert(
            "pathParameters".to_owned(),
            json!({"proxy": decoded(proxy)}),
        );
    }
    if let Some(query) = parts.uri.query().filter(|query| !query.is_empty()) {
        let parameters = joined(form_urlencoded::parse(query.as_bytes()));
        fields.insert("queryStringParameters".to_owned(), json!(parameters));
    }
    if !body.is_empty() {
        let body = text.map_or_else(|| STANDARD.encode(body), str::to_owned);
        fields.insert("body".to_owned(), json!(body));
    }
    event
}

fn context_of(event: &mut Value) -> Option<&mut serde_json::Map<String, Value>> {
    event.get_mut("requestContext")?.as_object_mut()
}

fn decoded(path: &str) -> String {
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

/// Returns the headers, byte for byte.
fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, String)> {
    headers.iter().map(|(name, value)| {
        let value = value.as_bytes().iter().map(|byte| char::from(*byte));
        (name.as_str(), value.collect())
    })
}

fn joined(
    pairs: impl Iterator<Item = (impl Into<String>, impl Into<String>)>,
) -> BTreeMap<String, String> {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in pairs {
        let value = value.into();
        joined
            .entry(name.into())
            .and_modify(|all| {
                all.push(',');
                all.push_str(&value);
            })
            .or_insert(value);
    }
    joined
}

fn is_text(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok());
    let essence = content_type
        .and_then(|v| v.split(';').next())
        .unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/").unwrap_or_default();
    essence.starts_with("text/")
        || matches!(subtype, "json" | "xml" | "javascript")
        || subtype.ends_with("+json")
        || subtype.ends_with("+xml")
}
