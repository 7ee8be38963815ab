//! The SQS event as Lambda passes it, with the fields that are needed here, and its answer. These
//! are own types, because the ready-made ones bring twenty crates.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::dead_letter::FIRST_MESSAGE_ID;
use shared::time::from_millis;

/// A batch.
#[derive(Deserialize)]
pub struct QueueEvent {
    /// Its messages.
    #[serde(rename = "Records")]
    pub records: Vec<Record>,
}

/// One queue message.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The id by which a failure is reported.
    pub message_id: String,
    /// The handle of this receive.
    #[serde(default)]
    pub receipt_handle: String,
    /// The message's body. If all is well, it is a delivery's JSON, or what a provider has sent to
    /// a queue of its own.
    #[serde(default)]
    pub body: String,
    /// The queue that Lambda has taken the message from.
    #[serde(default, rename = "eventSourceARN")]
    pub event_source_arn: String,
    /// The queue's facts about the message.
    #[serde(default)]
    pub attributes: Attributes,
    /// What its sender says about it. Receivers say nothing; the consumer does, of what it puts
    /// aside.
    #[serde(default)]
    pub message_attributes: BTreeMap<String, MessageAttribute>,
}

/// The queue's facts about a message that are needed here.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attributes {
    /// How many times it was received, in digits. This time is counted, too.
    #[serde(default)]
    pub approximate_receive_count: Option<String>,
    /// When it was sent, in Unix milliseconds.
    #[serde(default)]
    pub sent_timestamp: Option<String>,
}

/// What a sender says about its message.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageAttribute {
    /// The text, if it is one.
    #[serde(default)]
    pub string_value: Option<String>,
}

impl Record {
    /// Returns how many times the message was received, this time included.
    pub(crate) fn receives(&self) -> u32 {
        let count = self.attributes.approximate_receive_count.as_deref();
        count.and_then(|count| count.parse().ok()).unwrap_or(1)
    }

    /// Returns when the message was sent.
    pub(crate) fn sent_at(&self) -> Option<Timestamp> {
        let sent = self.attributes.sent_timestamp.as_deref()?;
        from_millis(sent.parse().ok()?)
    }

    /// Returns the id that the message had when it was put aside first. A redrive gives it another.
    pub(crate) fn first_message_id(&self) -> &str {
        let first = self.message_attributes.get(FIRST_MESSAGE_ID);
        let first = first.and_then(|first| first.string_value.as_deref());
        first.unwrap_or(&self.message_id)
    }
}

/// The answer to a batch (`ReportBatchItemFailures`). The queue keeps these messages and deletes
/// the others.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    /// The messages that failed.
    pub batch_item_failures: Vec<ItemFailure>,
}

/// One message that failed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemFailure {
    /// The message's id. A blank or unknown one would fail the whole batch.
    pub item_identifier: String,
}
