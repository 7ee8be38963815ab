//! Generates the value of a secret as `CloudFormation` does (`GenerateSecretString`).

use serde_json::Value;
use uuid::Uuid;

use crate::template::TemplateError;

/// How many characters a value has unless the template says so.
const LENGTH: u64 = 32;
/// The characters of a value without punctuation.
const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Returns a random value for the resource of this name, by its settings.
///
/// # Errors
/// Returns [`TemplateError::Unexpected`] if the settings ask for something that is unknown here.
pub(crate) fn generated(id: &str, settings: &Value) -> Result<String, TemplateError> {
    let unexpected = || TemplateError::Unexpected(format!("{id}.GenerateSecretString"));
    let mut length = LENGTH;
    let mut is_plain = false;
    for (name, value) in settings.as_object().ok_or_else(unexpected)? {
        match name.as_str() {
            "PasswordLength" => length = value.as_u64().ok_or_else(unexpected)?,
            "ExcludePunctuation" => is_plain = value == true,
            _ => return Err(unexpected()),
        }
    }
    let length = usize::try_from(length).map_err(|_| unexpected())?;
    is_plain.then(|| random(length)).ok_or_else(unexpected)
}

/// Returns so many random letters and digits.
fn random(length: usize) -> String {
    let ids = std::iter::repeat_with(|| Uuid::new_v4().into_bytes());
    // Two bytes of such an id say what kind of id it is. The others are the system's.
    let bytes = ids.flat_map(|id| id.into_iter().enumerate());
    let bytes = bytes.filter_map(|(place, byte)| (![6, 8].contains(&place)).then_some(byte));
    // What is beyond the last whole alphabet would make the first letters likelier.
    let places = bytes.filter(|byte| *byte < 4 * 62).map(|byte| byte % 62);
    let letters = places.filter_map(|place| LETTERS.get(usize::from(place)));
    letters.take(length).map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_has_letters_and_digits_and_is_never_the_same() {
        let settings = json!({"PasswordLength": 64, "ExcludePunctuation": true});
        let values = [(); 2].map(|()| generated("S", &settings).unwrap());
        for value in &values {
            assert_eq!(value.len(), 64);
            assert!(value.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
        assert_ne!(values[0], values[1]);
    }

    #[test]
    fn what_is_unknown_is_refused() {
        for settings in [
            json!({"PasswordLength": 64}),
            json!({"ExcludePunctuation": true, "SecretStringTemplate": "{}"}),
            json!({"ExcludePunctuation": true, "PasswordLength": "many"}),
            json!("yes"),
        ] {
            let error = generated("S", &settings).unwrap_err().to_string();
            assert!(error.contains("S.GenerateSecretString"), "{error}");
        }
    }
}
