//! What the page asks, and what an answer is.

use bytes::Bytes;
use http::request::Parts;
use serde_json::Value;

/// What an answer is.
pub(crate) enum Answer {
    /// An object.
    Json(Value),
    /// A file to keep, and its name.
    File(String, Bytes),
}

/// The parameters of a question.
#[derive(Clone)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Returns those of a request.
    pub(crate) fn of(parts: &Parts) -> Self {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        Self(form_urlencoded::parse(query).into_owned().collect())
    }

    /// Returns a parameter. One that is blank counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().find(|(known, _)| known == name);
        value
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Returns how many rows are wanted.
    pub(crate) fn limit(&self, usual: usize, most: usize) -> usize {
        let wanted = self.get("limit").and_then(|limit| limit.parse().ok());
        wanted.unwrap_or(usual).clamp(1, most)
    }
}
