//! A queue's settings: their defaults, ranges, and names on the wire.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{address, errors::SqsError, limits::MAX_BYTES};

/// Attributes that are kept and returned, but have no effect here.
const KEPT: [&str; 5] = [
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "Policy",
    "RedriveAllowPolicy",
    "SqsManagedSseEnabled",
];

/// Attributes of FIFO queues, which this emulator does not have.
const FIFO: [&str; 4] = [
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "FifoQueue",
    "FifoThroughputLimit",
];

/// The settings that a queue gets at its creation and by `SetQueueAttributes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSettings {
    /// The name: 1 to 80 letters, digits, hyphens and underscores.
    pub name: String,
    /// How long a received message stays hidden: up to 12 hours.
    pub visibility_timeout: Duration,
    /// How long a message is kept from its first arrival in any queue: 1 minute to 14 days.
    pub message_retention: Duration,
    /// The largest message in bytes, body and attributes together: 1 KiB to 1 MiB.
    pub max_message_size: usize,
    /// How long a receive waits if it does not say: up to 20 seconds.
    pub receive_wait: Duration,
    /// How long a new message stays hidden if it does not say: up to 15 minutes.
    pub delay: Duration,
    /// Where messages go if they are received too often.
    pub redrive: Option<Redrive>,
    /// Attributes without effect here, as they were set.
    pub kept: BTreeMap<String, String>,
}

/// A queue's redrive policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redrive {
    /// The name of the dead-letter queue.
    pub dead_letter_queue: String,
    /// How many times a message is received before it moves: 1 to 1000.
    pub max_receive_count: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedrivePolicy {
    dead_letter_target_arn: String,
    max_receive_count: Value,
}

