//! What the tests share: fixtures, and a signed request made as a provider and the gateway would.

pub mod api;
pub mod bombs;
pub mod browser;
pub mod checks;
pub mod form;
pub mod fuzz;
pub mod laws;
pub mod metrics;
pub mod page;
pub mod pattern;
pub mod schema;
pub mod secrets_manager;
pub mod sink;
pub mod stack;
pub mod table;
pub mod template;

use std::io::Write as _;
use std::path::PathBuf;

use jiff::Timestamp;
use operator::samples::{self, Sample};
use serde_json::Value;
use shared::admit::admit;
use shared::auth::{self, fingerprint};
use shared::bounce::Category;
use shared::delivery::Delivery;
use shared::element::Element;
use shared::json::repair;
use shared::provider::Strength;
use shared::rejection::Rejection;
use shared::request::Request;
use shared::secrets::Secrets;
use shared::sender::{Sender, Signed};

/// The gateway's time in every test: 2026-01-02T03:05:00.678Z.
pub const RECEIVED_MS: i64 = 1_767_323_100_678;

/// The queue of a provider that has one of its own.
pub const QUEUE_ARN: &str = "arn:aws:sqs:eu-west-1:123456789012:own";

/// The keys that tests sign with, the right one and another: any text, unless a provider's keys
/// have a form.
const KEYS: [[&str; 2]; 5] = [
    ["test-key-1", "another-key"],
    // a shared secret
    [
        "test-key-1-0123456789abcdefghijkl",
        "another-key-0123456789abcdefghijk",
    ],
    // a key and the URL that it signs
    [
        "test-key-1@https://hooks.example.test/webhooks/mandrill",
        "another-key@https://hooks.example.test/webhooks/mandrill",
    ],
    // Standard Webhooks
    [
        "whsec_dGhlIGtleSB0aGF0IHRlc3RzIHNpZ24=",
        "whsec_YW5vdGhlciBrZXkgdGhhbiB0aGF0IG9uZQ==",
    ],
    // P-256
    [
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgqRqrT6AEUd/yWkUvwGVCqdIK8ge0P60rrMoHItfCS1+hRANCAARWQmrxgrjQ60EjIdDIzarwYsHqDIdOZ1pUtwIa6PIQ5dCeypsY9xJqUwy9ZhvJDphuRDjyFZv0HbLU5qJ1B+Ks",
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgzOnsSf1IaU2I/4nnCnbB21nr3LgKN4srms0qAx3I1RuhRANCAATzScwcdEX+cLQrjNueg9f9dpn4VD7fpeTowsGTbkkBuxv3iGbl5/aqBmmy5AA578EDHwG4NpttjVcVsV1aeRYR",
    ],
];

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

/// The key that tests sign with.
#[must_use]
pub fn key(provider: &dyn Sender) -> &'static str {
    keys(provider)[0]
}

/// Another key that the provider could have.
#[must_use]
pub fn another_key(provider: &dyn Sender) -> &'static str {
    keys(provider)[1]
}

fn keys(provider: &dyn Sender) -> [&'static str; 2] {
    let is_usable = |[key, _]: &[&str; 2]| {
        let receivers = provider.receiver_key(key);
        receivers.is_some_and(|key| provider.check_key(&key).is_ok())
    };
    KEYS.into_iter().find(is_usable).expect("a key of its form")
}

/// What a receiver is given to check what this key signs.
#[must_use]
pub fn receiver_key(provider: &dyn Sender, key: &str) -> String {
    provider.receiver_key(key).expect("a key that signs")
}

