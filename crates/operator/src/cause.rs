//! What is behind an error.

use std::error::Error;

use aws_sdk_dynamodb::error::ErrorMetadata;

/// AWS's codes for what a policy does not allow.
const DENIED: [&str; 6] = [
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "NotAuthorized",
    "UnauthorizedOperation",
];

/// Checks for the codes by which AWS's services say that the caller may not.
#[must_use]
pub fn is_denial(code: &str) -> bool {
    DENIED.contains(&code)
}

/// Returns what was wrong in the first place, without the layers above it. Of an answer of a
/// service these are its words and its code.
#[must_use]
pub fn root_cause(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        if let Some(answer) = source.downcast_ref::<ErrorMetadata>() {
            return in_words(answer);
        }
        error = source;
    }
    error.to_string()
}

/// Returns what a service says, and its code.
fn in_words(answer: &ErrorMetadata) -> String {
    let code = answer.code().unwrap_or("no code");
    match answer.message() {
        Some(message) if !message.is_empty() => format!("{message} ({code})"),
        _ => code.to_owned(),
    }
}
