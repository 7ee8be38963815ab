//! Brevo webhooks, transactional and marketing, of the company that was Sendinblue
//! (developers.brevo.com: how-to-use-webhooks, transactional-webhooks, marketing-webhooks,
//! batch-webhooks, secured webhooks, retries; anymail's and Symfony's captures; read 2026-11-26).
//!
//! Signed: nothing. A secret of ours vouches for the sender, and covers nothing of the request:
//! Brevo sends it as a bearer token (`auth` of the webhook), in a header of our choice (`headers`),
//! or as it stands in the URL. HMAC headers that are told of in blogs do not exist.
//!
//! Window: none; no time is signed. What is let in overwrites nothing.
//!
//! Delivery: one object per request, or with `batched` an array of up to 500. Not answered, or
//! answered 429: again after 10 minutes, 1, 2 and 8 hours, then dropped. **Any other 4xx and any
//! 5xx drop the event at once, and for good**: so a busy receiver answers 429, and a 401 loses
//! events. In no order.
//!
//! Identity: there is no event id (`id` is the webhook's); a fingerprint of `event`, `email`,
//! `message-id` (without one `camp_id`), the time (the first of `ts_epoch`, `s_epoch`, `ts_event`
//! and `ts`), `link`, `URL`, `reason`, and of the list that is left or joined; and of the whole
//! element where one of the first four is missing. Of several addresses or lists, each event has
//! its own. `id`, `date` and `sending_ip` differ between copies from two webhooks, and do not
//! count.

mod payload;
mod vocabulary;

use jiff::{SignedDuration, Timestamp};
use shared::answers::{Answers, Busy};
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

/// How long Brevo sends an event again that nobody answered, with the secret of the first attempt
/// or of now: which, is not documented.
const RETRIES: SignedDuration = SignedDuration::from_mins(11 * 60 + 10);

/// Where a body says when something happened, and to whom. `date` has no zone, and stays.
const PLACES: Places = Places {
    times: &[
        &["ts_epoch"],
        &["s_epoch"],
        &["ts_event"],
        &["ts"],
        &["ts_sent"],
    ],
    recipients: &[&["email"], &["content", "email"]],
};

/// Brevo.
pub struct Brevo;

impl Provider for Brevo {
    fn name(&self) -> &'static str {
        "brevo"
    }

    fn strength(&self) -> Strength {
        Strength::SharedSecret
    }

    /// Brevo drops an event for good on a 5xx. Only 429 makes it come again.
    fn answers(&self) -> Answers {
        Answers {
            busy: Busy::TooManyRequests,
            ..Answers::default()
        }
    }

    fn verify<'a>(
        &self,
        request: &Incoming<'a>,
        secrets: &Secrets,
    ) -> Result<Authentic<'a>, Rejection> {
        auth::shared_secret(request, secrets)
    }

    fn events(&self, element: &Element<'_>, delivery: &Delivery, budget: &Budget) -> Vec<Event> {
        payload::events(element, delivery, budget)
    }

    fn check_key(&self, key: &str) -> Result<(), KeyError> {
        auth::check_shared_secret(key)
    }
}

impl Sender for Brevo {
    fn scheme(&self) -> Scheme {
        Scheme::SHARED_SECRET
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey {
            provider: "Brevo",
            name: "the webhook's secret",
            place: "Brevo > Settings > Webhooks > your webhook > Authentication: Token. By the API: the webhook's auth, {\"type\": \"bearer\", \"token\": …}",
            api_key: None,
            is_chosen: true,
            retries: Some(RETRIES),
        }
    }

    fn sign(&self, key: &str, _body: &[u8], _at: Timestamp) -> Vec<(&'static str, String)> {
        vec![("authorization", auth::sign_basic(key))]
    }
}
