//! A message: what a sender gives, which messages are accepted, and their MD5s.

use std::{collections::BTreeMap, fmt, fmt::Write as _, time::Duration};

use md5::{Digest, Md5};

use crate::{
    errors::SqsError,
    limits::{DELAY, MAX_ENTRIES},
};

/// A message as its sender gives it. It is not checked yet.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// The body.
    pub body: String,
    /// The message attributes, by name.
    pub attributes: BTreeMap<String, Attribute>,
    /// How long it stays hidden at first. If not given, the queue's delay counts.
    pub delay: Option<Duration>,
    /// The group of a fair queue. On a standard queue it has no effect on the order.
    pub group_id: Option<String>,
    /// The X-Ray trace header, the one system attribute that a sender may set.
    pub trace_header: Option<String>,
}

/// A message attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// `String`, `Number` or `Binary`, with an optional `.label` of the sender.
    pub data_type: String,
    /// The value.
    pub value: AttributeValue,
}

/// The value of a message attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributeValue {
    /// The value of a `String` or a `Number`.
    Text(String),
    /// The value of a `Binary`.
    Binary(Vec<u8>),
}

impl<T: Into<String>> From<T> for Message {
    fn from(body: T) -> Self {
        Self {
            body: body.into(),
            ..Self::default()
        }
    }
}

/// Shows only the size of a body, because bodies are personal data.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("bytes", &self.bytes())
            .field("attributes", &self.attributes.keys())
            .field("delay", &self.delay)
            .field("group_id", &self.group_id)
            .finish_non_exhaustive()
    }
}

impl Message {
    /// Returns the text of the attribute of this name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.value.as_text()
    }

    /// Returns the bytes that count against the size limits: the body and, of each attribute, name,
    /// type and value.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let attribute = |(name, a): (&String, &Attribute)| {
            name.len() + a.data_type.len() + a.value.as_bytes().len()
        };
        self.body.len() + self.attributes.iter().map(attribute).sum::<usize>()
    }
}

impl AttributeValue {
    /// Returns the text, unless it is binary.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary(_) => None,
        }
    }

    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

/// A message that any queue accepts if it is within the queue's size limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    message: Message,
    md5_of_body: String,
}

impl Content {
    /// Checks a message. The queue checks its size.
    ///
    /// # Errors
    /// Returns `MissingParameter`, `InvalidMessageContents` or `InvalidParameterValue` if SQS would
    /// refuse the message.
    pub fn new(message: Message) -> Result<Self, SqsError> {
        if message.body.is_empty() {
            return Err(SqsError::MissingParameter("MessageBody"));
        }
        if !message.body.chars().all(carried) {
            return Err(SqsError::InvalidMessageContents);
        }
        if let Some(delay) = message.delay {
            DELAY.hold(delay)?;
        }
        if let Some(group) = &message.group_id {
            check_group(group)?;
        }
        if message.attributes.len() > MAX_ENTRIES {
            return Err(SqsError::InvalidParameterValue(format!(
                "Number of message attributes [{}] exceeds the allowed maximum [10].",
                message.attributes.len()
            )));
        }
        for (name, attribute) in &message.attributes {
            check_attribute(name, attribute)?;
        }
        let md5_of_body = hex(Md5::digest(&message.body).as_ref());
        Ok(Self {
            message,
            md5_of_body,
        })
    }

    /// Returns the message.
    #[must_use]
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// Returns the MD5 of the body, in hexadecimal.
    #[must_use]
    pub fn md5_of_body(&self) -> &str {
        &self.md5_of_body
    }

    /// Returns the MD5 of the system attribute, if there is one.
    #[must_use]
    pub fn md5_of_system_attributes(&self) -> Option<String> {
        let header = Attribute {
            data_type: "String".into(),
            value: AttributeValue::Text(self.message.trace_header.clone()?),
        };
        md5_of_attributes(std::iter::once((&"AWSTraceHeader".to_owned(), &header)))
    }
}

