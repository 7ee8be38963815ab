//! Reads the keys that are given on the command line.

use std::collections::BTreeMap;

use crate::error::CommandError;

/// `--secret PROVIDER=KEY`.
#[derive(clap::Args)]
pub(super) struct Secrets {
    /// A provider's key, or its JSON object of label -> key; else that of its samples
    // The text is read by `read` and not by clap, because clap shows what it cannot read, and that
    // may be a key.
    #[arg(long, value_name = "PROVIDER=KEY")]
    secret: Vec<String>,
}

impl Secrets {
    /// Returns the secrets by provider.
    ///
    /// # Errors
    /// Returns an error that says what is wrong with a `--secret`, without its text.
    pub(super) fn read(&self) -> Result<BTreeMap<String, String>, CommandError> {
        let mut secrets = BTreeMap::new();
        for secret in &self.secret {
            let pair = secret.split_once('=');
            let known = pair.filter(|(provider, _)| registry::provider(provider).is_some());
            let (provider, key) = known.ok_or(CommandError::SecretForm)?;
            let provider = provider.to_owned();
            if key.trim().is_empty() {
                return Err(CommandError::SecretBlank(provider));
            }
            if secrets.insert(provider.clone(), key.to_owned()).is_some() {
                return Err(CommandError::SecretTwice(provider));
            }
        }
        Ok(secrets)
    }
}
