//! Reads the gateway's event: payload format 2.0, with the few fields that are needed.
//!
//! Whatever is odd about a request is a value here and an answer later, because an event that
//! cannot be read would be a failed invocation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outlets::manage::Refusal;
use serde::Deserialize;
use serde_json::Value;
use shared::request::Pairs;

/// The largest body, in bytes.
const MOST_BYTES: usize = 64 * 1024;
/// The most characters of base64 that can be such a body.
const MOST_BASE64: usize = MOST_BYTES.div_ceil(3) * 4;

/// An event of the gateway.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Event {
    raw_path: String,
    headers: Pairs,
    #[serde(rename = "queryStringParameters")]
    query: Pairs,
    body: Option<String>,
    is_base64_encoded: bool,
    request_context: Context,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Context {
    http: Http,
    domain_name: Option<String>,
    /// What the gateway has checked. It has one key, which says how.
    authorizer: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Http {
    method: String,
}

/// The caller that the gateway has checked by AWS's signature, version 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Iam<'a> {
    /// The caller's ARN.
    pub(crate) arn: &'a str,
}

impl Event {
    /// Returns the path as it came. With the stage `$default` nothing stands before it.
    pub(crate) fn path(&self) -> &str {
        &self.raw_path
    }

    /// Returns the method, in upper case as in HTTP.
    pub(crate) fn method(&self) -> &str {
        &self.request_context.http.method
    }

    /// Returns the host that was asked, which is the API's own.
    pub(crate) fn host(&self) -> Option<&str> {
        let host = self.request_context.domain_name.as_deref();
        host.filter(|host| !host.is_empty())
    }

    /// Returns a header, if it is there once. The gateway joins repeated ones with a comma.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let is_named = |(other, _): &&(String, String)| other.eq_ignore_ascii_case(name);
        let mut found = self.headers.0.iter().filter(is_named);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// Returns a query parameter, if it is there once.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let mut found = self.query.0.iter().filter(|(other, _)| other == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// Returns every query parameter, as the gateway has decoded it. It joins the values of a
    /// repeated one with a comma.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let query = self.query.0.iter();
        query.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns the caller, if the gateway has checked a signature of AWS's, version 4.
    pub(crate) fn iam(&self) -> Option<Iam<'_>> {
        let iam = self.request_context.authorizer.get("iam")?;
        let text = |name: &str| iam.get(name)?.as_str().filter(|text| !text.is_empty());
        text("accountId")?;
        let arn = text("userArn").filter(|arn| arn.starts_with("arn:"))?;
        Some(Iam { arn })
    }

    /// Returns the body, decoded.
    pub(crate) fn body(&self) -> Result<Vec<u8>, Refusal> {
        let body = self.body.as_deref().unwrap_or_default();
        if body.len() > MOST_BASE64 {
            return Err(Refusal::TooLarge);
        }
        let body = if self.is_base64_encoded {
            STANDARD.decode(body).map_err(|_| Refusal::NotJson)?
        } else {
            body.as_bytes().to_vec()
        };
        if body.len() > MOST_BYTES {
            return Err(Refusal::TooLarge);
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(event: &Value) -> Event {
        serde_json::from_str(&event.to_string()).unwrap()
    }

    #[test]
    fn an_event_without_anything_is_an_event() {
        let empty = event(&json!({}));
        assert_eq!((empty.path(), empty.method()), ("", ""));
        assert_eq!(empty.body(), Ok(Vec::new()));
        assert_eq!(empty.iam(), None);
        let nothing = event(&json!({
            "headers": null, "queryStringParameters": null, "body": null,
            "requestContext": { "authorizer": null, "domainName": null }
        }));
        assert_eq!((nothing.iam(), nothing.host()), (None, None));
    }

    #[test]
    fn a_header_that_is_there_twice_is_not_there() {
        let text =
            r#"{"headers":{"authorization":"Bearer a","Authorization":"Bearer b","x-a":"1"}}"#;
        let event: Event = serde_json::from_str(text).unwrap();
        assert_eq!(event.header("authorization"), None);
        assert_eq!(event.header("X-A"), Some("1"));
    }

    #[test]
    fn only_what_the_gateway_has_checked_is_a_caller() {
        let arn = "arn:aws:iam::123456789012:user/ops";
        let of = |authorizer: Value| {
            let event = event(&json!({ "requestContext": { "authorizer": authorizer } }));
            event.iam().map(|iam| iam.arn.to_owned())
        };
        let good = json!({ "iam": { "accountId": "123456789012", "userArn": arn } });
        assert_eq!(of(good).as_deref(), Some(arn));
        for bad in [
            json!({}),
            json!([]),
            json!("iam"),
            json!({ "iam": null }),
            json!({ "iam": {} }),
            json!({ "iam": { "accountId": "123456789012" } }),
            json!({ "iam": { "userArn": arn } }),
            json!({ "iam": { "accountId": "", "userArn": arn } }),
            json!({ "iam": { "accountId": 123, "userArn": arn } }),
            json!({ "iam": { "accountId": "123456789012", "userArn": "ops" } }),
            json!({ "lambda": { "iam": { "accountId": "1", "userArn": arn } } }),
            json!({ "jwt": { "claims": { "accountId": "1", "userArn": arn } } }),
        ] {
            assert_eq!(of(bad.clone()), None, "{bad}");
        }
    }

    #[test]
    fn a_body_is_decoded_and_at_most_64_kib() {
        let of = |body: &str, is_base64_encoded: bool| {
            let event = Event {
                body: Some(body.to_owned()),
                is_base64_encoded,
                ..Event::default()
            };
            event.body().map_err(|refusal| refusal.code())
        };
        assert_eq!(of("{}", false), Ok(b"{}".to_vec()));
        assert_eq!(of("e30=", true), Ok(b"{}".to_vec()));
        assert_eq!(of("%%%", true), Err("body_not_json"));
        let most = "x".repeat(MOST_BYTES);
        assert_eq!(of(&most, false).map(|body| body.len()), Ok(MOST_BYTES));
        assert_eq!(
            of(&STANDARD.encode(&most), true).map(|body| body.len()),
            Ok(MOST_BYTES)
        );
        let more = "x".repeat(MOST_BYTES + 1);
        assert_eq!(of(&more, false), Err("body_too_large"));
        assert_eq!(of(&STANDARD.encode(&more), true), Err("body_too_large"));
    }
}
