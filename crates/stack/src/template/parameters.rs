//! The parameters' values.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::error::TemplateError;

/// The parameter that lists the providers.
const PROVIDERS: &str = "Providers";

/// Returns the parameter that chooses these providers, because the template has no default for it.
/// A later value of the same parameter overrides it.
#[must_use]
pub fn providers<'a>(names: impl IntoIterator<Item = &'a str>) -> (String, String) {
    let names: Vec<&str> = names.into_iter().collect();
    (PROVIDERS.to_owned(), names.join(","))
}

/// Returns the parameters' values. They are the defaults, unless they are overridden. A list is an
/// array of texts. What has neither is left out: only what needs it needs to complain.
pub(super) fn values(
    document: &Value,
    overrides: &[(String, String)],
) -> Result<BTreeMap<String, Value>, TemplateError> {
    let parameters = document.get("Parameters").and_then(Value::as_object);
    let parameters = parameters.cloned().unwrap_or_default();
    if let Some((name, _)) = overrides
        .iter()
        .find(|(name, _)| !parameters.contains_key(name))
    {
        let known: Vec<&str> = parameters.keys().map(String::as_str).collect();
        let known = known.join(", ");
        return Err(TemplateError::NoSuchParameter(name.clone(), known));
    }
    let values = parameters.iter().filter_map(|(name, parameter)| {
        let given = overrides.iter().rfind(|(given, _)| given == name);
        let value = match given {
            Some((_, value)) => json!(value),
            None => parameter.get("Default")?.clone(),
        };
        let is_list = parameter.get("Type") == Some(&json!("CommaDelimitedList"));
        let value = match value.as_str() {
            Some(text) if is_list => text.split(',').map(str::trim).collect(),
            _ => value,
        };
        Some((name.clone(), value))
    });
    Ok(values.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Value {
        json!({"Parameters": {
            "Size": {"Type": "Number", "Default": 7},
            "Providers": {"Type": "CommaDelimitedList"},
        }})
    }

    #[test]
    fn the_last_value_of_a_parameter_counts() {
        let given = [
            providers(["acme", "globex"]),
            ("Providers".to_owned(), "globex, initech".to_owned()),
        ];
        let values = values(&document(), &given).unwrap();
        assert_eq!(values["Providers"], json!(["globex", "initech"]));
        assert_eq!(values["Size"], json!(7));
    }

    #[test]
    fn a_parameter_without_a_value_is_left_out() {
        let values = values(&document(), &[]).unwrap();
        assert_eq!(values, BTreeMap::from([("Size".to_owned(), json!(7))]));
    }
}