/// Returns AWS's MD5 of message attributes, which are given in the order of their names. Returns
/// `None` if there are none.
pub(crate) fn md5_of_attributes<'a>(
    attributes: impl Iterator<Item = (&'a String, &'a Attribute)>,
) -> Option<String> {
    fn part(hash: &mut Md5, bytes: &[u8]) {
        // No part is larger than a message, so its length always fits.
        hash.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(bytes);
    }
    let mut hash = Md5::new();
    let mut any = false;
    for (name, attribute) in attributes {
        any = true;
        part(&mut hash, name.as_bytes());
        part(&mut hash, attribute.data_type.as_bytes());
        hash.update(match attribute.value {
            AttributeValue::Text(_) => [1],
            AttributeValue::Binary(_) => [2],
        });
        part(&mut hash, attribute.value.as_bytes());
    }
    any.then(|| hex(hash.finalize().as_ref()))
}

/// Checks whether SQS carries this character. It carries those of XML 1.0, without U+FFFE and
/// U+FFFF.
fn carried(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

fn check_group(group: &str) -> Result<(), SqsError> {
    if (1..=128).contains(&group.len()) && group.chars().all(|c| c.is_ascii_graphic()) {
        return Ok(());
    }
    Err(SqsError::value(
        group,
        "MessageGroupId",
        "MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.",
    ))
}

fn check_attribute(name: &str, attribute: &Attribute) -> Result<(), SqsError> {
    let refused = |text: String| Err(SqsError::InvalidParameterValue(text));
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let reserved = name.to_ascii_lowercase();
    if !(1..=256).contains(&name.len())
        || !name.chars().all(plain)
        || reserved.starts_with("aws.")
        || reserved.starts_with("amazon.")
    {
        return refused(format!(
            "Message (user) attribute name '{name}' is invalid."
        ));
    }
    let kind = attribute.data_type.split('.').next().unwrap_or_default();
    if attribute.value.as_bytes().is_empty() {
        return refused(format!(
            "Message (user) attribute '{name}' must contain a non-empty value of type '{kind}'."
        ));
    }
    match (kind, &attribute.value) {
        ("String", AttributeValue::Text(text)) if text.chars().all(carried) => Ok(()),
        ("String", AttributeValue::Text(_)) => Err(SqsError::InvalidMessageContents),
        ("Number", AttributeValue::Text(text)) if text.parse::<f64>().is_ok() => Ok(()),
        ("Number", AttributeValue::Text(_)) => refused(format!(
            "Can't cast the value of message (user) attribute '{name}' to a number."
        )),
        ("Binary", AttributeValue::Binary(_)) => Ok(()),
        ("String" | "Number" | "Binary", _) => refused(format!(
            "Message (user) attribute '{name}' must contain a non-empty value of type '{kind}'."
        )),
        _ => refused(format!(
            "The type of message (user) attribute '{name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String."
        )),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn md5s_are_those_of_aws() {
        let content = Content::new("This is a test message".into()).unwrap();
        assert_eq!(content.md5_of_body(), "fafb00f5732ab283681e124bf8747ed1");
        let timestamp = Attribute {
            data_type: "Number".into(),
            value: AttributeValue::Text("1493147359900".into()),
        };
        // This is the value that AWS answered for this attribute, as moto's tests record it.
        assert_eq!(
            md5_of_attributes(std::iter::once((&"timestamp".to_owned(), &timestamp))).as_deref(),
            Some("235c5c510d26fb653d073faed50ae77c")
        );
        assert_eq!(md5_of_attributes(std::iter::empty()), None);
    }

    #[test]
    fn only_xml_characters_are_carried() {
        for good in [
            '\t',
            '\n',
            '\r',
            ' ',
            '\u{7f}',
            '\u{D7FF}',
            '\u{E000}',
            '\u{FFFD}',
            '\u{10000}',
            '\u{10FFFF}',
        ] {
            assert!(carried(good), "{good:?}");
        }
        for bad in ['\0', '\u{8}', '\u{b}', '\u{1f}', '\u{FFFE}', '\u{FFFF}'] {
            assert!(!carried(bad), "{bad:?}");
        }
    }

    #[test]
    fn debug_output_shows_no_body() {
        let shown = format!("{:?}", Message::from("ada@example.com"));
        assert!(!shown.contains("ada"), "{shown}");
    }
}
