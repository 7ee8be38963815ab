//! The label in a secret that means something to Postern.

/// The label of the URL key. Every label that starts like it is reserved, so that a misspelt one is
/// not read as a signing key.
pub const URL_KEY: &str = "?key";
