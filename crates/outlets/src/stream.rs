//! The event that Lambda passes of a DynamoDB stream, with the fields that are needed here, and its
//! answer. These are own types, because the ready-made ones bring twenty crates.
//!
//! Each record is read on its own, so that one that cannot be read hides no other.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use table::item::Item;
use table::keys::Key;

use crate::announce::{Change, Done};

/// How deep lists and maps may lie in each other. DynamoDB allows 32.
const DEPTH: usize = 40;

/// A batch.
#[derive(Deserialize)]
pub struct StreamEvent {
    /// Its records, in the order of the stream.
    #[serde(rename = "Records")]
    pub records: Vec<Value>,
}

/// One record of the stream.
pub struct Record {
    /// Its number, by which a failure is reported. A record without one has an empty text.
    pub sequence_number: String,
    /// The key of the item that changed, if it can be read.
    pub key: Option<Key>,
    /// What has changed, if it can be read.
    pub change: Option<Change>,
}

impl Record {
    /// Reads a record. What cannot be read of it is left out.
    #[must_use]
    pub fn of(mut record: Value) -> Self {
        let done = done(&take(&mut record, "eventName"));
        let mut part = take(&mut record, "dynamodb");
        let keys = image(take(&mut part, "Keys")).unwrap_or_default();
        let old = image(take(&mut part, "OldImage"));
        let new = image(take(&mut part, "NewImage"));
        let change = match (done, old, new) {
            (Some(done), Ok(old), Ok(new)) => Some(Change { done, old, new }),
            _ => None,
        };
        Self {
            sequence_number: number_of(take(&mut part, "SequenceNumber")),
            key: keys.as_ref().and_then(key_of),
            change,
        }
    }
}

/// Takes a member of an object. It is null if there is none.
fn take(value: &mut Value, name: &str) -> Value {
    value.get_mut(name).map(Value::take).unwrap_or_default()
}

fn done(name: &Value) -> Option<Done> {
    match name.as_str()? {
        "INSERT" => Some(Done::Inserted),
        "MODIFY" => Some(Done::Modified),
        "REMOVE" => Some(Done::Removed),
        _ => None,
    }
}

