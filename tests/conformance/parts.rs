//! What vouches for a request is named for a person, for every provider, and nothing secret is.

use jiff::{SignedDuration, Timestamp};
use registry::{QUEUED, SENDERS};
use shared::incoming::Incoming;
use shared::parts::{Part, Place, Role};
use shared::provider::Strength;
use shared::sender::{Sender, Signed};
use tests::{another_key, key, received_at};

use super::{BODY, each, each_that_signs, signed};

type Pairs = Vec<(String, String)>;

fn pairs(signed: &Signed) -> Pairs {
    let headers = signed.headers.iter();
    headers
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect()
}

fn parts_of(provider: &dyn Sender, headers: &[(String, String)], body: &[u8]) -> Vec<Part> {
    provider.parts(&Incoming::new(headers, body, received_at(), None))
}

fn parts(provider: &dyn Sender, signed: &Signed) -> Vec<Part> {
    parts_of(provider, &pairs(signed), &signed.body)
}

fn words<'a>(parts: &'a [Part], name: &str) -> Vec<&'a str> {
    let part = parts.iter().find(|part| part.name == name);
    let part = part.unwrap_or_else(|| panic!("no part {name}"));
    part.words.iter().map(String::as_str).collect()
}

fn json(parts: &[Part]) -> String {
    serde_json::to_string(parts).expect("JSON")
}

#[test]
fn every_header_that_signs_is_named_and_what_is_signed_comes_last() {
    each(|provider, signed| {
        let parts = parts(provider, &signed);
        for (name, value) in &signed.headers {
            let part = parts.iter().find(|part| part.name == *name);
            let part = part.unwrap_or_else(|| panic!("no part {name}"));
            assert_eq!(part.place, Place::Header);
            let is_key = provider.strength() == Strength::SharedSecret;
            let wanted = (!is_key).then(|| value.clone());
            assert!(part.value == wanted, "{name}");
        }
        let last = parts.last().expect("a part");
        assert_eq!(last.role, Role::Signed);
        assert!(last.value.as_ref().is_some_and(|words| !words.is_empty()));
        let is_missing = |part: &Part| part.words.contains(&"missing".to_owned());
        assert!(!parts.iter().any(is_missing));
    });
}

#[test]
fn each_kind_of_part_is_there_as_the_strength_says() {
    each(|provider, signed| {
        let parts = parts(provider, &signed);
        let has = |role: Role| parts.iter().any(|part| part.role == role);
        let strength = provider.strength();
        assert_eq!(has(Role::Key), strength == Strength::SharedSecret);
        assert_eq!(has(Role::Signature), strength != Strength::SharedSecret);
        assert_eq!(has(Role::Token), strength == Strength::Token);
        assert_eq!(has(Role::Timestamp), provider.scheme().window.is_some());
    });
    for provider in QUEUED {
        let parts = parts_of(*provider, &[], BODY);
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].role, Role::Signed);
    }
}

/// The window that is shown is the one that is checked.
#[test]
fn the_window_is_the_one_of_the_check() {
    each(|provider, _| {
        let Some(window) = provider.scheme().window else {
            return;
        };
        for (apart, is_in) in [
            (-i64::try_from(window.behind).expect("a time"), true),
            (-i64::try_from(window.behind).expect("a time") - 1, false),
            (i64::try_from(window.ahead).expect("a time"), true),
            (i64::try_from(window.ahead).expect("a time") + 1, false),
        ] {
            let at = received_at() + SignedDuration::from_secs(apart);
            let signed = signed(provider, at);
            assert_eq!(
                super::verdict(provider, &signed).is_none(),
                is_in,
                "{apart}"
            );
        }
    });
}

#[test]
fn what_is_missing_is_named_as_missing() {
    each(|provider, signed| {
        let whole: Vec<String> = parts(provider, &signed)
            .into_iter()
            .map(|part| part.name)
            .collect();
        let bare = parts_of(provider, &[], b"{}");
        for part in &bare {
            if part.role != Role::Signed {
                assert_eq!(part.value.as_deref(), Some(""), "{}", part.name);
                assert_eq!(part.words, ["missing"], "{}", part.name);
            }
        }
        // Resend's headers have two names, and without any the plain ones are wanted.
        if provider.name() != "resend" {
            let names: Vec<String> = bare.into_iter().map(|part| part.name).collect();
            assert_eq!(names, whole);
        }
    });
}

#[test]
fn no_secret_and_no_right_signature_is_shown() {
    each(|provider, signed| {
        let at = received_at();
        let forged = provider.signed(another_key(provider), BODY, at);
        let shown = json(&parts(provider, &forged));
        for key in [key(provider), another_key(provider)] {
            assert!(!shown.contains(key), "{shown}");
        }
        assert!(!shown.contains(&tests::signature(&signed)), "{shown}");
        let query = [("key".to_owned(), "the-key-in-the-url".to_owned())];
        let headers = [("X-Postern-Key".to_owned(), "the-key-in-a-header".to_owned())];
        let request = Incoming::new(&headers, BODY, at, None).with_query(&query);
        let parts = provider.parts(&request);
        let keys: Vec<&Part> = parts.iter().filter(|p| p.role == Role::Key).collect();
        assert_eq!(keys.len(), 2);
        assert!(keys.iter().all(|part| part.value.is_none()));
        assert_eq!(words(&parts, "key"), ["18 characters"]);
        assert_eq!(words(&parts, "x-postern-key"), ["19 characters"]);
        assert!(!json(&parts).contains("the-key-in"));
    });
}

