//! What travels through the queue: a [`Delivery`], authenticated and verbatim. Its JSON is the
//! queue message:
//!
//! ```json
//! {"v":1,"provider":"customerio","source":"eu","received_at":1750000003123,"headers":{},"encoding":"text","body":"…"}
//! ```
//!
//! - `token` is set if the provider signs a token instead of the body.
//! - `encoding` is `text`, or `zlib`: standard base64 of the body's zlib stream (RFC 1950). It is
//!   `zlib` if the body is not UTF-8, or if the message would be billed as more than one.
//!
//! A decoded body is bounded by [`MAX_BODY`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::auth::{Authentic, fingerprint};
use crate::json;
use crate::rejection::Rejection;
use crate::time;

/// The largest SQS message, in bytes (SQS quotas, read 2026-11-21).
pub const MAX_SQS_MESSAGE: usize = 1024 * 1024;
/// The largest queue message, in bytes. It leaves room for the attributes with which the consumer
/// puts a message aside: they count, too.
pub const MAX_MESSAGE: usize = MAX_SQS_MESSAGE - 1024;
/// SQS bills a message per chunk of this many bytes. A message above one chunk is compressed if
/// that makes it smaller.
pub const BILLED_CHUNK: usize = 64 * 1024;
/// The largest body that API Gateway forwards, in bytes. Nothing in the queue unpacks to more.
pub const MAX_BODY: usize = 10 * 1024 * 1024;

const VERSION: u8 = 1;

/// An authenticated webhook, verbatim.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    provider: String,
    source: Option<String>,
    received_at: Timestamp,
    token: Option<String>,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

/// The queue message.
#[derive(Serialize, Deserialize)]
struct Message<'a> {
    v: u8,
    provider: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<Cow<'a, str>>,
    received_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    encoding: Encoding,
    body: Cow<'a, str>,
}

/// What every version of it has.
#[derive(Deserialize)]
struct Version {
    v: u8,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    Text,
    Zlib,
}

/// Why a queue message is not a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The message is not JSON, or does not have our fields.
    #[error("the queue message is not a delivery")]
    NotADelivery,
    /// A later version of Postern wrote the message.
    #[error("the queue message is of an unknown version")]
    UnknownVersion,
    /// The compressed body is not base64, not zlib, or cut short.
    #[error("the queue message's body cannot be unpacked")]
    BodyUndecodable,
    /// The body unpacks to more than API Gateway accepts, so a receiver never made it.
    #[error("the queue message's body unpacks to more than 10 MiB")]
    BodyTooLarge,
}

impl DeliveryError {
    /// Returns the stable name for logs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotADelivery => "message_not_a_delivery",
            Self::UnknownVersion => "message_version_unknown",
            Self::BodyUndecodable => "message_body_undecodable",
            Self::BodyTooLarge => "message_body_too_large",
        }
    }
}

impl Delivery {
    /// Turns a proof into a delivery. The body, the token and the headers are those of the proof,
    /// so that only what was verified travels on, and none of our own secrets.
    #[must_use]
    pub fn seal(authentic: Authentic<'_>, provider: &str, received_at: Timestamp) -> Self {
        let body = authentic.travelling();
        Self {
            provider: provider.to_owned(),
            source: authentic.source,
            received_at,
            token: authentic.token,
            headers: authentic.headers,
            body,
        }
    }

    /// Returns the provider's name.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// Returns the label of the secret that matched, if secrets have labels.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// Returns the group whose share of the queue this is (SQS fair queues: `MessageGroupId` on a
    /// standard queue). It has letters, digits and punctuation, at most 128.
    ///
    /// A flood from one provider and source does not delay the others.
    #[must_use]
    pub fn fair_group(&self) -> String {
        let Some(source) = &self.source else {
            return self.provider.clone();
        };
        let group = format!("{}#{source}", self.provider);
        let is_plain = group.len() <= 128 && group.bytes().all(|b| b.is_ascii_graphic());
        if is_plain {
            group
        } else {
            format!("{}#{}", self.provider, fingerprint(&[Some(source)]))
        }
    }

    /// Returns the gateway's time of the request.
    #[must_use]
    pub fn received_at(&self) -> Timestamp {
        self.received_at
    }

    /// Returns the token that the signature covers, if it does not cover the body. A token may
    /// stand for one body only.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Returns a header that the signature covers.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Returns every header that the signature covers, by its name in lower case.
    #[must_use]
    pub fn headers(&self) -> &BTreeMap<String, String> {
        &self.headers
    }

    /// Returns the body, byte for byte.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Checks whether the body says nothing at all. A provider sends such a webhook to see whether
    /// anybody answers.
    ///
    /// It is no body, an empty list, or `null`, which is what an empty list becomes in some
    /// languages. An empty object is an event, of kind `unknown`.
    #[must_use]
    pub fn is_ping(&self) -> bool {
        let body = json::body(&self.body);
        let list = body.strip_prefix(b"[").and_then(|b| b.strip_suffix(b"]"));
        body == b"null" || list.unwrap_or(body).trim_ascii().is_empty()
    }

