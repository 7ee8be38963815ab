//! A page for somebody at this machine, which the gateway serves beside the API, and to which it
//! shows the webhooks that come.
//!
//! The stack does not know what stands on the page. It decides who may see it, as of all that is
//! under `/_postern/`.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::http::request::Parts;
use axum::response::Response;
use bytes::Bytes;
use jiff::Timestamp;

/// The page's answer, as it comes. `None` stands for the gateway's own 404.
pub type Answering = Pin<Box<dyn Future<Output = Option<Response>> + Send>>;

/// A page. Only requests of somebody at this machine reach [`Page::answer`], and a POST only if
/// the page itself sent it.
pub trait Page: Send + Sync {
    /// Checks whether a request to the API is to be shown to the page. What carries credentials of
    /// the API itself is not.
    fn wants(&self, parts: &Parts) -> bool;

    /// Shows a request that was answered. The function may still be printing about it.
    fn answered(&self, seen: Seen);

    /// Shows a request that comes, before its function sees it.
    fn came(&self, id: &str, at: Timestamp, parts: &Parts, body: Option<Bytes>);

    /// Answers a request to the page: `GET /`, or a path under `/_postern/`.
    fn answer(self: Arc<Self>, parts: Parts, body: Bytes) -> Answering;
}

/// The answer to a request of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The request's id.
    pub id: String,
    /// How long the answer took.
    pub took: Duration,
    /// The status.
    pub status: u16,
    /// Whether the gateway answered by itself, and no function did.
    pub is_own: bool,
}
