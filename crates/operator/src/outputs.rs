//! The names of a stack's parts, as the template's outputs say them.

use serde::Deserialize;

/// The names of the table and the queues, as in the template's outputs.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Outputs {
    pub(crate) table: String,
    pub(crate) queue_url: String,
    pub(crate) dead_letter_queue_url: String,
    /// What tells others is on, if these three are there.
    #[serde(flatten)]
    pub(crate) outlets: Option<Box<Outlets>>,
}

/// The parts of a stack that tell others, as in the template's outputs.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub struct Outlets {
    /// The table of the endpoints, and of what waits for them.
    #[serde(rename = "OutletsTable")]
    pub table: String,
    /// The queue of what is to be told.
    pub outbox_queue_url: String,
    /// The URL of the API that manages the endpoints.
    pub manage_url: String,
    /// Who may use this API: `iam` or `key`.
    #[serde(default = "iam")]
    pub api_auth: String,
    /// The ARN of the event bus, if there is one.
    #[serde(default)]
    pub event_bus_arn: Option<String>,
}

/// The API's authentication, unless another one is said.
pub(crate) fn iam() -> String {
    "iam".to_owned()
}
