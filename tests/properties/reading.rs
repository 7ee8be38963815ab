//! Bodies that are almost JSON: what is wrong with one element costs its neighbours nothing.

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::value::RawValue;
use shared::element::Element;
use shared::event::{Event, OccurredAt};
use shared::json::{Items, repair, value_of, whole_pairs, without_mark};
use shared::malformed::Malformed;
use shared::sender::Sender;
use tests::deliver;
use tests::laws::no_element_is_lost;

use crate::{cases, each, json};

/// What a writer of almost JSON leaves in a string, and what is read of it.
const IN_STRINGS: &[(&[u8], &str)] = &[
    (
        b"550 \xd3\xca\xcf\xe4 mailbox",
        "550 \u{fffd}\u{fffd}\u{fffd}\u{fffd} mailbox",
    ), // GB 2312
    (b"caf\xe9", "caf\u{fffd}"), // Latin-1
    (b"550\tno\nsuch\ruser\0", "550\tno\nsuch\ruser\0"),
    (b"C:\\mail\\queue", "C:\\mail\\queue"),
    (b"\\u12", "\\u12"),
    (b"\\x41\\'", "\\x41\\'"),
    (b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}"), // half a surrogate pair in UTF-8
    (b"\xff\xfe", "\u{fffd}\u{fffd}"),
];

/// What stands where a value should, and is read as nothing.
const VALUES: &[&str] = &["NaN", "-Infinity", "Infinity", "+inf", "nan"];

/// What cannot be repaired.
const BROKEN: &[&str] = &[
    r#"{"a":}"#,
    r#"{"a" 1}"#,
    "{a:1}",
    r#"{"a":1}}"#,
    r#"{"a":[1}"#,
    r#"{"a":1,}"#,
    r#"{"a":'1'}"#,
    r#"{"a":1}{"b":2}"#,
];

fn events(results: &[Result<Event, Malformed>]) -> Vec<&Event> {
    results.iter().flatten().collect()
}

/// The raws of what a batch becomes, and its errors.
fn normalized(provider: &dyn Sender, body: &[u8]) -> Vec<Result<Event, Malformed>> {
    let delivery = deliver(provider, body);
    let results = provider.normalize(&delivery);
    no_element_is_lost(&delivery, &results);
    results
}

fn array(elements: &[Vec<u8>]) -> Vec<u8> {
    let body = elements.join(&b",\r\n"[..]);
    [b"[", body.as_slice(), b"]\r\n"].concat()
}

