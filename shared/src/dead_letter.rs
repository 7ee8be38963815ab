//! What the consumer says about a message that it puts aside, in message attributes.

/// The codes of what is wrong, separated by commas.
pub const CODE: &str = "code";
/// When the message was put aside, RFC 3339.
pub const FAILED_AT: &str = "failed_at";
/// The id that the message had when it was put aside first. A redrive gives it another.
///
/// If the consumer stops after it has put a message aside and before it has said so, the message
/// comes again and is put aside twice. By this id the two are one.
pub const FIRST_MESSAGE_ID: &str = "first_message_id";
