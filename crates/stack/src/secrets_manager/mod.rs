//! The secrets service: as much of Secrets Manager as a receiver and its operator use.
//!
//! It answers `CreateSecret`, `PutSecretValue`, `GetSecretValue` and `DescribeSecret`, by AWS's
//! rules for versions and in AWS's words. Everything is in memory, and nobody's permission is
//! checked.
//!
//! A staging label is what AWS gives a version by itself: `AWSCURRENT` or `AWSPREVIOUS`.

mod error;
mod http;
mod vault;

use std::collections::BTreeMap;

pub use self::error::VaultError;
pub use self::http::router;
pub use self::vault::{Described, Outline, Value, Vault};
use crate::template::Template;

/// The variable that the template sets for every receiver: the name of its secret.
pub const NAME_VARIABLE: &str = "WEBHOOK_SECRET_NAME";

/// Returns a service with the secret of each receiver, under the name that the template gives it. A
/// function without one in `secrets`, by its package, finds none.
///
/// # Errors
/// Returns a [`VaultError`] if the template's name cannot be one, or names two secrets.
pub fn of(template: &Template, secrets: &BTreeMap<String, String>) -> Result<Vault, VaultError> {
    let vault = Vault::default();
    for function in &template.functions {
        let name = function.environment.get(NAME_VARIABLE);
        if let (Some(name), Some(secret)) = (name, secrets.get(&function.package)) {
            vault.create(name, None, Value::text(secret))?;
        }
    }
    Ok(vault)
}
