//! What a request would be if somebody vouched for it. Nothing of it is stored.

use std::borrow::Cow;

use jiff::Timestamp;
use registry::Normalized;
use shared::auth;
use shared::delivery::Delivery;
use shared::json::repair;
use shared::sender::Sender;

/// Stands for the queue that would have vouched for it.
const NOBODY: &str = "page";
/// The largest body that is read for this.
const BYTES: usize = 1024 * 1024;

/// Returns the events that a body would be. Returns `None` if it would be none.
pub(crate) fn events(provider: &dyn Sender, body: &[u8], at: Timestamp) -> Option<Normalized> {
    let body = unsigned(provider, body);
    if body.len() > BYTES {
        return None;
    }
    let text = repair(&body)?;
    let authentic = auth::transport(NOBODY, NOBODY, &text)?;
    let delivery = Delivery::seal(authentic, provider.name(), at);
    registry::normalize_with(provider, delivery).ok()
}

/// Returns the body that a provider makes its request of: of a form, the value of its only field.
pub(crate) fn unsigned<'a>(provider: &dyn Sender, body: &'a [u8]) -> Cow<'a, [u8]> {
    if !provider.signs_url() {
        return Cow::Borrowed(body);
    }
    let mut fields = form_urlencoded::parse(body);
    match (fields.next(), fields.next()) {
        (Some((_, value)), None) if !value.is_empty() => {
            Cow::Owned(value.into_owned().into_bytes())
        }
        _ => Cow::Borrowed(body),
    }
}