fn number_of(number: Value) -> String {
    match number {
        Value::String(digits) => digits,
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

fn key_of(keys: &Item) -> Option<Key> {
    let text = |name| Some(keys.get(name)?.as_s().ok()?.clone());
    Some((text("pk")?, text("sk")?))
}

/// An image is not what DynamoDB writes.
struct Unreadable;

/// Reads an image, which a record may not have.
fn image(image: Value) -> Result<Option<Item>, Unreadable> {
    match image {
        Value::Null => Ok(None),
        Value::Object(map) => attributes(map, DEPTH).map(Some).ok_or(Unreadable),
        _ => Err(Unreadable),
    }
}

fn attributes(map: serde_json::Map<String, Value>, depth: usize) -> Option<Item> {
    let read = |(name, value)| Some((name, attribute(value, depth)?));
    map.into_iter().map(read).collect()
}

/// Reads an attribute: an object with one entry, whose name is the type.
fn attribute(value: Value, depth: usize) -> Option<AttributeValue> {
    let depth = depth.checked_sub(1)?;
    let Value::Object(map) = value else {
        return None;
    };
    let mut entries = map.into_iter();
    let (Some((kind, value)), None) = (entries.next(), entries.next()) else {
        return None;
    };
    Some(match (kind.as_str(), value) {
        ("S", Value::String(text)) => AttributeValue::S(text),
        ("N", Value::String(digits)) => AttributeValue::N(digits),
        ("B", Value::String(text)) => AttributeValue::B(blob(&text)?),
        ("BOOL", Value::Bool(flag)) => AttributeValue::Bool(flag),
        ("NULL", Value::Bool(flag)) => AttributeValue::Null(flag),
        ("L", Value::Array(list)) => {
            let list = list.into_iter().map(|value| attribute(value, depth));
            AttributeValue::L(list.collect::<Option<_>>()?)
        }
        ("M", Value::Object(map)) => AttributeValue::M(attributes(map, depth)?),
        ("SS", list) => AttributeValue::Ss(texts(list)?),
        ("NS", list) => AttributeValue::Ns(texts(list)?),
        ("BS", list) => {
            let blobs = texts(list)?.into_iter().map(|text| blob(&text));
            AttributeValue::Bs(blobs.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

fn texts(list: Value) -> Option<Vec<String>> {
    let Value::Array(list) = list else {
        return None;
    };
    let text = |value| match value {
        Value::String(text) => Some(text),
        _ => None,
    };
    list.into_iter().map(text).collect()
}

fn blob(base64: &str) -> Option<Blob> {
    STANDARD.decode(base64).ok().map(Blob::new)
}

/// The answer to a batch (`ReportBatchItemFailures`). Of a stream, everything from the lowest
/// failed record on comes again.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamAnswer {
    /// The first record that failed, if one did.
    pub batch_item_failures: Vec<FailedRecord>,
}

/// A record that failed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FailedRecord {
    /// The record's sequence number. A blank or unknown one would fail the whole batch.
    pub item_identifier: String,
}

impl StreamAnswer {
    /// Returns the answer to a batch of which everything from this record on failed, if any did.
    #[must_use]
    pub fn from(sequence_number: Option<String>) -> Self {
        let failed = sequence_number.map(|item_identifier| FailedRecord { item_identifier });
        Self {
            batch_item_failures: failed.into_iter().collect(),
        }
    }
}

/// Returns an item as the stream writes it, for tests and stand-ins.
#[must_use]
pub fn image_of(item: &Item) -> Value {
    let typed = item
        .iter()
        .map(|(name, value)| (name.clone(), typed(value)));
    Value::Object(typed.collect())
}

fn typed(value: &AttributeValue) -> Value {
    let (kind, value) = match value {
        AttributeValue::S(text) => ("S", text.clone().into()),
        AttributeValue::N(digits) => ("N", digits.clone().into()),
        AttributeValue::B(blob) => ("B", STANDARD.encode(blob).into()),
        AttributeValue::Bool(flag) => ("BOOL", (*flag).into()),
        AttributeValue::L(list) => ("L", list.iter().map(typed).collect()),
        AttributeValue::M(map) => ("M", image_of(map)),
        AttributeValue::Ss(texts) => ("SS", texts.clone().into()),
        AttributeValue::Ns(digits) => ("NS", digits.clone().into()),
        AttributeValue::Bs(blobs) => (
            "BS",
            blobs.iter().map(|blob| STANDARD.encode(blob)).collect(),
        ),
        _ => ("NULL", true.into()),
    };
    Value::Object([(kind.to_owned(), value)].into_iter().collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::json;

    use super::*;

    fn record(record: &Value) -> Record {
        Record::of(record.clone())
    }

    fn inserted(new: &Value) -> Option<Item> {
        let record = record(&json!({
            "eventName": "INSERT",
            "dynamodb": {"SequenceNumber": "7", "NewImage": new},
        }));
        record.change?.new
    }

    fn every_type() -> Item {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let blob = |bytes: &[u8]| Blob::new(bytes);
        HashMap::from([
            ("pk".to_owned(), text("email#kim@mail.test")),
            ("n".to_owned(), AttributeValue::N("-12.5".to_owned())),
            ("b".to_owned(), AttributeValue::B(blob(b"\x00\xff"))),
            ("bool".to_owned(), AttributeValue::Bool(false)),
            ("null".to_owned(), AttributeValue::Null(true)),
            (
                "l".to_owned(),
                AttributeValue::L(vec![text("é"), AttributeValue::L(Vec::new())]),
            ),
            (
                "m".to_owned(),
                AttributeValue::M(HashMap::from([(String::new(), text(""))])),
            ),
            ("ss".to_owned(), AttributeValue::Ss(vec!["a".to_owned()])),
            ("ns".to_owned(), AttributeValue::Ns(vec!["1".to_owned()])),
            ("bs".to_owned(), AttributeValue::Bs(vec![blob(b"x")])),
        ])
    }

    #[test]
    fn every_type_of_attribute_is_read_as_it_was_written() {
        assert_eq!(inserted(&image_of(&every_type())), Some(every_type()));
    }

    #[test]
    fn a_record_has_its_number_its_key_and_both_images() {
        let image = |word: &str| json!({"pk": {"S": "p"}, "kind": {"S": word}});
        let record = record(&json!({
            "eventID": "1", "eventSource": "aws:dynamodb", "eventName": "MODIFY",
            "dynamodb": {
                "Keys": {"pk": {"S": "p"}, "sk": {"S": "s"}},
                "SequenceNumber": "4421584500000000017450439091",
                "OldImage": image("opened"), "NewImage": image("clicked"),
                "SizeBytes": 26, "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
        }));
        assert_eq!(record.sequence_number, "4421584500000000017450439091");
        assert_eq!(record.key, Some(("p".to_owned(), "s".to_owned())));
        let change = record.change.unwrap();
        assert_eq!(change.done, Done::Modified);
        let kind = |item: Option<Item>| table::read::text(&item.unwrap(), "kind").to_owned();
        assert_eq!(
            (kind(change.old), kind(change.new)),
            ("opened".into(), "clicked".into())
        );
    }

    #[test]
    fn what_is_no_attribute_makes_its_record_unreadable_and_no_other() {
        let mut deep = json!({"S": "x"});
        for _ in 0..DEPTH {
            deep = json!({"L": [deep]});
        }
        for hostile in [
            json!({"S": 1}),
            json!({"N": 1}),
            json!({"B": "no base64!"}),
            json!({"BOOL": "true"}),
            json!({"L": {}}),
            json!({"L": [{"S": "x"}, "x"]}),
            json!({"M": []}),
            json!({"SS": ["x", 1]}),
            json!({"BS": ["?"]}),
            json!({"X": "x"}),
            json!({"S": "x", "N": "1"}),
            json!({}),
            json!([]),
            json!("x"),
            Value::Null,
            deep,
        ] {
            let image = json!({"pk": {"S": "p"}, "hostile": hostile});
            assert_eq!(inserted(&image), None, "{hostile}");
        }
        let records = json!({"Records": [null, 1, "x", [], {}, {"dynamodb": 3},
            {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "9", "NewImage": []}},
            {"eventName": "TRUNCATE", "dynamodb": {"SequenceNumber": "9"}},
            {"eventName": "INSERT", "dynamodb": {"SequenceNumber": 9, "NewImage": {}}}]});
        let event: StreamEvent = serde_json::from_value(records).unwrap();
        let read: Vec<Record> = event.records.into_iter().map(Record::of).collect();
        let readable: Vec<bool> = read.iter().map(|record| record.change.is_some()).collect();
        assert_eq!(
            readable,
            [false, false, false, false, false, false, false, false, true]
        );
        assert_eq!(read.last().unwrap().sequence_number, "9");
    }

    #[test]
    fn an_answer_names_the_first_record_that_failed() {
        let text = |answer| serde_json::to_string(&answer).unwrap();
        assert_eq!(
            text(StreamAnswer::from(None)),
            r#"{"batchItemFailures":[]}"#
        );
        assert_eq!(
            text(StreamAnswer::from(Some("7".to_owned()))),
            r#"{"batchItemFailures":[{"itemIdentifier":"7"}]}"#
        );
    }
}
