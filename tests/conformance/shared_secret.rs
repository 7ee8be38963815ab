//! A secret that the sender shows: where it may stand, and what is none.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use registry::SENDERS;
use serde_json::{Value, json};
use shared::delivery::Delivery;
use shared::provider::Strength;
use shared::rejection::Rejection::{
    self, CredentialDuplicated, CredentialMismatch, CredentialMissing, CredentialUnreadable,
    UrlKeyMismatch,
};
use shared::secrets::Secrets;
use shared::sender::Sender;
use tests::{another_key, gateway_event, key, received_at, secrets};

use crate::judged;

const BODY: &[u8] = br#"{"note":"Zoe"}"#;

fn each(check: impl Fn(&dyn Sender)) {
    let by_secret = |p: &&&'static dyn Sender| p.strength() == Strength::SharedSecret;
    let senders: Vec<_> = SENDERS.iter().filter(by_secret).collect();
    assert!(!senders.is_empty(), "no provider shares a secret");
    for provider in senders {
        println!("provider: {}", provider.name());
        check(*provider);
    }
}

/// A request with these headers, and with this query if there is one.
fn sent(headers: &[(&str, String)], query: Option<&str>) -> Value {
    let mut event = gateway_event(headers, BODY);
    if let Some(key) = query {
        event["queryStringParameters"] = json!({"key": key});
    }
    event
}

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

/// What becomes of a request with these headers, and with this key in its URL if there is one.
fn verdict(
    provider: &dyn Sender,
    headers: &[(&str, String)],
    query: Option<&str>,
) -> Option<Rejection> {
    let secrets = secrets(provider, key(provider));
    judged(provider, &secrets, sent(headers, query)).err()
}

fn of_user(user: &str, password: &str) -> String {
    basic(&format!("{user}:{password}"))
}

#[test]
fn a_shared_secret_is_accepted_in_each_of_its_places() {
    each(|provider| {
        let (key, other) = (key(provider), another_key(provider));
        let right = of_user("postern", key);
        for authorization in [
            right.clone(),
            right.replacen("Basic", "bAsIc", 1),
            format!("Bearer {key}"),
            format!("bearer   {key}"),
            format!(" {right}\t"),
        ] {
            let headers = [("authorization", authorization.clone())];
            assert_eq!(verdict(provider, &headers, None), None, "{authorization}");
        }
        let header = [("X-Postern-Key", key.to_owned())];
        assert_eq!(verdict(provider, &header, None), None);
        assert_eq!(verdict(provider, &[], Some(key)), None);
        // One of two is right.
        let wrong = ("authorization", of_user("postern", other));
        let both = [wrong.clone(), header[0].clone()];
        assert_eq!(verdict(provider, &both, None), None);
        assert_eq!(verdict(provider, &[wrong], Some(key)), None);
    });
}

#[test]
fn what_is_no_secret_is_a_mismatch_or_missing() {
    each(|provider| {
        let (key, other) = (key(provider), another_key(provider));
        for (headers, query) in [
            (vec![], None),
            (vec![("authorization", String::new())], None),
            (vec![("x-postern-key", " ".to_owned())], None),
            (vec![("x-api-key", key.to_owned())], None),
        ] {
            let rejected = verdict(provider, &headers, query);
            assert_eq!(rejected, Some(CredentialMissing), "{headers:?}");
        }
        let joined = format!("{key},{key}"); // as the gateway joins a parameter that comes twice
        for query in [other, "", &key[1..], &joined] {
            let rejected = verdict(provider, &[], Some(query));
            assert_eq!(rejected, Some(CredentialMismatch), "{query}");
        }
        let huge = "x".repeat(1_000_000);
        for (header, value) in [
            ("authorization", of_user("postern", other)),
            ("authorization", of_user("postern", "")),
            ("authorization", of_user("Postern", key)),
            ("authorization", of_user("", key)),
            ("authorization", of_user("postern", &format!("{key}x"))),
            ("authorization", of_user("postern", &key[1..])),
            ("authorization", of_user("postern", &huge)),
            ("authorization", format!("Bearer {}é", &key[1..])),
            ("x-postern-key", key.to_uppercase()),
            ("x-postern-key", of_user("postern", key)),
            ("x-postern-key", huge.clone()),
        ] {
            let rejected = verdict(provider, &[(header, value.clone())], None);
            let start: String = value.chars().take(80).collect();
            assert_eq!(rejected, Some(CredentialMismatch), "{header}: {start}");
        }
    });
}

