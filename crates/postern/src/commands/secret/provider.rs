//! Reads the provider whose key it is.

use shared::provider::Strength;
use shared::sender::Sender;

use crate::words;

/// Reads the name of a provider that has a secret.
///
/// # Errors
/// Returns the names of all providers, or says that this one has no secret.
pub(super) fn sender(name: &str) -> Result<&'static dyn Sender, String> {
    let name = words::provider(name)?;
    let sender = registry::sender(&name).ok_or_else(|| name.clone())?;
    if sender.strength() == Strength::Transport {
        return Err(format!("{name} has no secret: its queue vouches for it"));
    }
    Ok(sender)
}
