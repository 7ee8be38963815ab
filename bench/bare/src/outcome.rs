//! What can go wrong here: anything, and it ends the process.

/// A result of anything.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
