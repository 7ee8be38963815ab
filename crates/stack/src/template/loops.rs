//! Expands the loops of a template, as the transform `AWS::LanguageExtensions` does.
//!
//! An item is filled in where `CloudFormation` fills it in: in the keys of a loop's body, in
//! `Fn::Sub`, and where `Ref` names the identifier. A plain string keeps its `${Identifier}`, and
//! so does a key further in. `CodeUri` is the exception, because `sam build` replaces it. Mappings
//! are looked up here, because SAM accepts only a literal path. So is the partition, because one of
//! them is by it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::address::PARTITION;
use super::error::TemplateError;
use super::intrinsics::only_entry;
use super::parameters::values;

/// What the key of a loop starts with. Its name follows.
const LOOP: &str = "Fn::ForEach::";

/// The sections in which `CloudFormation` expands loops.
const SECTIONS: [&str; 3] = ["Conditions", "Resources", "Outputs"];

/// The items that identifiers stand for inside their loops.
type Items = BTreeMap<String, String>;

/// Returns the template without loops and without references to mappings. All else is as it was.
///
/// # Errors
/// Returns a [`TemplateError`] if a parameter is unknown or has no value, or if a loop or a mapping
/// has an unexpected form.
pub fn expanded(document: &Value, parameters: &[(String, String)]) -> Result<Value, TemplateError> {
    let loops = Loops {
        mappings: document.get("Mappings").unwrap_or(&Value::Null),
        declared: document.get("Parameters").unwrap_or(&Value::Null),
        parameters: values(document, parameters)?,
    };
    let mut expanded = document.clone();
    for section in SECTIONS {
        if let Some(part) = expanded.get_mut(section) {
            *part = loops.expand(part, &Items::new())?;
        }
    }
    Ok(expanded)
}

/// What loops are expanded with.
struct Loops<'a> {
    mappings: &'a Value,
    declared: &'a Value,
    parameters: BTreeMap<String, Value>,
}

impl Loops<'_> {
    fn expand(&self, value: &Value, items: &Items) -> Result<Value, TemplateError> {
        match value {
            Value::Array(list) => list.iter().map(|each| self.expand(each, items)).collect(),
            Value::Object(map) => {
                let mut expanded = Map::new();
                for (key, value) in map {
                    match value {
                        _ if key.starts_with(LOOP) => {
                            expanded.extend(self.repeat(key, value, items)?);
                        }
                        Value::String(uri) if key == "CodeUri" => {
                            expanded.insert(key.clone(), json!(fill(uri, items)));
                        }
                        _ => {
                            expanded.insert(key.clone(), self.expand(value, items)?);
                        }
                    }
                }
                match self.intrinsic(&expanded, items)? {
                    Some(value) => Ok(value),
                    None => Ok(expanded.into()),
                }
            }
            other => Ok(other.clone()),
        }
    }

    /// Returns the body of a loop, once for each item of its collection.
    fn repeat(
        &self,
        key: &str,
        value: &Value,
        items: &Items,
    ) -> Result<Map<String, Value>, TemplateError> {
        let unexpected = || TemplateError::Unexpected(key.to_owned());
        let (identifier, collection, body) = parts(value).ok_or_else(unexpected)?;
        let collection = match collection.get("Ref").and_then(Value::as_str) {
            Some(parameter) => self.list(parameter)?,
            None => collection,
        };
        let mut repeated = Map::new();
        for item in collection.as_array().ok_or_else(unexpected)? {
            let item = item.as_str().ok_or_else(unexpected)?.to_owned();
            let mut items = items.clone();
            items.insert(identifier.to_owned(), item);
            if let Value::Object(once) = self.expand(body, &items)? {
                let filled = once.into_iter().map(|(key, v)| (fill(&key, &items), v));
                repeated.extend(filled);
            }
        }
        Ok(repeated)
    }

    /// Returns the value of the parameter that a loop is over.
    fn list(&self, parameter: &str) -> Result<&Value, TemplateError> {
        match self.parameters.get(parameter) {
            Some(value) => Ok(value),
            None if self.declared.get(parameter).is_some() => {
                Err(TemplateError::NoValue(parameter.to_owned()))
            }
            None => Ok(&Value::Null),
        }
    }

    /// Returns the value of an intrinsic function that loops decide. The others are left to the
    /// resolver.
    fn intrinsic(
        &self,
        map: &Map<String, Value>,
        items: &Items,
    ) -> Result<Option<Value>, TemplateError> {
        Ok(match only_entry(map) {
            Some(("Ref", Value::String(name))) if name == "AWS::Partition" => {
                Some(json!(PARTITION))
            }
            Some(("Ref", Value::String(name))) => items.get(name).map(|item| json!(item)),
            Some(("Fn::Sub", Value::String(text))) => {
                let text = fill(text, items);
                let is_partial = text.contains("${");
                let text = json!(text);
                Some(if is_partial {
                    json!({"Fn::Sub": text})
                } else {
                    text
                })
            }
            Some(("Fn::Sub", Value::Array(parts))) => match parts.as_slice() {
                [Value::String(text), names] => {
                    Some(json!({"Fn::Sub": [fill(text, items), names]}))
                }
                _ => None,
            },
            Some(("Fn::FindInMap", Value::Array(keys))) => Some(self.look_up(keys)?),
            _ => None,
        })
    }

    /// Returns what a mapping has at these keys: its name and two more.
    fn look_up(&self, keys: &[Value]) -> Result<Value, TemplateError> {
        let keys: Vec<&str> = keys.iter().filter_map(Value::as_str).collect();
        let found = keys
            .iter()
            .try_fold(self.mappings, |value, key| value.get(*key));
        let missing = || TemplateError::Unexpected(format!("mapping {}", keys.join(".")));
        found.cloned().ok_or_else(missing)
    }
}

