//! Turns an event into a table item. This is a pure function, so a repetition writes the same item
//! again.
//!
//! The attributes are the contract that readers rely on. An attribute without a value is absent.
//!
//! What a key already says is not stored twice: `occurred_at`, the recipient and the message id are
//! read back from `sk`, `pk` and `message`.

use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde_json::Value;
use shared::auth::sha256_hex;
use shared::bounce::Category;
use shared::event::{Address, Event, Kind, Refusal, SCHEMA, Scope};
use shared::machine::Machine;

use crate::keys::{key, partition_key, sort_key};
use crate::shard;

/// A table item.
pub type Item = HashMap<String, AttributeValue>;

/// The largest item that we write. DynamoDB accepts 400 KiB; the rest is left for what the size
/// formula rounds up.
const ITEM_BYTES: usize = 390 * 1024;
/// The longest free text besides `raw`, in characters. A mail subject has at most 998.
const TEXT_CHARS: usize = 2048;
/// The most tags, and the most metadata entries, besides `raw`.
const ENTRIES: usize = 64;
/// The most bytes of tags, and the most bytes of metadata, besides `raw`.
const ENTRIES_BYTES: usize = 64 * 1024;
/// The most bytes of kept headers. Half of the headers would make another event, so they are stored
/// whole or not at all.
const HEADERS_BYTES: usize = 4 * 1024;
/// How many attributes an item has room for from the start. Few have more.
const ATTRIBUTES: usize = 28;
const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// Returns the item of an event. `retention_days` counts from when the event occurred; 0 keeps it
/// for ever.
#[must_use]
pub fn item(event: &Event, retention_days: u32) -> Item {
    let mut item = Attributes(HashMap::with_capacity(ATTRIBUTES));
    let pk = partition_key(event);
    // The recipient is stored as it was sent, unless the key says the same to the letter.
    let recipient = event.recipient.as_ref().map(Address::expose);
    let is_in_key =
        |text: &&str| pk.strip_prefix(event.channel.name()) == Some(&format!("#{text}"));
    item.text("recipient", recipient.filter(|text| !is_in_key(text)));
    item.flag("recipient_ambiguous", event.recipient_is_ambiguous);
    item.made("pk", Some(pk));
    item.made("sk", Some(sort_key(event)));
    item.text("id", Some(event.id.as_str()));
    item.number("schema", Some(i64::from(SCHEMA)));
    item.text("provider", Some(&event.provider));
    item.text("source", event.source.as_deref());
    item.text("channel", Some(event.channel.name()));
    item.text("kind", Some(event.kind.name()));
    item.text("provider_kind", event.provider_kind.as_deref());
    item.text("occurred_at_source", Some(event.occurred_at.source()));
    let message = event.message_id.as_deref();
    let message = message.map(|id| key(&event.provider, id));
    item.made("message", message);
    item.made("problem", shard::problem(event));
    item.text("rfc_message_id", event.rfc_message_id.as_deref());
    item.text("subject", event.subject.as_deref());
    item.text("campaign", event.campaign.as_deref());
    item.tags(&event.tags);
    item.metadata(event);
    item.facts(&event.kind);
    item.number(
        "expires_at",
        expires_at(event.occurred_at.time(), retention_days),
    );
    item.headers(&event.headers);
    item.raw_as_sent(event.raw_as_sent.as_deref());
    item.raw(&event.raw);
    item.0
}

/// Returns when an event of this time may be forgotten, in Unix seconds. `None` means never.
#[must_use]
pub fn expires_at(occurred_at: Timestamp, retention_days: u32) -> Option<i64> {
    let seconds = i64::from(retention_days) * SECONDS_PER_DAY;
    (retention_days > 0).then(|| occurred_at.as_second() + seconds)
}

/// For how many days at least it is remembered what came first. A message waits 14 days in the
/// dead-letter queue, and 14 more after it was redriven.
const REMEMBERED_DAYS: u32 = 30;

/// Returns when a value that came first at this time may be forgotten, in Unix seconds. `None`
/// means never.
#[must_use]
pub fn remembered_until(first: Timestamp, retention_days: u32) -> Option<i64> {
    let days = retention_days.max(REMEMBERED_DAYS);
    expires_at(first, days).filter(|_| retention_days > 0)
}

