//! `events/vectors.json`: signed requests, byte by byte, and what becomes of them, for us and for
//! any other implementation.
//!
//! The matrix is made from the providers' own `sign`; its verdicts are written down by the rules in
//! `matrix.rs`, never copied from what `admit` says. The accepted ones are checked by another
//! library's cryptography, put together as the provider's document says (`scheme.rs`, and the
//! `scheme.json` of the provider).
//! `BLESS=1 cargo test -p tests --test published` writes the file.

mod block;
mod credentials;
mod forms;
mod headers;
mod matrix;
mod scheme;
mod tokens;
mod vector;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use matrix::{ACCEPTED, Maker};
use registry::SENDERS;
use scheme::{Scheme, scheme};
use serde_json::{Value, json};
use shared::admit::admit;
use shared::provider::Strength;
use shared::request::Request;
use shared::secrets::Secrets;
use shared::sender::Sender;
use stack::build::root;
use tests::{form, signs_a_form};
use vector::Vector;

/// All vectors of a provider.
fn vectors(provider: &dyn Sender) -> Vec<Vector> {
    let mut maker = Maker::new(provider);
    match provider.strength() {
        Strength::Signed if signs_a_form(provider) => forms::add(&mut maker),
        Strength::Signed => headers::add(&mut maker),
        Strength::Token => tokens::add(&mut maker),
        Strength::SharedSecret => credentials::add(&mut maker),
        Strength::Transport => panic!("no request is one of {}", provider.name()),
    }
    maker.vectors
}

fn file() -> PathBuf {
    root().join("events/vectors.json")
}

/// One vector a line, so that a difference can be read.
fn text() -> String {
    let lines = SENDERS.iter().flat_map(|provider| vectors(*provider));
    let lines: Vec<String> = lines.map(|vector| vector.json().to_string()).collect();
    format!(
        "{{\"format\": 1, \"vectors\": [\n{}\n]}}\n",
        lines.join(",\n")
    )
}

fn published() -> Vec<Value> {
    let text = std::fs::read_to_string(file()).expect("events/vectors.json");
    let mut file: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(file["format"], json!(1));
    let vectors = file["vectors"].as_array_mut().expect("vectors");
    std::mem::take(vectors)
}

fn string<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name}: {vector}"))
}

fn headers(vector: &Value) -> Vec<(String, String)> {
    serde_json::from_value(vector["headers"].clone()).expect("pairs")
}

fn bytes(vector: &Value) -> Vec<u8> {
    STANDARD.decode(string(vector, "body")).expect("base64")
}

#[test]
fn the_file_is_what_the_matrix_makes() {
    let wanted = text();
    if tests::is_blessing() {
        std::fs::write(file(), &wanted).expect("written");
    }
    let actual = std::fs::read_to_string(file()).expect("events/vectors.json");
    assert!(
        actual == wanted,
        "events/vectors.json: BLESS=1 cargo test -p tests --test published"
    );
    assert!(wanted.len() < 1024 * 1024, "{} bytes", wanted.len());
    let names: BTreeSet<(String, String)> = published()
        .iter()
        .map(|vector| {
            (
                string(vector, "provider").to_owned(),
                string(vector, "name").to_owned(),
            )
        })
        .collect();
    assert_eq!(names.len(), published().len(), "a name comes twice");
}

/// The gateway's event: header names in lower case, repeated ones joined with a comma, as API
/// Gateway does it.
fn joined(vector: &Value) -> Request {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers(vector) {
        joined
            .entry(name.to_ascii_lowercase())
            .and_modify(|all| *all = format!("{all},{value}"))
            .or_insert(value);
    }
    let pairs = joined
        .iter()
        .map(|(name, value)| format!("{}:{}", json!(name), json!(value)));
    event(vector, &pairs.collect::<Vec<_>>())
}

/// The event of a front end that hands every header over as it came.
fn as_sent(vector: &Value) -> Request {
    let pairs = headers(vector)
        .into_iter()
        .map(|(name, value)| format!("{}:{}", json!(name), json!(value)));
    event(vector, &pairs.collect::<Vec<_>>())
}

