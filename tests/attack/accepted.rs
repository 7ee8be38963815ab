//! Hostile content that is truly signed: a provider's customer, or a provider, may write anything. It is accepted, since a refused
//! event would block a feed; what it becomes is bounded, and none of it is logged.

use aws_sdk_dynamodb::types::AttributeValue;
use consumer::PROVIDERS;
use consumer::item::Item;
use local::events::text;
use shared::provider::Provider;
use tests::stack::Running;

use crate::sample::{Sample, sample};
use crate::{MARK, nothing_is_logged};

/// Deeper than any recursive reader survives.
const LEVELS: usize = 100_000;

/// What becomes of hostile content.
enum Fate {
    /// Stored, with the message id that the kind of value allows: exactly this, or none where the provider's id is no such value.
    Message(String),
    /// Stored without a message id.
    NoMessage,
    /// Stored under a fingerprint of the message id, `raw` compressed.
    Fingerprint,
    /// In the dead-letter queue, with this code.
    Dead(&'static str),
}

fn nested(open: &str, inner: &str, close: &str) -> String {
    [&open.repeat(LEVELS), inner, &close.repeat(LEVELS)].concat()
}

/// The same hostile content for each provider.
fn hostile(name: &str, sample: &Sample) -> (Vec<u8>, Fate) {
    let exactly = |id: &str| Fate::Message(id.to_owned());
    let (body, fate) = match name {
        "nested arrays" => (sample.with(&nested("[", "", "]")), Fate::NoMessage),
        "nested objects" => (sample.with(&nested(r#"{"a":"#, "1", "}")), Fate::NoMessage),
        "nesting without end" => (
            sample.with(&"[".repeat(LEVELS)),
            Fate::Dead("body_not_json"),
        ),
        "nothing but nesting" => (nested("[", "", "]"), Fate::Dead("element_not_object")),
        "half a surrogate pair" => (sample.with(&format!(r#""\ud800{MARK}""#)), Fate::NoMessage),
        "a repeated key" => {
            let id = sample.message.split_once('#').expect("an id").1;
            (
                sample.with_repeated_key(&format!("\"{MARK}\"")),
                exactly(id),
            )
        }
        "a number beyond 2^53" => (sample.with("9007199254740993"), exactly("9007199254740993")),
        "a number beyond 64 bits" => {
            let digits = "123456789012345678901234567890";
            (sample.with(digits), exactly(digits))
        }
        "an escaped NUL" => (
            sample.with(&format!(r#""{MARK}\u0000""#)),
            exactly(&format!("{MARK}\0")),
        ),
        "a raw NUL" => (
            sample.with(&format!("\"{MARK}\0\"")),
            Fate::Dead("body_not_json"),
        ),
        "terminal escapes" => (
            sample.with(&format!(r#""{MARK}\u001b[2J""#)),
            exactly(&format!("{MARK}\u{1b}[2J")),
        ),
        "a megabyte of text" => {
            let long = format!("{MARK}{}", "a".repeat(1_000_000));
            (sample.with(&format!("\"{long}\"")), Fate::Fingerprint)
        }
        _ => panic!("{name} is no attack"),
    };
    (body.into_bytes(), fate)
}

const HOSTILE: [&str; 12] = [
    "nested arrays",
    "nested objects",
    "nesting without end",
    "nothing but nesting",
    "half a surrogate pair",
    "a repeated key",
    "a number beyond 2^53",
    "a number beyond 64 bits",
    "an escaped NUL",
    "a raw NUL",
    "terminal escapes",
    "a megabyte of text",
];

/// The item of this element.
fn of<'a>(items: &'a [Item], provider: &dyn Provider, body: &str) -> &'a Item {
    let is_it = |item: &&Item| {
        let raw = match item.get("raw") {
            Some(AttributeValue::B(packed)) => {
                let mut raw = String::new();
                let mut zlib = flate2::read::ZlibDecoder::new(packed.as_ref());
                std::io::Read::read_to_string(&mut zlib, &mut raw).expect("zlib");
                raw
            }
            _ => text(item, "raw").to_owned(),
        };
        text(item, "provider") == provider.name() && raw == body
    };
    items.iter().find(is_it).expect("stored, raw to the byte")
}

/// How many providers read an id exactly; the others have no such ids.
fn check(
    name: &str,
    items: &[Item],
    provider: &dyn Provider,
    (body, fate): &(Vec<u8>, Fate),
    sample: &Sample,
) -> usize {
    let context = format!("{}: {name}", provider.name());
    let item = || of(items, provider, std::str::from_utf8(body).expect("text"));
    match fate {
        Fate::Dead(_) => 0,
        Fate::NoMessage => {
            assert_eq!(text(item(), "message"), "", "{context}");
            assert_eq!(text(item(), "kind"), sample.kind, "{context}");
            0
        }
        Fate::Fingerprint => {
            let message = text(item(), "message");
            assert!(
                message.starts_with(&format!("{}#~", provider.name())),
                "{context}: {message}"
            );
            assert!(item()["raw"].is_b(), "{context}");
            0
        }
        Fate::Message(id) => {
            let wanted = format!("{}#{id}", provider.name());
            let message = text(item(), "message");
            assert!(
                message.is_empty() || message == wanted,
                "{context}: {message}"
            );
            assert_eq!(text(item(), "kind"), sample.kind, "{context}");
            usize::from(!message.is_empty())
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_content_is_stored_as_it_is_or_put_aside_and_never_logged() {
    let running = Running::new().await;
    let mut dead = 0;
    for name in HOSTILE {
        let mut sent = Vec::new();
        let mut wanted_dead = Vec::new();
        for provider in PROVIDERS {
            let sample = sample(*provider);
            let attack = hostile(name, &sample);
            let reply = running.send(provider.name(), &attack.0).await;
            assert_eq!(
                (reply.status.as_u16(), reply.body.as_str()),
                (200, provider.reply()),
                "{name}"
            );
            if let Fate::Dead(code) = attack.1 {
                wanted_dead.push(code);
            }
            sent.push((*provider, sample, attack));
        }
        let items = running.stored().await;
        let exact: usize = sent
            .iter()
            .map(|(provider, sample, attack)| check(name, &items, *provider, attack, sample))
            .sum();
        let is_exact = matches!(sent[0].2.1, Fate::Message(_));
        assert!(!is_exact || exact >= 3, "{name}: read by {exact} providers");
        let printed = local::events::table(&items);
        assert!(
            !printed.contains(|c: char| c.is_control() && c != '\n'),
            "{name}"
        );
        dead += wanted_dead.len();
        assert_eq!(running.dead().await.len(), dead, "{name}");
        for code in wanted_dead {
            assert!(
                crate::codes(&running).iter().any(|logged| logged == code),
                "{name}: {code}"
            );
        }
    }
    nothing_is_logged(&running);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_text_are_put_aside_and_their_neighbours_are_stored() {
    let running = Running::new().await;
    for provider in PROVIDERS {
        let sample = sample(*provider);
        let mut broken = sample.with(&format!("\"{MARK}\"")).into_bytes();
        let at = broken
            .windows(MARK.len())
            .position(|bytes| bytes == MARK.as_bytes());
        broken[at.expect("the mark") - 1] = 0xff;
        assert_eq!(running.send(provider.name(), &broken).await.status, 200);
        assert_eq!(
            running
                .send(provider.name(), sample.text.as_bytes())
                .await
                .status,
            200
        );
    }
    assert_eq!(running.stored().await.len(), PROVIDERS.len());
    assert_eq!(running.dead().await.len(), PROVIDERS.len());
    assert!(
        crate::codes(&running)
            .iter()
            .all(|code| code == "body_not_json")
    );
    nothing_is_logged(&running);
}
