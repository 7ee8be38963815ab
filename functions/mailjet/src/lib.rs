//! Mailjet event webhooks, which it calls the Event API (dev.mailjet.com/email/guides/webhooks, the
//! guides in mailjet/api-documentation, anymail's and Symfony's captures; read 2026-11-26).
//!
//! Signed: nothing, and no header can be chosen. A secret of ours in the URL vouches for the
//! sender: as the password of the user `postern`, which Mailjet turns into Basic authentication, or
//! as `?key=`. It covers nothing of the request.
//!
//! Window: none; no time is signed. What is let in overwrites nothing.
//!
//! Delivery: an array of what happened within a second where "group events" is ticked (version 2 of
//! a callback), else one bare object, whatever the document says. Only 200 is success. Else again
//! every 30 s until 24 hours after the first failure; then the URL is suspended until it is
//! changed. No status stops it sooner. In no order.
//!
//! Identity: there is no event id; a fingerprint of `Message_GUID` (without one `MessageID`),
//! `event`, `time`, `email`, `url`, `ip`, `agent`, `error_related_to`, `error`, `comment` and
//! `mj_list_id`; and of the whole element where one of the first four is missing. Times have whole
//! seconds.

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
    times: &[&["time"]],
    recipients: &[&["email"]],
};

/// Mailjet.
pub struct Mailjet;

impl Provider for Mailjet {
    fn name(&self) -> &'static str {
        "mailjet"
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

impl Sender for Mailjet {
    fn scheme(&self) -> Scheme {
        Scheme::SHARED_SECRET
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey {
            provider: "Mailjet",
            name: "the webhook's secret",
            place: "Mailjet > Account settings > Event notifications (webhooks) > the URL of every event: https://postern:SECRET@…",
            api_key: None,
            is_chosen: true,
            retries: Some(SignedDuration::from_hours(24)),
        }
    }

    fn sign(&self, key: &str, _body: &[u8], _at: Timestamp) -> Vec<(&'static str, String)> {
        vec![("authorization", auth::sign_basic(key))]
    }
}
