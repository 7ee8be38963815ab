//! How a step of the benchmark ends.

/// Whatever goes wrong, for the user.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
