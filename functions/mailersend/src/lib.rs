//! `MailerSend` webhooks (developers.mailersend.com, both editions; the help on pausing; the
//! official libraries; read 2026-11-26).
//!
//! Signed: the raw body, HMAC-SHA256, lower-case hex, in `Signature`. The key is the webhook's own
//! signing secret, as text. The URL, the headers and a time are not signed.
//!
//! Window: none; nothing signed carries a time of sending, so exact de-duplication is what makes a
//! replay harmless.
//!
//! Handshake: when a webhook is saved, a ping comes that is signed with a secret that everybody
//! knows: see `ping.rs`.
//!
//! Delivery: one object per request. 3 s for an answer, and any 2xx is success. What is answered
//! 429 or 5xx comes again, at growing intervals for about three days; any other 4xx ends it. An
//! endpoint that is down for long is paused.
//!
//! Identity: `data.id` with `type` and the message's id for an `activity.…`, the same from each
//! webhook and in both versions of the payload; the whole element where one of the first two is
//! missing, and for what happens to the account, whose `data.id` is that of a thing and not of an
//! event.

mod payload;
mod ping;
mod vocabulary;

use jiff::{SignedDuration, Timestamp};
use shared::answers::Answers;
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

const SIGNATURE: &str = "signature";
/// What an API token begins with.
const API_KEY_PREFIX: &str = "mlsn.";
const WHERE_THE_KEY_IS: &str =
    "the webhook's own Signing Secret (Domains, the domain, Webhooks, the webhook)";

/// Where a body says when something happened, and to whom. The nested ones are version 1's.
const PLACES: Places = Places {
    times: &[
        &["created_at"],
        &["data", "created_at"],
        &["data", "email", "created_at"],
        &["data", "email", "message", "created_at"],
        &["data", "email", "recipient", "created_at"],
        &["data", "morph", "created_at"],
        &["morph", "created_at"],
    ],
    recipients: &[
        &["data", "recipient"],
        &["data", "email"],
        &["data", "email", "recipient", "email"],
    ],
};

/// `MailerSend`.
pub struct Mailersend;

impl Provider for Mailersend {
    fn name(&self) -> &'static str {
        "mailersend"
    }

    /// `MailerSend` gives up after 3 s, and would send again what is in the queue already.
    fn answers(&self) -> Answers {
        Answers {
            within_ms: 2_000,
            ..Answers::default()
        }
    }

    fn is_handshake(&self, request: &Incoming<'_>) -> bool {
        ping::is_ping(request, SIGNATURE)
    }

    /// Also signed with the webhook's own secret, it is no event.
    fn is_ping(&self, body: &[u8]) -> bool {
        ping::says_ping(body)
    }

    fn verify<'a>(
        &self,
        request: &Incoming<'a>,
        secrets: &Secrets,
    ) -> Result<Authentic<'a>, Rejection> {
        let signature = auth::from_hex(request.signature(SIGNATURE)?)?;
        auth::hmac_sha256(request, secrets, &[], &signature)
    }

    fn events(&self, element: &Element<'_>, delivery: &Delivery, _budget: &Budget) -> Vec<Event> {
        payload::events(element, delivery)
    }

    /// Refuses an API token, and the secret of the ping: with it, anybody could sign events.
    fn check_key(&self, key: &str) -> Result<(), KeyError> {
        if key == ping::TEST_SECRET {
            return Err(KeyError::Public(WHERE_THE_KEY_IS));
        }
        if key.starts_with(API_KEY_PREFIX) {
            return Err(KeyError::Api(WHERE_THE_KEY_IS));
        }
        Ok(())
    }
}

impl Sender for Mailersend {
    fn scheme(&self) -> Scheme {
        const FIELDS: &[Field] = &[Field::signature(SIGNATURE, Form::Hex(32))];
        Scheme::of_body(FIELDS)
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey {
            provider: "MailerSend",
            name: "the webhook's signing secret",
            place: "MailerSend > Domains > your domain > Webhooks > your webhook > Signing Secret",
            api_key: Some(API_KEY_PREFIX),
            is_chosen: false,
            retries: Some(SignedDuration::from_hours(3 * 24)),
        }
    }

    fn sign(&self, key: &str, body: &[u8], _at: Timestamp) -> Vec<(&'static str, String)> {
        vec![(SIGNATURE, auth::sign_hmac_sha256_hex(key, &[], body))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event of version 2, signed by another implementation.
    const BODY: &[u8] = br#"{"type":"activity.hard_bounced","created_at":"2026-01-02T03:04:05.000000Z","data":{"id":"650000000000000000000001","domain_id":"dom1","message_id":"650000000000000000000002","email_id":"650000000000000000000003","type":"hard_bounced","subject":"Hi","recipient":"to@example.com","tags":[],"meta":{"bounce_reason":"no such user","bounce_code":"550","bounce_type":"hard"}}}"#;
    const HEX: &str = "e4edc5f9f08d05243f1c44bbabae504e5dbbfa5603791369d01aeec62c5d1488";

    fn verdict(key: &str, body: &[u8]) -> Option<Rejection> {
        let headers = [("Signature".to_owned(), HEX.to_owned())];
        let request = Incoming::new(&headers, body, Timestamp::UNIX_EPOCH, None);
        let secrets = Secrets::parse(key).expect("a secret");
        Mailersend.verify(&request, &secrets).err()
    }

    #[test]
    fn a_signature_made_elsewhere_is_verified() {
        assert_eq!(verdict("postern-mailersend-secret", BODY), None);
        let mismatch = Some(Rejection::SignatureMismatch);
        assert_eq!(verdict("postern-mailersend-secreT", BODY), mismatch);
        assert_eq!(verdict("postern-mailersend-secret", &BODY[1..]), mismatch);
    }

    #[test]
    fn a_key_that_anybody_could_sign_with_is_none() {
        for key in ["mlsn.0123456789abcdef", ping::TEST_SECRET] {
            assert!(Mailersend.check_key(key).is_err());
        }
        assert!(Mailersend.check_key("postern-mailersend-secret").is_ok());
    }
}
