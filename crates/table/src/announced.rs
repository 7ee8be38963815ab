//! What others are told about an event: one shape for `events --json` and for whatever else passes
//! an event on.
//!
//! It is the stored item without `raw`, `headers` and the keys. What only a key says (the time, the
//! id, the recipient, the message) has a name of its own here.
//!
//! The JSON Schema is `docs/schemas/event.json`.

use std::fmt;
use std::io::Read as _;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::item::Item;
use crate::keys::{Owner, owner};
use crate::read::{text, value};

/// The most bytes of an announced event, as JSON and without `raw`.
pub const MOST_BYTES: usize = 20_000;

/// What is announced, in the order in which it is written.
pub const FIELDS: [&str; 32] = [
    "id",
    "schema",
    "occurred_at",
    "occurred_at_source",
    "provider",
    "source",
    "channel",
    "kind",
    "provider_kind",
    "recipient",
    "address",
    "recipient_ambiguous",
    "customer_id",
    "message_id",
    "rfc_message_id",
    "bounce_class",
    "bounce_category",
    "smtp_code",
    "enhanced_code",
    "reason",
    "machine",
    "machine_why",
    "url",
    "scope",
    "scope_id",
    "suppression_reason",
    "subject",
    "campaign",
    "tags",
    "metadata",
    "raw_repaired",
    "expires_at",
];

/// What the provider sent, which is announced only if it is asked for.
pub const VERBATIM: [&str; 6] = [
    "headers",
    "raw",
    "raw_as_sent",
    "raw_as_sent_sha256",
    "raw_bytes",
    "raw_sha256",
];

/// Names what gave way, so that the event is no larger than [`MOST_BYTES`].
pub const TRUNCATED: &str = "truncated";

/// What gives way first, if an event is too large. The sender's own facts are the first to go.
const GIVE_WAY: [&str; 11] = [
    "metadata",
    "tags",
    "url",
    "subject",
    "campaign",
    "rfc_message_id",
    "provider_kind",
    "reason",
    "scope_id",
    "source",
    "message_id",
];
/// The last to go: the recipient as it was sent. Its address stays.
const LAST: &str = "recipient";

/// An event as others are told of it. A field without a value is absent.
#[derive(Clone, PartialEq)]
pub struct Announced(Vec<(&'static str, Value)>);

impl Announced {
    /// Returns what an item says, in the table or in an index. An index does not have all of it.
    /// Returns `None` if the item is not an event.
    #[must_use]
    pub fn of(item: &Item) -> Option<Self> {
        if !item.contains_key("kind") {
            return None;
        }
        let fields = FIELDS.into_iter();
        let fields = fields.filter_map(|name| Some((name, field(item, name)?)));
        Some(Self(fields.collect()).within(MOST_BYTES))
    }

    /// Returns the same, with what the provider sent.
    #[must_use]
    pub fn with_raw(item: &Item) -> Option<Self> {
        let mut announced = Self::of(item)?;
        let verbatim = VERBATIM.into_iter();
        let verbatim = verbatim.filter_map(|name| Some((name, verbatim_field(item, name)?)));
        announced.0.extend(verbatim);
        Some(announced)
    }

    /// Returns a field's value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        let field = self.0.iter().find(|(field, _)| *field == name);
        field.map(|(_, value)| value)
    }

    /// Returns a field's text, or an empty text.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Takes away what is too much for so many bytes of JSON, and names it. What cannot give way
    /// stays.
    #[must_use]
    pub fn within(mut self, bytes: usize) -> Self {
        for name in GIVE_WAY.into_iter().chain([LAST]) {
            if self.bytes() <= bytes {
                break;
            }
            self.give_way(name);
        }
        self
    }

    fn give_way(&mut self, name: &'static str) {
        let before = self.0.len();
        self.0.retain(|(field, _)| *field != name);
        if self.0.len() == before {
            return;
        }
        let gone = self.get(TRUNCATED).and_then(Value::as_array);
        let mut gone = gone.cloned().unwrap_or_default();
        gone.push(json!(name));
        self.0.retain(|(field, _)| *field != TRUNCATED);
        self.0.push((TRUNCATED, json!(gone)));
    }

    fn bytes(&self) -> usize {
        serde_json::to_string(self).map_or(usize::MAX, |json| json.len())
    }
}

impl Serialize for Announced {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (*name, value)))
    }
}

/// Shows only what a log may have: no address, subject or reason.
impl fmt::Debug for Announced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [provider, kind, id] = ["provider", "kind", "id"].map(|name| self.text(name));
        write!(f, "Announced({provider} {kind} {id})")
    }
}

/// Returns a field of an item. What is not an attribute of its own is in a key.
fn field(item: &Item, name: &str) -> Option<Value> {
    let sk = text(item, "sk");
    let owner = || owner(text(item, "pk"));
    let attribute = || item.get(name).map(value);
    match name {
        "id" => attribute().or_else(|| sk.split_once('#').map(|(_, id)| json!(id))),
        "occurred_at" => sk.split('#').next().map(Value::from),
        "channel" => attribute().or_else(|| Some(json!(owner()?.channel()))),
        "recipient" => attribute().or_else(|| Some(json!(owner()?.address()?))),
        "address" => Some(json!(owner()?.address()?)),
        "customer_id" => Some(json!(owner()?.customer()?)),
        "message_id" => {
            let message = text(item, "message").split_once('#');
            message.map(|(_, id)| json!(id))
        }
        _ => attribute(),
    }
}

/// Returns what the provider sent. A compressed `raw` is unpacked; other bytes are base64.
fn verbatim_field(item: &Item, name: &str) -> Option<Value> {
    match item.get(name)? {
        AttributeValue::B(packed) if name == "raw" => {
            let mut raw = String::new();
            let mut zlib = flate2::read::ZlibDecoder::new(packed.as_ref());
            let read = zlib.read_to_string(&mut raw);
            Some(read.map_or_else(|_| json!(STANDARD.encode(packed)), |_| json!(raw)))
        }
        other => Some(value(other)),
    }
}

/// Returns whose event an item is. Returns `None` if its partition key is not a timeline's.
#[must_use]
pub fn owner_of(item: &Item) -> Option<Owner<'_>> {
    owner(text(item, "pk"))
}
