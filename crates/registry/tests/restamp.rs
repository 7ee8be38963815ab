//! What a sample says when it is sent as if it had happened now, to somebody else.
#![expect(clippy::expect_used, reason = "a test that fails may panic")]

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use registry::{PROVIDERS, SENDERS, normalize_with};
use shared::admit::admit;
use shared::event::{Event, OccurredAt};
use shared::request::Request;
use shared::secrets::Secrets;
use shared::sender::{Sender, Signed};

/// 2026-11-26T12:00:00.25Z
const NOW: Timestamp = Timestamp::constant(1_795_694_400, 250_000_000);

fn samples(provider: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events");
    let files = std::fs::read_dir(folder.join(provider)).expect("a folder");
    let mut samples = Vec::new();
    for file in files {
        let path = file.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        let is_body = name.ends_with(".json") && !name.ends_with(".expected.json");
        let is_other = ["identity.json", "request.json", "scheme.json"].contains(&&*name);
        if is_body && !is_other {
            samples.push((name.into_owned(), std::fs::read(&path).expect("a body")));
        }
    }
    assert!(samples.len() > 30, "{provider}: {}", samples.len());
    samples
}

fn key(provider: &dyn Sender) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events");
    let secret = folder.join(provider.name()).join("secret.txt");
    std::fs::read_to_string(secret)
        .expect("a key")
        .trim()
        .to_owned()
}

/// Sends a body as its provider would at this time, and returns what the consumer makes of it.
fn events(sender: &dyn Sender, body: &[u8], at: Timestamp) -> Vec<Event> {
    let key = key(sender);
    let Signed { headers, body } = sender.signed(&key, body, at);
    let headers: serde_json::Map<String, serde_json::Value> = headers
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let request = serde_json::json!({
        "headers": headers,
        "body": base64::Engine::encode(&base64::engine::general_purpose::STANDARD, body),
        "isBase64Encoded": true,
    });
    let request: Request = serde_json::from_value(request).expect("a request");
    let secrets = Secrets::parse(&sender.receiver_key(&key).expect("a key that signs"));
    let provider = PROVIDERS.iter().find(|p| p.name() == sender.name());
    let provider = *provider.expect("its provider");
    let admitted = admit(provider, &secrets.expect("secrets"), None, &request, at);
    let delivery = admitted.expect("what was just signed is accepted").delivery;
    normalize_with(provider, delivery).map_or_else(|_| Vec::new(), |normal| normal.events)
}

/// The time of an event, if it is the event's own.
fn own_time(event: &Event) -> Option<Timestamp> {
    match event.occurred_at {
        OccurredAt::Event(time) => Some(time),
        OccurredAt::Received(_) => None,
    }
}

#[test]
fn every_sample_happened_just_now_and_says_what_it_said() {
    for sender in SENDERS {
        let mut restamped = 0;
        for (name, body) in samples(sender.name()) {
            let before = events(*sender, &body, NOW);
            let after = events(*sender, &sender.restamp(&body, NOW), NOW);
            let kinds = |events: &[Event]| -> Vec<_> {
                let kinds = events.iter().map(|event| event.kind.clone());
                kinds.collect()
            };
            assert_eq!(kinds(&after), kinds(&before), "{}/{name}", sender.name());
            let Some(latest) = after.iter().filter_map(own_time).max() else {
                continue;
            };
            let late = NOW.duration_since(latest);
            let is_now = late >= SignedDuration::ZERO && late < SignedDuration::from_secs(1);
            // Another time of the body may be later than that of its events.
            restamped += usize::from(is_now);
            assert!(
                late >= SignedDuration::ZERO,
                "{}/{name}: {latest}",
                sender.name()
            );
        }
        assert!(restamped > 30, "{}: {restamped}", sender.name());
    }
}

#[test]
fn a_sample_to_somebody_else_is_about_them_alone() {
    for sender in SENDERS {
        let mut readdressed = 0;
        for (name, body) in samples(sender.name()) {
            let Some(body) = sender.readdress(&body, "you@example.test") else {
                continue;
            };
            let after = events(*sender, &body, NOW);
            let addresses = after.iter().filter_map(|event| event.recipient.as_ref());
            let addresses = addresses.map(shared::address::Address::expose);
            let (theirs, others): (Vec<&str>, Vec<&str>) =
                addresses.partition(|address| *address == "you@example.test");
            let others: Vec<&str> = others.into_iter().filter(|a| a.contains('@')).collect();
            assert!(others.is_empty(), "{}/{name}: {others:?}", sender.name());
            readdressed += usize::from(!theirs.is_empty());
        }
        assert!(readdressed > 30, "{}: {readdressed}", sender.name());
    }
}
