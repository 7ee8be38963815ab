//! What the fuzz targets in `fuzz/` do with an input. It stands here so that `tests/fuzz_corpus.rs`
//! does the same with every committed input, without a fuzzer. A panic is a finding.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use registry::{Poison, sender};
use serde_json::Value;
use shared::auth::sign_hmac_sha256_hex;
use shared::bounce::{Class, EnhancedCode, Evidence};
use shared::delivery::Delivery;
use shared::event::Event;
use shared::incoming::Incoming;
use shared::machine::Machine;
use shared::provider::Covered;
use shared::sender::Sender;
use table::item::{Item, item};

use crate::laws::{fits_the_table, judged_fairly, no_element_is_lost, survives_the_queue};
use crate::{CATEGORIES, another_key, deliver, key, received_at, secrets};

/// Runs a target by its name: `verify_<provider>`, `normalize_<provider>`, `queue_message`,
/// `bounce`.
///
/// # Panics
/// When the input is a finding, or there is no such target.
pub fn run(target: &str, input: &[u8]) {
    let of = |prefix| target.strip_prefix(prefix).and_then(sender);
    match target {
        "queue_message" => queue_message(input),
        "bounce" => bounce(input),
        _ => match (of("verify_"), of("normalize_")) {
            (Some(provider), _) => match provider.signs() {
                Covered::Body => verify(provider, input),
                Covered::Token => verify_token(provider, input),
            },
            (_, Some(provider)) => normalize(provider, input),
            (None, None) => panic!("no target {target}"),
        },
    }
}

/// The input is header lines, an empty line and the body. `$T` and `$S` in a header stand for the
/// first and the last value that the provider would sign this body with, `$M` for the one before
/// the last, `$H` for half of the last: no fuzzer guesses them.
fn verify(provider: &dyn Sender, input: &[u8]) {
    let at = input.windows(2).position(|two| two == b"\n\n");
    let (head, body) = at.map_or((input, &b""[..]), |at| (&input[..at], &input[at + 2..]));
    let signed = provider.sign(key(provider), body, received_at());
    let (first, last) = (&signed[0].1, &signed[signed.len() - 1].1);
    let before = &signed[signed.len().saturating_sub(2)].1;
    let fill = |value: &str| {
        let value = value.replace("$T", first).replace("$M", before);
        let value = value.replace("$S", last);
        value.replace("$H", &last[..last.len() / 2])
    };
    let headers: Vec<(String, String)> = String::from_utf8_lossy(head)
        .split('\n')
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), fill(value)))
        .collect();

    let request = Incoming::new(&headers, body, received_at(), None);
    let others = secrets(provider, another_key(provider));
    assert!(provider.verify(&request, &others).is_err());
    let sent_for = |name: &str| {
        let name = name_used(&headers, name);
        let is_it = |header: &&(String, String)| header.0.eq_ignore_ascii_case(&name);
        headers
            .iter()
            .filter(is_it)
            .map(|(_, value)| value.as_str())
            .collect::<Vec<_>>()
    };
    match provider.verify(&request, &secrets(provider, key(provider))) {
        Ok(authentic) => {
            for (name, value) in &signed {
                let [sent] = sent_for(name)[..] else {
                    panic!("accepted without exactly one {name}");
                };
                assert!(is_same(sent, value), "accepted {name}: {sent}");
            }
            let delivery = Delivery::seal(authentic, provider.name(), received_at());
            assert_eq!(delivery.body(), body);
        }
        Err(rejection) => {
            let is_right = |(name, value): &(&str, String)| sent_for(name) == [value.as_str()];
            assert!(
                !signed.iter().all(is_right),
                "{rejection:?} for what the provider sends"
            );
        }
    }
}

/// The input is a body. `$T`, `$K` and `$S` in it stand for a time, a token and their signature;
/// `$H` for half of that.
fn verify_token(provider: &dyn Sender, input: &[u8]) {
    let (time, token) = (received_at().as_second().to_string(), "Kk".repeat(25));
    let sign = |time: &str, token: &str| {
        sign_hmac_sha256_hex(key(provider), &[time.as_bytes()], token.as_bytes())
    };
    let signature = sign(&time, &token);
    let mut body = input.to_vec();
    for (name, value) in [
        ("$T", &*time),
        ("$K", &*token),
        ("$S", &*signature),
        ("$H", &signature[..32]),
    ] {
        body = filled(&body, name.as_bytes(), value.as_bytes());
    }
    let request = Incoming::new(&[], &body, received_at(), None);
    assert!(
        provider
            .verify(&request, &secrets(provider, another_key(provider)))
            .is_err()
    );
    if let Ok(authentic) = provider.verify(&request, &secrets(provider, key(provider))) {
        let delivery = Delivery::seal(authentic, provider.name(), received_at());
        assert_eq!(delivery.body(), body);
        // Another reader of JSON finds the same; what it cannot read (half a surrogate pair, deep
        // nesting) is passed over.
        if let Ok(json) = serde_json::from_slice::<Value>(&body) {
            let field = |name: &str| json["signature"][name].as_str().unwrap_or_default();
            assert_eq!(delivery.token(), Some(field("token")));
            let signature = sign(field("timestamp"), field("token"));
            let is_it = |name| field(name).eq_ignore_ascii_case(&signature);
            assert!(is_it("signature") || is_it("parent-signature"));
        }
    }
    // What the provider would send is let in, wherever there is a place for a signature.
    let signed = provider.signed(key(provider), &body, received_at());
    if signed.body != body {
        let request = Incoming::new(&[], &signed.body, received_at(), None);
        assert!(
            provider
                .verify(&request, &secrets(provider, key(provider)))
                .is_ok()
        );
    }
}

