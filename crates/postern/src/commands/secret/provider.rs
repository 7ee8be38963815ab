//! Reads the provider whose key it is.

use shared::sender::Sender;

use crate::words;

/// Reads a provider's name.
///
/// # Errors
/// Returns the names of all providers.
pub(super) fn sender(name: &str) -> Result<&'static dyn Sender, String> {
    let name = words::provider(name)?;
    registry::sender(&name).ok_or(name)
}
