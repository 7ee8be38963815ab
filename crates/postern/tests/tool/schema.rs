//! Checks JSON against the schemas in `docs/schemas`.
//!
//! It knows the few words of JSON Schema that they use, and no other: a schema with another word is
//! refused. It is stricter than a reader should be: a field that no schema names is an error here,
//! because nobody has told readers of it.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

/// The words that say nothing about a value.
const REMARKS: [&str; 5] = ["$schema", "$id", "title", "description", "format"];

/// Returns a schema of the repository.
pub(crate) fn schema(name: &str) -> Value {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas");
    let text = std::fs::read_to_string(folder.join(name)).unwrap_or_else(|_| panic!("{name}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Checks a value against a schema of the repository. Returns where it does not fit, and why.
pub(crate) fn check(name: &str, value: &Value) -> Result<(), String> {
    fits(&schema(name), value, "$")
}

fn fits(schema: &Value, value: &Value, place: &str) -> Result<(), String> {
    let words = schema.as_object().ok_or("a schema is an object")?;
    for (word, wanted) in words {
        let fits = match word.as_str() {
            "$ref" => fits_named(wanted, value, place),
            "type" => is_of(wanted, value),
            "enum" => wanted
                .as_array()
                .is_some_and(|all| all.contains(value))
                .then_some(())
                .ok_or_else(|| format!("not one of {wanted}")),
            // By the specification this is about objects, and null may stand for one.
            "required" if value.is_null() => Ok(()),
            "required" => has_all(wanted, value),
            "items" => each(wanted, value, place),
            "properties" | "additionalProperties" => Ok(()),
            remark if REMARKS.contains(&remark) => Ok(()),
            other => Err(format!("`{other}` is not known here")),
        };
        fits.map_err(|why| {
            if why.starts_with('$') {
                why
            } else {
                format!("{place}: {why}")
            }
        })?;
    }
    fields(words, value, place)
}

fn fits_named(name: &Value, value: &Value, place: &str) -> Result<(), String> {
    let name = name.as_str().ok_or("a $ref is a name")?;
    fits(&schema(name), value, place)
}

fn is_of(wanted: &Value, value: &Value) -> Result<(), String> {
    let is = |name: &Value| match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("null") => value.is_null(),
        _ => false,
    };
    let fits = wanted
        .as_array()
        .map_or_else(|| is(wanted), |all| all.iter().any(is));
    fits.then_some(())
        .ok_or_else(|| format!("{value} is not {wanted}"))
}

fn has_all(wanted: &Value, value: &Value) -> Result<(), String> {
    let names = wanted.as_array().ok_or("`required` is a list")?.iter();
    let mut missing =
        names.filter(|name| name.as_str().is_none_or(|name| value.get(name).is_none()));
    missing
        .next()
        .map_or(Ok(()), |name| Err(format!("{name} is missing")))
}

fn each(schema: &Value, value: &Value, place: &str) -> Result<(), String> {
    let mut items = value.as_array().into_iter().flatten().enumerate();
    items.try_for_each(|(n, item)| fits(schema, item, &format!("{place}[{n}]")))
}

fn fields(words: &Map<String, Value>, value: &Value, place: &str) -> Result<(), String> {
    if words.contains_key("$ref") {
        return Ok(()); // they are in the other schema
    }
    for (name, field) in value.as_object().into_iter().flatten() {
        let named = words.get("properties").and_then(|all| all.get(name));
        let schema = named.or_else(|| words.get("additionalProperties"));
        let schema = schema.ok_or_else(|| format!("{place}.{name} is in no schema"))?;
        fits(schema, field, &format!("{place}.{name}"))?;
    }
    Ok(())
}

#[test]
fn a_schema_names_every_field_that_there_is() {
    let event = schema("event.json");
    let named = event["properties"].as_object().expect("properties").keys();
    let mut named: Vec<&str> = named.map(String::as_str).collect();
    let mut known: Vec<&str> = table::announced::FIELDS.to_vec();
    known.extend(table::announced::VERBATIM);
    known.push(table::announced::TRUNCATED);
    named.sort_unstable();
    known.sort_unstable();
    assert_eq!(named, known);
    let kinds = event["properties"]["kind"]["enum"]
        .as_array()
        .expect("kinds");
    assert!(kinds.iter().eq(shared::event::Kind::NAMES.iter()));
}

#[test]
fn the_check_of_a_schema_fails_on_whatever_does_not_fit() {
    let good = json!({"error": {"code": "c", "message": "m", "hint": null}});
    assert_eq!(check("error.json", &good), Ok(()));
    for (bad, why) in [
        (json!([]), "$: \"error\" is missing"),
        (json!({}), "$: \"error\" is missing"),
        (
            json!({"error": {"code": 1, "message": "m", "hint": null}}),
            "$.error.code: 1 is not \"string\"",
        ),
        (
            json!({"error": {"code": "c", "message": "m"}}),
            "$.error: \"hint\" is missing",
        ),
        (
            json!({"error": {"code": "c", "message": "m", "hint": null}, "x": 1}),
            "$.x is in no schema",
        ),
    ] {
        assert_eq!(check("error.json", &bad), Err(why.to_owned()));
    }
    let event =
        json!({"id": "e", "occurred_at": "", "provider": "p", "channel": "email", "kind": "x"});
    let why = check("event.json", &event).expect_err("no kind");
    assert!(why.starts_with("$.kind: not one of "), "{why}");
}