    /// Returns the same delivery with a body that is in its own: packed, or as a part.
    pub(crate) fn with_body(&self, body: Vec<u8>) -> Self {
        Self {
            provider: self.provider.clone(),
            source: self.source.clone(),
            received_at: self.received_at,
            token: self.token.clone(),
            headers: self.headers.clone(),
            body,
        }
    }

    /// Returns the queue message.
    ///
    /// # Errors
    /// Returns [`Rejection::TooLarge`] if the message is above [`MAX_MESSAGE`] even when
    /// compressed. It also returns this if the body is above [`MAX_BODY`], which nobody would
    /// unpack again.
    pub fn encode(&self) -> Result<String, Rejection> {
        if self.body.len() > MAX_BODY {
            return Err(Rejection::TooLarge);
        }
        let text = std::str::from_utf8(&self.body)
            .ok()
            .map(|body| self.message(Encoding::Text, body));
        let message = match text {
            Some(text) if text.len() <= BILLED_CHUNK => text,
            text => {
                let packed = self.message(Encoding::Zlib, &pack(&self.body));
                match text {
                    Some(text) if text.len() <= packed.len() => text,
                    _ => packed,
                }
            }
        };
        if message.len() > MAX_MESSAGE {
            return Err(Rejection::TooLarge);
        }
        Ok(message)
    }

    fn message(&self, encoding: Encoding, body: &str) -> String {
        let json = serde_json::to_string(&Message {
            v: VERSION,
            provider: Cow::Borrowed(&self.provider),
            source: self.source.as_deref().map(Cow::Borrowed),
            received_at: self.received_at.as_millisecond(),
            token: self.token.as_deref().map(Cow::Borrowed),
            headers: self.headers.clone(),
            encoding,
            body: Cow::Borrowed(body),
        })
        .unwrap_or_default(); // text keys and values only: it cannot fail
        // SQS refuses these two characters permanently (SendMessage, InvalidMessageContents). They
        // can only stand inside JSON strings, where an escape means the same.
        if json.contains(['\u{fffe}', '\u{ffff}']) {
            return json
                .replace('\u{fffe}', "\\ufffe")
                .replace('\u{ffff}', "\\uffff");
        }
        json
    }

    /// Reads a queue message. It is bounded: nothing unpacks to more than [`MAX_BODY`].
    ///
    /// # Errors
    /// Returns a [`DeliveryError`] if the message is not a delivery. It then belongs in the
    /// dead-letter queue.
    pub fn decode(message: &str) -> Result<Self, DeliveryError> {
        let read = serde_json::from_str::<Message<'_>>(message);
        let message = read.map_err(|_| unreadable(message))?;
        if message.v != VERSION {
            return Err(DeliveryError::UnknownVersion);
        }
        Ok(Self {
            provider: message.provider.into_owned(),
            source: message.source.map(Cow::into_owned),
            received_at: time::from_millis(message.received_at)
                .ok_or(DeliveryError::NotADelivery)?,
            token: message.token.map(Cow::into_owned),
            headers: message.headers,
            body: match message.encoding {
                Encoding::Text => message.body.into_owned().into_bytes(),
                Encoding::Zlib => unpack(&message.body)?,
            },
        })
    }
}

/// Shows sizes and never content.
impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Delivery({}, {} bytes)", self.provider, self.body.len())
    }
}

/// Returns why a message cannot be read. A later version may have other fields.
fn unreadable(message: &str) -> DeliveryError {
    match serde_json::from_str(message) {
        Ok(Version { v }) if v != VERSION => DeliveryError::UnknownVersion,
        _ => DeliveryError::NotADelivery,
    }
}

fn pack(body: &[u8]) -> String {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    // Writing to a Vec cannot fail. If it did, the empty stream would not unpack, and the message
    // would not be lost.
    let packed = zlib
        .write_all(body)
        .and_then(|()| zlib.finish())
        .unwrap_or_default();
    STANDARD.encode(packed)
}

fn unpack(body: &str) -> Result<Vec<u8>, DeliveryError> {
    let packed = STANDARD
        .decode(body)
        .map_err(|_| DeliveryError::BodyUndecodable)?;
    let mut bytes = Vec::new();
    // One byte more than allowed tells "too large" from "exactly full" without unpacking a bomb.
    let bound = MAX_BODY as u64 + 1;
    flate2::read::ZlibDecoder::new(packed.as_slice())
        .take(bound)
        .read_to_end(&mut bytes)
        .map_err(|_| DeliveryError::BodyUndecodable)?;
    if bytes.len() > MAX_BODY {
        return Err(DeliveryError::BodyTooLarge);
    }
    Ok(bytes)
}
