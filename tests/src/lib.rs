//! What the tests share: fixtures, and a signed request made as a provider and the gateway would.

pub mod checks;
pub mod fuzz;
pub mod laws;
pub mod stack;

use std::path::PathBuf;

use jiff::Timestamp;
use shared::bounce::Category;
use shared::delivery::Delivery;
use shared::provider::Provider;
use shared::receiver::admit;
use shared::request::Request;
use shared::secrets::Secrets;

/// The gateway's time in every test: 2026-01-02T03:05:00.678Z.
pub const RECEIVED_MS: i64 = 1_767_323_100_678;

/// The key that tests sign with.
pub const KEY: &str = "test-key-1";

/// Every category of a refusal.
#[rustfmt::skip]
pub const CATEGORIES: &[Category] = &[
    Category::InvalidRecipient, Category::InvalidDomain, Category::InvalidAddress, Category::InactiveMailbox,
    Category::MailboxFull, Category::TooLarge, Category::Content, Category::Attachment, Category::Virus,
    Category::Reputation, Category::Policy, Category::AuthFailure, Category::Relaying, Category::Greylisted,
    Category::RateLimited, Category::NoAnswer, Category::Dns, Category::Routing, Category::Protocol, Category::System,
    Category::Expired, Category::InvalidSender, Category::TooManyRecipients, Category::SuppressedBounce,
    Category::SuppressedComplaint, Category::SuppressedUnsubscribe, Category::SuppressedManual, Category::Duplicate,
    Category::Quota, Category::TemplateError, Category::SenderError, Category::AutoReply, Category::Generic,
    Category::Unknown,
];

/// The gateway's time in every test.
#[must_use]
pub fn received_at() -> Timestamp {
    Timestamp::from_millisecond(RECEIVED_MS).expect("a time")
}

/// The gateway's event for a request with these headers, as JSON.
#[must_use]
pub fn gateway_event(headers: &[(&str, String)], body: &[u8]) -> serde_json::Value {
    let headers: serde_json::Map<String, serde_json::Value> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone().into()))
        .collect();
    let text = std::str::from_utf8(body).ok();
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, body);
    serde_json::json!({
        "version": "2.0",
        "headers": headers,
        "requestContext": {"timeEpoch": RECEIVED_MS},
        "body": text.map_or(encoded, str::to_owned),
        "isBase64Encoded": text.is_none(),
    })
}

/// Reads a gateway event.
#[must_use]
pub fn request(event: serde_json::Value) -> Request {
    serde_json::from_value(event).expect("a gateway event")
}

/// Signs a body as its provider would and lets it in.
#[must_use]
pub fn deliver(provider: &dyn Provider, body: &[u8]) -> Delivery {
    deliver_at(provider, body, received_at())
}

/// [`deliver`] at another time of the gateway.
#[must_use]
pub fn deliver_at(provider: &dyn Provider, body: &[u8], at: Timestamp) -> Delivery {
    let headers = provider.sign(KEY, body, at);
    let mut event = gateway_event(&headers, body);
    event["requestContext"]["timeEpoch"] = at.as_millisecond().into();
    let secrets = Secrets::parse(KEY).expect("a secret");
    let admitted = admit(provider, &secrets, None, &request(event), at);
    admitted.expect("a signed request").delivery
}

/// The fixtures of a provider: `<case>.json` with its `<case>.expected.json`, sorted.
#[must_use]
pub fn cases(provider: &dyn Provider) -> Vec<(PathBuf, PathBuf)> {
    let bodies = local::send::samples(provider).expect("samples");
    let pair = |body: PathBuf| (body.clone(), body.with_extension("expected.json"));
    bodies.into_iter().map(pair).collect()
}

/// Whether to write expectations instead of failing on their absence: a switch for the person at the keyboard.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a test reads its own switch")]
pub fn is_blessing() -> bool {
    std::env::var("BLESS").is_ok()
}
