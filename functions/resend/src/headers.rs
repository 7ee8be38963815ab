//! The headers that Resend signs, under either of two sets of names.

use shared::delivery::Delivery;
use shared::incoming::{Incoming, Window};
use shared::parts::{Field, Form, Scheme};

/// The names of the three signed headers.
pub(crate) struct Names {
    pub(crate) id: &'static str,
    pub(crate) timestamp: &'static str,
    pub(crate) signature: &'static str,
    fields: &'static [Field],
    covers: &'static str,
}

impl Names {
    /// Returns what vouches under these names.
    pub(crate) fn scheme(&self, window: Window) -> Scheme {
        Scheme {
            window: Some(window),
            ..Scheme::of(self.fields, self.covers)
        }
    }
}

pub(crate) const SVIX: Names = Names {
    id: "svix-id",
    timestamp: "svix-timestamp",
    signature: "svix-signature",
    fields: &[
        Field::id("svix-id"),
        Field::seconds("svix-timestamp"),
        Field::signature("svix-signature", Form::StandardWebhooks),
    ],
    covers: "svix-id.svix-timestamp.body",
};
pub(crate) const UNBRANDED: Names = Names {
    id: "webhook-id",
    timestamp: "webhook-timestamp",
    signature: "webhook-signature",
    fields: &[
        Field::id("webhook-id"),
        Field::seconds("webhook-timestamp"),
        Field::signature("webhook-signature", Form::StandardWebhooks),
    ],
    covers: "webhook-id.webhook-timestamp.body",
};
/// Returns one set of names or the other. Where both were sent, Svix's are the ones that are
/// checked, and read afterwards.
pub(crate) fn names(request: &Incoming<'_>) -> &'static Names {
    let is_svix = [SVIX.id, SVIX.timestamp, SVIX.signature]
        .iter()
        .any(|name| request.has(name));
    if is_svix { &SVIX } else { &UNBRANDED }
}

/// Returns the signed id of a delivery: the proof carried it, without the white space around it,
/// which a header may have and which is not signed.
pub(crate) fn signed_id(delivery: &Delivery) -> Option<&str> {
    let id = delivery
        .header(SVIX.id)
        .or_else(|| delivery.header(UNBRANDED.id))?;
    Some(id).filter(|id| !id.is_empty())
}
