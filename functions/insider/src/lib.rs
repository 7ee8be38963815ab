//! Insider (Insider One) webhooks for email events, V1
//! (academy.insiderone.com/docs/email-webhooks-for-email-events and /docs/secret-key; read
//! 2026-11-21).
//!
//! Signed: the raw body, HMAC-SHA1, in `X-INS-AUTH`, before any decoding. The encoding is not
//! documented: hex is assumed, standard base64 and a `sha1=` prefix are read too. For an array the
//! whole body is assumed to be signed.
//!
//! Window: none; nothing signed carries a time, so exact de-duplication is what makes a replay
//! harmless.
//!
//! Delivery: the text says an array, every sample is one object: both are read. Retries are not
//! documented.
//!
//! Identity: there is no event id, and `iid` names the message; a fingerprint of iid, event,
//! `event_type`, timestamp, address, link, its position, the group, and id and name of campaign and
//! journey; and of the whole element where iid, event, timestamp or address is missing.

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

const SIGNATURE: &str = "x-ins-auth";
/// Twenty bytes in standard base64.
const BASE64_LENGTH: usize = 28;

/// Where a body says when something happened, and to whom.
const PLACES: Places = Places {
    times: &[&["timestamp"]],
    recipients: &[&["email"]],
};

/// Insider.
pub struct Insider;

impl Provider for Insider {
    fn name(&self) -> &'static str {
        "insider"
    }

    fn verify<'a>(
        &self,
        request: &Incoming<'a>,
        secrets: &Secrets,
    ) -> Result<Authentic<'a>, Rejection> {
        let header = request.signature(SIGNATURE)?;
        let encoded = header.strip_prefix("sha1=").unwrap_or(header);
        let signature = if encoded.len() == BASE64_LENGTH {
            auth::from_base64(encoded)?
        } else {
            auth::from_hex(encoded)?
        };
        auth::hmac_sha1(request, secrets, &signature)
    }

    fn events(&self, element: &Element<'_>, delivery: &Delivery, _budget: &Budget) -> Vec<Event> {
        payload::events(element, delivery)
    }
}

impl Sender for Insider {
    fn scheme(&self) -> Scheme {
        const FIELDS: &[Field] = &[Field::signature(SIGNATURE, Form::HexOrBase64(20))];
        Scheme::of_body(FIELDS)
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey {
            provider: "Insider",
            name: "the webhook's secret key",
            place: "Insider > Inone Settings > Email Settings > Webhook for Email Events > Secret key: you choose it",
            api_key: None,
            is_chosen: true,
            retries: None,
        }
    }

    fn sign(&self, key: &str, body: &[u8], _at: Timestamp) -> Vec<(&'static str, String)> {
        vec![(SIGNATURE, auth::sign_hmac_sha1_hex(key, body))]
    }
}