/// The secrets of a receiver with this one key.
#[must_use]
pub fn secrets(provider: &dyn Sender, key: &str) -> Secrets {
    let secrets = Secrets::parse(&receiver_key(provider, key))
        .and_then(|s| s.checked_by(|key| provider.check_key(key)));
    secrets.expect("a secret")
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
pub fn deliver(provider: &dyn Sender, body: &[u8]) -> Delivery {
    deliver_at(provider, body, received_at())
}

/// [`deliver`] at another time of the gateway. A body with no place for the signature of a provider
/// that signs inside of it is put into the queue by hand: no receiver lets it in, but the consumer
/// must take whatever is there.
#[must_use]
pub fn deliver_at(provider: &dyn Sender, body: &[u8], at: Timestamp) -> Delivery {
    let unsigned = body;
    if provider.strength() == Strength::Transport {
        return transported(provider, body, at);
    }
    let Signed { headers, body } = provider.signed(key(provider), unsigned, at);
    let mut event = gateway_event(&headers, &body);
    event["requestContext"]["timeEpoch"] = at.as_millisecond().into();
    let secrets = secrets(provider, key(provider));
    let has_no_place = |rejection| {
        use Rejection::{SignatureDuplicated, SignatureMissing, SignatureUnreadable};
        let places = [SignatureMissing, SignatureUnreadable, SignatureDuplicated];
        let is_as_it_was = body == unsigned;
        provider.strength() == Strength::Token && (is_as_it_was || places.contains(&rejection))
    };
    match admit(provider, &secrets, None, &request(event), at) {
        Err(rejection) if has_no_place(rejection) => queued(provider, &body, at),
        admitted => admitted.expect("a signed request").delivery,
    }
}

/// [`deliver`] by a key that has this label.
#[must_use]
pub fn deliver_under(provider: &dyn Sender, body: &[u8], label: &str) -> Delivery {
    let Signed { headers, body } = provider.signed(key(provider), body, received_at());
    let event = request(gateway_event(&headers, &body));
    let secret = serde_json::json!({label: receiver_key(provider, key(provider))});
    let secrets = Secrets::parse(&secret.to_string()).expect("a secret");
    let admitted = admit(provider, &secrets, None, &event, received_at());
    admitted.expect("a signed request").delivery
}

/// Lets in a body that carries its signature, as it is.
#[must_use]
pub fn admit_as_it_is(provider: &dyn Sender, body: &[u8], at: Timestamp) -> Delivery {
    let mut event = gateway_event(&[], body);
    event["requestContext"]["timeEpoch"] = at.as_millisecond().into();
    let secrets = secrets(provider, key(provider));
    let admitted = admit(provider, &secrets, None, &request(event), at);
    admitted.expect("a signed request").delivery
}

/// The delivery that the consumer makes of a message in the provider's own queue. A queue carries
/// text: of other bytes, it is what they would be there.
fn transported(provider: &dyn Sender, body: &[u8], at: Timestamp) -> Delivery {
    let text = String::from_utf8_lossy(body);
    let authentic = auth::transport(QUEUE_ARN, QUEUE_ARN, &text).expect("its own queue");
    Delivery::seal(authentic, provider.name(), at)
}

/// A delivery of any body, put into the queue by hand.
#[must_use]
pub fn deliver_unsigned(provider: &dyn Sender, body: &[u8]) -> Delivery {
    queued(provider, body, received_at())
}

/// A delivery with a token of its own, as the queue would hold it.
fn queued(provider: &dyn Sender, body: &[u8], at: Timestamp) -> Delivery {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(body).expect("a write");
    let packed = zlib.finish().expect("zlib");
    let body = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, packed);
    let message = serde_json::json!({
        "v": 1, "provider": provider.name(), "received_at": at.as_millisecond(),
        "token": fingerprint(&[Some(&body)]), "encoding": "zlib", "body": body,
    });
    Delivery::decode(&message.to_string()).expect("a delivery")
}

/// The signature of a request: by convention the last header that a provider signs with; else the
/// one in the body.
#[must_use]
pub fn signature(signed: &Signed) -> String {
    signed.headers.last().map_or_else(
        || {
            let body = repair(&signed.body).expect("text");
            let block = Element::parse(&body).and_then(|body| body.object("signature"));
            let signature = block.and_then(|block| block.text("signature"));
            signature.expect("a signature")
        },
        |(_, signature)| signature.clone(),
    )
}

