//! Log lines: JSON, one per outcome, fields not sentences. The types that hold addresses, secrets, headers and bodies
//! cannot be serialized, so they cannot get here.

use serde::Serialize;

/// Prints why a function does not start, or stops, to stderr: there is no webhook to answer for it.
pub fn stopped(provider: &str, code: &str, message: &str) {
    let fields = serde_json::json!({
        "level": "error", "function": provider, "code": code, "message": message,
    });
    eprintln!("{fields}");
}

/// Prints one line. A line that cannot be written is not worth a webhook, so it is dropped.
pub fn line<T: Serialize>(fields: &T) {
    use std::io::Write as _;
    if let Ok(mut text) = serde_json::to_vec(fields) {
        text.push(b'\n');
        let _ = std::io::stdout().lock().write_all(&text);
    }
}
