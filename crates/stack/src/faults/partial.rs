//! Leaves part of a `BatchWriteItem` undone, as the table does when it is short of capacity. The
//! rest of the batch is written, and what was left out comes back as `UnprocessedItems`.

use axum::body::{Body, Bytes};
use axum::http::HeaderName;
use axum::http::header::CONTENT_LENGTH;
use axum::response::Response;
use http_body_util::BodyExt as _;
use rand::RngExt as _;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom as _;
use serde_json::{Map, Value};

/// A batch cut in two.
pub(super) struct Cut {
    /// The request that the table gets.
    pub(super) request: Bytes,
    /// The writes that the table does not get, by table.
    left_out: Map<String, Value>,
}

/// The header of the table's checksum over its answer. It no longer fits, because the answer is
/// changed.
const CHECKSUM: HeaderName = HeaderName::from_static("x-amz-crc32");

/// Takes at least one write out of the batch and leaves at least one in. Returns `None` if the
/// batch is too small for that, or if the request is not a batch.
pub(super) fn cut(request: &[u8], chance: &mut SmallRng) -> Option<Cut> {
    let mut request: Value = serde_json::from_slice(request).ok()?;
    let tables = request.get_mut("RequestItems")?.as_object_mut()?;
    let mut left_out = Map::new();
    for (name, writes) in tables {
        let writes = writes.as_array_mut().filter(|writes| writes.len() > 1)?;
        writes.shuffle(chance);
        let kept = chance.random_range(1..writes.len());
        left_out.insert(name.clone(), writes.split_off(kept).into());
    }
    Some(Cut {
        request: serde_json::to_vec(&request).ok()?.into(),
        left_out,
    })
}

impl Cut {
    /// Returns the table's answer with the writes that the table never got. A refusal stays as it
    /// is.
    pub(super) async fn returned_in(self, answer: Response) -> Response {
        let (mut parts, body) = answer.into_parts();
        let Ok(body) = body
            .collect()
            .await
            .map(http_body_util::Collected::to_bytes)
        else {
            return Response::from_parts(parts, Body::empty());
        };
        let answer: Option<Map<String, Value>> = serde_json::from_slice(&body).ok();
        let Some(mut answer) = answer.filter(|_| parts.status.is_success()) else {
            return Response::from_parts(parts, Body::from(body));
        };
        answer.insert("UnprocessedItems".to_owned(), self.left_out.into());
        parts.headers.remove(CHECKSUM);
        parts.headers.remove(CONTENT_LENGTH);
        Response::from_parts(parts, Body::from(Value::from(answer).to_string()))
    }
}
