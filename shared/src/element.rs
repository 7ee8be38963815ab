//! One JSON object of a body, read leniently: a field of an unexpected type costs that field, never the event.
//!
//! Fields stay unparsed until they are asked for, so that what nobody asks for (deep nesting, numbers beyond any type, lone
//! surrogates) can do no harm, and the element's text stays verbatim. A repeated key counts once, with its last value, as
//! in most JSON readers.

use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::delivery::Delivery;
use crate::event::Event;
use crate::provider::Malformed;
use crate::speed;

/// A JSON object.
pub struct Element<'a> {
    raw: &'a str,
    fields: BTreeMap<Key<'a>, &'a RawValue>,
}

/// A key, in bytes: an escape may stand for half a surrogate pair, which is legal JSON and no text. It names no field of
/// ours, and its object is an object all the same.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a>(#[serde(borrow)] Cow<'a, [u8]>);

impl Borrow<[u8]> for Key<'_> {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

/// The most elements that are normalized at once: more are worked off in pieces, so that a webhook of a million costs no
/// memory to speak of. Ten times what any provider sends.
pub const PART_ELEMENTS: usize = 1_000;

/// A delivery whose array has more than [`PART_ELEMENTS`] elements in pieces that have no more, each element verbatim; any other
/// delivery as it is.
#[must_use]
pub fn parts(delivery: &Delivery) -> Vec<Cow<'_, Delivery>> {
    // Only an array, whose elements and commas have at least two bytes: a large object is not read twice.
    let is_array = delivery.body().trim_ascii_start().starts_with(b"[");
    let may_be_long = is_array && delivery.body().len() > 2 * PART_ELEMENTS;
    let elements = may_be_long.then(|| split(delivery.body()).ok()).flatten();
    match elements {
        Some(elements) if elements.len() > PART_ELEMENTS => elements
            .chunks(PART_ELEMENTS)
            .map(|piece| {
                let body = format!("[{}]", piece.join(",")).into_bytes();
                Cow::Owned(delivery.with_body(body))
            })
            .collect(),
        _ => vec![Cow::Borrowed(delivery)],
    }
}

/// Normalizes each element of a delivery: the one object, or every element of the array.
pub fn each(
    delivery: &Delivery,
    events: impl Fn(&Element<'_>, &Delivery) -> Vec<Event>,
) -> Vec<Result<Event, Malformed>> {
    if delivery.is_ping() {
        return Vec::new();
    }
    let elements = match split(delivery.body()) {
        Ok(elements) => elements,
        Err(malformed) => return vec![Err(malformed)],
    };
    let mut results: Vec<Result<Event, Malformed>> = elements
        .into_iter()
        .flat_map(|raw| match Element::parse(raw) {
            Some(element) => events(&element, delivery).into_iter().map(Ok).collect(),
            None => vec![Err(Malformed::ElementNotObject)],
        })
        .collect();
    speed::judge(&mut results);
    results
}

/// The texts of the elements, verbatim.
fn split(body: &[u8]) -> Result<Vec<&str>, Malformed> {
    let text = std::str::from_utf8(body).map_err(|_| Malformed::BodyNotJson)?;
    let value: &RawValue = serde_json::from_str(text).map_err(|_| Malformed::BodyNotJson)?;
    match value.get().as_bytes().first() {
        Some(b'{') => Ok(vec![value.get()]),
        Some(b'[') => serde_json::from_str::<Vec<&RawValue>>(value.get())
            .map(|elements| elements.into_iter().map(RawValue::get).collect())
            .map_err(|_| Malformed::BodyNotJson),
        _ => Err(Malformed::BodyNotObject),
    }
}

impl<'a> Element<'a> {
    /// Reads an object; `None` for any other JSON.
    #[must_use]
    pub fn parse(raw: &'a str) -> Option<Self> {
        let fields = serde_json::from_str(raw).ok()?;
        Some(Self { raw, fields })
    }

    fn field(&self, key: &str) -> Option<&'a RawValue> {
        self.fields.get(key.as_bytes()).copied()
    }

    /// The object, verbatim.
    #[must_use]
    pub fn raw(&self) -> &'a str {
        self.raw
    }

    /// A string with something in it.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        text_of(self.field(key)?)
    }

    /// An identifier: a string with something in it, or a number, digit for digit.
    #[must_use]
    pub fn id(&self, key: &str) -> Option<String> {
        let value = self.field(key)?;
        let json = value.get();
        let is_number = json.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        if is_number {
            Some(json.to_owned())
        } else {
            text_of(value)
        }
    }

    /// A whole number, also one that is written as a string or with a fraction (which is cut).
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

    /// `true` or `false`, also as a string.
    #[must_use]
    pub fn flag(&self, key: &str) -> Option<bool> {
        match self.field(key)?.get() {
            "true" | "\"true\"" => Some(true),
            "false" | "\"false\"" => Some(false),
            _ => None,
        }
    }

    /// A nested object.
    #[must_use]
    pub fn object(&self, key: &str) -> Option<Element<'a>> {
        Element::parse(self.field(key)?.get())
    }

    /// The objects of a nested array; what is not an object there is passed over.
    #[must_use]
    pub fn objects(&self, key: &str) -> Vec<Element<'a>> {
        let elements: Option<Vec<&'a RawValue>> = self
            .field(key)
            .and_then(|value| serde_json::from_str(value.get()).ok());
        elements
            .unwrap_or_default()
            .into_iter()
            .filter_map(|value| Element::parse(value.get()))
            .collect()
    }

    /// The strings of a nested array that have something in them; what is no string there is passed over.
    #[must_use]
    pub fn texts(&self, key: &str) -> Vec<String> {
        let elements: Option<Vec<&'a RawValue>> = self
            .field(key)
            .and_then(|value| serde_json::from_str(value.get()).ok());
        let elements = elements.unwrap_or_default();
        elements.into_iter().filter_map(text_of).collect()
    }

    /// The fields that are not among the known ones: scalars as they are, what is nested (or is no value of ours: a number
    /// beyond any type, half a surrogate pair) as its JSON text; not what is null.
    #[must_use]
    pub fn others(&self, known: &[&str]) -> BTreeMap<String, Value> {
        let name = |key: &Key<'_>| String::from_utf8(key.0.to_vec()).ok();
        let others = self.fields.iter().filter_map(|(key, value)| {
            let name = name(key).filter(|name| !known.contains(&name.as_str()))?;
            (value.get() != "null").then(|| (name, scalar(value)))
        });
        others.collect()
    }

    /// Every field but one, in the order of their keys: what is left of an element whose one field changes between copies.
    #[must_use]
    pub fn without(&self, key: &str) -> String {
        let others = self
            .fields
            .iter()
            .filter(|(name, _)| name.0 != key.as_bytes());
        let fields = others.map(|(name, value)| format!("{:?}:{}", name.0, value.get()));
        fields.collect::<Vec<_>>().join(",")
    }

    /// Whether the key is there, with any value but null.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.field(key).is_some_and(|v| v.get() != "null")
    }
}

/// A scalar as it is; what is nested, and what is no value of ours, as its JSON text.
fn scalar(value: &RawValue) -> Value {
    let json = value.get();
    let is_nested = json.starts_with(['{', '[']);
    let scalar = (!is_nested).then(|| serde_json::from_str(json).ok());
    scalar.flatten().unwrap_or_else(|| json.into())
}

fn text_of(value: &RawValue) -> Option<String> {
    let text: String = serde_json::from_str(value.get()).ok()?;
    (!text.is_empty()).then_some(text)
}
