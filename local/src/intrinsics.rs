//! `CloudFormation`'s intrinsic functions: `Ref`, `Fn::GetAtt` and `Fn::Sub`, to parameters and to the local addresses of the
//! template's resources.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use serde_norway::Value as Yaml;

use crate::template::{ACCOUNT, REGION, TemplateError};

/// YAML as JSON, short intrinsics (`!Ref X`) in their long form (`{"Ref": "X"}`).
pub(crate) fn plain(yaml: &Yaml) -> Value {
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
                ("!Ref", _) => json!({"Ref": value}),
                ("!GetAtt", Value::String(path)) => {
                    json!({"Fn::GetAtt": path.split('.').collect::<Vec<_>>()})
                }
                _ => json!({format!("Fn::{}", tag.trim_start_matches('!')): value}),
            }
        }
    }
}

/// What names stand for.
pub(crate) struct Resolver {
    references: BTreeMap<String, Value>,
}

impl Resolver {
    pub(crate) fn new(
        document: &Value,
        overrides: &[(String, String)],
        sqs: &str,
    ) -> Result<Self, TemplateError> {
        let section = |name: &str| document.get(name).and_then(Value::as_object);
        let mut references: BTreeMap<String, Value> = BTreeMap::new();
        let parameters = section("Parameters").cloned().unwrap_or_default();
        for (name, parameter) in &parameters {
            let default = parameter.get("Default").cloned().unwrap_or_default();
            references.insert(name.clone(), default);
        }
        for (name, value) in overrides {
            if !parameters.contains_key(name) {
                let known: Vec<&str> = parameters.keys().map(String::as_str).collect();
                return Err(TemplateError::NoSuchParameter(
                    name.clone(),
                    known.join(", "),
                ));
            }
            references.insert(name.clone(), json!(value));
        }
        for (id, resource) in section("Resources").into_iter().flatten() {
            let is_queue = resource.get("Type") == Some(&json!("AWS::SQS::Queue"));
            let physical = if is_queue {
                format!("{sqs}/{ACCOUNT}/{id}")
            } else {
                id.clone()
            };
            let service = if is_queue { "sqs" } else { "local" };
            references.insert(id.clone(), json!(physical));
            let arn = format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{id}");
            references.insert(format!("{id}.Arn"), json!(arn));
            references.insert(format!("{id}.QueueName"), json!(id));
        }
        references.insert("AWS::Region".to_owned(), json!(REGION));
        references.insert("AWS::AccountId".to_owned(), json!(ACCOUNT));
        Ok(Self { references })
    }

    pub(crate) fn resolve(&self, value: &Value) -> Value {
        match value {
            Value::Object(map) => self.intrinsic(map).unwrap_or_else(|| {
                let resolved = map.iter().map(|(k, v)| (k.clone(), self.resolve(v)));
                Value::Object(resolved.collect())
            }),
            Value::Array(list) => list.iter().map(|v| self.resolve(v)).collect(),
            other => other.clone(),
        }
    }

    fn intrinsic(&self, map: &Map<String, Value>) -> Option<Value> {
        let (name, argument) = map.iter().next().filter(|_| map.len() == 1)?;
        match name.as_str() {
            "Ref" => self.references.get(argument.as_str()?).cloned(),
            "Fn::GetAtt" => {
                let parts = argument.as_array()?.iter().map(Value::as_str);
                let path = parts.collect::<Option<Vec<_>>>()?.join(".");
                self.references.get(&path).cloned()
            }
            "Fn::Sub" => Some(json!(self.substitute(argument.as_str()?))),
            _ => None,
        }
    }

    fn substitute(&self, text: &str) -> String {
        self.references
            .iter()
            .fold(text.to_owned(), |text, (name, value)| {
                text.replace(&format!("${{{name}}}"), &text_of(value))
            })
    }
}

/// A scalar as text: `CloudFormation` takes numbers as text and the other way round.
pub(crate) fn text_of(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
