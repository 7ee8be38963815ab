//! Amazon SES events, which come through a queue (docs.aws.amazon.com/ses: monitoring by event
//! publishing, and its contents for SNS and `EventBridge`; awsdocs/amazon-ses-developer-guide;
//! docs.aws.amazon.com/sns; public handlers for the newest words; read 2026-11-26).
//!
//! Vouched for: by the transport. SES has no webhook: it publishes to an SNS topic, which one
//! configuration set may publish to, and the topic sends to a queue, which admits the topic alone.
//! There is no request, no secret and no signature to check; what the policies do not cover are
//! principals of the same account that may publish or send.
//!
//! Window: none. Exact de-duplication is what makes a repetition harmless.
//!
//! Delivery: one event a message, of one or more recipients. The message is what SNS writes around
//! a text, or `EventBridge` around an object, or the event as it is. At least once, in no order.
//! SNS tries again for 23 days if the queue cannot be reached, and not at all if it may not send.
//!
//! Identity: of a bounce and a complaint `feedbackId`, with the event's name and the recipient.
//! Everything else has none: a fingerprint of the name, `mail.messageId`, recipient, the time of
//! the event's own object (of what has none, `mail.timestamp`), `link`, `ipAddress`, `userAgent`,
//! `delayType`, `contactList` and topic. Without a name, message id, recipient or time the whole
//! event counts. The ids of SNS and `EventBridge` count for nothing: they differ between two
//! destinations of one event.

mod envelope;
mod mail;
mod name;
mod payload;
mod people;
mod subscription;
mod times;
mod vocabulary;

use jiff::Timestamp;
use shared::auth::Authentic;
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::Event;
use shared::incoming::Incoming;
use shared::normalize::Budget;
use shared::parts::Scheme;
use shared::places::Places;
use shared::provider::{Provider, Strength};
use shared::rejection::Rejection;
use shared::secrets::Secrets;
use shared::sender::Sender;
use shared::signing_key::SigningKey;

/// Where a body says when something happened, and to whom. Inside the text of an SNS envelope no
/// place can be named.
const PLACES: Places = Places {
    times: &[
        &["mail", "timestamp"],
        &["bounce", "timestamp"],
        &["complaint", "timestamp"],
        &["delivery", "timestamp"],
        &["deliveryDelay", "timestamp"],
        &["open", "timestamp"],
        &["click", "timestamp"],
        &["subscription", "timestamp"],
        &["time"],
        &["detail", "mail", "timestamp"],
        &["detail", "bounce", "timestamp"],
        &["detail", "complaint", "timestamp"],
        &["detail", "delivery", "timestamp"],
        &["detail", "deliveryDelay", "timestamp"],
        &["detail", "open", "timestamp"],
        &["detail", "click", "timestamp"],
        &["detail", "subscription", "timestamp"],
    ],
    recipients: &[
        &["mail", "destination"],
        &["delivery", "recipients"],
        &["bounce", "bouncedRecipients", "emailAddress"],
        &["complaint", "complainedRecipients", "emailAddress"],
        &["deliveryDelay", "delayedRecipients", "emailAddress"],
        &["detail", "mail", "destination"],
        &["detail", "delivery", "recipients"],
        &["detail", "bounce", "bouncedRecipients", "emailAddress"],
        &[
            "detail",
            "complaint",
            "complainedRecipients",
            "emailAddress",
        ],
        &[
            "detail",
            "deliveryDelay",
            "delayedRecipients",
            "emailAddress",
        ],
    ],
};

/// Amazon SES.
pub struct Ses;

impl Provider for Ses {
    fn name(&self) -> &'static str {
        "ses"
    }

    fn strength(&self) -> Strength {
        Strength::Transport
    }

    fn is_ping(&self, body: &[u8]) -> bool {
        std::str::from_utf8(body).is_ok_and(envelope::is_notice)
    }

    fn verify<'a>(
        &self,
        _request: &Incoming<'a>,
        _secrets: &Secrets,
    ) -> Result<Authentic<'a>, Rejection> {
        Err(Rejection::SignatureMissing) // no request is SES's
    }

    fn events(&self, element: &Element<'_>, delivery: &Delivery, budget: &Budget) -> Vec<Event> {
        payload::events(element, delivery, budget)
    }
}

impl Sender for Ses {
    fn scheme(&self) -> Scheme {
        Scheme::QUEUE
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey {
            provider: "Amazon SES",
            name: "no key: its events come through a queue",
            place: "nowhere: the queue's policy vouches for its events",
            api_key: None,
            is_chosen: false,
            retries: None,
        }
    }

    fn sign(&self, _key: &str, _body: &[u8], _at: Timestamp) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}
