//! The SQS event as Lambda passes it, with the fields that are needed here, and its answer. These
//! are own types, because the ready-made ones bring twenty crates.

use serde::{Deserialize, Serialize};

/// A batch.
#[derive(Deserialize)]
pub(crate) struct QueueEvent {
    /// Its messages.
    #[serde(rename = "Records")]
    pub(crate) records: Vec<Record>,
}

/// One queue message.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    /// The id by which a failure is reported.
    pub(crate) message_id: String,
    /// The handle of this receive.
    #[serde(default)]
    pub(crate) receipt_handle: String,
    /// The message's body.
    #[serde(default)]
    pub(crate) body: String,
    /// The queue's facts about the message.
    #[serde(default)]
    pub(crate) attributes: Attributes,
}

/// The queue's facts about a message that are needed here.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attributes {
    /// How many times it was received, in digits. This time is counted, too.
    #[serde(default)]
    pub(crate) approximate_receive_count: Option<String>,
}

impl Record {
    /// Returns how many times the message was received, this time included.
    pub(crate) fn receives(&self) -> u32 {
        let count = self.attributes.approximate_receive_count.as_deref();
        count.and_then(|count| count.parse().ok()).unwrap_or(1)
    }
}

/// The answer to a batch (`ReportBatchItemFailures`). The queue keeps these messages and deletes
/// the others.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BatchResponse {
    /// The messages that failed.
    pub(crate) batch_item_failures: Vec<ItemFailure>,
}

/// One message that failed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemFailure {
    /// The message's id. A blank or unknown one would fail the whole batch.
    pub(crate) item_identifier: String,
}
