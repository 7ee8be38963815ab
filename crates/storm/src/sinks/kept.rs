//! What a sink was told.

use std::collections::HashSet;

use super::request::Request;

/// What a sink was told.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) requests: Vec<Request>,
    /// The ids of what it has accepted.
    pub(crate) accepted: HashSet<String>,
}

impl Kept {
    /// Keeps one more.
    pub(crate) fn keep(&mut self, request: Request) {
        if request.is_accepted {
            self.accepted.insert(request.id.clone());
        }
        self.requests.push(request);
    }
}