/// The request with its signature changed.
#[must_use]
pub fn with_signature(signed: &Signed, change: impl Fn(&str) -> String) -> Signed {
    let mut signed = signed.clone();
    let old = signature(&signed);
    let new = change(&old);
    if let Some((_, signature)) = signed.headers.last_mut() {
        *signature = new;
    } else {
        let field = |value: &str| format!(r#""signature":{}"#, Value::from(value));
        signed.body = replaced(&signed.body, &field(&old), &field(&new));
    }
    signed
}

/// The request with its signature twice.
#[must_use]
pub fn with_two_signatures(signed: &Signed) -> Signed {
    let mut signed = signed.clone();
    if let Some(signature) = signed.headers.last().cloned() {
        signed.headers.push(signature);
    } else {
        let start = br#"{"signature":null,"#;
        signed.body = [start, &signed.body[1..]].concat();
    }
    signed
}

/// The request with something changed that is signed.
#[must_use]
pub fn tampered(provider: &dyn Sender, signed: &Signed) -> Signed {
    let mut signed = signed.clone();
    match provider.strength() {
        Strength::Signed => signed.body.push(b' '),
        Strength::Token => {
            signed.body = replaced(&signed.body, r#""token":""#, r#""token":"0"#);
        }
        // What is not signed can be anything; the secret is another one.
        Strength::SharedSecret => {
            signed.headers = provider.sign(another_key(provider), &signed.body, received_at());
        }
        Strength::Transport => panic!("no request is one of {}", provider.name()),
    }
    signed
}

/// Whether the provider signs the decoded fields of a form, and not the bytes of the body.
#[must_use]
pub fn signs_a_form(provider: &dyn Sender) -> bool {
    provider.signs_url()
}

/// What travels of a request: the body that was sent, but of a form the value of its field. That is
/// the body that the provider was given to sign.
#[must_use]
pub fn travels<'a>(provider: &dyn Sender, unsigned: &'a [u8], sent: &'a [u8]) -> &'a [u8] {
    if signs_a_form(provider) {
        return unsigned;
    }
    sent
}

/// The refusal of what was made by somebody without the key.
#[must_use]
pub fn mismatch(provider: &dyn Sender) -> Rejection {
    match provider.strength() {
        Strength::SharedSecret => Rejection::CredentialMismatch,
        _ => Rejection::SignatureMismatch,
    }
}

/// The refusal of what shows no signature and no secret.
#[must_use]
pub fn missing(provider: &dyn Sender) -> Rejection {
    match provider.strength() {
        Strength::SharedSecret => Rejection::CredentialMissing,
        _ => Rejection::SignatureMissing,
    }
}

/// The body with a piece of text replaced, which must be in it once.
#[must_use]
pub fn replaced(body: &[u8], old: &str, new: &str) -> Vec<u8> {
    let places: Vec<usize> = body
        .windows(old.len())
        .enumerate()
        .filter_map(|(at, piece)| (piece == old.as_bytes()).then_some(at))
        .collect();
    let [at] = places[..] else {
        panic!("{old} is there {} times", places.len());
    };
    [&body[..at], new.as_bytes(), &body[at + old.len()..]].concat()
}

/// The fixtures of a provider: `<case>.json` with its `<case>.expected.json`, sorted.
#[must_use]
pub fn cases(provider: &dyn Sender) -> Vec<(PathBuf, PathBuf)> {
    let events = ::stack::build::root().join("events");
    let pair = |sample: &Sample| {
        let body = events.join(format!("{}.json", sample.name));
        (body.clone(), body.with_extension("expected.json"))
    };
    samples::of(provider.name()).map(pair).collect()
}

/// Whether to write expectations instead of failing on their absence: a switch for the person at
/// the keyboard.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a test reads its own switch")]
pub fn is_blessing() -> bool {
    std::env::var("BLESS").is_ok()
}
