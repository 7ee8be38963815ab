//! The resources of a template, by their type.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Returns the resources of a type, each with its properties.
pub(super) fn of_type<'a>(
    resources: &'a Map<String, Value>,
    kind: &'a str,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    resources
        .iter()
        .filter(move |(_, resource)| resource.get("Type").and_then(Value::as_str) == Some(kind))
        .map(|(id, resource)| (id, resource.get("Properties").unwrap_or(&Value::Null)))
}

/// Returns the same, to keep.
pub(super) fn properties_of(resources: &Map<String, Value>, kind: &str) -> BTreeMap<String, Value> {
    of_type(resources, kind)
        .map(|(id, properties)| (id.clone(), properties.clone()))
        .collect()
}
