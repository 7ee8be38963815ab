//! The labels in a secret that mean something to Postern.

/// The label under which the template generates a random key that nobody has set yet. The key does
/// not have a provider's form, and no signature matches it.
pub const UNSET_LABEL: &str = "unset";

/// The label of the URL key. Every label that starts like it is reserved, so that a misspelt one is
/// not read as a signing key.
pub const URL_KEY: &str = "?key";
