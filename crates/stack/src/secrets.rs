//! Fills the secrets service: with the secrets that are given, and with those of the template.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::data;
use crate::error::Error;
use crate::secrets_manager::{Keep, Value, Vault, generated};
use crate::template::{Template, TemplateError};

/// The variable that the template sets for every receiver: the name of its secret.
pub(crate) const NAME_VARIABLE: &str = "WEBHOOK_SECRET_NAME";

/// The file in the folder that keeps what is not given at every start.
const FILE: &str = "secrets.json";

/// Returns a service with the secret of each receiver, under the name that the template gives it. A
/// function without one in `given`, by its package, finds none. The template's own secrets are
/// generated, unless an earlier run has left them in the folder.
///
/// # Errors
/// Returns an [`Error`] if the template's name cannot be one, or names two secrets, or if the
/// folder cannot be used.
pub(crate) fn vault(
    template: &Template,
    given: &BTreeMap<String, String>,
    folder: Option<&Path>,
) -> Result<Vault, Error> {
    let vault = match folder {
        Some(folder) => kept(folder)?,
        None => Vault::default(),
    };
    for function in &template.functions {
        let name = function.environment.get(NAME_VARIABLE);
        if let (Some(name), Some(secret)) = (name, given.get(&function.package)) {
            vault.give(name, Value::text(secret))?;
        }
    }
    for (id, properties) in &template.secrets {
        let name = properties.get("Name").and_then(Json::as_str);
        let name = name.ok_or_else(|| TemplateError::Unexpected(format!("{id}.Name")))?;
        let settings = properties.get("GenerateSecretString");
        if let Some(settings) = settings.filter(|_| !vault.has(name)) {
            let value = generated(id, settings)?;
            vault.create(name, None, Value::text(&value))?;
        }
    }
    Ok(vault)
}

/// Returns a service that goes on from what the folder has, and keeps it there.
fn kept(folder: &Path) -> Result<Vault, Error> {
    let text = data::read(folder, FILE)?;
    let place = folder.to_owned();
    let keep: Keep = Arc::new(move |text| data::replace(&place, FILE, text).is_ok());
    let unreadable = format!("{FILE} is not as the stack has written it");
    let vault = Vault::kept(text.as_deref(), keep);
    vault.ok_or_else(|| data::unusable(folder, &unreadable))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = r"
Resources:
  S:
    Type: AWS::SecretsManager::Secret
    Properties:
      Name: !Sub ${AWS::StackName}/sealing
      GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true }
";

    #[test]
    fn a_generated_secret_is_the_same_after_a_restart() {
        let folder = std::env::temp_dir().join(format!("postern-secrets-{}", std::process::id()));
        let template = Template::parse(TEMPLATE, &[], "").unwrap();
        let start = |folder| {
            let vault = vault(&template, &BTreeMap::new(), folder).unwrap();
            let got = vault.get("local/sealing", None, None).unwrap();
            (got.id, got.value)
        };
        let first = start(Some(folder.as_path()));
        assert_eq!(start(Some(folder.as_path())), first);
        assert_ne!(start(None), first);
        std::fs::write(folder.join(FILE), "{").unwrap();
        let refused = vault(&template, &BTreeMap::new(), Some(&folder));
        assert_eq!(refused.err().unwrap().code(), "data_unusable");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
