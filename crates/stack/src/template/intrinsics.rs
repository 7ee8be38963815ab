//! `CloudFormation`'s intrinsic functions, as far as our templates use them.
//!
//! `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Fn::Join`, `Fn::Split` and `Fn::Select` are resolved to
//! parameters and to the local addresses of the template's resources. Conditions are decided, and
//! `Fn::If` chooses by them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use serde_norway::Value as Yaml;

use super::address::{ACCOUNT, PARTITION, REGION, STACK};
use super::error::TemplateError;
use super::parameters::values;

/// The type of a secret.
const SECRET: &str = "AWS::SecretsManager::Secret";

/// Reads a template as JSON. Merge keys are merged and short intrinsics have their long form, but
/// nothing is resolved.
///
/// # Errors
/// Returns [`TemplateError::NotYaml`] if the text is not YAML.
pub fn document(text: &str) -> Result<Value, TemplateError> {
    let mut yaml: Yaml = serde_norway::from_str(text)?;
    // A merged value may have a merge key itself, so merging is repeated until nothing changes.
    loop {
        let before = yaml.clone();
        yaml.apply_merge()?;
        if yaml == before {
            return Ok(plain(&yaml));
        }
    }
}

/// Converts YAML to JSON. Short intrinsics (`!Ref X`) get their long form (`{"Ref": "X"}`).
fn plain(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => json!(flag),
        Yaml::Number(number) => number
            .as_i64()
            .map_or_else(|| json!(number.as_f64()), |whole| json!(whole)),
        Yaml::String(text) => json!(text),
        Yaml::Sequence(list) => list.iter().map(plain).collect(),
        Yaml::Mapping(map) => map
            .iter()
            .map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), plain(value)))
            .collect::<Map<_, _>>()
            .into(),
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let value = plain(&tagged.value);
            match (tag.as_str(), &value) {
                ("!Ref" | "!Condition", _) => json!({tag.trim_start_matches('!'): value}),
                ("!GetAtt", Value::String(path)) => {
                    json!({"Fn::GetAtt": path.split('.').collect::<Vec<_>>()})
                }
                _ => json!({format!("Fn::{}", tag.trim_start_matches('!')): value}),
            }
        }
    }
}

/// The values that names stand for.
pub(crate) struct Resolver {
    references: BTreeMap<String, Value>,
    conditions: BTreeMap<String, bool>,
}

impl Resolver {
    pub(crate) fn new(
        document: &Value,
        overrides: &[(String, String)],
        sqs: &str,
    ) -> Result<Self, TemplateError> {
        let mut resolver = Self {
            references: values(document, overrides)?,
            conditions: BTreeMap::new(),
        };
        resolver.decide(document)?;
        resolver.refer("AWS::Partition", PARTITION);
        resolver.refer("AWS::Region", REGION);
        resolver.refer("AWS::AccountId", ACCOUNT);
        resolver.refer("AWS::StackName", STACK);
        resolver.refer("AWS::URLSuffix", "amazonaws.com");
        let resources = section(document, "Resources").filter(|(_, part)| resolver.has(part));
        let (secrets, others): (Vec<_>, Vec<_>) =
            resources.partition(|(_, part)| part.get("Type") == Some(&json!(SECRET)));
        // The name of a secret may name another resource.
        for (id, resource) in others.into_iter().chain(secrets) {
            resolver.address(id, resource, sqs);
        }
        Ok(resolver)
    }

    /// Adds what `Ref` and `Fn::GetAtt` return for a resource.
    fn address(&mut self, id: &str, resource: &Value, sqs: &str) {
        let kind = resource.get("Type").and_then(Value::as_str);
        let arn = |service: &str, name: &str| {
            format!("arn:{PARTITION}:{service}:{REGION}:{ACCOUNT}:{name}")
        };
        let (physical, arn) = match kind {
            Some("AWS::SQS::Queue") => (format!("{sqs}/{ACCOUNT}/{id}"), arn("sqs", id)),
            Some(SECRET) => {
                let name = resource.pointer("/Properties/Name");
                let name = name.map_or_else(|| id.to_owned(), |name| text_of(&self.resolve(name)));
                let arn = arn("secretsmanager", &format!("secret:{name}"));
                (arn.clone(), arn)
            }
            Some("AWS::DynamoDB::Table") => {
                let stream = arn("dynamodb", &format!("table/{id}/stream/local"));
                self.refer(&format!("{id}.StreamArn"), &stream);
                (id.to_owned(), arn("local", id))
            }
            _ => (id.to_owned(), arn("local", id)),
        };
        self.refer(id, &physical);
        self.refer(&format!("{id}.Arn"), &arn);
        self.refer(&format!("{id}.QueueName"), id);
    }

    fn refer(&mut self, name: &str, value: &str) {
        self.references.insert(name.to_owned(), json!(value));
    }