impl QueueSettings {
    /// Returns a queue's settings with AWS's defaults: 30 seconds of visibility timeout, 4 days of
    /// retention, 1 MiB.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            visibility_timeout: Duration::from_secs(30),
            message_retention: Duration::from_hours(96),
            max_message_size: MAX_BYTES,
            receive_wait: Duration::ZERO,
            delay: Duration::ZERO,
            redrive: None,
            kept: BTreeMap::from([("SqsManagedSseEnabled".into(), "true".into())]),
        }
    }

    /// Refuses a name or a value that AWS would refuse.
    ///
    /// # Errors
    /// Returns `InvalidParameterValue` for the name, and `InvalidAttributeValue` for the rest.
    /// Returns `UnsupportedOperation` for the name of a FIFO queue.
    pub fn check(&self) -> Result<(), SqsError> {
        if self.name.strip_suffix(".fifo").is_some() {
            return Err(SqsError::UnsupportedOperation("A FIFO queue".into()));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if !(1..=80).contains(&self.name.len()) || !self.name.chars().all(plain) {
            return Err(SqsError::InvalidParameterValue(
                "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length".into(),
            ));
        }
        let seconds = |low, high| Duration::from_secs(low)..=Duration::from_secs(high);
        let receives = self.redrive.as_ref().map_or(1, |r| r.max_receive_count);
        let checks = [
            (
                "VisibilityTimeout",
                seconds(0, 43_200).contains(&self.visibility_timeout),
            ),
            (
                "MessageRetentionPeriod",
                seconds(60, 1_209_600).contains(&self.message_retention),
            ),
            (
                "MaximumMessageSize",
                (1024..=MAX_BYTES).contains(&self.max_message_size),
            ),
            (
                "ReceiveMessageWaitTimeSeconds",
                seconds(0, 20).contains(&self.receive_wait),
            ),
            ("DelaySeconds", seconds(0, 900).contains(&self.delay)),
            ("RedrivePolicy", (1..=1000).contains(&receives)),
        ];
        match checks.into_iter().find(|(_, kept)| !kept) {
            Some((name, _)) => Err(SqsError::InvalidAttributeValue(name.into())),
            None => Ok(()),
        }
    }

    /// Sets one attribute by its wire name. [`Self::check`] checks the ranges.
    ///
    /// # Errors
    /// Returns `InvalidAttributeName` or `InvalidAttributeValue` if the name or the value is wrong.
    /// Returns `UnsupportedOperation` for an attribute that only FIFO queues have.
    pub fn set(&mut self, region: &str, name: &str, value: &str) -> Result<(), SqsError> {
        let number = || {
            value
                .parse::<u32>()
                .map_err(|_| SqsError::InvalidAttributeValue(name.into()))
        };
        let seconds = || number().map(|n| Duration::from_secs(n.into()));
        match name {
            "VisibilityTimeout" => self.visibility_timeout = seconds()?,
            "MessageRetentionPeriod" => self.message_retention = seconds()?,
            "ReceiveMessageWaitTimeSeconds" => self.receive_wait = seconds()?,
            "DelaySeconds" => self.delay = seconds()?,
            "MaximumMessageSize" => {
                self.max_message_size = usize::try_from(number()?).unwrap_or(usize::MAX);
            }
            "RedrivePolicy" => self.redrive = redrive(region, value)?,
            // An empty value removes a policy.
            kept if KEPT.contains(&kept) && value.is_empty() => {
                self.kept.remove(kept);
            }
            kept if KEPT.contains(&kept) => {
                self.kept.insert(kept.into(), value.into());
            }
            fifo if FIFO.contains(&fifo) => {
                return Err(SqsError::UnsupportedOperation(format!("Attribute {fifo}")));
            }
            unknown => return Err(SqsError::InvalidAttributeName(unknown.into())),
        }
        Ok(())
    }

    /// Returns the settings by their wire names.
    pub(crate) fn attributes(&self, region: &str) -> BTreeMap<String, String> {
        let mut all = self.kept.clone();
        let mut put = |name: &str, value: String| all.insert(name.into(), value);
        put(
            "VisibilityTimeout",
            self.visibility_timeout.as_secs().to_string(),
        );
        put(
            "MessageRetentionPeriod",
            self.message_retention.as_secs().to_string(),
        );
        put("MaximumMessageSize", self.max_message_size.to_string());
        put(
            "ReceiveMessageWaitTimeSeconds",
            self.receive_wait.as_secs().to_string(),
        );
        put("DelaySeconds", self.delay.as_secs().to_string());
        if let Some(redrive) = &self.redrive {
            let policy = json!({
                "deadLetterTargetArn": address::arn(region, &redrive.dead_letter_queue),
                "maxReceiveCount": redrive.max_receive_count,
            });
            put("RedrivePolicy", policy.to_string());
        }
        all
    }
}

/// Checks whether an attribute exists that a queue need not have.
pub(crate) fn is_known(name: &str) -> bool {
    name == "RedrivePolicy" || KEPT.contains(&name) || FIFO.contains(&name)
}

/// Reads a redrive policy. AWS accepts its count as a number or as a string.
fn redrive(region: &str, value: &str) -> Result<Option<Redrive>, SqsError> {
    if value.is_empty() {
        return Ok(None);
    }
    let refused = |reason| SqsError::value(value, "RedrivePolicy", reason);
    let policy: RedrivePolicy = serde_json::from_str(value)
        .map_err(|_| refused("Redrive policy is not a valid JSON map."))?;
    let count = match &policy.max_receive_count {
        Value::String(text) => text.parse().ok(),
        number => number.as_u64(),
    };
    let max_receive_count = count
        .filter(|count| (1..=1000).contains(count))
        .and_then(|count| u32::try_from(count).ok())
        .ok_or_else(|| refused("Invalid value for maxReceiveCount."))?;
    let name = address::name_in_arn(region, &policy.dead_letter_target_arn)
        .ok_or_else(|| refused("Dead letter target does not exist."))?;
    Ok(Some(Redrive {
        dead_letter_queue: name.into(),
        max_receive_count,
    }))
}
