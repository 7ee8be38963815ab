//! What the tests have in common.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use outlets::endpoint::{Endpoint, SealedSecret, header_context, secret_context};
use outlets::filter::Filter;
use shared::auth::{SealingKey, seal};
use table::item::Item;

pub(crate) const NOW: &str = "2026-03-03T08:15:00Z";
pub(crate) const PK: &str = "email#kim@mail.test";
pub(crate) const SK: &str = "2026-03-03T08:14:59.000Z#abc";
pub(crate) const NEW: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(crate) const OLD: &str = "a-secret-of-mailpanda";

pub(crate) fn key(version: &str) -> SealingKey {
    SealingKey::of("0123456789abcdef0123456789abcdef", version).unwrap()
}

pub(crate) fn sealed(secret: &str, until: Option<Timestamp>) -> SealedSecret {
    let nonce = [u8::from(until.is_some()); 12];
    SealedSecret {
        sealed: text(nonce, &secret_context(3), secret),
        since: NOW.parse().unwrap(),
        until,
    }
}

fn text(nonce: [u8; 12], context: &str, plain: &str) -> String {
    seal(&key("v1"), nonce, context, plain).unwrap()
}

/// An endpoint with two secrets, of which the old one signs for a day.
pub(crate) fn endpoint() -> Endpoint {
    let now: Timestamp = NOW.parse().unwrap();
    let tomorrow = now + jiff::SignedDuration::from_hours(24);
    let bearer = text(
        [2; 12],
        &header_context(3, "authorization"),
        "Bearer of-the-receiver",
    );
    Endpoint {
        id: 3,
        url: "https://hooks.mail.test/x".to_owned(),
        filter: Filter::parse("*").unwrap(),
        providers: Vec::new(),
        sources: Vec::new(),
        headers: BTreeMap::from([("authorization".to_owned(), bearer)]),
        secrets: vec![sealed(NEW, None), sealed(OLD, Some(tomorrow))],
        active: true,
        created_at: now,
        created_by: "ops".to_owned(),
        revision: 1,
    }
}

/// A bounce, with these attributes besides.
pub(crate) fn event(more: &[(&str, &str)]) -> Item {
    let texts = [
        ("pk", PK),
        ("sk", SK),
        ("id", "abc"),
        ("provider", "resend"),
        ("channel", "email"),
        ("kind", "bounced"),
        ("bounce_class", "hard"),
        ("occurred_at_source", "event"),
    ];
    let text = |(name, text): &(&str, &str)| {
        let value = match *name {
            "expires_at" => AttributeValue::N((*text).to_owned()),
            _ => AttributeValue::S((*text).to_owned()),
        };
        ((*name).to_owned(), value)
    };
    let item: HashMap<_, _> = texts.iter().chain(more).map(text).collect();
    item
}