    /// Decides the conditions. They may name each other in any order.
    fn decide(&mut self, document: &Value) -> Result<(), TemplateError> {
        let conditions: Vec<(&String, &Value)> = section(document, "Conditions").collect();
        // Each round decides at least one condition, unless the rest name each other or nothing
        // known.
        for _ in &conditions {
            for (name, condition) in &conditions {
                if let Some(is_met) = self.is_met(condition) {
                    self.conditions.insert((*name).clone(), is_met);
                }
            }
        }
        let undecided = conditions
            .iter()
            .find(|(name, _)| !self.conditions.contains_key(*name));
        match undecided {
            Some((name, _)) => Err(TemplateError::Unexpected(format!("condition {name}"))),
            None => Ok(()),
        }
    }

    /// Decides whether a condition holds. Returns `None` if it names one that is not decided yet.
    fn is_met(&self, condition: &Value) -> Option<bool> {
        let (name, argument) = only_entry(condition.as_object()?)?;
        let list = || argument.as_array();
        match name {
            "Condition" => self.conditions.get(argument.as_str()?).copied(),
            "Fn::Not" => Some(!self.is_met(list()?.first()?)?),
            "Fn::And" => self.are_met(list()?)?.into_iter().reduce(|a, b| a && b),
            "Fn::Or" => self.are_met(list()?)?.into_iter().reduce(|a, b| a || b),
            "Fn::Equals" => match list()?.as_slice() {
                [left, right] => {
                    Some(text_of(&self.resolve(left)) == text_of(&self.resolve(right)))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn are_met(&self, conditions: &[Value]) -> Option<Vec<bool>> {
        conditions.iter().map(|each| self.is_met(each)).collect()
    }

    /// Checks whether a resource is part of the stack: it has no condition, or its condition holds.
    pub(crate) fn has(&self, resource: &Value) -> bool {
        let condition = resource.get("Condition").and_then(Value::as_str);
        condition.is_none_or(|name| self.conditions.get(name) == Some(&true))
    }

    /// Returns a value with its intrinsic functions resolved. An intrinsic function with an unknown
    /// name or reference is left as it is.
    pub(crate) fn resolve(&self, value: &Value) -> Value {
        match value {
            Value::Object(map) => self.intrinsic(map).unwrap_or_else(|| {
                let resolved = map.iter().map(|(k, v)| (k.clone(), self.resolve(v)));
                Value::Object(resolved.filter(|(_, v)| !is_no_value(v)).collect())
            }),
            Value::Array(list) => {
                let resolved = list.iter().map(|v| self.resolve(v));
                resolved.filter(|v| !is_no_value(v)).collect()
            }
            other => other.clone(),
        }
    }

    fn intrinsic(&self, map: &Map<String, Value>) -> Option<Value> {
        let (name, argument) = only_entry(map)?;
        match name {
            "Ref" => self.references.get(argument.as_str()?).cloned(),
            "Fn::GetAtt" => {
                let parts = argument.as_array()?.iter().map(Value::as_str);
                let path = parts.collect::<Option<Vec<_>>>()?.join(".");
                self.references.get(&path).cloned()
            }
            "Fn::If" => match argument.as_array()?.as_slice() {
                [condition, yes, no] => {
                    let is_met = *self.conditions.get(condition.as_str()?)?;
                    Some(self.resolve(if is_met { yes } else { no }))
                }
                _ => None,
            },
            "Fn::Join" => match argument.as_array()?.as_slice() {
                [separator, list] => {
                    let list = self.resolve(list);
                    let texts: Vec<String> = list.as_array()?.iter().map(text_of).collect();
                    Some(json!(texts.join(separator.as_str()?)))
                }
                _ => None,
            },
            "Fn::Split" => match argument.as_array()?.as_slice() {
                [separator, text] => {
                    let text = text_of(&self.resolve(text));
                    Some(text.split(separator.as_str()?).collect())
                }
                _ => None,
            },
            "Fn::Select" => match argument.as_array()?.as_slice() {
                [index, list] => {
                    let index = usize::try_from(index.as_u64()?).ok()?;
                    self.resolve(list).as_array()?.get(index).cloned()
                }
                _ => None,
            },
            "Fn::Sub" => match argument {
                Value::Array(parts) => match parts.as_slice() {
                    [text, names] => {
                        let names = self.resolve(names);
                        let names = names.as_object()?.iter().chain(&self.references);
                        Some(json!(substitute(text.as_str()?, names)))
                    }
                    _ => None,
                },
                text => Some(json!(substitute(text.as_str()?, &self.references))),
            },
            _ => None,
        }
    }
}

/// Checks whether a value is `AWS::NoValue`, which removes the property or element that it stands
/// for.
fn is_no_value(value: &Value) -> bool {
    value.get("Ref").and_then(Value::as_str) == Some("AWS::NoValue")
}

fn section<'a>(
    document: &'a Value,
    name: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
    let section = document.get(name).and_then(Value::as_object);
    section.into_iter().flatten()
}

/// Returns the entry of an object that has no other: an intrinsic function and its argument.
pub(super) fn only_entry(map: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = map.iter().next().filter(|_| map.len() == 1)?;
    Some((name.as_str(), argument))
}

/// Replaces every `${name}` in `text`. `${!name}` becomes a literal `${name}`.
fn substitute<'a>(text: &str, names: impl IntoIterator<Item = (&'a String, &'a Value)>) -> String {
    names
        .into_iter()
        .fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("${{{name}}}"), &text_of(value))
        })
        .replace("${!", "${")
}

