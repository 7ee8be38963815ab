//! The requests and answers of the JSON protocol, by AWS's names.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use crate::{
    entry::Sent,
    errors::SqsError,
    limits::DELAY,
    message::{Attribute, AttributeValue, Message},
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct CreateQueue {
    pub(crate) queue_name: Option<String>,
    pub(crate) attributes: Option<BTreeMap<String, String>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct GetQueueUrl {
    pub(crate) queue_name: Option<String>,
    #[serde(rename = "QueueOwnerAWSAccountId")]
    pub(crate) owner: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct ListQueues {
    pub(crate) queue_name_prefix: Option<String>,
    pub(crate) max_results: Option<i64>,
    pub(crate) next_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct ListSources {
    pub(crate) queue_url: Option<String>,
    pub(crate) max_results: Option<i64>,
    pub(crate) next_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct GetQueueAttributes {
    pub(crate) queue_url: Option<String>,
    pub(crate) attribute_names: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct SetQueueAttributes {
    pub(crate) queue_url: Option<String>,
    pub(crate) attributes: Option<BTreeMap<String, String>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct PurgeQueue {
    pub(crate) queue_url: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct StartMove {
    pub(crate) source_arn: Option<String>,
    pub(crate) destination_arn: Option<String>,
    pub(crate) max_number_of_messages_per_second: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct ListMoves {
    pub(crate) source_arn: Option<String>,
    pub(crate) max_results: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct ReceiveMessage {
    pub(crate) queue_url: Option<String>,
    pub(crate) max_number_of_messages: Option<i64>,
    pub(crate) visibility_timeout: Option<i64>,
    pub(crate) wait_time_seconds: Option<i64>,
    /// The older name of the next field. AWS reads both.
    pub(crate) attribute_names: Option<Vec<String>>,
    pub(crate) message_system_attribute_names: Option<Vec<String>>,
    pub(crate) message_attribute_names: Option<Vec<String>>,
}

/// A batch of `T`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Batch<T> {
    pub(crate) queue_url: Option<String>,
    pub(crate) entries: Option<Vec<T>>,
}

/// `SendMessage`, which has a queue URL, or an entry of its batch, which has an id.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Send {
    pub(crate) queue_url: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) message_body: Option<String>,
    pub(crate) delay_seconds: Option<i64>,
    pub(crate) message_attributes: Option<BTreeMap<String, WireAttribute>>,
    pub(crate) message_system_attributes: Option<BTreeMap<String, WireAttribute>>,
    pub(crate) message_group_id: Option<String>,
    pub(crate) message_deduplication_id: Option<String>,
}

/// `DeleteMessage`, or an entry of its batch.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Delete {
    pub(crate) queue_url: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) receipt_handle: Option<String>,
}

/// `ChangeMessageVisibility`, or an entry of its batch.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Change {
    pub(crate) queue_url: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) receipt_handle: Option<String>,
    pub(crate) visibility_timeout: Option<i64>,
}

/// A message attribute. Binary values are base64.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct WireAttribute {
    data_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
}

/// An answer without content.
#[derive(Serialize)]
pub(crate) struct Nothing {}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct QueueUrl {
    pub(crate) queue_url: String,
}

#[derive(Serialize)]
pub(crate) struct MessageSent {
    #[serde(rename = "MessageId")]
    message_id: String,
    #[serde(rename = "MD5OfMessageBody")]
    md5_of_body: String,
    #[serde(
        rename = "MD5OfMessageAttributes",
        skip_serializing_if = "Option::is_none"
    )]
    md5_of_attributes: Option<String>,
    #[serde(
        rename = "MD5OfMessageSystemAttributes",
        skip_serializing_if = "Option::is_none"
    )]
    md5_of_system_attributes: Option<String>,
}

impl From<Sent> for MessageSent {
    fn from(sent: Sent) -> Self {
        Self {
            message_id: sent.message_id,
            md5_of_body: sent.md5_of_body,
            md5_of_attributes: sent.md5_of_attributes,
            md5_of_system_attributes: sent.md5_of_system_attributes,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Messages {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) messages: Vec<WireMessage>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WireMessage {
    pub(crate) message_id: String,
    pub(crate) receipt_handle: String,
    #[serde(rename = "MD5OfBody")]
    pub(crate) md5_of_body: String,
    pub(crate) body: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) attributes: BTreeMap<&'static str, String>,
    #[serde(
        rename = "MD5OfMessageAttributes",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) md5_of_attributes: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) message_attributes: BTreeMap<String, WireAttribute>,
}

