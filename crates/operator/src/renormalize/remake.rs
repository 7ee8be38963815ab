//! Rebuilds one stored event. This is a pure function of the event's item and this checkout's
//! providers.
//!
//! An event was made from `raw`, the kept headers and the provider's name. Two things are taken
//! from the item instead: the time of an event that has none of its own, and a verdict of speed,
//! which came from the event's neighbours in its webhook.

use std::collections::BTreeMap;
use std::io::Read as _;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use registry::Poison;
use serde_json::json;
use shared::delivery::MAX_BODY;
use shared::event::{Event, Kind, SCHEMA};
use shared::machine::{Machine, Why};
use shared::operator;
use shared::time::from_rfc3339;
use table::item::{Item, item};
use table::keys::{Key, partition_key, sort_key};
use table::read::text;

const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// Why an item stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Left {
    /// The `raw` did not fit into the item, which has its size and SHA-256 instead.
    #[error("raw was too large to be kept")]
    RawNotKept,
    /// The `raw` is not what a consumer writes.
    #[error("raw cannot be read")]
    RawUnreadable,
    /// The provider needs headers, and the item has none.
    #[error("the headers that the provider needs were not kept")]
    HeadersNotKept,
    /// A later version of Postern wrote the item.
    #[error("written by a later version")]
    SchemaUnknown,
    /// This checkout has no such provider.
    #[error("of a provider that this version does not have")]
    ProviderUnknown,
    /// This checkout finds no event in `raw`.
    #[error("no event in raw any more: a defect of this version")]
    NoEvent,
    /// This checkout's parser panicked.
    #[error("the parser panicked: a defect of this version")]
    Panicked,
    /// The new key holds another event, which has to be moved first.
    #[error("the new key is another event's, which moves, too: run it again")]
    KeyInUse,
}

impl Left {
    /// Returns the stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::RawNotKept => "raw_not_kept",
            Self::RawUnreadable => "raw_unreadable",
            Self::HeadersNotKept => "headers_not_kept",
            Self::SchemaUnknown => "schema_unknown",
            Self::ProviderUnknown => "provider_unknown",
            Self::NoEvent => "no_event",
            Self::Panicked => "normalize_panicked",
            Self::KeyInUse => "key_in_use",
        }
    }
}

/// Returns the events that this checkout makes of a stored one.
pub(super) fn remake(before: &Item) -> Result<Vec<Event>, Left> {
    let schema = text(before, "schema").parse::<u8>();
    if schema.is_ok_and(|schema| schema > SCHEMA) {
        return Err(Left::SchemaUnknown);
    }
    if text(before, "provider") == operator::PROVIDER {
        return of_operator(before).map(|event| vec![event]);
    }
    let provider = registry::provider(text(before, "provider")).ok_or(Left::ProviderUnknown)?;
    let raw = raw(before)?;
    let headers = headers(before);
    if headers.is_empty() && !provider.signed_headers().is_empty() {
        return Err(Left::HeadersNotKept);
    }
    let stored_at = occurred_at(before).ok_or(Left::RawUnreadable)?;
    let source = before.get("source").and_then(|source| source.as_s().ok());
    let message = json!({
        "v": 1, "provider": provider.name(), "source": source, "received_at": stored_at.as_millisecond(),
        "headers": headers, "encoding": "text", "body": provider.element_of(&raw),
    });
    let normalized = registry::normalize(&message.to_string()).map_err(|poison| match poison {
        Poison::Panicked => Left::Panicked,
        Poison::ProviderUnknown | Poison::Delivery(_) | Poison::TokenWithoutEvent => {
            Left::RawUnreadable
        }
    })?;
    if normalized.events.is_empty() || !normalized.malformed.is_empty() {
        return Err(Left::NoEvent);
    }
    let mut events = normalized.events;
    // If several events had one id of the provider, each event's text was part of its own id, too.
    let id = text(before, "id");
    for event in &mut events {
        let own = event.id.told_apart_by(&event.raw);
        if own.as_str() == id {
            event.id = own;
        }
    }
    if text(before, "machine_why") == "speed" {
        events.iter_mut().for_each(keep_verdict_of_speed);
    }
    Ok(events)
}

