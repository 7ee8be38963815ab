//! Reads the keys of providers from a file: they are in no command line, which others can see.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::CommandError;

/// `--keys FILE`.
#[derive(clap::Args)]
pub(super) struct Keys {
    /// Providers' keys instead of the invented ones: a JSON object of provider -> key
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
}

impl Keys {
    /// Returns the secrets by provider.
    ///
    /// # Errors
    /// Returns an error that says what is wrong with the file, without its text.
    pub(super) fn read(&self) -> Result<BTreeMap<String, String>, CommandError> {
        self.keys
            .as_deref()
            .map(read)
            .transpose()
            .map(Option::unwrap_or_default)
    }
}

/// Reads a file of one JSON object. A provider's value is its secret: a key, or an object of label
/// -> key.
fn read(path: &Path) -> Result<BTreeMap<String, String>, CommandError> {
    let wrong = |cause: &str| CommandError::Keys {
        path: path.to_owned(),
        cause: cause.to_owned(),
    };
    let text = std::fs::read(path).map_err(|source| CommandError::File {
        path: path.to_owned(),
        source,
    })?;
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&text).map_err(|_| wrong("no JSON object of provider -> key"))?;
    let mut secrets = BTreeMap::new();
    for (provider, secret) in object {
        if registry::provider(&provider).is_none() {
            let known = registry::PROVIDERS.iter().map(|p| p.name());
            let known = known.collect::<Vec<_>>().join(" ");
            return Err(wrong(&format!("a name is no provider; they are {known}")));
        }
        let text = match secret {
            serde_json::Value::String(text) => text,
            serde_json::Value::Object(labels) => serde_json::Value::Object(labels).to_string(),
            _ => return Err(wrong(&format!("the key of {provider} is no text"))),
        };
        if text.trim().is_empty() {
            return Err(wrong(&format!("the key of {provider} is blank")));
        }
        secrets.insert(provider, text);
    }
    Ok(secrets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_keys_is_one_object_and_is_not_shown() {
        let path = std::env::temp_dir().join(format!("postern-keys-{}.json", std::process::id()));
        let keys = Keys {
            keys: Some(path.clone()),
        };
        std::fs::write(&path, r#"{"insider":"k-1","resend":{"eu":"whsec_1"}}"#).unwrap();
        let read = keys.read().unwrap();
        assert_eq!(read["insider"], "k-1");
        assert_eq!(read["resend"], r#"{"eu":"whsec_1"}"#);
        let names: Vec<&str> = registry::PROVIDERS.iter().map(|p| p.name()).collect();
        let no_provider = format!("a name is no provider; they are {}", names.join(" "));
        for (text, cause) in [
            ("s3cr3t", "no JSON object of provider -> key"),
            (r#"["s3cr3t"]"#, "no JSON object of provider -> key"),
            (r#"{"insider":7}"#, "the key of insider is no text"),
            (r#"{"insider":" "}"#, "the key of insider is blank"),
            (r#"{"s3cr3t":"s3cr3t"}"#, no_provider.as_str()),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = keys.read().unwrap_err();
            assert_eq!(error.to_string(), format!("{}: {cause}", path.display()));
            assert_eq!(error.code(), "keys_unreadable");
        }
        std::fs::remove_file(&path).unwrap();
        assert_eq!(keys.read().unwrap_err().code(), "file_unreadable");
    }
}
