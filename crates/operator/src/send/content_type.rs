//! What a body is sent as.

use shared::sender::Sender;

/// Returns the content type to send a body with.
///
/// JSON is UTF-8 (RFC 8259, section 8.1). An API may pass a body that is declared as JSON on as
/// text, with U+FFFD for what is not UTF-8. The signature covers the original bytes, so a body that
/// is not UTF-8 is not declared as JSON.
#[must_use]
pub fn content_type(sender: &dyn Sender, body: &[u8]) -> &'static str {
    if std::str::from_utf8(body).is_ok() {
        sender.content_type()
    } else {
        "application/octet-stream"
    }
}
