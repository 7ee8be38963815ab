//! One entry of a request, and what the bus says of it (`EventBridge` API reference, `PutEvents`,
//! `PutEventsRequestEntry`, `PutEventsResultEntry`).

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The bytes that a time counts for, whatever it is.
const TIME_BYTES: usize = 14;
/// What the sources of AWS's own events begin with.
const OF_AWS: &str = "aws.";
/// The bus of whoever names none.
const DEFAULT: &str = "default";

/// Why an entry was refused, worded as AWS words it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// A field that every entry has is missing.
    #[error("Parameter {0} is not valid. Reason: {0} is a required argument.")]
    Missing(&'static str),
    /// The detail is no JSON object.
    #[error("Detail is malformed.")]
    Detail,
    /// The source is one of AWS's own.
    #[error("Not authorized for the source.")]
    Source,
}

impl EntryError {
    /// Returns the code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing(_) => "InvalidArgument",
            Self::Detail => "MalformedDetail",
            Self::Source => "NotAuthorizedForSourceException",
        }
    }
}

/// An entry as it comes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Given {
    time: Option<f64>,
    source: Option<String>,
    #[serde(default)]
    resources: Vec<String>,
    detail_type: Option<String>,
    detail: Option<String>,
    event_bus_name: Option<String>,
}

/// An entry that is sound.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) time: Option<Timestamp>,
    pub(super) source: String,
    pub(super) detail_type: String,
    pub(super) resources: Vec<String>,
    pub(super) detail: Map<String, Value>,
    bus: String,
}

impl Given {
    /// Returns how many bytes the bus counts for it (`EventBridge` user guide, "Calculating
    /// `PutEvents` event entry size").
    pub(super) fn bytes(&self) -> usize {
        let texts = [&self.source, &self.detail_type, &self.detail];
        let texts = texts.into_iter().flatten().chain(&self.resources);
        let time = self.time.map_or(0, |_| TIME_BYTES);
        time + texts.map(String::len).sum::<usize>()
    }

    /// Returns the entry, if it is sound.
    pub(super) fn read(self) -> Result<Entry, EntryError> {
        let needed = |text: Option<String>, name| {
            text.filter(|text| !text.is_empty())
                .ok_or(EntryError::Missing(name))
        };
        let source = needed(self.source, "Source")?;
        let detail_type = needed(self.detail_type, "DetailType")?;
        let detail = needed(self.detail, "Detail")?;
        if source.starts_with(OF_AWS) {
            return Err(EntryError::Source);
        }
        Ok(Entry {
            time: self.time.and_then(time),
            source,
            detail_type,
            resources: self.resources,
            detail: serde_json::from_str(&detail).map_err(|_| EntryError::Detail)?,
            bus: self.event_bus_name.unwrap_or_else(|| DEFAULT.to_owned()),
        })
    }
}

/// Reads a time, which is in seconds.
fn time(seconds: f64) -> Option<Timestamp> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is no time is none of a timestamp either"
    )]
    let millis = (seconds * 1_000.0).round() as i64;
    Timestamp::from_millisecond(millis).ok()
}

impl Entry {
    /// Checks whether the entry is for the bus with this ARN. It names it by its ARN, or by its
    /// name.
    pub(super) fn is_for(&self, arn: &str) -> bool {
        let name = arn.split_once(":event-bus/").map(|(_, name)| name);
        self.bus == arn || Some(self.bus.as_str()) == name
    }
}
