//! One JSON object of a body, read leniently. If a field has an unexpected type, that field is
//! lost, but never the event.
//!
//! Fields stay unparsed until they are asked for. So a field that nobody asks for (deep nesting,
//! numbers beyond any type, lone surrogates) does no harm, and the element's text stays verbatim.
//!
//! A repeated key counts once, with its last value, as in most JSON readers.
//!
//! The reading is bounded: the first [`MOST_FIELDS`] fields of an object, and the first
//! [`MOST_ITEMS`] items of a nested list, one at a time. Nobody sends more, and `raw` has all of
//! it.

use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::json::{self, Items};

/// The most fields of an object that are read. They are the first ones.
pub const MOST_FIELDS: usize = 4_096;
/// The most items of a nested list that are looked at. It is one more than the events that a
/// webhook may make.
pub const MOST_ITEMS: usize = 10_001;
/// The most texts of a nested list that are kept.
pub const MOST_TEXTS: usize = 256;
/// The most further fields that are kept, in the order of their keys.
pub const MOST_OTHERS: usize = 256;

/// A JSON object.
pub struct Element<'a> {
    raw: &'a str,
    fields: Fields<'a>,
    sent: Option<&'a [u8]>,
}

/// The fields of an object, by their keys.
struct Fields<'a> {
    by_key: BTreeMap<Key<'a>, &'a RawValue>,
    /// Whether the object has more fields.
    is_cut: bool,
}

/// A key, in bytes. An escape may stand for half a surrogate pair, which is legal JSON but not
/// text. Such a key names no field of ours, but its object is still read.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a>(#[serde(borrow)] Cow<'a, [u8]>);

impl Borrow<[u8]> for Key<'_> {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;
        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let (mut by_key, mut is_cut) = (BTreeMap::new(), false);
                while let Some(key) = map.next_key::<Key<'de>>()? {
                    if by_key.len() < MOST_FIELDS || by_key.contains_key(&key) {
                        by_key.insert(key, map.next_value()?);
                    } else {
                        is_cut = true;
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Fields { by_key, is_cut })
            }
        }
        deserializer.deserialize_map(FieldsVisitor)
    }
}

impl<'a> Element<'a> {
    /// Reads an object. Returns `None` for any other JSON.
    #[must_use]
    pub fn parse(raw: &'a str) -> Option<Self> {
        let fields = serde_json::from_str(raw).ok()?;
        let sent = None;
        Some(Self { raw, fields, sent })
    }

    /// Returns the same element, with the bytes that its text was repaired from.
    #[must_use]
    pub fn repaired_from(self, sent: &'a [u8]) -> Self {
        let sent = (sent != self.raw.as_bytes()).then_some(sent);
        Self { sent, ..self }
    }