/// Returns a scalar as text. `CloudFormation` accepts numbers as text and text as numbers.
pub(crate) fn text_of(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Reads a whole number. `CloudFormation` accepts numbers as text and text as numbers.
pub(crate) fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = r#"
Parameters:
  Email: { Type: String, Default: "" }
  Count: { Type: Number, Default: 3 }
Conditions:
  Both: !And [!Condition Mailed, !Condition Counted]
  Either: !Or [!Condition Mailed, !Condition Counted]
  Mailed: !Not [!Equals [!Ref Email, ""]]
  Counted: !Equals [!Ref Count, "3"]
Resources:
  Queue: { Type: AWS::SQS::Queue }
"#;

    fn resolver(overrides: &[(&str, &str)]) -> Resolver {
        let overrides: Vec<(String, String)> = overrides
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let document = document(TEMPLATE).unwrap();
        Resolver::new(&document, &overrides, "http://sqs").unwrap()
    }

    fn resolved(resolver: &Resolver, yaml: &str) -> Value {
        resolver.resolve(&document(yaml).unwrap())
    }

    #[test]
    fn conditions_may_name_each_other_in_any_order() {
        let holds = |resolver: &Resolver, name: &str| resolver.has(&json!({"Condition": name}));
        let silent = resolver(&[]);
        let answers = ["Both", "Either", "Mailed", "Counted"].map(|name| holds(&silent, name));
        assert_eq!(answers, [false, true, false, true]);
        let mailed = resolver(&[("Email", "a@b.test"), ("Count", "4")]);
        let answers = ["Both", "Either", "Mailed", "Counted"].map(|name| holds(&mailed, name));
        assert_eq!(answers, [false, true, true, false]);
        assert!(mailed.has(&json!({})), "what has no condition is there");
        assert!(!holds(&mailed, "Nowhere"));
    }

    #[test]
    fn a_condition_that_names_itself_is_refused() {
        let text = "Conditions: { A: !Not [!Condition B], B: !Not [!Condition A] }";
        let error = Resolver::new(&document(text).unwrap(), &[], "").err();
        let message = "the template's condition A is missing or of an unexpected form";
        assert_eq!(error.unwrap().to_string(), message);
    }

    #[test]
    fn what_has_no_value_is_not_there() {
        let resolver = resolver(&[("Email", "a@b.test")]);
        let yaml = "{ a: !If [Mailed, !Ref Email, x], b: !If [Both, 1, !Ref AWS::NoValue], c: [!If [Both, 2, 3], !Ref AWS::NoValue, 4] }";
        assert_eq!(
            resolved(&resolver, yaml),
            json!({"a": "a@b.test", "b": 1, "c": [2, 4]})
        );
        let silent = super::tests::resolver(&[("Count", "4")]);
        assert_eq!(resolved(&silent, yaml), json!({"a": "x", "c": [3, 4]}));
    }

    #[test]
    fn texts_are_joined_and_substituted() {
        let resolver = resolver(&[]);
        let yaml = r#"!Join ["-", [!Ref Count, !If [Mailed, a, !Ref AWS::NoValue], b]]"#;
        assert_eq!(resolved(&resolver, yaml), json!("3-b"));
        let yaml = "!Split [x, !Join [x, [a, !Ref Count]]]";
        assert_eq!(resolved(&resolver, yaml), json!(["a", "3"]));
        let yaml = "{ second: !Select [1, [a, !Ref Count]], none: !Select [2, [a, b]] }";
        let left = json!({"Fn::Select": [2, ["a", "b"]]});
        let wanted = json!({"second": 3, "none": left});
        assert_eq!(resolved(&resolver, yaml), wanted);
        let yaml = r#"!Sub ["${Base}/x ${Count} ${AWS::StackName} ${!Count}", { Base: !If [Mailed, a, !GetAtt Queue.QueueName] }]"#;
        assert_eq!(resolved(&resolver, yaml), json!("Queue/x 3 local ${Count}"));
    }

    #[test]
    fn a_merge_key_takes_what_is_not_said() {
        let yaml =
            "{ a: &a { x: 1, y: 2, z: 3 }, b: &b { <<: *a, y: !Ref Count }, c: { <<: *b, x: 4 } }";
        let document = document(yaml).unwrap();
        let count = json!({"Ref": "Count"});
        assert_eq!(document["b"], json!({"x": 1, "y": count, "z": 3}));
        assert_eq!(document["c"], json!({"x": 4, "y": count, "z": 3}));
    }
}
