//! What must hold whatever a provider sends: asserted by the property tests, the fuzz targets and
//! the corpus test alike.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use shared::bounce::{Category, Class, EnhancedCode, Evidence, judge};
use shared::delivery::{Delivery, MAX_BODY, MAX_MESSAGE};
use shared::element::Element;
use shared::event::Event;
use shared::malformed::Malformed;
use shared::normalize::{Layout, bytes_of};
use shared::rejection::Rejection;
use shared::time::{from_rfc3339, rfc3339_ms};
use table::item::{Item, size};

/// The providers whose event is one part of their element, under this key: its `raw` is that part.
const ENVELOPES: [(&str, &str); 1] = [("mailgun", "event-data")];

/// The limits of DynamoDB, in bytes.
const PARTITION_KEY: usize = 2048;
const SORT_KEY: usize = 1024;
const ITEM: usize = 400 * 1024;
/// `2026-01-02T03:05:00.678Z`.
const TIME: usize = 24;

/// The results tell of every element of the body, in order: at least one event for an object,
/// exactly one error for anything else, exactly one for a body that has no elements, none for a
/// ping. What is over the budget is told of once, at the end.
pub fn no_element_is_lost(delivery: &Delivery, results: &[Result<Event, Malformed>]) {
    is_within_the_budget(delivery, results);
    let (results, is_over) = match results {
        [told @ .., Err(Malformed::TooManyEvents)] => (told, true),
        all => (all, false),
    };
    let (body, provider) = (shared::json::body(delivery.body()), delivery.provider());
    if matches!(body, b"" | b"null") {
        assert_eq!(results, [], "a ping has no elements");
        return;
    }
    let json = std::str::from_utf8(body)
        .ok()
        .and_then(|text| serde_json::from_str::<&RawValue>(text).ok());
    let known = registry::provider(provider);
    let layout = known.map_or(Layout::Plain, |known| known.layout_of(delivery));
    let elements = match (json.map(RawValue::get), layout) {
        (_, Layout::Nowhere) => {
            assert_eq!(results, [], "a ping has no elements");
            return;
        }
        (Some(json), _) if json.starts_with('[') => listed(json),
        (Some(json), Layout::Plain) if json.starts_with('{') => Some(vec![json]),
        (Some(json), Layout::ListOrLines(name)) if json.starts_with('{') => {
            let fields = serde_json::from_str::<Fields<'_>>(json).ok();
            fields.map(|Fields(fields)| {
                let of_name = fields
                    .iter()
                    .filter(|(Key(known), _)| known == name.as_bytes());
                let lists: Vec<Vec<&str>> = of_name.filter_map(|(_, v)| listed(v.get())).collect();
                // Of two lists, neither counts.
                let [list] = &lists[..] else {
                    return vec![json];
                };
                list.clone()
            })
        }
        (Some(_), _) => {
            assert_eq!(results, [Err(Malformed::BodyNotObject)]);
            return;
        }
        (None, Layout::ListOrLines(_)) => lines(body),
        (None, Layout::Plain) => None,
    };
    let Some(elements) = elements else {
        as_much_as_possible_is_told_of(delivery, layout, results);
        return;
    };
    let elements: Vec<&str> = elements
        .into_iter()
        .map(|json| kept(json, provider))
        .collect();
    every_one_is_told_of(&elements, results, is_over);
}

/// The fields of an object, in order. A map would hide one that is there twice.
struct Fields<'a>(Vec<(Key, &'a RawValue)>);

/// A field's name in bytes, since half a surrogate pair in it (`"\ud800"`) is JSON, but no text.
struct Key(Vec<u8>);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InBytes;
        impl Visitor<'_> for InBytes {
            type Value = Key;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_bytes<E>(self, name: &[u8]) -> Result<Key, E> {
                Ok(Key(name.to_vec()))
            }
        }
        deserializer.deserialize_bytes(InBytes)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<(Key, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(InOrder).map(Self)
    }
}

/// The elements of an array.
fn listed(json: &str) -> Option<Vec<&str>> {
    let elements: Vec<&RawValue> = serde_json::from_str(json).ok()?;
    Some(elements.into_iter().map(RawValue::get).collect())
}

