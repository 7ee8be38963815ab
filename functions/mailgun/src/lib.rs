//! Mailgun webhooks (documentation.mailgun.com/docs/mailgun/user-manual/webhooks; mailgun-go
//! `events/`, `mtypes/`; read 2026-11-21).
//!
//! Signed: `timestamp` and `token` joined, **and not the body**, HMAC-SHA256, hex, all three in the
//! body's own object `signature`; for a subaccount its parent account signs as well, in
//! `parent-signature`. The key is the account's HTTP webhook signing key, the same for all its
//! domains. Whoever has seen one webhook could send anything in its name: so the token is good for
//! one body, which the consumer sees to, and a key in the URL can be asked for as well. See
//! SECURITY.md.
//!
//! Window: none is documented. Default 24 hours behind: retries go on for 8 hours and repeat the
//! signature. 5 minutes ahead.
//!
//! Delivery: one object per request. Only 200 is success; 406 would end the retries, which is why
//! we never say it; after anything else 5, 10 and 15 minutes, 1, 2 and 4 hours. A failed
//! `delivered` may get no retry at all. One event can come to several URLs, of the domain and the
//! account, each time with another token.
//!
//! Identity: the event's `id`, which is unique within a day only, with its time, its name and its
//! recipient; the whole element, less its signature, where one of the four is missing.

mod payload;
mod signature;
mod vocabulary;

use jiff::{SignedDuration, Timestamp};
use shared::auth::{self, Authentic};
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::Event;
use shared::incoming::{Incoming, Window};
use shared::normalize::Budget;
use shared::parts::{Field, Form, Role, Scheme};
use shared::places::Places;
use shared::provider::{Provider, Strength};
use shared::rejection::Rejection;
use shared::secrets::{KeyError, KeyWarning, Secrets};
use shared::sender::Sender;
use shared::signing_key::SigningKey;

const WHERE_THE_KEY_IS: &str = "the HTTP webhook signing key (Account settings, API Security)";
const WINDOW: Window = Window {
    behind: 24 * 60 * 60,
    ahead: 5 * 60,
};

/// Where a body says when something happened, and to whom.
const PLACES: Places = Places {
    times: &[&["event-data", "timestamp"]],
    recipients: &[
        &["event-data", "recipient"],
        &["event-data", "message", "recipients"],
        &["event-data", "message", "headers", "to"],
    ],
};

/// Mailgun.
pub struct Mailgun;

impl Provider for Mailgun {
    fn name(&self) -> &'static str {
        "mailgun"
    }

    fn strength(&self) -> Strength {
        Strength::Token
    }

    fn verify<'a>(
        &self,
        request: &Incoming<'a>,
        secrets: &Secrets,
    ) -> Result<Authentic<'a>, Rejection> {
        let block = signature::read(request)?;
        let prefix = [block.timestamp.as_bytes()];
        let authentic =
            auth::hmac_sha256_of_token(request, secrets, &prefix, &block.token, &block.signatures)?;
        request.fresh(block.signed_at, WINDOW)?;
        Ok(authentic)
    }

    fn events(&self, element: &Element<'_>, delivery: &Delivery, _budget: &Budget) -> Vec<Event> {
        payload::events(element, delivery)
    }

    fn names_event(&self, body: &[u8]) -> bool {
        payload::names_event(body)
    }

    fn check_key(&self, key: &str) -> Result<(), KeyError> {
        // The public validation key, which signs nothing.
        if key.starts_with("pubkey-") {
            return Err(KeyError::Api(WHERE_THE_KEY_IS));
        }
        Ok(())
    }

    fn doubt_key(&self, key: &str) -> Option<KeyWarning> {
        is_like_an_api_key(key).then_some(KeyWarning::LikeAnApiKey(WHERE_THE_KEY_IS))
    }

    fn element_of(&self, raw: &str) -> String {
        payload::element_of(raw)
    }
}

impl Sender for Mailgun {
    fn scheme(&self) -> Scheme {
        const SIGNATURE: Field = Field::signature("signature", Form::Hex(32)).in_body();
        const FIELDS: &[Field] = &[
            Field::seconds("timestamp").in_body(),
            Field::signature("token", Form::Text)
                .in_body()
                .as_role(Role::Token),
            SIGNATURE,
            Field {
                name: "parent-signature",
                ..SIGNATURE.optional()
            },
        ];
        Scheme {
            object: "signature",
            window: Some(WINDOW),
            ..Scheme::of(FIELDS, "timestamp and token: not the body")
        }
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey {
            provider: "Mailgun",
            name: "the HTTP webhook signing key",
            place: "Mailgun > Account settings > API Security > HTTP webhook signing key",
            api_key: Some("key-"),
            is_chosen: false,
            retries: Some(SignedDuration::from_hours(8)),
        }
    }

    fn sign(&self, _key: &str, _body: &[u8], _at: Timestamp) -> Vec<(&'static str, String)> {
        Vec::new() // it is in the body
    }

    fn sign_within(&self, key: &str, body: &[u8], at: Timestamp) -> Vec<u8> {
        signature::write(key, body, at)
    }
}

/// Whether this is a key in the form that Mailgun's API keys have, of before 2018 or since. No more
/// than a doubt: in an account of before the two were told apart, that key signs the webhooks until
/// either is changed (anymail/django-anymail#153, `SparkDevNetwork/Rock`#5694).
fn is_like_an_api_key(key: &str) -> bool {
    let is_hex = |text: &str, digits: usize| {
        text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit())
    };
    let parts: Vec<&str> = key.split('-').collect();
    match parts[..] {
        [prefix, rest] => prefix == "key" && is_hex(rest, 32),
        [first, second, third] => is_hex(first, 32) && is_hex(second, 8) && is_hex(third, 8),
        _ => false,
    }
}