fn filled(body: &[u8], name: &[u8], value: &[u8]) -> Vec<u8> {
    let mut filled = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.windows(name.len()).position(|piece| piece == name) {
        filled.extend_from_slice(&rest[..at]);
        filled.extend_from_slice(value);
        rest = &rest[at + name.len()..];
    }
    filled.extend_from_slice(rest);
    filled
}

/// Standard Webhooks has two sets of names, of which one counts.
fn name_used(headers: &[(String, String)], name: &str) -> String {
    let is_svix = |header: &(String, String)| {
        let name = header.0.to_ascii_lowercase();
        ["svix-id", "svix-timestamp", "svix-signature"].contains(&name.as_str())
    };
    match name.strip_prefix("svix-") {
        Some(rest) if !headers.iter().any(is_svix) => format!("webhook-{rest}"),
        _ => name.to_owned(),
    }
}

/// Whether a header says what it should, in one of the spellings that are read: hex in either case,
/// a prefix, base64; of a list of `v1,<signature>`, one entry.
fn is_same(sent: &str, value: &str) -> bool {
    let sent = sent.trim_matches([' ', '\t']);
    if value.starts_with("v1,") {
        return sent.split(' ').any(|entry| entry == value);
    }
    let bare = ["sha256=", "sha1="]
        .iter()
        .find_map(|prefix| sent.strip_prefix(prefix));
    let bare = bare.unwrap_or(sent);
    let is_hex = value.len() >= 40 && value.bytes().all(|b| b.is_ascii_hexdigit());
    let decoded = (0..value.len() / 2).map(|i| u8::from_str_radix(&value[2 * i..2 * i + 2], 16));
    let in_base64 = || STANDARD.encode(decoded.flatten().collect::<Vec<u8>>());
    bare == value || (is_hex && (bare.eq_ignore_ascii_case(value) || bare == in_base64()))
}

/// The input is the body of a signed delivery.
fn normalize(provider: &dyn Sender, body: &[u8]) {
    let delivery = deliver(provider, body);
    let results = provider.normalize(&delivery);
    no_element_is_lost(&delivery, &results);
    let events: Vec<Event> = results.into_iter().flatten().collect();
    let stored = items(&events);
    stored.iter().for_each(fits_the_table);
    if let Some(message) = survives_the_queue(&delivery) {
        match registry::normalize(&message) {
            Ok(normalized) => assert_eq!(items(&normalized.events), stored),
            Err(poison) => {
                assert_eq!(poison, Poison::TokenWithoutEvent);
                assert!(!provider.names_event(delivery.body()));
            }
        }
    }
}

fn items(events: &[Event]) -> Vec<Item> {
    events.iter().map(|event| item(event, 30)).collect()
}

/// The input is a message in the queue.
fn queue_message(input: &[u8]) {
    let message = String::from_utf8_lossy(input);
    let normalized = registry::normalize(&message);
    let delivery = match Delivery::decode(&message) {
        Ok(delivery) => delivery,
        Err(error) => {
            assert_eq!(normalized.err(), Some(Poison::Delivery(error)));
            return;
        }
    };
    survives_the_queue(&delivery);
    let Some(provider) = sender(delivery.provider()) else {
        assert_eq!(normalized.err(), Some(Poison::ProviderUnknown));
        return;
    };
    let results = provider.normalize(&delivery);
    no_element_is_lost(&delivery, &results);
    let normalized = normalized.expect("events");
    assert_eq!(normalized.delivery, delivery);
    assert_eq!(
        normalized.events.len() + normalized.malformed.len(),
        results.len()
    );
    items(&normalized.events).iter().for_each(fits_the_table);
}

/// The input is a refusal: five characters that choose what else is known (class, category, subject
/// and detail of the code, reply code; `0` is nothing), then the text.
fn bounce(input: &[u8]) {
    let (chosen, text) = input.split_at(input.len().min(5));
    let chosen = |index: usize| chosen.get(index).map_or(0, |byte| byte.wrapping_sub(b'0'));
    let text = String::from_utf8_lossy(text);
    let classes = [Class::Hard, Class::Soft, Class::Block, Class::Undetermined];
    let class_of_code = [None, Some(2), Some(4), Some(5)][usize::from(chosen(2) / 16 % 4)];
    let code = |class| EnhancedCode::new(class, (chosen(2) % 16).into(), chosen(3).into());
    let replies = [
        250, 421, 450, 451, 452, 500, 550, 551, 552, 553, 554, 556, 605,
    ];
    judged_fairly(&Evidence {
        class: one_of(&classes, chosen(0)),
        category: one_of(CATEGORIES, chosen(1)),
        enhanced_code: class_of_code.and_then(code),
        smtp_code: one_of(&replies, chosen(4)),
        text: Some(&text),
        is_providers_sentence: false,
    });
    judged_fairly(&Evidence {
        text: Some(&text),
        ..Evidence::default()
    });
    if let Some(code) = EnhancedCode::parse(&text) {
        assert_eq!(code.to_string(), text);
    }
    let _ = Machine::of_user_agent(&text);
}

/// The first is 1; `None` for 0.
fn one_of<T: Copy>(choices: &[T], index: u8) -> Option<T> {
    choices.get(usize::from(index.checked_sub(1)?)).copied()
}