/// The lines of JSON Lines: at least two, of which one is an object.
fn lines(body: &[u8]) -> Option<Vec<&str>> {
    let lines = std::str::from_utf8(body)
        .ok()?
        .split('\n')
        .map(str::trim_ascii);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    let is_json = |line: &&str| serde_json::from_str::<&RawValue>(line).is_ok();
    let has_object = lines.iter().any(|line| line.starts_with('{'));
    (lines.len() > 1 && has_object && lines.iter().all(is_json)).then_some(lines)
}

/// Of a body that is no JSON: what is there is in the body, to the byte, and what was repaired says
/// so.
fn as_much_as_possible_is_told_of(
    delivery: &Delivery,
    layout: Layout,
    results: &[Result<Event, Malformed>],
) {
    let body = shared::json::body(delivery.body());
    let contains = |part: &[u8]| body.windows(part.len()).any(|piece| piece == part);
    match body.first() {
        None => assert_eq!(results, [], "a ping"),
        Some(b'{' | b'[') => assert_ne!(results, [], "something is told of"),
        // Another line may be an object.
        Some(_) if layout != Layout::Plain && body.contains(&b'{') => {
            assert_ne!(results, [], "something is told of");
        }
        Some(_) => assert_eq!(results, [Err(Malformed::BodyNotJson)]),
    }
    for event in results.iter().flatten() {
        assert!(
            Element::parse(&event.raw).is_some(),
            "no object: {}",
            event.raw
        );
        let sent = event.raw_as_sent.as_deref();
        assert!(
            contains(sent.unwrap_or(event.raw.as_bytes())),
            "{}",
            event.raw
        );
    }
}

/// What is made of a webhook is bounded by what it is.
fn is_within_the_budget(delivery: &Delivery, results: &[Result<Event, Malformed>]) {
    let events = results.iter().flatten();
    let bytes: usize = events.clone().map(bytes_of).sum();
    let most = 16 * delivery.body().len() + 1024 * 1024;
    assert!(events.count() <= 10_000);
    assert!(bytes <= most, "{bytes} bytes of events, not {most}");
}

/// What an event keeps of its element.
fn kept<'a>(element: &'a str, provider: &str) -> &'a str {
    let part = ENVELOPES.iter().find(|(of, _)| *of == provider);
    let object = part.and_then(|(_, key)| Element::parse(element)?.object(key));
    object.map_or(element, |object| object.raw())
}

fn every_one_is_told_of(elements: &[&str], results: &[Result<Event, Malformed>], is_over: bool) {
    let mut results = results;
    // Equal neighbours are looked at together: which event is of which cannot be seen.
    for equal in elements.chunk_by(|one, next| one == next) {
        if is_over && results.is_empty() {
            return;
        }
        let Some(element) = equal.first().filter(|element| element.starts_with('{')) else {
            let errors = vec![Err(Malformed::ElementNotObject); equal.len()];
            let (of_these, others) = results.split_at(errors.len().min(results.len()));
            assert_eq!(of_these, errors);
            results = others;
            continue;
        };
        let is_of_these = |result: &&Result<Event, Malformed>| matches!(result, Ok(event) if event.raw == *element);
        let count = results.iter().take_while(is_of_these).count();
        let is_the_end = is_over && count == results.len();
        assert!(count >= equal.len() || is_the_end, "no event of {element}");
        assert!(
            count.is_multiple_of(equal.len()) || is_the_end,
            "equal elements differ: {element}"
        );
        results = &results[count..];
    }
    assert_eq!(results, [], "of no element");
}

