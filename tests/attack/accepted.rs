//! Hostile content that is truly signed: a provider's customer, or a provider, may write anything.
//! It is accepted, since a refused event would block a feed; what it becomes is bounded, and none
//! of it is logged. Of a provider that signs inside the body, what has no place for a signature is
//! not signed, and refused.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use operator::events::{details, happened, who};
use registry::SENDERS;
use shared::provider::Strength;
use shared::sender::Sender;
use table::announced::Announced;
use table::item::Item;
use table::read::text;
use tests::stack::Running;

use crate::sample::{Sample, element, sample};
use crate::{MARK, nothing_is_logged};

/// Deeper than any recursive reader survives.
const LEVELS: usize = 100_000;

/// What becomes of hostile content.
enum Fate {
    /// Stored, with the message id that the kind of value allows: exactly this, or none where the
    /// provider's id is no such value.
    Message(String),
    /// Stored without a message id.
    NoMessage,
    /// Stored under a fingerprint of the message id, `raw` compressed.
    Fingerprint,
    /// In the dead-letter queue, with this code.
    Dead(&'static str),
    /// Not let in, with this code.
    Refused(&'static str),
}

/// Where the signature would have to be in the body: in one whole JSON object.
fn without_a_place(name: &str) -> Option<&'static str> {
    match name {
        "nesting without end" => Some("signature_unreadable"),
        "nothing but nesting" => Some("signature_missing"),
        _ => None,
    }
}

fn nested(open: &str, inner: &str, close: &str) -> String {
    [&open.repeat(LEVELS), inner, &close.repeat(LEVELS)].concat()
}

/// The same hostile content for each provider.
fn hostile(name: &str, provider: &dyn Sender, sample: &Sample) -> (Vec<u8>, Fate) {
    let exactly = |id: &str| Fate::Message(id.to_owned());
    let (body, fate) = match name {
        "nested arrays" => (sample.with(&nested("[", "", "]")), Fate::NoMessage),
        "nested objects" => (sample.with(&nested(r#"{"a":"#, "1", "}")), Fate::NoMessage),
        "nesting without end" => (
            sample.with(&"[".repeat(LEVELS)),
            Fate::Dead("body_not_json"),
        ),
        "nothing but nesting" => (nested("[", "", "]"), Fate::Dead("element_not_object")),
        "half a surrogate pair" => (
            sample.with(&format!(r#""\ud800{MARK}""#)),
            exactly(&format!("\u{fffd}{MARK}")),
        ),
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
            exactly(&format!("{MARK}\0")),
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
    let fate = match without_a_place(name) {
        Some(code) if provider.strength() == Strength::Token => Fate::Refused(code),
        _ => fate,
    };
    (body.into_bytes(), fate)
}

/// What is sent together: the same event twice is one item, so each of what is stored has a round
/// of its own.
const ROUNDS: [&[&str]; 11] = [
    &["nested arrays"],
    &["nested objects"],
    &["half a surrogate pair"],
    &["a repeated key"],
    &["a number beyond 2^53"],
    &["a number beyond 64 bits"],
    &["an escaped NUL"],
    &["terminal escapes"],
    &["a megabyte of text"],
    &["a raw NUL"],
    &["nesting without end", "nothing but nesting"],
];

/// The item of this element.
fn of<'a>(items: &'a [Item], provider: &dyn Sender, body: &str) -> &'a Item {
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
        text(item, "provider") == provider.name() && raw == element(provider, body)
    };
    items.iter().find(is_it).expect("stored, raw to the byte")
}

/// How many providers read an id exactly; the others have no such ids.
fn check(
    name: &str,
    items: &[Item],
    provider: &dyn Sender,
    (body, fate): &(Vec<u8>, Fate),
    sample: &Sample,
) -> usize {
    let context = format!("{}: {name}", provider.name());
    // A raw control character is repaired: escaped, as it should have been.
    let text_of_body = std::str::from_utf8(body)
        .expect("text")
        .replace('\0', "\\u0000");
    let item = || of(items, provider, &text_of_body);
    match fate {
        Fate::Dead(_) | Fate::Refused(_) => 0,
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

/// One hostile webhook, truly signed if it can be.
struct Sent {
    name: &'static str,
    provider: &'static dyn Sender,
    sample: Sample,
    attack: (Vec<u8>, Fate),
}

/// Sends it and checks the answer.
async fn send(running: &Running, name: &'static str, provider: &'static dyn Sender) -> Sent {
    let sample = sample(provider);
    let attack = hostile(name, provider, &sample);
    let reply = running.send(provider.name(), &attack.0).await;
    let wanted = match attack.1 {
        Fate::Refused(_) => (401, ""),
        _ => (200, provider.answers().accepted),
    };
    let answer = (reply.status.as_u16(), reply.body.as_str());
    assert_eq!(answer, wanted, "{}: {name}", provider.name());
    Sent {
        name,
        provider,
        sample,
        attack,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_content_is_stored_as_it_is_or_put_aside_and_never_logged() {
    let running = Running::new().await;
    let (mut dead, mut refused) = (Vec::new(), Vec::new());
    for round in ROUNDS {
        let mut sent = Vec::new();
        for name in round {
            for provider in SENDERS {
                sent.push(send(&running, name, *provider).await);
            }
        }
        let items = running.stored().await;
        let exact: usize = sent
            .iter()
            .map(|sent| check(sent.name, &items, sent.provider, &sent.attack, &sent.sample))
            .sum();
        let is_exact = matches!(sent[0].attack.1, Fate::Message(_));
        assert!(!is_exact || exact >= 3, "{round:?}: read by {exact}");
        for item in &items {
            let event = Announced::with_raw(item).expect("an event");
            let printed = operator::print::json(&event).expect("JSON");
            let words = [details(&event), happened(&event), who(&event).to_owned()];
            let printed = printed + &operator::print::printable(&words.concat());
            assert!(!printed.contains(char::is_control), "{round:?}");
        }
        for Sent { attack, .. } in &sent {
            match attack.1 {
                Fate::Dead(code) => dead.push(code),
                Fate::Refused(code) => refused.push(code),
                _ => {}
            }
        }
        assert_eq!(running.dead().await.len(), dead.len(), "{round:?}");
        // What is not signed takes no place that is taken: each round says the same event in its
        // own way.
        running.clear().await;
    }
    // A refusal is logged once, what nobody can read each time that it comes.
    let mut wanted: BTreeSet<&str> = dead.iter().chain(&refused).copied().collect();
    wanted.insert("element_not_json"); // of an array without an end, the last element
    let logged = running.logged(dead.len() + refused.len(), crate::codes);
    let logged = logged.await;
    let found: BTreeSet<&str> = logged.iter().map(String::as_str).collect();
    assert_eq!(found, wanted);
    let is_refusal = |code: &&String| code.starts_with("signature_");
    assert_eq!(logged.iter().filter(is_refusal).count(), refused.len());
    nothing_is_logged(&running);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_text_are_replaced_and_kept_as_they_were_sent() {
    let running = Running::new().await;
    for provider in SENDERS {
        let sample = sample(*provider);
        let mut broken = sample.with(&format!("\"x{MARK}\"")).into_bytes();
        let at = broken
            .windows(MARK.len())
            .position(|bytes| bytes == MARK.as_bytes());
        broken[at.expect("the mark") - 1] = 0xff;
        assert_eq!(running.send(provider.name(), &broken).await.status, 200);
    }
    let items = running.stored().await;
    let is_repaired = |item: &&Item| item.contains_key("raw_repaired");
    let repaired: Vec<&Item> = items.iter().filter(is_repaired).collect();
    assert_eq!(repaired.len(), SENDERS.len());
    for item in repaired {
        let sent = item["raw_as_sent"].as_b().expect("bytes").as_ref();
        assert!(sent.contains(&0xff));
        assert_eq!(String::from_utf8_lossy(sent), text(item, "raw"));
    }
    assert_eq!(running.dead().await.len(), 0);
    nothing_is_logged(&running);
}