#[test]
fn what_cannot_be_read_or_comes_twice_is_refused_whatever_else_is_right() {
    each(|provider| {
        let key = key(provider);
        let bearer = format!("Bearer {key}");
        for odd in [
            basic(key),
            "Basic %%%".to_owned(),
            format!("Basic {}", STANDARD.encode(b"postern:\xff")),
            format!("Digest {key}"),
            key.to_owned(),
            "Bearer ".to_owned(),
        ] {
            let alone = [("authorization", odd.clone())];
            let rejected = verdict(provider, &alone, None);
            assert_eq!(rejected, Some(CredentialUnreadable), "{odd}");
            let beside = [alone[0].clone(), ("x-postern-key", key.to_owned())];
            let rejected = verdict(provider, &beside, Some(key));
            assert_eq!(rejected, Some(CredentialUnreadable), "{odd}");
        }
        let pair = |name, value: &str| (name, value.to_owned());
        for twice in [
            vec![pair("authorization", &format!("{bearer},{bearer}"))],
            vec![pair("x-postern-key", &format!("{key},{key}"))],
            vec![
                pair("authorization", &bearer),
                pair("Authorization", &bearer),
            ],
            vec![
                pair("authorization", &bearer),
                pair("x-postern-key", key),
                pair("X-POSTERN-KEY", key),
            ],
        ] {
            let rejected = verdict(provider, &twice, Some(key));
            assert_eq!(rejected, Some(CredentialDuplicated), "{}", twice.len());
        }
    });
}

/// The vector of three provider files: `postern` and `s3cret-1`.
#[test]
fn basic_is_written_as_rfc_7617_says() {
    assert_eq!(
        shared::auth::sign_basic("s3cret-1"),
        "Basic cG9zdGVybjpzM2NyZXQtMQ=="
    );
}

#[test]
fn a_secret_that_can_be_guessed_or_must_be_encoded_is_refused_at_the_start() {
    each(|provider| {
        let code = |key: &str| {
            provider
                .check_key(key)
                .map_err(shared::secrets::KeyError::code)
        };
        assert_eq!(code(&"a".repeat(32)), Ok(()));
        assert_eq!(code(&"a".repeat(31)), Err("secrets_key_shared_short"));
        for odd in [" ", "+", "/", "=", "%", ":", "@", ",", "é"] {
            let key = format!("{}{odd}", "a".repeat(32));
            assert_eq!(code(&key), Err("secrets_key_shared_unfit"), "{odd}");
        }
    });
}

const URL_KEY: &str = "url-key_1.of~a-gateway";

