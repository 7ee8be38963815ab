//! Refuses part of the entries of a `PutEvents`, as the bus does with each that it cannot take. The
//! others are put, and every answer stands where its entry stood.

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::Response;
use http_body_util::{BodyExt as _, Collected};
use rand::RngExt as _;
use rand::rngs::SmallRng;
use serde_json::{Value, json};

/// What the bus says of an entry that may be put again.
const CODES: [&str; 2] = ["ThrottlingException", "InternalFailure"];
const JSON_1_1: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.1");

/// The entries of a request, each with the code by which it is refused, if it is.
pub(super) struct Picked(Vec<(Value, Option<&'static str>)>);

/// Picks at least one entry to be refused. Returns `None` if the request has none.
pub(super) fn picked(request: &[u8], chance: &mut SmallRng) -> Option<Picked> {
    let mut request: Value = serde_json::from_slice(request).ok()?;
    let entries = request.get_mut("Entries")?.as_array_mut()?;
    if entries.is_empty() {
        return None;
    }
    let always = chance.random_range(0..entries.len());
    let picked = entries.drain(..).enumerate().map(|(place, entry)| {
        let code = CODES.get(chance.random_range(0..CODES.len())).copied();
        let is_refused = place == always || chance.random_bool(0.5);
        (entry, code.filter(|_| is_refused))
    });
    Some(Picked(picked.collect()))
}

impl Picked {
    /// Returns the request that the bus gets, if anything is left for it.
    pub(super) fn request(&self) -> Option<Bytes> {
        let left = self.0.iter().filter(|(_, code)| code.is_none());
        let left: Vec<&Value> = left.map(|(entry, _)| entry).collect();
        let is_some = !left.is_empty();
        is_some.then(|| json!({"Entries": left}).to_string().into())
    }

    /// Returns the bus's answer with the refusals in their places. If the bus refuses all of it,
    /// its answer stays as it is.
    pub(super) async fn refused_in(self, answer: Response) -> Response {
        let (mut parts, body) = answer.into_parts();
        let body = body.collect().await.map(Collected::to_bytes);
        let body = body.unwrap_or_default();
        if !parts.status.is_success() {
            return Response::from_parts(parts, Body::from(body));
        }
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        let answered = answer.get("Entries").and_then(Value::as_array);
        let mut answered = answered.into_iter().flatten();
        let entries = self.0.into_iter().map(|(_, code)| match code {
            Some(code) => json!({"ErrorCode": code, "ErrorMessage": "Refused by a fault."}),
            None => answered.next().cloned().unwrap_or_default(),
        });
        let entries: Vec<Value> = entries.collect();
        let failed = entries
            .iter()
            .filter(|entry| entry.get("EventId").is_none());
        let answer = json!({"FailedEntryCount": failed.count(), "Entries": entries});
        parts.headers.remove(CONTENT_LENGTH);
        parts.headers.insert(CONTENT_TYPE, JSON_1_1);
        Response::from_parts(parts, Body::from(answer.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;

    #[tokio::test]
    async fn the_answers_stand_where_the_entries_stood() {
        for seed in 0..32 {
            let request = json!({"Entries": [{"Source": "0"}, {"Source": "1"}, {"Source": "2"}]});
            let mut chance = SmallRng::seed_from_u64(seed);
            let picked = picked(request.to_string().as_bytes(), &mut chance).unwrap();
            let rest: Value = picked
                .request()
                .map(|rest| serde_json::from_slice(&rest).unwrap())
                .unwrap_or_default();
            let put: Vec<Value> = rest["Entries"].as_array().cloned().unwrap_or_default();
            let ids = put.iter().map(|entry| json!({"EventId": entry["Source"]}));
            let answer = json!({"Entries": ids.collect::<Vec<_>>()}).to_string();
            let answer = picked.refused_in(Response::new(Body::from(answer))).await;
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            let answer: Value = serde_json::from_slice(&body).unwrap();
            let entries = answer["Entries"].as_array().unwrap();
            assert_eq!(entries.len(), 3);
            assert_eq!(answer["FailedEntryCount"], json!(3 - put.len()));
            assert!(put.len() < 3, "{seed}");
            for (place, entry) in entries.iter().enumerate() {
                let is_put = put.contains(&json!({"Source": place.to_string()}));
                let id = is_put.then(|| json!(place.to_string()));
                assert_eq!(entry.get("EventId"), id.as_ref(), "{seed}");
                assert_eq!(entry.get("ErrorCode").is_some(), !is_put, "{seed}");
            }
        }
    }
}
