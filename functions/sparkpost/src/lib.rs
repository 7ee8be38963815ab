//! `SparkPost` event webhooks (Bird Email; developers.sparkpost.com/api/webhooks, the support pages
//! on webhooks, bounce codes and suppressions; read 2026-11-26).
//!
//! Vouched for: a shared secret, as the Basic password that a webhook's `auth_credentials` carry, a
//! custom header, a bearer token or the key in the URL. `SparkPost` signs nothing: the secret
//! covers neither the body nor a time, and whoever has seen one request can make others.
//!
//! Window: none; nothing that vouches carries a time. Exact de-duplication makes a replay harmless,
//! and an event never overwrites a different one.
//!
//! Delivery: an array of 1 to some 350 events of any kinds and messages, in several requests at
//! once, in no order. Only 200 counts, within 10 s; else the whole batch comes again, 12 times over
//! 8 hours, and is then dropped. A webhook is never switched off.
//!
//! Handshake: before a webhook is created or its target is changed, `SparkPost` posts
//! `[{"msys":{}}]`, which must be answered 200. It carries no event, and needs no secret here.
//!
//! Identity: `event_id`, `type`, `rcpt_to`, `message_id` and `transmission_id`, of the one class
//! inside `msys`: the sample events of every type have one id. Without `event_id`, a fingerprint of
//! `type`, `message_id`, `rcpt_to`, `timestamp`, `target_link_url`, `ip_address` and `user_agent`;
//! where one of the first four is missing, too, and without `type`, the whole element.

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

/// The handshake, without its white space.
const PING: &[u8] = br#"[{"msys":{}}]"#;

/// Where a body says when something happened, and to whom. An `injection_time` is the message's: it
/// keeps its distance.
const PLACES: Places = Places {
    times: &[
        &["msys", "message_event", "timestamp"],
        &["msys", "message_event", "injection_time"],
        &["msys", "track_event", "timestamp"],
        &["msys", "track_event", "injection_time"],
        &["msys", "gen_event", "timestamp"],
        &["msys", "unsubscribe_event", "timestamp"],
        &["msys", "unsubscribe_event", "injection_time"],
        &["msys", "relay_event", "timestamp"],
        &["msys", "ab_test_event", "timestamp"],
        &["msys", "ingest_event", "timestamp"],
    ],
    recipients: &[
        &["msys", "message_event", "rcpt_to"],
        &["msys", "message_event", "raw_rcpt_to"],
        &["msys", "track_event", "rcpt_to"],
        &["msys", "track_event", "raw_rcpt_to"],
        &["msys", "gen_event", "rcpt_to"],
        &["msys", "gen_event", "raw_rcpt_to"],
        &["msys", "unsubscribe_event", "rcpt_to"],
        &["msys", "unsubscribe_event", "raw_rcpt_to"],
        &["msys", "relay_event", "rcpt_to"],
        &["msys", "relay_event", "raw_rcpt_to"],
        &["msys", "relay_message", "rcpt_to"],
    ],
};

/// `SparkPost`.
pub struct Sparkpost;

impl Provider for Sparkpost {
    fn name(&self) -> &'static str {
        "sparkpost"
    }

    fn strength(&self) -> Strength {
        Strength::SharedSecret
    }

    fn is_handshake(&self, request: &Incoming<'_>) -> bool {
        let body = request.body().iter();
        body.filter(|byte| !byte.is_ascii_whitespace()).eq(PING)
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

impl Sender for Sparkpost {
    fn scheme(&self) -> Scheme {
        Scheme::SHARED_SECRET
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey {
            provider: "SparkPost",
            name: "the webhook's Basic password",
            place: "SparkPost > Configuration > Webhooks > your webhook > Authentication > Basic Auth: user postern, and the secret as the password",
            api_key: None,
            is_chosen: true,
            retries: Some(SignedDuration::from_hours(8)),
        }
    }

    fn sign(&self, key: &str, _body: &[u8], _at: Timestamp) -> Vec<(&'static str, String)> {
        vec![("authorization", auth::sign_basic(key))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_handshake(body: &str) -> bool {
        let request = Incoming::new(&[], body.as_bytes(), Timestamp::UNIX_EPOCH, None);
        Sparkpost.is_handshake(&request)
    }

    #[test]
    fn only_the_empty_ping_is_a_handshake() {
        assert!(is_handshake(r#"[{"msys":{}}]"#));
        assert!(is_handshake(" [ { \"msys\" : { } } ]\r\n"));
        for body in [
            "",
            "[]",
            "{}",
            r#"{"msys":{}}"#,
            r#"[{"msys":{}},{"msys":{}}]"#,
            r#"[{"msys":{"message_event":{"type":"delivery"}}}]"#,
        ] {
            assert!(!is_handshake(body), "{body}");
        }
    }
}
