//! Writes the JSON of a `BatchWriteItem` straight from what is to be written.
//!
//! The SDK would clone every item into types of its own first. Most of a large batch's time went
//! there (docs/performance.md). Retries, the signature and the endpoint are still the SDK's: this
//! JSON replaces the body of its request before it is signed.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{Error as _, SerializeMap as _};
use serde::{Serialize, Serializer};

use crate::item::Item;
use crate::keys;

/// What to write for each key: the item to put, or `None` for a deletion.
pub(super) type Writes = BTreeMap<keys::Key, Option<Item>>;

/// Returns the JSON of a request that does these writes in this table.
///
/// # Errors
/// Returns an error if an attribute is of a type that the SDK does not know. The SDK could not
/// write it, either.
pub(super) fn json(table: &str, writes: &Writes) -> Result<Vec<u8>, serde_json::Error> {
    let writes = Single("RequestItems", Single(table, Requests(writes)));
    serde_json::to_vec(&writes)
}

/// An object of one field.
struct Single<'a, T>(&'a str, T);

impl<T: Serialize> Serialize for Single<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(1))?;
        object.serialize_entry(self.0, &self.1)?;
        object.end()
    }
}

struct Requests<'a>(&'a Writes);

impl Serialize for Requests<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(key, item)| match item {
            Some(item) => Request::Put(Single("Item", Attributes(item))),
            None => Request::Delete(Single("Key", Key::of(key))),
        }))
    }
}

#[derive(Serialize)]
enum Request<'a> {
    #[serde(rename = "PutRequest")]
    Put(Single<'a, Attributes<'a>>),
    #[serde(rename = "DeleteRequest")]
    Delete(Single<'a, Key<'a>>),
}

#[derive(Serialize)]
struct Key<'a> {
    pk: Text<'a>,
    sk: Text<'a>,
}

impl<'a> Key<'a> {
    fn of((pk, sk): &'a keys::Key) -> Self {
        let [pk, sk] = [pk, sk].map(|text| Text { text });
        Self { pk, sk }
    }
}

#[derive(Serialize)]
struct Text<'a> {
    #[serde(rename = "S")]
    text: &'a str,
}

struct Attributes<'a>(&'a Item);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, Value(value))))
    }
}

struct Value<'a>(&'a AttributeValue);

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(1))?;
        match self.0 {
            AttributeValue::S(text) => object.serialize_entry("S", text)?,
            AttributeValue::N(digits) => object.serialize_entry("N", digits)?,
            AttributeValue::B(bytes) => object.serialize_entry("B", &Bytes(bytes.as_ref()))?,
            AttributeValue::Bool(flag) => object.serialize_entry("BOOL", flag)?,
            AttributeValue::Null(flag) => object.serialize_entry("NULL", flag)?,
            AttributeValue::L(list) => object.serialize_entry("L", &List(list))?,
            AttributeValue::M(map) => object.serialize_entry("M", &Attributes(map))?,
            AttributeValue::Ss(texts) => object.serialize_entry("SS", texts)?,
            AttributeValue::Ns(numbers) => object.serialize_entry("NS", numbers)?,
            AttributeValue::Bs(blobs) => object.serialize_entry("BS", &Blobs(blobs))?,
            _ => return Err(S::Error::custom("an attribute of an unknown type")),
        }
        object.end()
    }
}

struct List<'a>(&'a [AttributeValue]);

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Value))
    }
}

struct Blobs<'a>(&'a [Blob]);

impl Serialize for Blobs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|blob| Bytes(blob.as_ref())))
    }
}

struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(self.0, &STANDARD))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const TEXT: &str = "a \"quote\", a \\, a line\nand \u{1} and \u{1f4a1}";

    fn of(value: AttributeValue) -> serde_json::Value {
        let item = HashMap::from([("name".to_owned(), value)]);
        let key = ("email#kim@mail.test".to_owned(), "2026".to_owned());
        let json = json("Events", &Writes::from([(key, Some(item))])).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        json["RequestItems"]["Events"][0]["PutRequest"]["Item"]["name"].clone()
    }

    #[test]
    fn every_type_has_its_letters() {
        let blob = || Blob::new([0xff, 0x00, 0x3e]);
        let text = || AttributeValue::S(TEXT.to_owned());
        let texts = vec!["a".to_owned(), "b".to_owned()];
        let map = HashMap::from([("in".to_owned(), text())]);
        let list = vec![text(), AttributeValue::Bool(true)];
        for (value, wanted) in [
            (text(), serde_json::json!({ "S": TEXT })),
            (
                AttributeValue::N("1.5".to_owned()),
                serde_json::json!({"N": "1.5"}),
            ),
            (AttributeValue::B(blob()), serde_json::json!({"B": "/wA+"})),
            (
                AttributeValue::Bool(false),
                serde_json::json!({"BOOL": false}),
            ),
            (
                AttributeValue::Null(true),
                serde_json::json!({"NULL": true}),
            ),
            (
                AttributeValue::L(list),
                serde_json::json!({"L": [{"S": TEXT}, {"BOOL": true}]}),
            ),
            (
                AttributeValue::M(map),
                serde_json::json!({"M": {"in": {"S": TEXT}}}),
            ),
            (
                AttributeValue::Ss(texts.clone()),
                serde_json::json!({"SS": ["a", "b"]}),
            ),
            (
                AttributeValue::Ns(vec!["7".to_owned()]),
                serde_json::json!({"NS": ["7"]}),
            ),
            (
                AttributeValue::Bs(vec![blob()]),
                serde_json::json!({"BS": ["/wA+"]}),
            ),
        ] {
            assert_eq!(of(value), wanted);
        }
    }

    #[test]
    fn puts_and_deletions_stand_in_one_list() {
        let item = HashMap::from([("n".to_owned(), AttributeValue::N("1".to_owned()))]);
        let writes = Writes::from([
            (("a".to_owned(), "b".to_owned()), Some(item)),
            (("c".to_owned(), "d\"".to_owned()), None),
        ]);
        let json = String::from_utf8(json("Events", &writes).unwrap()).unwrap();
        assert_eq!(
            json,
            r#"{"RequestItems":{"Events":[{"PutRequest":{"Item":{"n":{"N":"1"}}}},{"DeleteRequest":{"Key":{"pk":{"S":"c"},"sk":{"S":"d\""}}}}]}}"#
        );
    }
}