/// A body that quotes the webhook's own URL, as `MailerSend`'s does.
fn quoting(key: &str) -> Vec<u8> {
    format!(r#"{{"url":"https://hooks.test/w?key={key}","n":1}}"#).into_bytes()
}

fn nothing_tells(delivery: &Delivery, key: &str, context: &str) {
    let travels = String::from_utf8_lossy(delivery.body()).into_owned();
    assert!(!travels.contains(key), "{context}");
    assert!(
        travels.contains(r#"w?key=redacted","n":1}"#),
        "{context}: {travels}"
    );
    let queued = delivery.encode().expect("a message");
    assert!(!queued.contains(key), "{context}");
}

/// Nothing of the request but its body travels, and not the secret, should the body have it.
#[test]
fn a_key_in_the_url_counts_in_the_header_too_and_never_travels() {
    for provider in SENDERS {
        let secret = tests::receiver_key(*provider, key(*provider));
        let secret = json!({"us": secret, "?key": URL_KEY}).to_string();
        let secrets = Secrets::parse(&secret).expect("secrets");
        let body = quoting(URL_KEY);
        let signed = provider.signed(key(*provider), &body, received_at());
        let with = |value: &str| {
            let mut headers = signed.headers.clone();
            headers.push(("X-Postern-Key", value.to_owned()));
            judged(*provider, &secrets, gateway_event(&headers, &signed.body))
        };
        let delivery = with(URL_KEY).expect("accepted");
        nothing_tells(&delivery, URL_KEY, provider.name());
        for wrong in ["", "wrong-key-1", &URL_KEY[1..]] {
            let rejected = with(wrong).err();
            assert_eq!(
                rejected,
                Some(UrlKeyMismatch),
                "{}: {wrong}",
                provider.name()
            );
        }
    }
}

/// Nor do the keys of other versions, which let in just as well, and nor do they in a spelling of
/// JSON, of a URL, or of the header.
#[test]
fn no_key_that_is_accepted_travels_in_any_spelling() {
    const PREVIOUS: &str = "older-key_2.of~a-gateway";
    for provider in SENDERS {
        let secret = tests::receiver_key(*provider, key(*provider));
        let version = |in_url: &str| {
            let secret = json!({"us": secret, "?key": in_url}).to_string();
            Secrets::parse(&secret).expect("secrets")
        };
        let secrets = version(URL_KEY).with_previous(version(PREVIOUS));
        let spelled = |text: &str, dash: &str| text.replace('-', dash).replace('~', "%7e");
        let pair = format!("postern:{PREVIOUS}");
        let body = format!(
            r#"{{"url":"https://hooks.test/w?key={}","echo":["{}","{PREVIOUS}","Basic {}"]}}"#,
            spelled(URL_KEY, "\\u002d"),
            spelled(PREVIOUS, "%2D"),
            STANDARD.encode(pair)
        );
        let signed = provider.signed(key(*provider), body.as_bytes(), received_at());
        let mut headers = signed.headers.clone();
        headers.push(("X-Postern-Key", URL_KEY.to_owned()));
        let delivery = judged(*provider, &secrets, gateway_event(&headers, &signed.body));
        let delivery = delivery.expect("accepted");
        let travels = String::from_utf8_lossy(delivery.body());
        let wanted = r#""url":"https://hooks.test/w?key=redacted","echo":["redacted","redacted","Basic redacted"#;
        assert!(travels.contains(wanted), "{}: {travels}", provider.name());
    }
}

/// Whichever form of the body is vouched for, it travels unpacked.
#[test]
fn a_key_in_the_url_does_not_travel_in_a_body_that_came_packed() {
    for provider in SENDERS {
        let secret = tests::receiver_key(*provider, key(*provider));
        let secret = json!({"us": secret, "?key": URL_KEY}).to_string();
        let secrets = Secrets::parse(&secret).expect("secrets");
        let body = provider.sign_within(key(*provider), &quoting(URL_KEY), received_at());
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        zlib.write_all(&body).expect("a write");
        let packed = zlib.finish().expect("zlib");
        for signed in [&body, &packed] {
            if signed == &packed && tests::signs_a_form(*provider) {
                continue; // a stream is no form
            }
            let mut headers = provider.sign(key(*provider), signed, received_at());
            headers.push(("X-Postern-Key", URL_KEY.to_owned()));
            let event = gateway_event(&headers, &packed);
            let delivery = judged(*provider, &secrets, event).expect("accepted");
            nothing_tells(&delivery, URL_KEY, provider.name());
        }
    }
}

/// Where the secret itself stands in the URL, a body that quotes the URL has it.
#[test]
fn a_shared_secret_never_travels() {
    each(|provider| {
        let key = key(provider);
        let mut event = gateway_event(&[], &quoting(key));
        event["queryStringParameters"] = json!({"key": key});
        let delivery = judged(provider, &secrets(provider, key), event).expect("accepted");
        nothing_tells(&delivery, key, provider.name());
    });
}
