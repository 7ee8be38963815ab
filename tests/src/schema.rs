//! Checks JSON against a schema, and is stricter than a reader should be: a word of JSON Schema
//! that is not known here is an error, and so is a field that no schema names.

use serde_json::{Map, Value};

/// The words that say nothing about a value.
const REMARKS: [&str; 7] = [
    "$schema",
    "$id",
    "title",
    "description",
    "format",
    "default",
    "examples",
];

/// Finds the schema that a reference names.
pub type Named<'a> = &'a dyn Fn(&str) -> Result<Value, String>;

/// Checks a value against a schema.
///
/// # Errors
/// Says where it does not fit, and why.
pub fn fits(schema: &Value, value: &Value, named: Named<'_>) -> Result<(), String> {
    fits_at("$", schema, value, named)
}

fn fits_at(place: &str, schema: &Value, value: &Value, named: Named<'_>) -> Result<(), String> {
    let words = schema.as_object().ok_or("a schema is an object")?;
    for (word, wanted) in words {
        let is_fit = match word.as_str() {
            "$ref" => {
                let schema = named(wanted.as_str().unwrap_or_default())?;
                return fits_at(place, &schema, value, named);
            }
            "anyOf" => return any(place, wanted, value, named),
            "type" => is_of(wanted, value),
            "enum" => list(wanted).contains(value),
            "required" => list(wanted).iter().all(|name| has(value, name)),
            "items" => {
                let mut items = list(value).iter();
                items.try_for_each(|item| fits_at(place, wanted, item, named))?;
                true
            }
            "minimum" => value
                .as_i64()
                .zip(wanted.as_i64())
                .is_some_and(|(n, m)| n >= m),
            "maximum" => value
                .as_i64()
                .zip(wanted.as_i64())
                .is_some_and(|(n, m)| n <= m),
            "minItems" => is_at_least(list(value).len(), wanted),
            "maxItems" => !is_at_least(list(value).len(), wanted) || *wanted == list(value).len(),
            "minLength" => is_at_least(characters(value), wanted),
            "maxLength" => !is_at_least(characters(value), wanted) || *wanted == characters(value),
            "properties" | "additionalProperties" => true,
            remark if REMARKS.contains(&remark) => true,
            other => return Err(format!("{place}: `{other}` is not known here")),
        };
        if !is_fit {
            return Err(format!("{place}: {word} {wanted} is not {value}"));
        }
    }
    fields(place, words, value, named)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn characters(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.chars().count())
}

fn is_at_least(count: usize, wanted: &Value) -> bool {
    let wanted = wanted
        .as_u64()
        .and_then(|wanted| usize::try_from(wanted).ok());
    wanted.is_some_and(|wanted| count >= wanted)
}

fn has(value: &Value, name: &Value) -> bool {
    name.as_str().is_some_and(|name| value.get(name).is_some())
}

fn any(place: &str, schemas: &Value, value: &Value, named: Named<'_>) -> Result<(), String> {
    let tried = list(schemas)
        .iter()
        .map(|schema| fits_at(place, schema, value, named));
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
        Some("null") => value.is_null(),
        _ => false,
    };
    wanted
        .as_array()
        .map_or_else(|| is(wanted), |all| all.iter().any(is))
}

fn fields(
    place: &str,
    words: &Map<String, Value>,
    value: &Value,
    named: Named<'_>,
) -> Result<(), String> {
    for (name, field) in value.as_object().into_iter().flatten() {
        let known = words.get("properties").and_then(|all| all.get(name));
        let schema = known.or_else(|| words.get("additionalProperties"));
        let schema = schema.filter(|schema| schema.is_object());
        let schema = schema.ok_or_else(|| format!("{place}.{name} is in no schema"))?;
        fits_at(&format!("{place}.{name}"), schema, field, named)?;
    }
    Ok(())
}
