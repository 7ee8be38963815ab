//! Reads a body strictly: one JSON object, each field known and there once.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::field::{Fault, Field};
use super::refusal::Refusal;

/// The fields of a body, not yet read.
pub(super) struct Object(Vec<(Field, Box<RawValue>)>);

/// The pairs of an object in their order, repeated names among them.
struct Pairs<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Reader<T> {
            type Value = Pairs<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Reader(std::marker::PhantomData))
    }
}

impl Object {
    /// Reads a body that may have these fields.
    pub(super) fn read(body: &[u8], allowed: &[Field]) -> Result<Self, Refusal> {
        let pairs: Pairs<Box<RawValue>> =
            serde_json::from_slice(body).map_err(|_| Refusal::NotJson)?;
        let mut fields: Vec<(Field, Box<RawValue>)> = Vec::with_capacity(pairs.0.len());
        for (name, value) in pairs.0 {
            let field = Field::of(&name).filter(|field| allowed.contains(field));
            let field = field.ok_or(Refusal::UnknownField)?;
            if fields.iter().any(|(other, _)| *other == field) {
                return Err(Refusal::Field(field, Fault::Repeated));
            }
            fields.push((field, value));
        }
        Ok(Self(fields))
    }

    /// Checks whether the body has no field.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns a field, if it is there. `null` is no value of any type.
    pub(super) fn field<T: DeserializeOwned>(&self, field: Field) -> Result<Option<T>, Refusal> {
        let value = self.0.iter().find(|(other, _)| *other == field);
        value.map(|(_, value)| read(field, value)).transpose()
    }

    /// Returns a field, if it is there and not `null`.
    pub(super) fn optional<T: DeserializeOwned>(&self, field: Field) -> Result<Option<T>, Refusal> {
        let value = self.0.iter().find(|(other, _)| *other == field);
        let value = value.filter(|(_, value)| value.get() != "null");
        value.map(|(_, value)| read(field, value)).transpose()
    }

    /// Returns a field that must be there.
    pub(super) fn needed<T: DeserializeOwned>(&self, field: Field) -> Result<T, Refusal> {
        let value = self.field(field)?;
        value.ok_or(Refusal::Field(field, Fault::Missing))
    }

    /// Returns the pairs of a field that is an object of texts, if it is there and not `null`.
    pub(super) fn texts(&self, field: Field) -> Result<Option<Vec<(String, String)>>, Refusal> {
        let value = self.0.iter().find(|(other, _)| *other == field);
        let value = value.filter(|(_, value)| value.get() != "null");
        let pairs = value.map(|(_, value)| {
            let pairs: Result<Pairs<String>, _> = serde_json::from_str(value.get());
            pairs.map_err(|_| Refusal::Field(field, Fault::Unreadable))
        });
        Ok(pairs.transpose()?.map(|pairs| pairs.0))
    }
}

/// Reads a value. The JSON error is dropped, because it could quote a part of it.
fn read<T: DeserializeOwned>(field: Field, value: &RawValue) -> Result<T, Refusal> {
    serde_json::from_str(value.get()).map_err(|_| Refusal::Field(field, Fault::Unreadable))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[Field] = &[Field::Url, Field::Active, Field::Headers];

    fn refused(body: &[u8]) -> &'static str {
        Object::read(body, FIELDS).map(|_| ()).unwrap_err().code()
    }

    #[test]
    fn a_body_is_one_json_object_and_nothing_after_it() {
        for body in [
            &b""[..],
            b" ",
            b"{",
            b"[]",
            b"null",
            b"7",
            b"\"url\"",
            b"{} {}",
            b"{}x",
            b"\xef\xbb\xbf{}",
            b"{\"url\":\"\xff\"}",
            b"{'url':1}",
            b"url=x",
        ] {
            assert_eq!(refused(body), "body_not_json", "{body:?}");
        }
        assert!(Object::read(b" {} ", FIELDS).unwrap().is_empty());
    }

    #[test]
    fn a_field_is_known_and_there_once() {
        assert_eq!(refused(br#"{"Url":"x"}"#), "field_unknown");
        assert_eq!(refused(br#"{"events":"x"}"#), "field_unknown");
        assert_eq!(refused(br#"{"x":1,"x":2}"#), "field_unknown");
        assert_eq!(refused(br#"{"url":1,"url":1}"#), "url_repeated");
        assert_eq!(refused(br#"{"url":1,"\u0075rl":1}"#), "url_repeated");
    }

    #[test]
    fn null_is_no_value_where_a_field_must_be_there() {
        let object = Object::read(br#"{"url":null,"active":null,"headers":null}"#, FIELDS).unwrap();
        let needed = object.needed::<String>(Field::Url);
        assert_eq!(needed.unwrap_err().code(), "url_unreadable");
        let missing = Object::read(b"{}", FIELDS).unwrap();
        let needed = missing.needed::<String>(Field::Url);
        assert_eq!(needed.unwrap_err().code(), "url_missing");
        assert_eq!(object.optional::<bool>(Field::Active).unwrap(), None);
        assert_eq!(object.texts(Field::Headers).unwrap(), None);
    }
}
