//! As much of CBOR (RFC 8949) as `CloudWatch` speaks, to and from JSON. A time is
//! `{"$at": seconds}`.

use serde_json::{Map, Number, Value};

/// The key of a time.
pub(crate) const AT: &str = "$at";

/// Writes a value.
pub(crate) fn written(value: &Value, into: &mut Vec<u8>) {
    match value {
        Value::Null => into.push(0xf6),
        Value::Bool(is_true) => into.push(if *is_true { 0xf5 } else { 0xf4 }),
        Value::Number(number) => match number.as_u64() {
            Some(number) => head(0, number, into),
            None => float(number.as_f64().unwrap(), into),
        },
        Value::String(text) => {
            head(3, text.len() as u64, into);
            into.extend(text.as_bytes());
        }
        Value::Array(values) => {
            head(4, values.len() as u64, into);
            for value in values {
                written(value, into);
            }
        }
        Value::Object(fields) => {
            if let Some(at) = fields.get(AT) {
                into.push(0xc1);
                return float(at.as_f64().unwrap(), into);
            }
            head(5, fields.len() as u64, into);
            for (name, value) in fields {
                written(&Value::from(name.clone()), into);
                written(value, into);
            }
        }
    }
}

fn head(major: u8, number: u64, into: &mut Vec<u8>) {
    into.push((major << 5) + 27);
    into.extend(number.to_be_bytes());
}

fn float(number: f64, into: &mut Vec<u8>) {
    into.push(0xfb);
    into.extend(number.to_be_bytes());
}

/// Reads a value from the front of these bytes.
pub(crate) fn read(bytes: &mut &[u8]) -> Value {
    let first = take(bytes, 1)[0];
    let (major, info) = (first >> 5, first & 31);
    let number = match info {
        0..=23 => u64::from(info),
        24..=27 => {
            let number = take(bytes, 1 << (info - 24));
            number
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
        }
        _ => u64::MAX, // of no length that is said: it ends with a break
    };
    match major {
        0 => Value::from(number),
        1 => Value::from(-1 - i64::try_from(number).unwrap()),
        3 => {
            let text = take(bytes, usize::try_from(number).unwrap());
            Value::from(String::from_utf8(text.to_vec()).unwrap())
        }
        4 => {
            let mut values = Vec::new();
            while goes_on(values.len(), number, bytes) {
                values.push(read(bytes));
            }
            Value::from(values)
        }
        5 => {
            let mut fields = Map::new();
            while goes_on(fields.len(), number, bytes) {
                let name = read(bytes);
                fields.insert(name.as_str().unwrap().to_owned(), read(bytes));
            }
            Value::from(fields)
        }
        6 => read(bytes),
        7 => match info {
            20 => Value::from(false),
            21 => Value::from(true),
            26 => {
                let number = f32::from_bits(u32::try_from(number).unwrap());
                Value::from(Number::from_f64(f64::from(number)))
            }
            27 => Value::from(Number::from_f64(f64::from_bits(number))),
            _ => Value::Null,
        },
        _ => panic!("the major type {major}"),
    }
}

fn goes_on(length: usize, wanted: u64, bytes: &mut &[u8]) -> bool {
    if wanted != u64::MAX {
        return (length as u64) < wanted;
    }
    if bytes[0] == 0xff {
        take(bytes, 1);
        return false;
    }
    true
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(length);
    *bytes = rest;
    taken
}
