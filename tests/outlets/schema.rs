//! Checks JSON against the schemas in `docs/schemas`, and is stricter than a reader should be: a
//! word of JSON Schema that is not known here is an error, and so is a field that no schema names.

use serde_json::{Map, Value, json};
use stack::build::root;

/// The words that say nothing about a value.
const REMARKS: [&str; 5] = ["$schema", "$id", "title", "description", "format"];

/// Checks a value against a schema of the repository. Returns where it does not fit, and why.
pub(crate) fn check(name: &str, value: &Value) -> Result<(), String> {
    let path = root().join("docs/schemas").join(name);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
    let schema = serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
    fits(&schema, value, "$")
}

fn fits(schema: &Value, value: &Value, place: &str) -> Result<(), String> {
    let words = schema.as_object().ok_or("a schema is an object")?;
    for (word, wanted) in words {
        let is_fit = match word.as_str() {
            "$ref" => return check(wanted.as_str().unwrap_or_default(), value),
            "anyOf" => return any(wanted, value, place),
            "type" => is_of(wanted, value),
            "enum" => list(wanted).contains(value),
            "required" => list(wanted).iter().all(|name| has(value, name)),
            "items" => {
                let mut items = list(value).iter();
                items.try_for_each(|item| fits(wanted, item, place))?;
                true
            }
            "properties" | "additionalProperties" => true,
            remark if REMARKS.contains(&remark) => true,
            other => return Err(format!("{place}: `{other}` is not known here")),
        };
        if !is_fit {
            return Err(format!("{place}: {word} {wanted} is not {value}"));
        }
    }
    fields(words, value, place)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn has(value: &Value, name: &Value) -> bool {
    name.as_str().is_some_and(|name| value.get(name).is_some())
}

fn any(schemas: &Value, value: &Value, place: &str) -> Result<(), String> {
    let tried = list(schemas)
        .iter()
        .map(|schema| fits(schema, value, place));
    let failures: Vec<String> = tried.map_while(Result::err).collect();
    let is_fit = failures.len() < list(schemas).len();
    is_fit.then_some(()).ok_or_else(|| failures.join("; "))
}

fn is_of(wanted: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_i64() || value.is_u64(),
        _ => false,
    };
    wanted
        .as_array()
        .map_or_else(|| is(wanted), |all| all.iter().any(is))
}

fn fields(words: &Map<String, Value>, value: &Value, place: &str) -> Result<(), String> {
    for (name, field) in value.as_object().into_iter().flatten() {
        let named = words.get("properties").and_then(|all| all.get(name));
        let schema = named.or_else(|| words.get("additionalProperties"));
        let schema = schema.ok_or_else(|| format!("{place}.{name} is in no schema"))?;
        fits(schema, field, &format!("{place}.{name}"))?;
    }
    Ok(())
}

#[test]
fn what_does_not_fit_is_found() {
    let good = json!({"type": "postern.test", "timestamp": "t", "data": {"message": "m"}});
    assert_eq!(check("notification.json", &good), Ok(()));
    for (field, value) in [
        ("type", json!(1)),
        ("data", json!({"message": 1})),
        ("data", json!({"reason": "bounced"})),
        ("raw", json!("{}")),
    ] {
        let mut bad = good.clone();
        bad[field] = value;
        assert!(check("notification.json", &bad).is_err(), "{bad}");
    }
}
