//! The answer to a webhook.

use http::StatusCode;

/// The answer to a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: String,
    /// The gateway's id of the request.
    pub request_id: Option<String>,
}
