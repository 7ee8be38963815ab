//! Reads the gateway's event.
//!
//! `lambda_http`'s own `Request` is not used. Its body decoder panics on undecodable base64, its
//! URI builder panics on a strange `Host`, and a header that is not visible ASCII fails the whole
//! invocation. Each would answer an attacker's request with a 500 and a billed error.
//!
//! Here the event is read with the few fields that are needed and no more.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Deserialize;

use crate::rejection::Rejection;
use crate::time;

/// An API Gateway HTTP API event in payload format 2.0, with the fields that are needed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    #[serde(default)]
    pub(crate) headers: Pairs,
    /// The query parameters, decoded by the gateway. It joins the values of a repeated parameter
    /// with a comma.
    #[serde(default, rename = "queryStringParameters")]
    pub(crate) query: Pairs,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
    #[serde(default, rename = "requestContext")]
    context: Context,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    #[serde(default)]
    time_epoch: i64,
    #[serde(default)]
    http: Http,
}

#[derive(Default, Deserialize)]
struct Http {
    #[serde(default)]
    method: String,
}

/// Every header, or query parameter, as it came. Names that differ only in case are kept apart,
/// because a map would hide a duplicate.
#[derive(Default)]
pub struct Pairs(pub Vec<(String, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;
        impl<'de> serde::de::Visitor<'de> for PairsVisitor {
            type Value = Pairs;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("names and values")
            }
            fn visit_unit<E>(self) -> Result<Pairs, E> {
                Ok(Pairs::default())
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::with_capacity(map.size_hint().unwrap_or(16));
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_any(PairsVisitor)
    }
}

impl Request {
    /// Returns the exact bytes that were sent.
    pub(crate) fn bytes(&self) -> Result<Cow<'_, [u8]>, Rejection> {
        let body = self.body.as_deref().unwrap_or_default();
        if self.is_base64_encoded {
            let bytes = STANDARD.decode(body);
            return bytes
                .map(Cow::Owned)
                .map_err(|_| Rejection::BodyUndecodable);
        }
        Ok(Cow::Borrowed(body.as_bytes()))
    }

    /// Checks whether the request has this method, in upper case as in HTTP. A recorded event
    /// without one is a POST.
    pub(crate) fn is(&self, method: &str) -> bool {
        let sent = self.context.http.method.as_str();
        let sent = if sent.is_empty() { "POST" } else { sent };
        sent == method
    }

    /// Returns the gateway's time. Returns `None` if a front end does not set it.
    #[must_use]
    pub fn received_at(&self) -> Option<Timestamp> {
        time::from_millis(self.context.time_epoch)
    }
}
