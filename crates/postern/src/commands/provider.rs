//! A provider's name on the command line.

/// Checks that there is a provider of this name.
pub(super) fn known(name: &str) -> Result<String, String> {
    let known = || {
        let names: Vec<&str> = registry::PROVIDERS.iter().map(|p| p.name()).collect();
        format!("expected one of {}", names.join(", "))
    };
    registry::provider(name).ok_or_else(known)?;
    Ok(name.to_owned())
}