/// Anything may come, and is shown in bounds.
#[test]
fn whatever_comes_is_described_in_bounds() {
    let long = "é".repeat(500_000);
    let values = [
        "",
        " ",
        ",",
        ", ,",
        "\u{0}",
        "é",
        "=",
        "1e9",
        "99999999999999",
        "-1",
        &long,
    ];
    each(|provider, signed| {
        let names = signed.headers.iter().map(|(name, _)| *name);
        let names: Vec<&str> = names.chain(["x-postern-key", "authorization"]).collect();
        for value in values {
            let headers: Pairs = names
                .iter()
                .map(|name| ((*name).to_owned(), value.to_owned()))
                .collect();
            let twice = [&headers[..], &headers[..]].concat();
            let body = format!(
                r#"{{"signature":{{"timestamp":"{value}","token":"{value}","signature":"{value}"}}"#
            );
            for body in [body.as_bytes(), b"", b"\xff\xfe", b"[[[["] {
                for headers in [&headers, &twice] {
                    let parts = parts_of(provider, headers, body);
                    let values = parts.iter().filter_map(|part| part.value.as_ref());
                    assert!(
                        values
                            .clone()
                            .all(|value| value.len() <= 1_024 + '…'.len_utf8())
                    );
                    assert!(parts.len() <= 9, "{}", parts.len());
                    assert!(json(&parts).len() < 20_000);
                }
            }
        }
    });
}

#[test]
fn a_part_that_came_twice_says_so() {
    each_that_signs(|provider, signed| {
        let mut headers = pairs(&signed);
        let Some(last) = headers.last().cloned() else {
            return;
        };
        let name = last.0.clone();
        headers.push(last);
        let parts = parts_of(provider, &headers, &signed.body);
        assert_eq!(words(&parts, &name)[0], "came more than once");
    });
}

fn provider(name: &str) -> &'static dyn Sender {
    registry::sender(name).expect("a provider")
}

fn at(seconds_before: i64) -> Timestamp {
    received_at() - SignedDuration::from_secs(seconds_before)
}

#[test]
fn a_signed_time_is_read_and_compared() {
    let stale = signed(provider("resend"), at(420));
    let parts = parts(provider("resend"), &stale);
    assert_eq!(
        words(&parts, "svix-timestamp"),
        [
            "2026-01-02T02:58:00Z, 7 minutes before it came",
            "window 5 minutes"
        ]
    );
    assert_eq!(words(&parts, "svix-signature"), ["v1, base64 of 32 bytes"]);
    let age = |name: &str, seconds_before: i64, window| {
        let provider = provider(name);
        let signed = signed(provider, at(seconds_before));
        let headers = pairs(&signed);
        provider.age(&Incoming::new(
            &headers,
            &signed.body,
            received_at(),
            window,
        ))
    };
    for (name, seconds_before, window, wanted) in [
        ("resend", 420, None, Some("7 minutes old, window 5 minutes")),
        (
            "resend",
            301,
            None,
            Some("5 minutes 1 second old, window 5 minutes"),
        ),
        (
            "resend",
            420,
            Some(600),
            Some("7 minutes old, window 10 minutes"),
        ),
        ("resend", 420, Some(0), Some("7 minutes old, no window")),
        (
            "resend",
            -360,
            None,
            Some("6 minutes ahead of our clock, window 5 minutes"),
        ),
        (
            "mailgun",
            90_000,
            None,
            Some("25 hours old, window 24 hours"),
        ),
        (
            "sendgrid",
            90_001,
            None,
            Some("25 hours 1 second old, window 25 hours"),
        ),
        (
            "sendgrid",
            90_000,
            None,
            Some("25 hours old, window 25 hours"),
        ),
        (
            "sendgrid",
            93_600,
            None,
            Some("26 hours old, window 25 hours"),
        ),
        (
            "customerio",
            777_600,
            None,
            Some("9 days old, window 8 days"),
        ),
        ("insider", 777_600, None, None),
        ("postmark", 420, None, None),
    ] {
        let said = age(name, seconds_before, window);
        assert_eq!(said.as_deref(), wanted, "{name}");
    }
    let bare = Incoming::new(&[], b"", received_at(), None);
    assert!(SENDERS.iter().all(|sender| sender.age(&bare).is_none()));
}

#[test]
fn milliseconds_are_seen_for_what_they_are() {
    let provider = provider("sendgrid");
    let mut headers = pairs(&signed(provider, received_at()));
    headers[0].1.push_str("000");
    let parts = parts_of(provider, &headers, BODY);
    assert_eq!(
        words(&parts, "x-twilio-email-event-webhook-timestamp"),
        ["13 digits: milliseconds? Seconds are signed"]
    );
}

/// The page reads it.
#[test]
fn a_part_is_written_as_the_page_reads_it() {
    let provider = provider("mailgun");
    let request = signed(provider, at(2));
    let parts = parts(provider, &request);
    let shown: serde_json::Value = serde_json::from_str(&json(&parts)).expect("JSON");
    let token = shown[1]["value"].as_str().expect("a token");
    assert_eq!(
        shown,
        serde_json::json!([
            {"place": "body", "name": "timestamp", "role": "timestamp", "value": "1767323098",
             "words": ["2026-01-02T03:04:58Z, 2 seconds before it came", "window 24 hours"]},
            {"place": "body", "name": "token", "role": "token", "value": token, "words": ["50 characters"]},
            {"place": "body", "name": "signature", "role": "signature", "value": tests::signature(&request),
             "words": ["hex, 64 digits"]},
            {"place": "body", "name": "signed", "role": "signed",
             "value": "timestamp and token: not the body", "words": []},
        ])
    );
    assert_eq!(token.len(), 50);
}
