//! Postmark webhooks (postmarkapp.com/developer/webhooks and its support pages, the official
//! libraries, ActiveCampaign/postmark-skills; read 2026-11-26).
//!
//! Vouched for: by a shared secret, and nothing else. Postmark signs nothing: no header is a
//! signature (`X-Postmark-Signature`, which much code of others checks, is never sent), and no time
//! is sent. The secret is the password of Basic authentication, or a custom header; both are fixed
//! for a webhook. It shows who sends and covers neither the body nor a time.
//!
//! Window: none. Exact de-duplication is what makes a replay harmless.
//!
//! Delivery: one object a request, in no order; a retry may repeat one. Bounces are sent ten times
//! more in 10 hours and 21 minutes, everything else three times more in 21 minutes. 200 ends it,
//! and so does 403, which is never answered here.
//!
//! Identity: the number (`ID`) of a bounce or a complaint, with `RecordType` and `Type`. Everything
//! else has none: a fingerprint of `RecordType`, `MessageID`, recipient, time as sent,
//! `SuppressSending`, `SuppressionReason`, `OriginalLink`, `ClickLocation`, `UserAgent` and
//! `Geo.IP`. Without a `RecordType`, recipient or time, and of a bounce or a complaint without a
//! number, the whole element counts.

mod payload;
mod vocabulary;

use jiff::{SignedDuration, Timestamp};
use shared::auth::{self, Authentic};
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::Event;
use shared::incoming::Incoming;
use shared::normalize::Budget;
use shared::parts::Scheme;
use shared::places::Places;
use shared::provider::{Provider, Strength};
use shared::rejection::Rejection;
use shared::secrets::{KeyError, Secrets};
use shared::sender::Sender;
use shared::signing_key::SigningKey;

/// Where a body says when something happened, and to whom.
const PLACES: Places = Places {
    times: &[
        &["DeliveredAt"],
        &["BouncedAt"],
        &["ReceivedAt"],
        &["ChangedAt"],
    ],
    recipients: &[&["Recipient"], &["Email"]],
};

/// Postmark.
pub struct Postmark;

impl Provider for Postmark {
    fn name(&self) -> &'static str {
        "postmark"
    }

    fn strength(&self) -> Strength {
        Strength::SharedSecret
    }

    fn verify<'a>(
        &self,
        request: &Incoming<'a>,
        secrets: &Secrets,
    ) -> Result<Authentic<'a>, Rejection> {
        auth::shared_secret(request, secrets)
    }

    fn events(&self, element: &Element<'_>, delivery: &Delivery, _budget: &Budget) -> Vec<Event> {
        payload::events(element, delivery)
    }

    fn check_key(&self, key: &str) -> Result<(), KeyError> {
        auth::check_shared_secret(key)
    }
}

impl Sender for Postmark {
    fn scheme(&self) -> Scheme {
        Scheme::SHARED_SECRET
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey {
            provider: "Postmark",
            name: "the webhook's Basic auth password",
            place: "Postmark > your server > your message stream > Webhooks > your webhook > Basic auth credentials: the user is postern",
            api_key: None,
            is_chosen: true,
            retries: Some(SignedDuration::from_mins(10 * 60 + 21)),
        }
    }

    fn sign(&self, key: &str, _body: &[u8], _at: Timestamp) -> Vec<(&'static str, String)> {
        vec![("authorization", auth::sign_basic(key))]
    }
}