    fn field(&self, key: &str) -> Option<&'a RawValue> {
        self.fields.by_key.get(key.as_bytes()).copied()
    }

    /// Returns the object, verbatim. If it was not JSON, this is the text that it was repaired to.
    #[must_use]
    pub fn raw(&self) -> &'a str {
        self.raw
    }

    /// Returns the bytes that were sent, if they were not JSON and [`raw`](Self::raw) was repaired.
    #[must_use]
    pub fn sent(&self) -> Option<&'a [u8]> {
        self.sent
    }

    /// Returns a string that is not blank.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        text_of(self.field(key)?.get())
    }

    /// Returns a word of the provider's in lower case, or an empty text. So a comparison does not
    /// depend on how the provider writes it this year.
    #[must_use]
    pub fn word(&self, key: &str) -> String {
        let mut word = self.text(key).unwrap_or_default();
        word.make_ascii_lowercase();
        word
    }

    /// Returns an identifier: a string that is not blank, or a number, digit for digit.
    #[must_use]
    pub fn id(&self, key: &str) -> Option<String> {
        let json = self.field(key)?.get();
        if is_number(json) {
            Some(json.to_owned())
        } else {
            text_of(json)
        }
    }

    /// Returns a whole number. It may be written as a string, or with a fraction, which is cut.
    #[must_use]
    pub fn integer(&self, key: &str) -> Option<i64> {
        let digits = self.id(key)?;
        let digits = digits.trim();
        if let Ok(number) = digits.parse() {
            return Some(number);
        }
        let whole = digits.split_once('.').map(|(whole, fraction)| {
            (fraction.bytes().all(|b| b.is_ascii_digit())).then_some(whole)
        });
        whole.flatten()?.parse().ok()
    }

    /// Returns `true` or `false`, which may be written as a string.
    #[must_use]
    pub fn flag(&self, key: &str) -> Option<bool> {
        match self.field(key)?.get() {
            "true" | "\"true\"" => Some(true),
            "false" | "\"false\"" => Some(false),
            _ => None,
        }
    }

    /// Returns a nested object.
    #[must_use]
    pub fn object(&self, key: &str) -> Option<Element<'a>> {
        let object = Element::parse(self.field(key)?.get())?;
        let sent = self.sent.and_then(|sent| json::value_of(sent, key));
        Some(match sent {
            Some(sent) => object.repaired_from(sent),
            None => object,
        })
    }

    /// Returns the objects of a nested array, one at a time. Other items are skipped.
    pub fn objects(&self, key: &str) -> impl Iterator<Item = Element<'a>> + use<'a> {
        self.items(key).filter_map(Element::parse)
    }

    /// Returns the strings of a nested array that are not blank, the first [`MOST_TEXTS`]. Other
    /// items are skipped.
    #[must_use]
    pub fn texts(&self, key: &str) -> Vec<String> {
        let texts = self.items(key).filter_map(text_of);
        texts.take(MOST_TEXTS).collect()
    }

    /// Returns the items of a nested array. They are JSON, because the whole element was read as
    /// JSON.
    fn items(&self, key: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let value = self.field(key).map(RawValue::get);
        let list = value.filter(|json| json.starts_with('['));
        let items = list.and_then(|list| Items::of(list.as_bytes()));
        let items = items.into_iter().flatten().take(MOST_ITEMS);
        items.filter_map(|item| std::str::from_utf8(item).ok())
    }

    /// Returns the fields that are not among the known ones, the first [`MOST_OTHERS`] in the order
    /// of their keys. Null fields are left out.
    ///
    /// Scalars stay as they are. A number that a table would trim or refuse becomes a string with
    /// all of its digits. A nested value (or half a surrogate pair) becomes its JSON text.
    #[must_use]
    pub fn others(&self, known: &[&str]) -> BTreeMap<String, Value> {
        let name = |key: &Key<'_>| String::from_utf8(key.0.to_vec()).ok();
        let others = self.fields.by_key.iter().filter_map(|(key, value)| {
            let name = name(key).filter(|name| !known.contains(&name.as_str()))?;
            (value.get() != "null").then(|| (name, scalar(value.get())))
        });
        others.take(MOST_OTHERS).collect()
    }

    /// Returns every field but one, in the order of their keys. This is for an element in which one
    /// field changes between copies. If the element has more fields than are read, all of it is
    /// returned.
    #[must_use]
    pub fn without(&self, key: &str) -> String {
        if self.fields.is_cut {
            return self.raw.to_owned();
        }
        let others = self
            .fields
            .by_key
            .iter()
            .filter(|(name, _)| name.0 != key.as_bytes());
        let fields = others.map(|(name, value)| format!("{:?}:{}", name.0, value.get()));
        fields.collect::<Vec<_>>().join(",")
    }

    /// Checks whether the key is there with any value but null.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.field(key).is_some_and(|v| v.get() != "null")
    }
}

fn is_number(json: &str) -> bool {
    json.starts_with(|c: char| c == '-' || c.is_ascii_digit())
}

/// Returns a scalar as it is, and any other value as its JSON text.
///
/// A number stays one only if it is written back with the same digits: `19.90`, `1e400`, `-0` and
/// numbers of 20 digits become text.
fn scalar(json: &str) -> Value {
    if is_number(json) {
        let number = json.parse::<i64>().ok();
        let number = number.filter(|number| number.to_string() == json);
        return number.map_or_else(|| json.into(), Value::from);
    }
    let is_nested = json.starts_with(['{', '[']);
    let scalar = (!is_nested).then(|| serde_json::from_str(json).ok());
    let text = || string_of(json).map(Value::from);
    scalar
        .flatten()
        .or_else(text)
        .unwrap_or_else(|| json.into())
}

fn text_of(json: &str) -> Option<String> {
    string_of(json).filter(|text| !text.is_empty())
}

/// Reads a JSON string. Half a surrogate pair becomes U+FFFD, because an emoji that was cut in two
/// must not cost the text around it.
fn string_of(json: &str) -> Option<String> {
    let string = serde_json::from_str(json).ok();
    string.or_else(|| serde_json::from_str(&json::whole_pairs(json)?).ok())
}