/// The attributes with what an event says about its recipient. They must be the same in every copy
/// of an event that is not signed.
///
/// Not among them are who sent the event and what was sent with it: `source`, `raw`, `headers`,
/// `metadata`, `tags`.
const FACTS: &[&str] = &[
    "pk",
    "kind",
    "bounce_class",
    "bounce_category",
    "smtp_code",
    "enhanced_code",
    "reason",
    "url",
    "scope",
    "scope_id",
    "suppression_reason",
    "recipient_ambiguous",
];

/// Checks whether two items of one key say the same about their recipient. If the provider's text
/// is the same word for word, they do, even if an older version read it differently.
#[must_use]
pub fn says_the_same(one: &Item, other: &Item) -> bool {
    let is_same_text = one.contains_key("raw") && one.get("raw") == other.get("raw");
    is_same_text || FACTS.iter().all(|name| one.get(*name) == other.get(*name))
}

struct Attributes(Item);

impl Attributes {
    fn put(&mut self, name: &str, value: AttributeValue) {
        self.0.insert(name.to_owned(), value);
    }

    fn text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.put(name, AttributeValue::S(short(value)));
        }
    }

    /// Stores a text that was made for this item.
    fn made(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.put(name, AttributeValue::S(shortened(value)));
        }
    }

    /// Stores a flag only if it is true.
    fn flag(&mut self, name: &str, value: bool) {
        if value {
            self.put(name, AttributeValue::Bool(true));
        }
    }

    fn number(&mut self, name: &str, value: Option<i64>) {
        if let Some(value) = value {
            self.put(name, AttributeValue::N(value.to_string()));
        }
    }

    fn tags(&mut self, tags: &[String]) {
        let tags = tags.iter().filter(|tag| !tag.is_empty());
        let tags = tags.map(|tag| AttributeValue::S(short(tag)));
        let tags: Vec<AttributeValue> = bounded(tags, value_size).collect();
        if !tags.is_empty() {
            self.put("tags", AttributeValue::L(tags));
        }
    }

    fn metadata(&mut self, event: &Event) {
        let entries = event.metadata.iter().filter(|(name, _)| !name.is_empty());
        let entries = entries.map(|(name, value)| (short(name), scalar(value)));
        let entry_size = |(name, value): &(String, _)| name.len() + value_size(value);
        let entries: Item = bounded(entries, entry_size).collect();
        if !entries.is_empty() {
            self.put("metadata", AttributeValue::M(entries));
        }
    }

    fn headers(&mut self, headers: &BTreeMap<String, String>) {
        let entries = headers.iter().filter(|(name, _)| !name.is_empty());
        let entries = entries.map(|(name, value)| (name.clone(), AttributeValue::S(value.clone())));
        let entries: Item = entries.collect();
        if !entries.is_empty() && size(&entries) <= HEADERS_BYTES {
            self.put("headers", AttributeValue::M(entries));
        }
    }

    /// Adds the facts of the event's kind.
    fn facts(&mut self, kind: &Kind) {
        match kind {
            Kind::Bounced(refusal) => {
                self.text("bounce_class", Some(refusal.verdict.class.as_str()));
                self.refusal(refusal);
            }
            Kind::Rejected(refusal)
                if refusal.verdict.category == Category::SuppressedUnsubscribe =>
            {
                self.refusal(refusal);
                self.scope(&refusal.scope);
            }
            Kind::Deferred(refusal) | Kind::Rejected(refusal) | Kind::Failed(refusal) => {
                self.refusal(refusal);
            }
            Kind::Opened(machine) => self.machine(*machine),
            Kind::Clicked { url, machine } => {
                self.text("url", url.as_deref());
                self.machine(*machine);
            }
            Kind::Unsubscribed { scope, machine } => {
                self.scope(scope);
                self.machine(*machine);
            }
            Kind::Subscribed(scope) => self.scope(scope),
            Kind::SuppressionAdded(reason) | Kind::SuppressionRemoved(reason) => {
                self.text("suppression_reason", Some(reason.name()));
            }
            Kind::Queued
            | Kind::Sent
            | Kind::Delivered
            | Kind::Complained
            | Kind::Autoresponded
            | Kind::Converted
            | Kind::Replied
            | Kind::PreferencesChanged
            | Kind::Unknown => {}
        }
    }

    fn refusal(&mut self, refusal: &Refusal) {
        let verdict = &refusal.verdict;
        self.text("bounce_category", Some(verdict.category.as_str()));
        self.number("smtp_code", verdict.smtp_code.map(i64::from));
        let enhanced = verdict.enhanced_code.map(|code| code.to_string());
        self.text("enhanced_code", enhanced.as_deref());
        self.text("reason", refusal.reason.as_deref());
    }

    fn machine(&mut self, machine: Machine) {
        self.text("machine", Some(machine.name()));
        self.text("machine_why", machine.why());
    }

    fn scope(&mut self, scope: &Scope) {
        self.text("scope", Some(scope.name()));
        self.text("scope_id", scope.id());
    }

    /// Adds the bytes of an element that was not JSON, besides the text that it was repaired to. If
    /// they leave too little room for `raw`, their SHA-256 is stored instead.
    fn raw_as_sent(&mut self, sent: Option<&[u8]>) {
        let Some(sent) = sent else { return };
        self.flag("raw_repaired", true);
        if sent.len() <= ITEM_BYTES / 3 {
            self.put("raw_as_sent", AttributeValue::B(Blob::new(sent)));
        } else {
            self.text("raw_as_sent_sha256", Some(&sha256_hex(sent)));
        }
    }

    /// Adds `raw` as text. If the item would be too large for the table, `raw` is compressed (zlib,
    /// a binary attribute). If even that is too large, its size and SHA-256 are stored instead.
    fn raw(&mut self, raw: &str) {
        let rest = size(&self.0);
        if rest + raw.len() <= ITEM_BYTES {
            self.put("raw", AttributeValue::S(raw.to_owned()));
            return;
        }
        let packed = packed(raw).filter(|packed| rest + packed.len() <= ITEM_BYTES);
        if let Some(packed) = packed {
            self.put("raw", AttributeValue::B(Blob::new(packed)));
            return;
        }
        self.number("raw_bytes", i64::try_from(raw.len()).ok());
        self.text("raw_sha256", Some(&sha256_hex(raw.as_bytes())));
    }
}