/// Returns the identifier, the collection and the body of a loop.
fn parts(value: &Value) -> Option<(&str, &Value, &Value)> {
    match value.as_array()?.as_slice() {
        [identifier, collection, body] if body.is_object() => {
            Some((identifier.as_str()?, collection, body))
        }
        _ => None,
    }
}

/// Fills in the items for their identifiers.
fn fill(text: &str, items: &Items) -> String {
    items.iter().fold(text.to_owned(), |text, (name, item)| {
        text.replace(&format!("${{{name}}}"), item)
    })
}

#[cfg(test)]
mod tests {
    use super::super::intrinsics::document;
    use super::super::parameters::providers;
    use super::*;

    const TEMPLATE: &str = r#"
Parameters:
  Providers: { Type: CommaDelimitedList }
Mappings:
  Routes: { acme: { Path: /hooks/acme }, globex: { Path: /hooks/globex } }
Resources:
  Fn::ForEach::Receivers:
    - Provider
    - !Ref Providers
    - ${Provider}Function:
        CodeUri: functions/${Provider}
        Name: !Sub ${AWS::StackName}-${Provider}
        Role: !GetAtt [!Sub "${Provider}Role", Arn]
        Logs: !Ref { "Fn::Sub": "${Provider}Logs" }
        Path: !FindInMap [Routes, !Ref Provider, Path]
        Url: !Sub ["${Base}/${Provider}", { Base: !Ref Base }]
        Plain: { "${Provider}": "${Provider}" }
      ${Provider}Role: { Size: !Ref Size }
Outputs:
  Fn::ForEach::Pairs:
    - Left
    - [a, b]
    - Fn::ForEach::Inner: [Right, [c, d], { "${Left}${Right}": !Sub "${Left}-${Right}" }]
"#;

    fn with(names: &[&str]) -> Result<Value, TemplateError> {
        let parameters = [providers(names.iter().copied())];
        expanded(&document(TEMPLATE).unwrap(), &parameters)
    }

    #[test]
    fn an_item_is_filled_in_where_an_account_fills_it_in() {
        let resources = with(&["acme"]).unwrap()["Resources"].clone();
        let function = json!({
            "CodeUri": "functions/acme",
            "Name": {"Fn::Sub": "${AWS::StackName}-acme"},
            "Role": {"Fn::GetAtt": ["acmeRole", "Arn"]},
            "Logs": {"Ref": "acmeLogs"},
            "Path": "/hooks/acme",
            "Url": {"Fn::Sub": ["${Base}/acme", {"Base": {"Ref": "Base"}}]},
            "Plain": {"${Provider}": "${Provider}"},
        });
        let role = json!({"Size": {"Ref": "Size"}});
        assert_eq!(
            resources,
            json!({"acmeFunction": function, "acmeRole": role})
        );
    }

    #[test]
    fn a_body_is_repeated_for_each_item_and_each_item_of_a_loop_inside() {
        let template = with(&["acme", "globex"]).unwrap();
        let ids = template["Resources"].as_object().unwrap().keys();
        let wanted = ["acmeFunction", "acmeRole", "globexFunction", "globexRole"];
        assert!(ids.eq(wanted));
        let pairs = json!({"ac": "a-c", "ad": "a-d", "bc": "b-c", "bd": "b-d"});
        assert_eq!(template["Outputs"], pairs);
    }

    #[test]
    fn an_item_without_a_mapping_is_named() {
        let error = with(&["acme", "initech"]).unwrap_err().to_string();
        let message =
            "the template's mapping Routes.initech.Path is missing or of an unexpected form";
        assert_eq!(error, message);
    }

    #[test]
    fn a_loop_inside_of_properties_is_expanded_and_so_is_the_condition_of_an_item() {
        let text = r#"
Parameters: { Watched: { Type: CommaDelimitedList, Default: none } }
Mappings: { Partitions: { aws: { Console: amazon.test } } }
Conditions:
  Fn::ForEach::Watches: [Name, !Ref Watched, { "Is${Name}": !Not [!Equals [!Ref Name, none]] }]
Resources:
  Api:
    Routes: { "Fn::ForEach::Routes": [Name, !Ref Watched, { "POST /${Name}": { Rate: 1 } }] }
    Console: !FindInMap [Partitions, !Ref AWS::Partition, Console]
  Fn::ForEach::Alarms: [Name, !Ref Watched, { "${Name}Alarm": { Condition: !Sub "Is${Name}" } }]
"#;
        let document = document(text).unwrap();
        let is_none = json!({"Fn::Not": [{"Fn::Equals": ["none", "none"]}]});
        let nobody = expanded(&document, &[]).unwrap();
        assert_eq!(nobody["Conditions"], json!({ "Isnone": is_none }));
        let watched = [("Watched".to_owned(), "acme".to_owned())];
        let resources = &expanded(&document, &watched).unwrap()["Resources"];
        assert_eq!(resources["acmeAlarm"]["Condition"], "Isacme");
        let api = json!({"Routes": {"POST /acme": {"Rate": 1}}, "Console": "amazon.test"});
        assert_eq!(resources["Api"], api);
    }

    #[test]
    fn a_loop_over_a_parameter_without_a_value_names_it() {
        let error = expanded(&document(TEMPLATE).unwrap(), &[]).unwrap_err();
        let message = "the template's parameter Providers has no default, and no value is given";
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn a_loop_over_nothing_known_is_named() {
        let text = TEMPLATE.replace("!Ref Providers", "!Ref Everyone");
        let error = expanded(&document(&text).unwrap(), &[providers(["acme"])]).unwrap_err();
        let message = "the template's Fn::ForEach::Receivers is missing or of an unexpected form";
        assert_eq!(error.to_string(), message);
    }
}
