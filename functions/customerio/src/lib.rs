//! Customer.io reporting webhooks (docs.customer.io/integrations/api/webhooks, `OpenAPI`
//! journeys-webhooks.json; read 2026-11-21).
//!
//! Signed: `v0:<X-CIO-Timestamp as sent>:<raw body>`, HMAC-SHA256, hex, in `X-CIO-Signature`. The
//! key is an opaque string. The documents' first sentence (key and body only) contradicts their
//! next one and the official SDK; it is wrong.
//!
//! Window: none is documented, nor whether a retry is signed afresh. Default 8 days behind: retries
//! go on for 7 days, and one refused retry would block the whole feed; exact de-duplication is what
//! makes a replay harmless. 5 minutes ahead.
//!
//! Delivery: one object per request; 4 s; retried for 7 days, with every later event waiting behind
//! the refused one.
//!
//! Identity: `event_id`, which is unique per reported event and signed.

mod payload;
mod vocabulary;

use jiff::{SignedDuration, Timestamp};
use shared::auth::{self, Authentic};
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::Event;
use shared::incoming::{Incoming, Window};
use shared::normalize::Budget;
use shared::parts::{Field, Form, Scheme};
use shared::places::Places;
use shared::provider::Provider;
use shared::rejection::Rejection;
use shared::secrets::Secrets;
use shared::sender::Sender;
use shared::signing_key::SigningKey;

const TIMESTAMP: &str = "x-cio-timestamp";
const SIGNATURE: &str = "x-cio-signature";
const WINDOW: Window = Window {
    behind: 8 * 24 * 60 * 60,
    ahead: 5 * 60,
};

/// Where a body says when something happened, and to whom.
const PLACES: Places = Places {
    times: &[&["timestamp"]],
    recipients: &[
        &["data", "recipient"],
        &["data", "email_address"],
        &["data", "identifiers", "email"],
    ],
};

/// Customer.io.
pub struct Customerio;

impl Provider for Customerio {
    fn name(&self) -> &'static str {
        "customerio"
    }

    fn verify<'a>(
        &self,
        request: &Incoming<'a>,
        secrets: &Secrets,
    ) -> Result<Authentic<'a>, Rejection> {
        let (timestamp, seconds) = request.unix_seconds(TIMESTAMP)?;
        let signature = auth::from_hex(request.signature(SIGNATURE)?)?;
        // The header's own characters are signed, not the number: a leading zero must survive.
        let prefix = [b"v0:", timestamp.as_bytes(), b":"];
        let authentic = auth::hmac_sha256(request, secrets, &prefix, &signature)?;
        request.fresh(seconds, WINDOW)?;
        Ok(authentic)
    }

    fn events(&self, element: &Element<'_>, delivery: &Delivery, budget: &Budget) -> Vec<Event> {
        payload::events(element, delivery, budget)
    }
}

impl Sender for Customerio {
    fn scheme(&self) -> Scheme {
        const FIELDS: &[Field] = &[
            Field::seconds(TIMESTAMP),
            Field::signature(SIGNATURE, Form::Hex(32)),
        ];
        Scheme {
            window: Some(WINDOW),
            ..Scheme::of(
                FIELDS,
                "v0:, the time as it stands in the header, : and the body",
            )
        }
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey {
            provider: "Customer.io",
            name: "the webhook's signing key",
            place: "Customer.io > Data & Integrations > Integrations > Reporting Webhooks > your webhook: beside the endpoint",
            api_key: None,
            is_chosen: false,
            retries: Some(SignedDuration::from_hours(7 * 24)),
        }
    }

    fn sign(&self, key: &str, body: &[u8], at: Timestamp) -> Vec<(&'static str, String)> {
        let timestamp = at.as_second().to_string();
        let prefix = [b"v0:", timestamp.as_bytes(), b":"];
        let signature = auth::sign_hmac_sha256_hex(key, &prefix, body);
        vec![(TIMESTAMP, timestamp), (SIGNATURE, signature)]
    }
}