fn event(vector: &Value, headers: &[String]) -> Request {
    let gateway = &vector["gateway"];
    let is_base64 = gateway["is_base64_encoded"].as_bool().expect("a flag");
    let body = match gateway["body"].as_str() {
        Some(handed_over) => handed_over.to_owned(),
        None if is_base64 => string(vector, "body").to_owned(),
        None => String::from_utf8(bytes(vector)).expect("text"),
    };
    let event = format!(
        r#"{{"headers":{{{}}},"queryStringParameters":{},"requestContext":{{"timeEpoch":{}}},"body":{},"isBase64Encoded":{is_base64}}}"#,
        headers.join(","),
        vector["query"],
        vector["received_at"],
        json!(body),
    );
    serde_json::from_str(&event).expect("a gateway event")
}

/// What travels of a body that came compressed.
fn unpacked(body: &[u8]) -> Vec<u8> {
    let mut unpacked = Vec::new();
    let read = flate2::read::GzDecoder::new(body).read_to_end(&mut unpacked);
    read.map_or_else(|_| body.to_vec(), |_| unpacked)
}

#[test]
fn every_vector_has_its_verdict() {
    for vector in published() {
        let context = format!(
            "{}: {}",
            string(&vector, "provider"),
            string(&vector, "name")
        );
        let provider = registry::sender(string(&vector, "provider")).expect("a provider");
        let secrets = Secrets::parse(string(&vector, "secret"));
        let secrets = secrets.and_then(|secrets| secrets.checked_by(|key| provider.check_key(key)));
        let secrets = secrets.expect("a secret");
        for request in [joined(&vector), as_sent(&vector)] {
            let admitted = admit(provider, &secrets, None, &request, Timestamp::UNIX_EPOCH);
            let verdict = admitted
                .as_ref()
                .err()
                .map_or(ACCEPTED, |rejection| rejection.code());
            assert_eq!(verdict, string(&vector, "verdict"), "{context}");
            if let Ok(admitted) = admitted {
                let body = unpacked(&bytes(&vector));
                let value = form::only_field(&body).map(|(_, value)| value);
                let travels = if signs_a_form(provider) {
                    value.expect("a form")
                } else {
                    body
                };
                assert_eq!(admitted.delivery.body(), travels, "{context}");
            }
        }
    }
}

/// By another library's HMAC and ECDSA over what the provider's document says is signed.
#[test]
fn what_is_accepted_is_truly_signed_and_what_does_not_match_is_not() {
    let schemes = SENDERS
        .iter()
        .map(|sender| (sender.name(), scheme(*sender)));
    let schemes: BTreeMap<&str, Scheme> = schemes.collect();
    let mut seen: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for vector in published() {
        let context = format!(
            "{}: {}",
            string(&vector, "provider"),
            string(&vector, "name")
        );
        let (headers, body) = (headers(&vector), bytes(&vector));
        let (scheme, url_key) = (
            &schemes[string(&vector, "provider")],
            vector["query"]["key"].as_str(),
        );
        let is_signed = |body| scheme.is_signed(string(&vector, "secret"), &headers, url_key, body);
        let is_signed = is_signed(&body) || is_signed(&unpacked(&body));
        let counts = seen
            .entry(string(&vector, "provider").to_owned())
            .or_default();
        match string(&vector, "verdict") {
            ACCEPTED | "timestamp_stale" | "timestamp_ahead" => {
                assert!(is_signed, "{context}");
                counts.0 += 1;
            }
            "signature_mismatch" | "credential_mismatch" => {
                assert!(!is_signed, "{context}");
                counts.1 += 1;
            }
            _ => {}
        }
    }
    for provider in SENDERS {
        let (signed, unsigned) = seen[provider.name()];
        // Where no body counts, there are few of them.
        let bodies = match provider.strength() {
            Strength::SharedSecret => 25,
            _ => 40,
        };
        assert!(
            signed > bodies && unsigned > 5,
            "{}: {signed}, {unsigned}",
            provider.name()
        );
    }
}