impl Send {
    /// Returns the request that would send this message again, without its delay.
    pub(crate) fn again(message: &Message) -> Self {
        let attributes = message.attributes.iter();
        let trace = message.trace_header.clone().map(|header| {
            let header = WireAttribute::from(&Attribute {
                data_type: "String".into(),
                value: AttributeValue::Text(header),
            });
            BTreeMap::from([("AWSTraceHeader".to_owned(), header)])
        });
        Self {
            message_body: Some(message.body.clone()),
            message_attributes: Some(attributes.map(|(n, a)| (n.clone(), a.into())).collect()),
            message_system_attributes: trace,
            message_group_id: message.group_id.clone(),
            ..Self::default()
        }
    }

    /// Returns the message, to be checked. Fields that a standard queue does not accept are an
    /// error.
    pub(crate) fn into_message(self) -> Result<Message, SqsError> {
        if self.message_deduplication_id.is_some() {
            return Err(SqsError::InvalidParameterValue(
                "The request include parameter MessageDeduplicationId which is not valid for this queue type.".into(),
            ));
        }
        let attributes = self.message_attributes.unwrap_or_default();
        Ok(Message {
            body: self.message_body.unwrap_or_default(),
            attributes: attributes
                .into_iter()
                .map(|(name, wire)| Ok((name.clone(), wire.into_attribute(&name)?)))
                .collect::<Result<_, SqsError>>()?,
            delay: self.delay_seconds.map(|s| DELAY.seconds(s)).transpose()?,
            group_id: self.message_group_id,
            trace_header: trace_header(self.message_system_attributes.unwrap_or_default())?,
        })
    }

    /// Returns the bytes that count towards the limit of a batch.
    pub(crate) fn bytes(&self) -> usize {
        let attributes = self.message_attributes.iter().flatten();
        let body = self.message_body.as_ref().map_or(0, String::len);
        body + attributes.map(|(n, a)| n.len() + a.bytes()).sum::<usize>()
    }
}

impl WireAttribute {
    fn into_attribute(self, name: &str) -> Result<Attribute, SqsError> {
        let value = match (self.string_value, self.binary_value) {
            (Some(text), None) => AttributeValue::Text(text),
            (None, Some(text)) => AttributeValue::Binary(
                STANDARD
                    .decode(text)
                    .map_err(|_| SqsError::Malformed(format!("Attribute {name} is not base64.")))?,
            ),
            _ => {
                return Err(SqsError::InvalidParameterValue(format!(
                    "Message (user) attribute '{name}' must contain a non-empty value."
                )));
            }
        };
        Ok(Attribute {
            data_type: self.data_type.unwrap_or_default(),
            value,
        })
    }

    fn bytes(&self) -> usize {
        let text = [&self.data_type, &self.string_value];
        let text: usize = text.into_iter().flatten().map(String::len).sum();
        let binary = self.binary_value.as_deref().unwrap_or_default();
        text + binary.trim_end_matches('=').len() * 3 / 4
    }
}

impl From<&Attribute> for WireAttribute {
    fn from(attribute: &Attribute) -> Self {
        let (string_value, binary_value) = match &attribute.value {
            AttributeValue::Text(text) => (Some(text.clone()), None),
            AttributeValue::Binary(bytes) => (None, Some(STANDARD.encode(bytes))),
        };
        Self {
            data_type: Some(attribute.data_type.clone()),
            string_value,
            binary_value,
        }
    }
}

fn trace_header(system: BTreeMap<String, WireAttribute>) -> Result<Option<String>, SqsError> {
    let mut header = None;
    for (name, attribute) in system {
        match (name.as_str(), attribute.string_value) {
            ("AWSTraceHeader", Some(text)) => header = Some(text),
            _ => {
                return Err(SqsError::InvalidParameterValue(format!(
                    "Message system attribute name '{name}' is invalid."
                )));
            }
        }
    }
    Ok(header)
}
