//! `docs/openapi.json` against what it describes: the routes, the codes, the shapes, and every
//! answer of the real function.

mod asker;
mod document;
mod driven;
mod reading;
mod subscriptions;

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use stack::build::root;

use crate::document::Document;

#[test]
fn the_document_has_every_route_and_no_other() {
    let document = Document::read();
    let said: BTreeSet<(String, String)> = document
        .operations()
        .iter()
        .map(|operation| (operation.method.clone(), operation.path.to_owned()))
        .collect();
    let routes = api::ROUTES.map(|(method, path)| (method.to_owned(), path.to_owned()));
    assert_eq!(said, routes.into());
    let names: BTreeSet<&str> = document.operations().iter().map(|one| one.id).collect();
    assert_eq!(names.len(), api::ROUTES.len(), "each name once");
}

#[test]
fn a_path_names_its_parameters_and_every_operation_may_be_refused() {
    let document = Document::read();
    for operation in document.operations() {
        let braces = operation.path.split('{').skip(1);
        let in_path: BTreeSet<&str> = braces.filter_map(|rest| rest.split('}').next()).collect();
        let parameters = document.parameters(&operation);
        let said = parameters.iter().filter(|one| one["in"] == "path");
        let said: BTreeSet<&str> = said.filter_map(|one| one["name"].as_str()).collect();
        assert_eq!(said, in_path, "{}", operation.id);
        let statuses = Document::statuses(&operation);
        for status in [401, 403, 429, 503] {
            assert!(statuses.contains(&status), "{} {status}", operation.id);
        }
        let has_body = operation.said.get("requestBody").is_some();
        assert_eq!(
            statuses.contains(&413),
            has_body || operation.id == "testEndpoint"
        );
    }
}

/// Everything that a reference names is there, and everything that is there is named.
#[test]
fn every_reference_leads_somewhere_and_nothing_is_left_over() {
    fn collect(value: &Value, into: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                if let Some(name) = fields.get("$ref").and_then(Value::as_str) {
                    into.insert(name.to_owned());
                }
                fields.values().for_each(|field| collect(field, into));
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
            _ => {}
        }
    }
    let document = Document::read();
    let mut named = BTreeSet::new();
    collect(&document.0, &mut named);
    let mut there = BTreeSet::new();
    for part in ["schemas", "responses", "parameters"] {
        let all = document.0["components"][part].as_object().expect(part);
        there.extend(all.keys().map(|name| format!("#/components/{part}/{name}")));
    }
    assert_eq!(named, there);
}

/// The codes that a source names, after these words.
fn codes(path: &str, before: &str) -> BTreeSet<String> {
    let source = fs::read_to_string(root().join(path)).expect("a source");
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let start = before.rsplit('"').next().unwrap_or_default();
    let found = source.split(before).skip(1).filter_map(|rest| {
        let code = format!("{start}{}", rest.split('"').next()?);
        let is_code = code
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        is_code.then_some(code)
    });
    let found: BTreeSet<String> = found.collect();
    assert!(!found.is_empty(), "{path}: {before}");
    found
}

/// The codes of a refusal: its own, those of what it may be about, and those of the fields.
#[test]
fn the_document_has_every_code_of_a_refusal_and_no_other() {
    let mut wanted = codes("crates/outlets/src/manage/refusal.rs", "=> \"");
    wanted.extend(codes("crates/outlets/src/filter.rs", "=> \"events_"));
    wanted.extend(codes("crates/outlets/src/target.rs", "=> \"url_"));
    wanted.extend(codes("shared/src/auth/outbound.rs", "=> \"secret_"));
    wanted.extend(codes("crates/table/src/asked.rs", "=> \""));
    let fields = fs::read_to_string(root().join("crates/outlets/src/manage/field.rs"));
    let fields = fields.expect("a source");
    let lists = fields.lines().filter(|line| line.contains("=> [\""));
    for list in lists {
        wanted.extend(list.split('"').skip(1).step_by(2).map(str::to_owned));
    }
    let document = Document::read();
    let said = document.0["components"]["schemas"]["Code"]["enum"].as_array();
    let said = said.expect("codes").iter().filter_map(Value::as_str);
    let said: BTreeSet<String> = said.map(str::to_owned).collect();
    assert_eq!(said, wanted);
}

/// What the API shares with the tool and with the notifications is the same in both documents. Only
/// what it is called differs.
#[test]
fn the_shapes_are_those_of_the_schemas() {
    let document = Document::read();
    let schemas = &document.0["components"]["schemas"];
    for (name, file) in [
        ("Event", "event"),
        ("ProblemEvent", "problem"),
        ("Endpoint", "outlet"),
        ("CreatedEndpoint", "outlet-added"),
        ("RemovedEndpoint", "outlet-removed"),
        ("TestedEndpoint", "outlet-tested"),
        ("RotatedSecret", "outlet-rotated"),
        ("Retried", "retried"),
    ] {
        let path = root().join(format!("docs/schemas/{file}.json"));
        let text = fs::read_to_string(path).expect("a schema");
        let text = text.replace("\"event.json\"", "\"#/components/schemas/Event\"");
        let wanted: Value = serde_json::from_str(&text).expect("JSON");
        for word in ["type", "required", "properties"] {
            assert_eq!(schemas[name][word], wanted[word], "{name}: {word}");
        }
    }
}
