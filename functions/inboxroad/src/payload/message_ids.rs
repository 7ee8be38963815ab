//! How Inboxroad names a message.

use shared::event::bare_message_id;

/// The two forms of a message's name. `delivered` and `bounce` have the RFC Message-ID
/// `<uuid@domain>`; `open`, `click` and `subscription_changed` have a bare UUID.
pub(super) struct MessageIds {
    pub(super) message_id: Option<String>,
    pub(super) rfc_message_id: Option<String>,
}

impl MessageIds {
    /// A judgement, not documented: where the part before the `@` is a UUID, it is the other form's
    /// UUID, so that an open joins its delivery. Any other Message-ID (the sender's own) is kept
    /// whole.
    pub(super) fn of(text: Option<&str>) -> Self {
        let text = text.unwrap_or_default().trim();
        let bare = bare_message_id(text).unwrap_or_default();
        let local = bare.split_once('@').map(|(local, _)| local);
        let message_id = local.filter(|local| is_uuid(local)).unwrap_or(&bare);
        let is_rfc = bare != text || local.is_some();
        let some = |id: &str| (!id.is_empty()).then(|| id.to_owned());
        Self {
            message_id: some(message_id),
            rfc_message_id: some(&bare).filter(|_| is_rfc),
        }
    }
}

/// 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let groups = text.split('-').map(str::len);
    groups.eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}