/// Returns the first entries, as many as there is room for.
fn bounded<T>(
    entries: impl Iterator<Item = T>,
    size: impl Fn(&T) -> usize,
) -> impl Iterator<Item = T> {
    entries.take(ENTRIES).scan(0, move |bytes, entry| {
        *bytes += size(&entry);
        (*bytes <= ENTRIES_BYTES).then_some(entry)
    })
}

fn short(text: &str) -> String {
    if text.len() <= TEXT_CHARS {
        return text.to_owned(); // Text has no more characters than bytes.
    }
    text.chars().take(TEXT_CHARS).collect()
}

fn shortened(text: String) -> String {
    if text.len() <= TEXT_CHARS {
        return text;
    }
    short(&text)
}

/// Returns a scalar as it is. A nested value, or a number that DynamoDB might refuse, becomes its
/// JSON text.
fn scalar(value: &Value) -> AttributeValue {
    match value {
        Value::Bool(flag) => AttributeValue::Bool(*flag),
        Value::Number(number) if number.is_i64() => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(short(text)),
        other => AttributeValue::S(short(&other.to_string())),
    }
}

fn packed(raw: &str) -> Option<Vec<u8>> {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    zlib.write_all(raw.as_bytes()).ok()?;
    zlib.finish().ok()
}

/// Returns the size that DynamoDB counts, in bytes, rounded up (DynamoDB developer guide, "Item
/// sizes and formats").
#[must_use]
pub fn size(item: &Item) -> usize {
    item.iter()
        .map(|(name, value)| name.len() + value_size(value))
        .sum()
}

fn value_size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => digits.len().div_ceil(2) + 1,
        AttributeValue::B(blob) => blob.as_ref().len(),
        AttributeValue::L(list) => {
            3 + list
                .iter()
                .map(|value| 1 + value_size(value))
                .sum::<usize>()
        }
        AttributeValue::M(map) => 3 + map.len() + size(map),
        _ => 1,
    }
}