/// Three elements of one provider, told apart by a field that nobody reads.
fn three(odd: &[u8]) -> Vec<Vec<u8>> {
    let element = |n: &[u8]| [br#"{"type":"open","event":"open","noise":"#, n, b"}"].concat();
    vec![element(b"1"), element(odd), element(b"3")]
}

#[test]
fn an_odd_string_costs_nothing_at_all() {
    for provider in registry::SENDERS {
        for (sent, read) in IN_STRINGS {
            let elements = three(&[b"\"", *sent, b"\""].concat());
            let results = normalized(*provider, &array(&elements));
            let found = events(&results);
            assert_eq!(
                found.len(),
                3,
                "{}: {}",
                provider.name(),
                sent.escape_ascii()
            );
            for (event, element) in found.iter().zip(&elements) {
                let is_odd = element == &elements[1];
                assert_eq!(event.raw_as_sent.as_ref(), is_odd.then_some(element));
                assert!(is_odd || event.raw.as_bytes() == element.as_slice());
            }
            let odd = Element::parse(&found[1].raw).expect("an object");
            assert_eq!(odd.text("noise").as_deref(), Some(*read));
        }
    }
}

#[test]
fn a_word_for_no_number_is_null() {
    for provider in registry::SENDERS {
        for word in VALUES {
            let results = normalized(*provider, &array(&three(word.as_bytes())));
            let found = events(&results);
            assert_eq!(found.len(), 3, "{word}");
            let odd = Element::parse(&found[1].raw).expect("an object");
            assert!(!odd.has("noise"), "{word}");
        }
    }
}

#[test]
fn a_single_object_is_repaired_like_one_of_many() {
    for provider in registry::SENDERS {
        for (sent, _) in IN_STRINGS {
            let element = three(&[b"\"", *sent, b"\""].concat()).remove(1);
            let results = normalized(*provider, &element);
            let [Ok(event)] = results.as_slice() else {
                panic!("{}: {}", provider.name(), sent.escape_ascii());
            };
            let body = deliver(*provider, &element).body().to_vec();
            assert_eq!(event.raw_as_sent, Some(body), "with its signature");
        }
    }
}

#[test]
fn what_cannot_be_repaired_is_put_aside_alone() {
    for provider in registry::SENDERS {
        for broken in BROKEN {
            let mut elements = three(b"2");
            elements[1] = broken.as_bytes().to_vec();
            let results = normalized(*provider, &array(&elements));
            let [Ok(first), Err(Malformed::ElementNotJson), Ok(third)] = results.as_slice() else {
                panic!("{}: {broken}: {results:?}", provider.name());
            };
            assert_eq!(first.raw.as_bytes(), elements[0]);
            assert_eq!(third.raw.as_bytes(), elements[2]);
            let alone = normalized(*provider, broken.as_bytes());
            assert_eq!(alone, [Err(Malformed::BodyNotJson)], "{broken}");
        }
    }
}

/// What a lost bracket or quote takes with it is what follows, and nothing that stands before.
#[test]
fn an_element_without_an_end_costs_what_follows() {
    for provider in registry::SENDERS {
        for open in [r#"{"a":"#, r#"{"a":"x"#, r#"{"a":{"b":1"#, "{\"a\\"] {
            let mut elements = three(b"2");
            elements[1] = open.as_bytes().to_vec();
            let results = normalized(*provider, &array(&elements));
            let Some(Ok(first)) = results.first() else {
                panic!("{}: {open}", provider.name());
            };
            assert_eq!(first.raw.as_bytes(), elements[0]);
            assert!(
                results[1..].iter().all(Result::is_err),
                "{open}: {results:?}"
            );
            assert!(results.contains(&Err(Malformed::ElementNotJson)), "{open}");
        }
    }
}

#[test]
fn a_byte_order_mark_costs_nothing() {
    each(60, json::body, |provider, body| {
        let marked = [b"\xef\xbb\xbf", body.as_bytes()].concat();
        let plain: Vec<_> = normalized(provider, body.as_bytes());
        let facts = |results: Vec<Result<Event, Malformed>>| -> Vec<_> {
            let facts = results
                .into_iter()
                .map(|result| result.map(|e| (e.kind, e.raw.len())));
            facts.collect()
        };
        prop_assert_eq!(facts(normalized(provider, &marked)), facts(plain));
        Ok(())
    });
}

#[test]
fn nothing_at_all_is_a_ping() {
    for provider in registry::SENDERS {
        for body in ["", " \r\n", "[]", "[ ]\n", "\u{feff}", "\u{feff}[]"] {
            assert_eq!(normalized(*provider, body.as_bytes()), [], "{body:?}");
        }
    }
}

#[test]
fn damage_to_one_element_is_no_damage_to_those_before_it() {
    let damaged = |provider| {
        let elements = prop::collection::vec(json::body(provider), 1..4);
        let damage = (any::<Index>(), any::<u8>());
        (elements, damage)
    };
    each(150, damaged, |provider, (elements, (at, byte))| {
        let elements: Vec<Vec<u8>> = elements.into_iter().map(String::into_bytes).collect();
        let before: Vec<_> = normalized(provider, &array(&elements));
        let mut last = elements.last().expect("one").clone();
        let at = at.index(last.len().max(1));
        if let Some(place) = last.get_mut(at) {
            *place = byte;
        }
        let count = elements.len();
        let with_damage = [&elements[..], &[last]].concat();
        let after = normalized(provider, &array(&with_damage));
        // A delivery of other elements has other neighbours in time: what is compared is the text.
        let raws = |results: &[Result<Event, Malformed>]| -> Vec<_> {
            let raws = results
                .iter()
                .map(|r| r.as_ref().map(|e| e.raw.clone()).map_err(|e| *e));
            raws.collect()
        };
        prop_assert_eq!(
            raws(&after)[..before.len()].to_vec(),
            raws(&before),
            "{}",
            count
        );
        Ok(())
    });
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn what_is_json_is_cut_as_a_reader_of_json_would(body in json::body(&customerio::Customerio)) {
        let json = body.trim();
        if json.starts_with('[') {
            let elements: Vec<&RawValue> = serde_json::from_str(json).expect("an array");
            let elements: Vec<&str> = elements.into_iter().map(RawValue::get).collect();
            let mut items = Items::of(json.as_bytes()).expect("a list");
            let found: Vec<&str> = items.by_ref().map(|i| std::str::from_utf8(i).expect("text")).collect();
            prop_assert_eq!(found, elements);
            prop_assert!(items.is_whole());
        } else if let Some(element) = Element::parse(json) {
            for key in ["event_id", "data", "metric", "timestamp", "identifiers"] {
                let value = value_of(json.as_bytes(), key);
                let same = element.id(key).or_else(|| element.object(key).map(|o| o.raw().to_owned()));
                if let (Some(value), Some(same)) = (value, same) {
                    let text = std::str::from_utf8(value).expect("text");
                    // Half a surrogate pair is JSON and no text.
                    let read = whole_pairs(text).map(|text| serde_json::from_str(&text));
                    let read: Option<String> = read.transpose().expect("a string");
                    prop_assert_eq!(read.as_deref().unwrap_or(text), same);
                }
                prop_assert!(!element.has(key) || value.is_some());
            }
        }
    }

    #[test]
    fn a_string_without_half_a_pair_stays_as_it_is(text in any::<String>(), is_escaped in any::<bool>()) {
        let mut json = serde_json::to_string(&text).expect("JSON");
        if is_escaped {
            let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
            json = format!("\"{}\"", units.collect::<Vec<_>>().concat());
        }
        prop_assert_eq!(whole_pairs(&json), Some(json));
    }

    #[test]
    fn what_is_json_is_not_repaired(body in json::body(&customerio::Customerio)) {
        let repaired = repair(body.as_bytes());
        prop_assert_eq!(repaired.as_deref(), Some(body.as_str()));
    }

    #[test]
    fn no_bytes_are_too_odd_to_be_cut_or_repaired(bytes in any::<Vec<u8>>(), json in "[\\[\\]{},:\"\\\\a0 N-]{0,200}") {
        for bytes in [bytes.as_slice(), json.as_bytes()] {
            let Some(list) = Items::of(bytes) else { continue };
            let items: Vec<&[u8]> = list.collect();
            let length: usize = items.iter().map(|item| item.len()).sum();
            prop_assert!(length <= bytes.len());
            let text = repair(bytes).expect("short");
            prop_assert!(text.len() <= 6 * bytes.len());
            // Twice is once: what was repaired needs no repair.
            prop_assert_eq!(repair(text.as_bytes()), Some(text));
        }
    }

    #[test]
    fn a_number_keeps_its_digits(number in "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,4})?", fits in any::<i64>()) {
        let digits = [number, fits.to_string()];
        for digits in digits {
            let object = format!(r#"{{"n":{digits},"list":[{digits}]}}"#);
            let others = Element::parse(&object).expect("an object").others(&[]);
            let whole = digits.parse::<i64>().ok().filter(|n| n.to_string() == digits);
            let wanted = whole.map_or_else(|| digits.clone().into(), serde_json::Value::from);
            prop_assert_eq!(&others["n"], &wanted);
            let written = others["n"].as_str().map_or_else(|| others["n"].to_string(), str::to_owned);
            prop_assert_eq!(written, digits.clone());
            prop_assert_eq!(&others["list"], &serde_json::Value::from(format!("[{digits}]")));
        }
    }
}

#[test]
fn the_mark_is_three_bytes_and_in_front() {
    assert_eq!(without_mark(b"\xef\xbb\xbf{}"), b"{}");
    assert_eq!(without_mark(b"{}\xef\xbb\xbf"), b"{}\xef\xbb\xbf");
    assert_eq!(without_mark(b"\xef\xbb{}"), b"\xef\xbb{}");
}

/// In one pass: a million brackets that close nothing cost no search each.
#[test]
fn brackets_without_a_partner_are_passed_over_in_one_pass() {
    for body in [
        ["[".repeat(1_000_000), "}".repeat(1_000_000)].concat(),
        format!("[{}", "{]".repeat(1_000_000)),
        format!("[{}", "[}".repeat(1_000_000)),
    ] {
        let started = std::time::Instant::now();
        let count = Items::of(body.as_bytes()).expect("a list").count();
        assert!(count <= 1, "{count}");
        assert!(started.elapsed().as_secs() < 20);
    }
}

/// More fields than anybody sends: the first count, a repetition of one of them, too; and the event
/// is told by all of them.
#[test]
fn an_object_of_too_many_fields_is_read_from_its_front() {
    let fields = |last: u32| {
        let many: Vec<String> = (0..10_000).map(|n| format!(r#""k{n:05}":{n}"#)).collect();
        format!(r#"{{"n":1,{},"m":2,"n":{last}}}"#, many.join(","))
    };
    let (one, other) = (fields(3), fields(4));
    let element = Element::parse(&one).expect("an object");
    assert_eq!(element.integer("n"), Some(3));
    assert_eq!(element.integer("k00000"), Some(0));
    assert_eq!(element.integer("m"), None, "beyond what is read");
    assert_eq!(element.raw(), one);
    assert_eq!(element.others(&[]).len(), shared::element::MOST_OTHERS);
    let other = Element::parse(&other).expect("an object");
    assert_ne!(element.without("x"), other.without("x"));
}

#[test]
fn half_a_pair_costs_itself_and_nothing_around_it() {
    for (json, text) in [
        (r#""552 full \ud83d""#, "552 full \u{fffd}"),
        (r#""\udc00 x""#, "\u{fffd} x"),
        (r#""\ud83d\ude00""#, "\u{1f600}"),
        (r#""\ud83d\ud83d\ude00\ude00""#, "\u{fffd}\u{1f600}\u{fffd}"),
        (r#""\\ud83d \ud83d""#, "\\ud83d \u{fffd}"),
        (r#""\ud83d\n\u00e9""#, "\u{fffd}\n\u{e9}"),
        (r#""\uD83D""#, "\u{fffd}"),
    ] {
        let raw = format!(r#"{{"a":{json},"b":1}}"#);
        let element = Element::parse(&raw).expect("an object");
        assert_eq!(element.text("a").as_deref(), Some(text), "{json}");
        assert_eq!(element.others(&["b"])["a"], text, "{json}");
    }
    // What it is worth: a full mailbox stays one, and a complaint is its recipient's.
    let bounce = r#"[{"email":"kim@mail.test","event":"bounce","type":"bounce","timestamp":1767323045,"reason":"552 5.2.2 mailbox full \ud83d"},
        {"email":"Kim \ud83d <lee@mail.test>","event":"spamreport","timestamp":1767323045}]"#;
    let sendgrid = registry::sender("sendgrid").expect("a provider");
    let results = sendgrid.normalize(&tests::deliver(sendgrid, bounce.as_bytes()));
    let said: Vec<_> = results
        .iter()
        .flatten()
        .map(|event| table::word::word(event).map(|word| word.reason.name()))
        .collect();
    assert_eq!(said, [None, Some("complained")]);
}

#[test]
fn every_provider_reads_a_time_in_either_form() {
    let seconds = 1_767_323_045;
    let wanted = Timestamp::from_second(seconds).expect("a time");
    for (provider, body) in [
        (
            "customerio",
            r#"{"event_id":"e","metric":"sent","timestamp":§}"#,
        ),
        ("inboxroad", r#"{"kind":"open","timestamp":§}"#),
        (
            "inboxroad",
            r#"{"type":"d","rcpt":"k@mail.test","timeLogged":§}"#,
        ),
        ("insider", r#"{"event":"open","timestamp":§}"#),
        (
            "mailgun",
            r#"{"event-data":{"event":"opened","timestamp":§}}"#,
        ),
        ("mailpanda", r#"{"type":"open","timestamp":§}"#),
        (
            "resend",
            r#"{"type":"email.opened","created_at":§,"data":{}}"#,
        ),
        ("sendgrid", r#"[{"event":"open","timestamp":§}]"#),
    ] {
        for time in [
            seconds.to_string(),
            format!("\"{seconds}\""),
            format!("{seconds}000"),
            format!("\"{wanted}\""),
        ] {
            let provider = registry::sender(provider).expect("a provider");
            let body = body.replace('§', &time);
            let results = provider.normalize(&tests::deliver(provider, body.as_bytes()));
            let event = results[0].as_ref().expect("an event");
            assert_eq!(event.occurred_at, OccurredAt::Event(wanted), "{body}");
        }
    }
}
