//! The authorizer `AWS_IAM`: it lets a request pass that the local stack's user has signed.
//!
//! The request is signed again, and the signatures are compared. There is one user, and it may do
//! everything.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, request};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::template::{ACCOUNT, REGION};

/// The access key of the local stack's user, and its secret.
pub const CREDENTIALS: &str = "local";
/// The service that requests are signed for.
const SERVICE: &str = "execute-api";
/// The scheme that the header `authorization` begins with.
const SCHEME: &str = "AWS4-HMAC-SHA256 ";
/// The header that says when a request was signed, and how it says that.
const DATE: &str = "x-amz-date";
const DATE_FORMAT: &str = "%Y%m%dT%H%M%SZ";
/// What has to be signed besides method, path, query and body.
const SIGNED: [&str; 2] = ["host", DATE];
/// How far the caller's clock may be off.
const WINDOW: Duration = Duration::from_mins(5);

/// Returns who has signed a request, as a function is told. Returns `None` if nobody has, or if the
/// signature does not fit the request and the time.
pub(super) fn caller(parts: &request::Parts, body: &[u8], now: Timestamp) -> Option<Value> {
    is_signed(parts, body, now)?.then(|| {
        json!({
            "accessKey": CREDENTIALS,
            "accountId": ACCOUNT,
            "callerId": CREDENTIALS,
            "cognitoIdentity": null,
            "principalOrgId": null,
            "userArn": format!("arn:aws:iam::{ACCOUNT}:user/{CREDENTIALS}"),
            "userId": CREDENTIALS,
        })
    })
}

/// Checks the signature. Returns `None` if there is none to check.
fn is_signed(parts: &request::Parts, body: &[u8], now: Timestamp) -> Option<bool> {
    let authorization = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let fields = authorization.strip_prefix(SCHEME)?;
    let field = |name: &str| {
        let mut fields = fields.split(',').map(str::trim);
        fields.find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
    };
    let date = parts.headers.get(DATE)?.to_str().ok()?;
    let at = DateTime::strptime(DATE_FORMAT, date).ok()?;
    let at = at.to_zoned(TimeZone::UTC).ok()?.timestamp();
    let is_in_time = now.duration_since(at).unsigned_abs() <= WINDOW;
    let day = date.get(..8)?;
    let scope = format!("{CREDENTIALS}/{day}/{REGION}/{SERVICE}/aws4_request");
    let names: Vec<&str> = field("SignedHeaders")?.split(';').collect();
    let is_all = SIGNED.iter().all(|name| names.contains(name));
    if !is_in_time || !is_all || field("Credential")? != scope {
        return Some(false);
    }
    let headers = named(&parts.headers, &names)?;
    let (_, host) = headers.iter().find(|(name, _)| *name == "host")?;
    let path = parts.uri.path_and_query()?;
    let url = format!("http://{host}{path}");
    let (_, signature) = signed(parts.method.as_str(), &url, &headers, body, at)?;
    Some(field("Signature")? == signature)
}

/// Returns these headers. One that is repeated is joined.
fn named<'a>(headers: &HeaderMap, names: &[&'a str]) -> Option<Vec<(&'a str, String)>> {
    let headers = names.iter().map(|name| {
        let values = headers
            .get_all(*name)
            .iter()
            .map(|value| value.to_str().ok());
        let values: Vec<&str> = values.collect::<Option<_>>()?;
        (!values.is_empty()).then(|| (*name, values.join(",")))
    });
    headers.collect()
}

/// Signs a request as the local stack's user. Returns the headers that are added to it. Returns
/// `None` if the URL is none.
#[must_use]
pub fn headers(
    method: &str,
    url: &str,
    body: &[u8],
    now: Timestamp,
) -> Option<Vec<(String, String)>> {
    signed(method, url, &[], body, now).map(|(headers, _)| headers)
}

/// Returns what is added to a request, and the signature, which is a part of that.
fn signed(
    method: &str,
    url: &str,
    headers: &[(&str, String)],
    body: &[u8],
    at: Timestamp,
) -> Option<(Vec<(String, String)>, String)> {
    let credentials = Credentials::new(CREDENTIALS, CREDENTIALS, None, None, CREDENTIALS);
    let identity = credentials.into();
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::Headers;
    // The caller has chosen what is signed.
    settings.excluded_headers = None;
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(REGION)
        .name(SERVICE)
        .time(SystemTime::from(at))
        .settings(settings)
        .build()
        .ok()?;
    let headers = headers.iter().map(|(name, value)| (*name, value.as_str()));
    let request = SignableRequest::new(method, url, headers, SignableBody::Bytes(body)).ok()?;
    let (instructions, signature) = sign(request, &parameters.into()).ok()?.into_parts();
    let (added, _) = instructions.into_parts();
    let added = added
        .into_iter()
        .map(|header| (header.name().to_owned(), header.value().to_owned()));
    Some((added.collect(), signature))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    const URL: &str = "http://127.0.0.1:3000/api/webhooks/manage?limit=2&a=b%20c";
    const BODY: &[u8] = br#"{"url":"x"}"#;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Returns the request that was signed at noon, changed.
    fn request(change: impl FnOnce(&mut Vec<(String, String)>)) -> request::Parts {
        let mut headers = headers("POST", URL, BODY, at("2026-03-03T12:00:00Z")).unwrap();
        headers.push(("host".to_owned(), "127.0.0.1:3000".to_owned()));
        change(&mut headers);
        let path = URL.strip_prefix("http://127.0.0.1:3000").unwrap();
        let mut request = Request::post(path);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn replace(headers: &mut [(String, String)], from: &str, to: &str) {
        let mut values = headers.iter_mut();
        let (_, value) = values.find(|(_, value)| value.contains(from)).unwrap();
        *value = value.replace(from, to);
    }

    #[test]
    fn what_is_signed_passes() {
        for now in ["2026-03-03T11:55:00Z", "2026-03-03T12:05:00Z"] {
            let caller = caller(&request(|_| {}), BODY, at(now)).unwrap();
            assert_eq!(caller["userArn"], "arn:aws:iam::000000000000:user/local");
            assert_eq!(caller["cognitoIdentity"], Value::Null);
        }
    }

    #[test]
    fn what_is_not_signed_or_signed_otherwise_does_not() {
        let now = at("2026-03-03T12:00:01Z");
        let refused = |parts: &request::Parts| caller(parts, BODY, now).is_none();
        assert!(refused(&request(|headers| {
            headers.retain(|(name, _)| name != "authorization");
        })));
        for (from, to) in [
            ("Credential=local", "Credential=other"),
            ("execute-api", "sqs"),
            ("us-east-1", "eu-west-1"),
            ("Signature=", "Signature=0"),
            ("SignedHeaders=host;", "SignedHeaders="),
            ("20260303T120000Z", "20260303T120001Z"),
            ("20260303T120000Z", "noon"),
            ("AWS4-HMAC-SHA256", "AWS4-ECDSA"),
            ("127.0.0.1:3000", "127.0.0.1:3001"),
        ] {
            let changed = request(|headers| replace(headers, from, to));
            assert!(refused(&changed), "{from}");
        }
        let intact = request(|_| {});
        assert_eq!(caller(&intact, b"{}", now), None, "another body");
        let late = at("2026-03-03T12:05:01Z");
        assert_eq!(caller(&intact, BODY, late), None, "too late");
    }
}
