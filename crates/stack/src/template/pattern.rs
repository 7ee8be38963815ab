//! The pattern that an event source mapping filters records by.
//!
//! It is an event pattern of `EventBridge`, as far as a record of a table can meet one: equal,
//! `null`, `prefix`, `suffix`, `equals-ignore-case`, `anything-but` and `exists`. What it does not
//! know is refused at the start: a filter that lets everything pass would go unnoticed.

use serde_json::{Map, Value};

use super::intrinsics::only_entry;

/// A pattern.
#[derive(Clone, Debug, PartialEq)]
pub enum Pattern {
    /// Each of these fields has to meet its own pattern.
    Fields(Vec<(String, Self)>),
    /// The value has to meet one of these tests.
    OneOf(Vec<Test>),
}

/// What is asked of one value.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// The value is this one.
    Equals(Value),
    /// The value is this text, whatever the case of its letters.
    EqualsIgnoreCase(String),
    /// The text begins like this.
    Prefix(String),
    /// The text ends like this.
    Suffix(String),
    /// The value is there, and meets none of these tests.
    AnythingBut(Vec<Self>),
    /// The value is there, or it is not.
    Exists(bool),
}

impl Pattern {
    /// Reads a pattern. Returns `None` if it is none, or asks for something that is unknown here.
    #[must_use]
    pub fn read(pattern: &Value) -> Option<Self> {
        match pattern {
            Value::Object(fields) if !fields.is_empty() => {
                let read = |(name, pattern): (&String, &Value)| {
                    let is_operator = name.starts_with('$');
                    (!is_operator).then_some(())?;
                    Some((name.clone(), Self::read(pattern)?))
                };
                Some(Self::Fields(
                    fields.iter().map(read).collect::<Option<_>>()?,
                ))
            }
            Value::Array(tests) if !tests.is_empty() => {
                let tests = tests.iter().map(Test::read);
                Some(Self::OneOf(tests.collect::<Option<_>>()?))
            }
            _ => None,
        }
    }

    /// Checks whether a value meets the pattern. `None` is a value that is not there.
    #[must_use]
    pub fn is_met_by(&self, value: Option<&Value>) -> bool {
        match self {
            Self::Fields(fields) => fields.iter().all(|(name, pattern)| {
                let field = value.and_then(|value| value.get(name));
                pattern.is_met_by(field)
            }),
            Self::OneOf(tests) => tests.iter().any(|test| test.is_met_by(value)),
        }
    }
}

impl Test {
    fn read(written: &Value) -> Option<Self> {
        let Value::Object(operator) = written else {
            return (!written.is_array()).then(|| Self::Equals(written.clone()));
        };
        let (name, argument) = only_entry(operator)?;
        let text = || argument.as_str().map(str::to_owned);
        match name {
            "exists" => argument.as_bool().map(Self::Exists),
            "prefix" => text().map(Self::Prefix),
            "suffix" => text().map(Self::Suffix),
            "equals-ignore-case" => text().map(Self::EqualsIgnoreCase),
            "anything-but" => {
                let refused = match argument {
                    Value::Array(values) => values.iter().map(Self::read).collect(),
                    Value::Object(inner) => Self::each(inner),
                    value => Self::read(value).map(|test| vec![test]),
                };
                refused.map(Self::AnythingBut)
            }
            _ => None,
        }
    }

    /// Reads what stands in an `anything-but`: one test, or one for each value of a list.
    fn each(operator: &Map<String, Value>) -> Option<Vec<Self>> {
        let (name, argument) = only_entry(operator)?;
        let arguments = argument.as_array().cloned();
        let arguments = arguments.unwrap_or_else(|| vec![argument.clone()]);
        let tests = arguments.into_iter();
        tests
            .map(|argument| Self::read(&Value::from(Map::from_iter([(name.to_owned(), argument)]))))
            .collect()
    }

    fn is_met_by(&self, value: Option<&Value>) -> bool {
        // As in EventBridge, only a leaf exists.
        let leaf = value.filter(|value| !value.is_object());
        if let Self::Exists(exists) = self {
            return leaf.is_some() == *exists;
        }
        match leaf {
            Some(Value::Array(values)) => values.iter().any(|value| self.is_met(value)),
            Some(value) => self.is_met(value),
            None => false,
        }
    }

    fn is_met(&self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Self::Equals(wanted) => value == wanted,
            Self::EqualsIgnoreCase(wanted) => {
                text.is_some_and(|text| text.to_lowercase() == wanted.to_lowercase())
            }
            Self::Prefix(start) => text.is_some_and(|text| text.starts_with(start)),
            Self::Suffix(end) => text.is_some_and(|text| text.ends_with(end)),
            Self::AnythingBut(refused) => !refused.iter().any(|test| test.is_met(value)),
            Self::Exists(exists) => *exists,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn meets(pattern: &Value, value: &Value) -> bool {
        Pattern::read(pattern).unwrap().is_met_by(Some(value))
    }

    #[test]
    fn every_field_has_to_meet_one_of_its_tests() {
        let pattern = json!({"a": {"S": [{"prefix": "x#"}, "y"]}, "b": ["INSERT"]});
        let value = |a: &str, b: &str| json!({"a": {"S": a}, "b": b, "c": 1});
        assert!(meets(&pattern, &value("x#1", "INSERT")));
        assert!(meets(&pattern, &value("y", "INSERT")));
        assert!(!meets(&pattern, &value("z", "INSERT")));
        assert!(!meets(&pattern, &value("y", "MODIFY")));
        assert!(!meets(&pattern, &json!({"b": "INSERT"})));
    }

    #[test]
    fn what_is_not_there_exists_not_and_is_not_anything_but() {
        let there = json!({"new": {"pk": {"S": [{"exists": true}]}}});
        assert!(meets(&there, &json!({"new": {"pk": {"S": "a"}}})));
        assert!(!meets(&there, &json!({"old": {"pk": {"S": "a"}}})));
        let absent = json!({"new": [{"exists": false}]});
        assert!(meets(&absent, &json!({"old": 1})));
        let but = json!({"pk": [{"anything-but": ["a", "b"]}]});
        assert!(meets(&but, &json!({"pk": "c"})));
        assert!(!meets(&but, &json!({"pk": "a"})));
        assert!(!meets(&but, &json!({})));
        for but in [json!({"prefix": "u#"}), json!({"prefix": ["u#", "t#"]})] {
            let pattern = json!({"pk": [{"anything-but": but}]});
            assert!(meets(&pattern, &json!({"pk": "email#u#"})));
            assert!(!meets(&pattern, &json!({"pk": "u#1"})));
        }
    }

    #[test]
    fn texts_are_compared_by_their_ends_and_their_letters() {
        let pattern = json!({"a": [{"suffix": ".test"}, {"equals-ignore-case": "Kim"}, null]});
        for (a, is_met) in [
            (json!("x.test"), true),
            (json!("KIM"), true),
            (json!(null), true),
            (json!(["no", "kim"]), true),
            (json!("kimi"), false),
            (json!(3), false),
        ] {
            assert_eq!(meets(&pattern, &json!({"a": a})), is_met, "{a}");
        }
    }

    #[test]
    fn what_is_unknown_is_no_pattern() {
        for pattern in [
            json!({"$or": [{"a": ["b"]}]}),
            json!({"a": [{"numeric": ["=", 1]}]}),
            json!({"a": "b"}),
            json!({"a": []}),
            json!({}),
            json!({"a": [{"exists": "true"}]}),
            json!({"a": [["b"]]}),
        ] {
            assert_eq!(Pattern::read(&pattern), None, "{pattern}");
        }
    }
}
