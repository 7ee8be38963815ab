//! Resend webhooks, which Svix delivers by Standard Webhooks (resend.com/docs/webhooks,
//! docs.svix.com, the `OpenAPI` file of resend/resend-openapi; read 2026-11-21).
//!
//! Signed: `<svix-id>.<svix-timestamp>.<raw body>`, HMAC-SHA256, base64, in `svix-signature`: a
//! list of `v1,<base64>` with spaces between, of which one must match; while a secret is changed
//! there are two. The key is base64, with `whsec_` in front. The same headers named `webhook-…` are
//! read where there is none named `svix-…`; never some of both.
//!
//! Window: 5 minutes behind and ahead, as in the official libraries: every attempt is signed
//! afresh.
//!
//! Delivery: one object per request; 15 s; tried eight times in 28 hours; an endpoint that fails
//! for days is switched off.
//!
//! Identity: the signed id, which is the same in every attempt and replay and another one for every
//! endpoint: the label of the key counts with it. Whoever holds one endpoint's key cannot name, and
//! overwrite, another one's event.

mod headers;
mod payload;
mod vocabulary;

use jiff::{SignedDuration, Timestamp};
use shared::auth::{self, Authentic};
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::Event;
use shared::incoming::{Incoming, Window};
use shared::normalize::Budget;
use shared::parts::{self, Part, Scheme};
use shared::places::Places;
use shared::provider::Provider;
use shared::rejection::Rejection;
use shared::secrets::{KeyError, Secrets};
use shared::sender::Sender;
use shared::signing_key::SigningKey;

use self::headers::{SVIX, UNBRANDED, names};

/// What an API key begins with; a signing secret in base64 has no underscore but that of `whsec_`.
const API_KEY_PREFIX: &str = "re_";
const WHERE_THE_KEY_IS: &str = "the webhook's Signing Secret, whsec_… (Webhooks, the webhook)";
const WINDOW: Window = Window {
    behind: 5 * 60,
    ahead: 5 * 60,
};

/// Where a body says when something happened, and to whom.
const PLACES: Places = Places {
    times: &[
        &["created_at"],
        &["data", "created_at"],
        &["data", "updated_at"],
        &["data", "click", "timestamp"],
    ],
    recipients: &[&["data", "to"], &["data", "email"]],
};

/// Resend.
pub struct Resend;

impl Provider for Resend {
    fn name(&self) -> &'static str {
        "resend"
    }

    fn verify<'a>(
        &self,
        request: &Incoming<'a>,
        secrets: &Secrets,
    ) -> Result<Authentic<'a>, Rejection> {
        let names = names(request);
        let signatures = request.signatures(names.signature)?;
        let id = (names.id, request.id(names.id)?);
        let (timestamp, seconds) = request.unix_seconds(names.timestamp)?;
        let authentic = auth::standard_webhooks(request, secrets, id, timestamp, &signatures)?;
        request.fresh(seconds, WINDOW)?;
        Ok(authentic)
    }

    fn events(&self, element: &Element<'_>, delivery: &Delivery, _budget: &Budget) -> Vec<Event> {
        payload::events(element, delivery)
    }

    fn check_key(&self, key: &str) -> Result<(), KeyError> {
        if key.starts_with(API_KEY_PREFIX) {
            return Err(KeyError::Api(WHERE_THE_KEY_IS));
        }
        auth::check_standard_webhooks_key(key)
    }

    fn signed_headers(&self) -> &'static [&'static str] {
        &[SVIX.id, UNBRANDED.id]
    }
}

impl Sender for Resend {
    fn scheme(&self) -> Scheme {
        SVIX.scheme(WINDOW)
    }

    fn parts(&self, request: &Incoming<'_>) -> Vec<Part> {
        parts::of(&names(request).scheme(WINDOW), request)
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey {
            provider: "Resend",
            name: "the webhook's signing secret",
            place: "Resend > Webhooks > your webhook > Signing Secret: it starts with whsec_",
            api_key: Some(API_KEY_PREFIX),
            is_chosen: false,
            retries: Some(SignedDuration::from_hours(28)),
        }
    }

    fn sign(&self, key: &str, body: &[u8], at: Timestamp) -> Vec<(&'static str, String)> {
        // The same for the same body: what is sent again is the same event.
        let body_text = String::from_utf8_lossy(body);
        let id = format!("msg_{}", auth::fingerprint(&[Some(&body_text)]));
        let timestamp = at.as_second().to_string();
        let signature = auth::sign_standard_webhooks(key, &id, &timestamp, body);
        vec![
            (SVIX.id, id),
            (SVIX.timestamp, timestamp),
            (SVIX.signature, signature),
        ]
    }
}
