//! What the fuzz targets in `fuzz/` do with an input. It stands here so that `tests/fuzz_corpus.rs`
//! does the same with every committed input, without a fuzzer. A panic is a finding.

mod api;
mod form;
mod request;
mod token;
mod verify;

use std::sync::LazyLock;

use registry::{Poison, sender};
use shared::bounce::{Class, EnhancedCode, Evidence};
use shared::delivery::Delivery;
use shared::event::Event;
use shared::machine::Machine;
use shared::sender::Sender;
use table::item::{Item, item};

use crate::laws::{fits_the_table, judged_fairly, no_element_is_lost, survives_the_queue};
use crate::{CATEGORIES, deliver};

/// Runs a target: `queue_message`, `bounce` and `api`, and of one provider `verify` and
/// `normalize`.
///
/// # Panics
/// When the input is a finding, or there is no such target, or no such provider.
pub fn run(target: &str, provider: Option<&str>, input: &[u8]) {
    let provider = provider.map(|name| {
        let provider = sender(name);
        provider.unwrap_or_else(|| panic!("no provider is called {name:?}"))
    });
    match (target, provider) {
        ("queue_message", None) => queue_message(input),
        ("bounce", None) => bounce(input),
        ("api", None) => api::request(input),
        ("verify", Some(provider)) => verify::verify(provider, input),
        ("normalize", Some(provider)) => normalize(provider, input),
        ("verify" | "normalize", None) => panic!("{target}: of which provider?"),
        _ => panic!("no target {target}"),
    }
}

/// [`run`] for the provider that the environment variable `PROVIDER` names: `cargo fuzz` passes a
/// target nothing but its inputs.
///
/// # Panics
/// As [`run`], and without the variable.
pub fn run_for_provider(target: &str, input: &[u8]) {
    static PROVIDER: LazyLock<Option<String>> = LazyLock::new(provider_asked_for);
    run(target, PROVIDER.as_deref(), input);
}

#[expect(clippy::disallowed_methods, reason = "a fuzzer is told its provider")]
fn provider_asked_for() -> Option<String> {
    std::env::var("PROVIDER").ok()
}

/// The input is the body of a delivery that was vouched for.
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
    let Ok((provider, _)) = registry::open(&message) else {
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
