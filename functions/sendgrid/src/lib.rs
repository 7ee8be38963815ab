//! Twilio `SendGrid` Event Webhook, signed (docs.sendgrid.com/for-developers/tracking-events, the
//! official libraries' tests; read 2026-11-21).
//!
//! Signed: the timestamp header as sent, then the raw body, ECDSA with P-256 and SHA-256, base64 of
//! ASN.1 DER, in `X-Twilio-Email-Event-Webhook-Signature`. The key is a public one, of each webhook
//! its own. The body's line breaks, `\r\n` between the events and at the end, are signed with it.
//!
//! Window: none is documented, nor whether a retry is signed afresh. Default 25 hours behind:
//! retries go on for 24 hours; exact de-duplication is what makes a replay harmless. 5 minutes
//! ahead.
//!
//! Delivery: an array of events of any kinds and messages, every 30 s or 768 KB; retried for 24
//! hours; in no order.
//!
//! Identity: copies are common and `sg_event_id` changes between them, so it counts for nothing: a
//! fingerprint of event, `type`, `email`, `timestamp`, `sg_message_id`, `smtp-id`, `url`, its
//! position, `ip`, `useragent`, `attempt`, `reason`, `response` and `asm_group_id`; where event,
//! email or timestamp is missing, of all fields but `sg_event_id`.

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
use shared::secrets::{KeyError, Secrets};
use shared::sender::Sender;
use shared::signing_key::SigningKey;

const TIMESTAMP: &str = "x-twilio-email-event-webhook-timestamp";
const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
/// What an API key begins with; a public key in base64 has no dot.
const API_KEY_PREFIX: &str = "SG.";
const WHERE_THE_KEY_IS: &str = "the Verification Key (Settings, Mail Settings, Event Webhooks, the webhook, Signed Event Webhook)";
const WINDOW: Window = Window {
    behind: 25 * 60 * 60,
    ahead: 5 * 60,
};

/// Where a body says when something happened, and to whom.
const PLACES: Places = Places {
    times: &[&["timestamp"], &["send_at"]],
    recipients: &[&["email"]],
};

/// `SendGrid`.
pub struct Sendgrid;

impl Provider for Sendgrid {
    fn name(&self) -> &'static str {
        "sendgrid"
    }

    fn verify<'a>(
        &self,
        request: &Incoming<'a>,
        secrets: &Secrets,
    ) -> Result<Authentic<'a>, Rejection> {
        let signature = request.signature(SIGNATURE)?;
        // The header's own characters are signed, not the number: a leading zero must survive.
        let (timestamp, seconds) = request.unix_seconds(TIMESTAMP)?;
        let prefix = [timestamp.as_bytes()];
        let authentic = auth::ecdsa_p256_sha256(request, secrets, &prefix, signature)?;
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
        auth::check_p256_public_key(key)
    }
}

impl Sender for Sendgrid {
    fn scheme(&self) -> Scheme {
        const FIELDS: &[Field] = &[
            Field::seconds(TIMESTAMP),
            Field::signature(SIGNATURE, Form::Der),
        ];
        Scheme {
            window: Some(WINDOW),
            ..Scheme::of(FIELDS, "the time as it stands in the header, then the body")
        }
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey {
            provider: "SendGrid",
            name: "the webhook's verification key",
            place: "SendGrid > Settings > Mail Settings > Event Webhooks > your webhook > Security features: it starts with MFkw",
            api_key: Some(API_KEY_PREFIX),
            is_chosen: false,
            retries: Some(SignedDuration::from_hours(24)),
        }
    }

    /// The public half: a receiver never has the private one.
    fn receiver_key(&self, signing_key: &str) -> Option<String> {
        auth::p256_public_key_of(signing_key)
    }

    fn sign(&self, key: &str, body: &[u8], at: Timestamp) -> Vec<(&'static str, String)> {
        let timestamp = at.as_second().to_string();
        let signature = auth::sign_ecdsa_p256_sha256(key, &[timestamp.as_bytes()], body);
        vec![(TIMESTAMP, timestamp), (SIGNATURE, signature)]
    }
}
