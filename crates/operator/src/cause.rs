//! What is behind an error.

use std::error::Error;

/// Returns what was wrong in the first place, without the layers above it.
pub(crate) fn root_cause(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
