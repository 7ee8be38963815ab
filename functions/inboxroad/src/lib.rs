//! Inboxroad webhooks, the signed format with `kind`
//! (www.inboxroad.com/help/webhook-handling-email-events; read 2026-11-21).
//!
//! Signed: the raw body, HMAC-SHA256, standard padded base64, in `X-Signature`. Hex is not
//! documented and is refused. The older unsigned `PowerMTA`-style format cannot be authenticated
//! and is refused with it; signed, it is read.
//!
//! Window: none; nothing signed carries a time of sending, so exact de-duplication is what makes a
//! replay harmless.
//!
//! Delivery: one object per request in every sample; an array is read too. Retries are not
//! documented.
//!
//! Identity: there is no event id; a fingerprint of kind, message id, recipient, timestamp, url,
//! change, list, `sync_type` and `dsn_status`, and of the whole element where kind, message id,
//! recipient or timestamp is missing.

mod payload;

use jiff::Timestamp;
use shared::auth::{self, Authentic};
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::Event;
use shared::incoming::Incoming;
use shared::normalize::Budget;
use shared::parts::{Field, Form, Scheme};
use shared::places::Places;
use shared::provider::Provider;
use shared::rejection::Rejection;
use shared::secrets::Secrets;
use shared::sender::Sender;
use shared::signing_key::SigningKey;

const SIGNATURE: &str = "x-signature";

/// Where a body says when something happened, and to whom.
const PLACES: Places = Places {
    times: &[&["timestamp"], &["timeLogged"]],
    recipients: &[&["recipient"], &["rcpt"]],
};

/// Inboxroad.
pub struct Inboxroad;

impl Provider for Inboxroad {
    fn name(&self) -> &'static str {
        "inboxroad"
    }

    fn verify<'a>(
        &self,
        request: &Incoming<'a>,
        secrets: &Secrets,
    ) -> Result<Authentic<'a>, Rejection> {
        let signature = auth::from_base64(request.signature(SIGNATURE)?)?;
        auth::hmac_sha256(request, secrets, &[], &signature)
    }

    fn events(&self, element: &Element<'_>, delivery: &Delivery, _budget: &Budget) -> Vec<Event> {
        payload::events(element, delivery)
    }
}

impl Sender for Inboxroad {
    fn scheme(&self) -> Scheme {
        const FIELDS: &[Field] = &[Field::signature(SIGNATURE, Form::Base64(32))];
        Scheme::of_body(FIELDS)
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey {
            provider: "Inboxroad",
            name: "the webhook's HMAC secret",
            place: "Inboxroad > Settings > Webhooks > your webhook: it has a button that copies it",
            api_key: None,
            is_chosen: false,
            retries: None,
        }
    }

    fn sign(&self, key: &str, body: &[u8], _at: Timestamp) -> Vec<(&'static str, String)> {
        vec![(SIGNATURE, auth::sign_hmac_sha256_base64(key, &[], body))]
    }
}
