//! Mailtrap webhooks of Email Sending (docs.mailtrap.io, mailtrap/mailtrap-openapi, the official
//! libraries' helpers and tests; read 2026-11-26).
//!
//! Signed: the raw body whatever its format, HMAC-SHA256, lower-case hex, in `Mailtrap-Signature`.
//! The key is the signing secret's own characters: it looks like hex, and is not decoded. The URL,
//! the headers and a time are not signed.
//!
//! Window: none; nothing signed carries a time of sending, so exact de-duplication is what makes a
//! replay harmless.
//!
//! Delivery: up to 500 events of any kinds and messages, every 30 s, as `{"events": […]}` or as
//! JSON Lines, in no order; 30 s for an answer. Only 200 is success: after anything else the whole
//! batch comes again every 5 minutes, 40 times, and then the webhook is paused.
//!
//! Identity: `event_id` with `event`, `email` and `message_id`, because the events of a test share
//! one id; the whole element where one of the first three is missing.

mod payload;
mod vocabulary;

use jiff::{SignedDuration, Timestamp};
use shared::auth::{self, Authentic};
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::Event;
use shared::incoming::Incoming;
use shared::normalize::{Budget, Layout};
use shared::parts::{Field, Form, Scheme};
use shared::places::Places;
use shared::provider::Provider;
use shared::rejection::Rejection;
use shared::secrets::Secrets;
use shared::sender::Sender;
use shared::signing_key::SigningKey;

const SIGNATURE: &str = "mailtrap-signature";
/// The key of a body whose list has the events.
const EVENTS: &str = "events";

/// Where a body says when something happened, and to whom.
const PLACES: Places = Places {
    times: &[&["timestamp"], &[EVENTS, "timestamp"]],
    recipients: &[&["email"], &[EVENTS, "email"]],
};

/// Mailtrap.
pub struct Mailtrap;

impl Provider for Mailtrap {
    fn name(&self) -> &'static str {
        "mailtrap"
    }

    fn layout(&self) -> Layout {
        Layout::ListOrLines(EVENTS)
    }

    /// In an array an element stays whole, whatever list it has.
    fn element_of(&self, raw: &str) -> String {
        format!("[{raw}]")
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
}

impl Sender for Mailtrap {
    fn scheme(&self) -> Scheme {
        const FIELDS: &[Field] = &[Field::signature(SIGNATURE, Form::Hex(32))];
        Scheme::of_body(FIELDS)
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey {
            provider: "Mailtrap",
            name: "the webhook's signing secret",
            place: "Mailtrap > Settings > Webhooks > your webhook: it has 32 characters",
            api_key: None, // an API token has 32 characters, too, and no start of its own
            is_chosen: false,
            retries: Some(SignedDuration::from_mins(40 * 5)),
        }
    }

    fn sign(&self, key: &str, body: &[u8], _at: Timestamp) -> Vec<(&'static str, String)> {
        vec![(SIGNATURE, auth::sign_hmac_sha256_hex(key, &[], body))]
    }
}

#[cfg(test)]
mod tests {
    use shared::event::Kind;

    use super::*;

    /// Of the official Ruby library's tests.
    const KEY: &str = "8d9a3c0e7f5b2d4a6c1e9f8b3a7d5c2e";
    const BODY: &str = r#"{"event":"delivery","sending_stream":"transactional","category":"welcome","message_id":"a8b1d8f6-1f8d-4a3c-9b2e-1a2b3c4d5e6f","email":"recipient@example.com","event_id":"f1e2d3c4-b5a6-7890-1234-567890abcdef","timestamp":1716070000}"#;
    const HEX: &str = "6d262e2611cd09be1f948382b5c611d63b0e585c4c9c5e40139d6ac3876d5433";

    /// Made by another implementation.
    const KEY_2: &str = "00112233445566778899aabbccddeeff";
    const LIST: &str = r#"{"events":[{"event":"soft bounce","message_id":"11111111-2222-4333-8444-555555555555","sending_stream":"bulk","email":"to@example.com","timestamp":1760000000,"event_id":"66666666-7777-4888-8999-000000000000","bounce_category":"greylisting","response":"4.7.1 Try again later","response_code":451}]}"#;
    const LIST_HEX: &str = "e99a6b77bfb67b499fbe48fccddd702b02d3de865c497584b7d88fcbaee745ec";
    const LIST_HEX_OF_DECODED_KEY: &str =
        "d3a98a26475455d3e727aad2057e5b2137badd764735078ed109126a50908cc4";
    const LINES: &str = "{\"event\":\"open\",\"email\":\"a@example.com\",\"event_id\":\"1\"}\n{\"event\":\"click\",\"email\":\"b@example.com\",\"event_id\":\"2\"}\n";
    const LINES_HEX: &str = "6ea7e37916888dbaf3515a29b13d56bc540fb2404b6eabb3d00b0f866cc578e9";

    fn kinds(key: &str, body: &str, hex: &str) -> Result<Vec<&'static str>, Rejection> {
        let headers = [("Mailtrap-Signature".to_owned(), hex.to_owned())];
        let at = Timestamp::UNIX_EPOCH;
        let request = Incoming::new(&headers, body.as_bytes(), at, None);
        let secrets = Secrets::parse(key).expect("a secret");
        let authentic = Mailtrap.verify(&request, &secrets)?;
        let delivery = Delivery::seal(authentic, Mailtrap.name(), at);
        let events = Mailtrap.normalize(&delivery).into_iter().flatten();
        Ok(events.map(|event| Kind::name(&event.kind)).collect())
    }

    #[test]
    fn signatures_made_elsewhere_are_verified_in_each_format() {
        assert_eq!(kinds(KEY, BODY, HEX), Ok(vec!["delivered"]));
        assert_eq!(kinds(KEY_2, LIST, LIST_HEX), Ok(vec!["deferred"]));
        let lines = kinds(KEY_2, LINES, LINES_HEX);
        assert_eq!(lines, Ok(vec!["opened", "clicked"]));
    }

    #[test]
    fn the_key_is_text_and_is_not_decoded() {
        let verdict = kinds(KEY_2, LIST, LIST_HEX_OF_DECODED_KEY);
        assert_eq!(verdict, Err(Rejection::SignatureMismatch));
        // The last line break is signed, too.
        let verdict = kinds(KEY_2, LINES.trim_end(), LINES_HEX);
        assert_eq!(verdict, Err(Rejection::SignatureMismatch));
    }
}
