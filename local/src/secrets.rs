//! Where the local secrets come from: `--secret provider=KEY`, else `events/<provider>/secret.txt`.

use std::collections::BTreeMap;

use crate::functions::root;

/// What the template sets for every receiver, and nothing here could answer.
pub(crate) const ARN_VARIABLE: &str = "WEBHOOK_SECRET_ARN";

/// The secret of a provider.
///
/// # Errors
/// A text for the person at the terminal.
pub fn of(provider: &str, given: &BTreeMap<String, String>) -> Result<String, String> {
    if let Some(secret) = given.get(provider) {
        return Ok(secret.clone());
    }
    let path = root().join("events").join(provider).join("secret.txt");
    let text = std::fs::read_to_string(&path).map_err(|error| {
        format!("no secret for {provider}: give --secret {provider}=KEY, or write events/{provider}/secret.txt ({error})")
    })?;
    // An editor ends the file with a line break, which is not part of the key.
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}
