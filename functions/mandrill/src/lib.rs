//! Mandrill webhooks (Mailchimp Transactional; mailchimp.com/developer/transactional/docs/webhooks,
//! the help pages on authenticating webhooks; read 2026-11-26).
//!
//! Signed: the webhook's URL exactly as Mandrill has it, then name and decoded value of each field
//! of the form, HMAC-SHA1, padded base64, in `X-Mandrill-Signature`. The URL cannot be rebuilt
//! behind a gateway, so it stands in the secret, `KEY@URL`. The form has one field,
//! `mandrill_events`. What travels on is its decoded value: an array of JSON.
//!
//! Window: none; no time of sending is signed, and a signature is good for ever. Exact
//! de-duplication is what makes a replay harmless.
//!
//! Delivery: up to 1,000 events of any kinds and messages, about once a minute, in no order. Only
//! 200 counts; else the same batch comes again, 20 times, 15 to 25 minutes apart (5 hours and
//! more), while newer events wait behind it. Then the webhook is switched off.
//!
//! Handshake: when a webhook is saved, a HEAD without a signature; if that is not answered 200, a
//! form whose events are `[]`, signed with the literal key `test-webhook`. The real key exists only
//! afterwards. A form of nothing but `[]` carries nothing, and is answered 200 whoever signed it.
//!
//! Identity: there is no event id; a fingerprint of `event`, `ts`, `msg._id`, `msg.email`, `url`,
//! `ip`, `user_agent`, `diag`, `msg.diag` and `msg.bounce_description`; of a change to a list
//! (`type` and no `event`), of `type`, `action`, `ts`, the entry's address and `reject.reason`.
//! Where one of the first four is missing, the whole element; `msg` grows from event to event, so
//! nothing else of it counts.

mod payload;
mod vocabulary;

use jiff::{SignedDuration, Timestamp};
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
use shared::secrets::{KeyError, Secrets};
use shared::sender::Sender;
use shared::signing_key::SigningKey;

const SIGNATURE: &str = "x-mandrill-signature";
/// The form's only field.
const FIELD: &str = "mandrill_events";
/// The value of the field in a handshake.
const NO_EVENTS: &[u8] = b"[]";
/// What a handshake is signed with. Everybody knows this key.
const PUBLIC_KEY: &str = "test-webhook@";
const WHERE_THE_KEY_IS: &str =
    "the key that Mandrill shows beside the webhook once it is saved, an @, and the webhook's URL";

/// Where a body says when something happened, and to whom.
const PLACES: Places = Places {
    times: &[&["ts"], &["msg", "ts"]],
    recipients: &[&["msg", "email"], &["reject", "email"], &["entry", "email"]],
};

/// Mandrill.
pub struct Mandrill;

impl Provider for Mandrill {
    fn name(&self) -> &'static str {
        "mandrill"
    }

    fn validates_by_head(&self) -> bool {
        true
    }

    fn is_handshake(&self, request: &Incoming<'_>) -> bool {
        auth::only_field(request.body(), FIELD).is_some_and(|events| events == NO_EVENTS)
    }

    fn verify<'a>(
        &self,
        request: &Incoming<'a>,
        secrets: &Secrets,
    ) -> Result<Authentic<'a>, Rejection> {
        let signature = auth::from_base64(request.signature(SIGNATURE)?)?;
        auth::hmac_sha1_of_form(request, secrets, FIELD, &signature)
    }

    fn events(&self, element: &Element<'_>, delivery: &Delivery, _budget: &Budget) -> Vec<Event> {
        payload::events(element, delivery)
    }

    fn check_key(&self, key: &str) -> Result<(), KeyError> {
        if key.starts_with(PUBLIC_KEY) {
            return Err(KeyError::Public(WHERE_THE_KEY_IS));
        }
        auth::check_form_key(key)
    }
}

impl Sender for Mandrill {
    fn scheme(&self) -> Scheme {
        const FIELDS: &[Field] = &[Field::signature(SIGNATURE, Form::Base64(20))];
        Scheme::of(
            FIELDS,
            "the URL that stands in the secret, then mandrill_events and its decoded value",
        )
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey {
            provider: "Mandrill",
            name: "the webhook's key and its URL, as KEY@URL",
            place: "Mandrill > Settings > Webhooks > your webhook: the key, and its Post to URL to the letter",
            api_key: None,
            is_chosen: false,
            retries: Some(SignedDuration::from_hours(8)),
        }
    }

    fn signs_url(&self) -> bool {
        true
    }

    fn content_type(&self) -> &'static str {
        "application/x-www-form-urlencoded"
    }

    fn sign(&self, key: &str, body: &[u8], _at: Timestamp) -> Vec<(&'static str, String)> {
        vec![(SIGNATURE, auth::sign_hmac_sha1_of_form(key, body))]
    }

    fn sign_within(&self, _key: &str, body: &[u8], _at: Timestamp) -> Vec<u8> {
        auth::form_of(FIELD, body)
    }
}

#[cfg(test)]
mod tests;