/// DynamoDB takes the item, and its keys sort as its time does.
pub fn fits_the_table(item: &Item) {
    let text = |name: &str| {
        let value = item.get(name)?;
        Some(value.as_s().expect("text").as_str())
    };
    let is_key = |name: &str, bytes: usize| {
        let length = text(name).map_or(1, str::len);
        assert!((1..=bytes).contains(&length), "{name} of {length} bytes");
    };
    is_key("pk", PARTITION_KEY);
    is_key("sk", SORT_KEY);
    is_key("message", PARTITION_KEY);
    is_key("problem", PARTITION_KEY);
    assert!(text("pk").is_some_and(|pk| pk.contains('#')), "pk");
    let (time, id) = text("sk").expect("sk").split_at(TIME);
    let parsed = from_rfc3339(time).expect("a time in front of the sort key");
    assert_eq!(rfc3339_ms(parsed), time);
    assert_eq!(id.strip_prefix('#'), text("id"));
    for (name, value) in item {
        assert!(
            !name.is_empty() && !value.as_s().is_ok_and(String::is_empty),
            "{name} is empty"
        );
        assert!(
            !value.as_m().is_ok_and(|map| map.contains_key("")),
            "{name} has no name"
        );
    }
    assert!(size(item) <= ITEM, "an item of {} bytes", size(item));
}

/// A delivery comes out of its queue message as it went in, or is refused as too large.
pub fn survives_the_queue(delivery: &Delivery) -> Option<String> {
    let message = match delivery.encode() {
        Ok(message) => message,
        Err(refusal) => {
            assert_eq!(refusal, Rejection::TooLarge);
            return None;
        }
    };
    assert!(message.len() <= MAX_MESSAGE);
    assert!(delivery.body().len() <= MAX_BODY);
    assert!(message.chars().all(is_for_sqs));
    assert_eq!(Delivery::decode(&message).as_ref(), Ok(delivery));
    Some(message)
}

/// Nothing that clears the address ends in `Hard`; else what the provider says stands; capitals
/// change nothing; a sentence of the provider's own is no evidence.
pub fn judged_fairly(evidence: &Evidence<'_>) {
    let verdict = judge(evidence);
    let clears = |class: Class| matches!(class, Class::Soft | Class::Block);
    let given = |code: &u16| matches!(code, 200..=299 | 400..=599);
    let smtp_code = evidence.smtp_code.filter(given);
    assert_eq!(smtp_code.or(verdict.smtp_code), verdict.smtp_code);
    let field = evidence.enhanced_code;
    if field.is_some_and(|code| !says_nothing(code)) {
        assert_eq!(field, verdict.enhanced_code);
    }

    if let Some(class) = evidence.class.filter(|class| *class != Class::Hard) {
        assert_eq!(class, verdict.class);
    }
    if let Some(category) = evidence.category {
        let is_cleared = category.class() == Class::Hard && clears(verdict.class);
        assert!(category == verdict.category || is_cleared);
    }
    let is_temporary = match (field, smtp_code) {
        (_, Some(400..=499)) => true,
        (code, _) => code.is_some_and(|code| code.class() == 4),
    };
    if is_temporary || clears(verdict.category.class()) {
        assert_ne!(verdict.class, Class::Hard);
    }
    let is_policy = |code: EnhancedCode| code.class() == 5 && matches!(code.subject(), 6 | 7);
    let condemns = |category: Category| category.class() == Class::Hard;
    let is_condemned = evidence.class.is_some() || evidence.category.is_some_and(condemns);
    if !is_condemned && field.is_some_and(is_policy) {
        assert_ne!(verdict.class, Class::Hard);
    }

    for text in evidence
        .text
        .iter()
        .flat_map(|t| [t.to_ascii_uppercase(), t.to_ascii_lowercase()])
    {
        let text = Some(text.as_str());
        assert_eq!(judge(&Evidence { text, ..*evidence }), verdict);
    }
    let silent = Evidence {
        text: None,
        ..*evidence
    };
    let sentence = Evidence {
        is_providers_sentence: true,
        ..*evidence
    };
    assert_eq!(judge(&sentence), judge(&silent));
}

/// "Other or undefined", of everything, of the mail system, of the protocol.
fn says_nothing(code: EnhancedCode) -> bool {
    matches!((code.subject(), code.detail()), (0 | 3 | 5, 0))
}

/// The characters that SQS takes (`SendMessage`): those of XML 1.0.
fn is_for_sqs(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