/// Returns the operator's own event. It was never in a queue, and is made of its words alone.
fn of_operator(before: &Item) -> Result<Event, Left> {
    let (raw, stored_at) = (raw(before)?, occurred_at(before));
    let event = stored_at.and_then(|stored_at| operator::event(&raw, stored_at));
    event.ok_or(Left::RawUnreadable)
}

/// Returns when the stored event occurred, which is the first part of its sort key.
pub(super) fn occurred_at(before: &Item) -> Option<Timestamp> {
    from_rfc3339(text(before, "sk").split('#').next()?)
}

/// Returns the text of the element, unpacked if it was compressed. It never unpacks to more than a
/// webhook may have.
fn raw(before: &Item) -> Result<String, Left> {
    let mut raw = String::new();
    match before.get("raw") {
        Some(AttributeValue::S(text)) => raw.push_str(text),
        Some(AttributeValue::B(packed)) => {
            let unpacked = flate2::read::ZlibDecoder::new(packed.as_ref());
            let read = unpacked.take(MAX_BODY as u64).read_to_string(&mut raw);
            read.map_err(|_| Left::RawUnreadable)?;
        }
        Some(_) => return Err(Left::RawUnreadable),
        None => return Err(Left::RawNotKept),
    }
    Ok(raw)
}

fn headers(before: &Item) -> BTreeMap<&str, &str> {
    let headers = before
        .get("headers")
        .and_then(|headers| headers.as_m().ok());
    let pairs = headers.into_iter().flatten();
    pairs
        .filter_map(|(name, value)| Some((name.as_str(), value.as_s().ok()?.as_str())))
        .collect()
}

/// Restores the verdict of speed. The neighbours that gave the event away are other items now, or
/// gone.
fn keep_verdict_of_speed(event: &mut Event) {
    if let Kind::Opened(machine @ Machine::None)
    | Kind::Clicked {
        machine: machine @ Machine::None,
        ..
    }
    | Kind::Unsubscribed {
        machine: machine @ Machine::None,
        ..
    } = &mut event.kind
    {
        *machine = Machine::Suspected(Why::Speed);
    }
}

/// Returns the key of an event's item.
pub(super) fn key(event: &Event) -> Key {
    (partition_key(event), sort_key(event))
}

/// Returns the item of an event that takes the place of a stored one. It has the same retention and
/// source, and its `raw` stays packed as it was.
pub(super) fn successor(before: &Item, event: &Event) -> Item {
    let mut after = item(event, retention_days(before));
    // `raw` does not have the label of the key that signed it. If the same event came with two
    // labels, it is one item with the last one's label.
    match before.get("source") {
        Some(source) => after.insert("source".to_owned(), source.clone()),
        None => after.remove("source"),
    };
    // These keep what `raw` was repaired from, which no parser sees any more.
    for name in ["raw_repaired", "raw_as_sent", "raw_as_sent_sha256"] {
        after.extend(
            before
                .get(name)
                .map(|value| (name.to_owned(), value.clone())),
        );
    }
    if let (Some(AttributeValue::B(_)), Some(packed @ AttributeValue::B(_))) =
        (after.get("raw"), before.get("raw"))
    {
        after.insert("raw".to_owned(), packed.clone());
    }
    after
}

/// Returns for how many days the item was to be kept. 0 means for ever.
pub(super) fn retention_days(before: &Item) -> u32 {
    let expires_at = text(before, "expires_at").parse::<i64>().ok();
    let days = expires_at
        .zip(occurred_at(before))
        .map(|(expires_at, at)| (expires_at - at.as_second()).max(1));
    let days = days.map(|seconds| (seconds + SECONDS_PER_DAY - 1) / SECONDS_PER_DAY);
    days.and_then(|days| u32::try_from(days).ok())
        .unwrap_or_default()
}
