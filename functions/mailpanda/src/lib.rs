//! `MailPanda` webhooks (www.mailpanda.io/docs/webhooks; read 2026-11-21).
//!
//! Signed: the raw body, HMAC-SHA256, hex, in `X-Webhook-Signature`. The key is the literal secret,
//! `whsec_` included: this is not Standard Webhooks. A `sha256=` prefix is read too.
//!
//! Window: none; nothing signed carries a time of sending, so exact de-duplication is what makes a
//! replay harmless.
//!
//! Delivery: the body that is sent to us is not documented; the flat shape of the provider's own
//! inbound API is assumed, one object or an array, also nested under `data`. Retries are not
//! documented. The documented answer is `{"received":true}`.
//!
//! Identity: there is no event id; a fingerprint of type, email id, recipient, timestamp and link,
//! and of the whole element where one of the first four is missing.

mod payload;

use jiff::Timestamp;
use shared::answers::Answers;
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

const SIGNATURE: &str = "x-webhook-signature";

/// Where a body says when something happened, and to whom.
const PLACES: Places = Places {
    times: &[
        &["timestamp"],
        &["created_at"],
        &["data", "timestamp"],
        &["data", "created_at"],
    ],
    recipients: &[
        &["recipient"],
        &["email"],
        &["to"],
        &["data", "recipient"],
        &["data", "email"],
        &["data", "to"],
    ],
};

/// `MailPanda`.
pub struct Mailpanda;

impl Provider for Mailpanda {
    fn name(&self) -> &'static str {
        "mailpanda"
    }

    fn verify<'a>(
        &self,
        request: &Incoming<'a>,
        secrets: &Secrets,
    ) -> Result<Authentic<'a>, Rejection> {
        let header = request.signature(SIGNATURE)?;
        let signature = auth::from_hex(header.strip_prefix("sha256=").unwrap_or(header))?;
        auth::hmac_sha256(request, secrets, &[], &signature)
    }

    fn events(&self, element: &Element<'_>, delivery: &Delivery, _budget: &Budget) -> Vec<Event> {
        payload::events(element, delivery)
    }

    fn answers(&self) -> Answers {
        Answers {
            accepted: r#"{"received":true}"#,
            ..Answers::default()
        }
    }
}

impl Sender for Mailpanda {
    fn scheme(&self) -> Scheme {
        const FIELDS: &[Field] = &[Field::signature(SIGNATURE, Form::Hex(32))];
        Scheme::of_body(FIELDS)
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey {
            provider: "MailPanda",
            name: "the webhook's secret",
            place: "MailPanda > POST /api/webhooks/manage, secret: you choose it",
            api_key: None,
            is_chosen: true,
            retries: None,
        }
    }

    fn sign(&self, key: &str, body: &[u8], _at: Timestamp) -> Vec<(&'static str, String)> {
        vec![(SIGNATURE, auth::sign_hmac_sha256_hex(key, &[], body))]
    }
}
