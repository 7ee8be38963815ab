//! What each provider is answered: its own table of what makes it stop or try again.

use registry::SENDERS;
use serde_json::{Value, json};
use shared::admit::is_handshake;
use shared::rejection::Rejection;
use tests::{gateway_event, key, received_at, request};

use crate::admitted;

/// Every refusal; a new one does not compile until it is here.
const REFUSALS: [Rejection; 24] = [
    Rejection::BodyUndecodable,
    Rejection::SignatureMissing,
    Rejection::SignatureDuplicated,
    Rejection::SignatureUnreadable,
    Rejection::SignatureMismatch,
    Rejection::FormEncoded,
    Rejection::UrlKeyMismatch,
    Rejection::IdMissing,
    Rejection::IdDuplicated,
    Rejection::IdUnreadable,
    Rejection::TimestampMissing,
    Rejection::TimestampDuplicated,
    Rejection::TimestampUnreadable,
    Rejection::TimestampStale,
    Rejection::TimestampAhead,
    Rejection::TooLarge,
    Rejection::KeyUnavailable,
    Rejection::QueueUnavailable,
    Rejection::NotAForm,
    Rejection::CredentialMissing,
    Rejection::CredentialDuplicated,
    Rejection::CredentialUnreadable,
    Rejection::CredentialMismatch,
    Rejection::MethodNotAllowed,
];

/// What the documents say of an answer: the statuses that a provider retries, out of those that we
/// give. 401 is given where the request is not the provider's, so it need not be among them.
fn busy(provider: &str) -> u16 {
    match provider {
        // "4xx other than 429, and any 5xx, end the retries" (providers/brevo.md)
        "brevo" => 429,
        _ => 503,
    }
}

/// How long the provider waits for an answer, in milliseconds, where that is documented.
fn patience(provider: &str) -> Option<u64> {
    match provider {
        "customerio" => Some(4_000),
        "mailersend" => Some(3_000),
        "mailtrap" => Some(30_000),
        "resend" => Some(15_000),
        "sparkpost" => Some(10_000),
        _ => None,
    }
}

/// A provider stops for good on 403, 406, 410 or a redirect, and waits an hour after 500 or 502.
#[test]
fn no_refusal_makes_a_provider_stop_for_good() {
    for refusal in REFUSALS {
        let place = match refusal {
            Rejection::BodyUndecodable => 0,
            Rejection::SignatureMissing => 1,
            Rejection::SignatureDuplicated => 2,
            Rejection::SignatureUnreadable => 3,
            Rejection::SignatureMismatch => 4,
            Rejection::FormEncoded => 5,
            Rejection::UrlKeyMismatch => 6,
            Rejection::IdMissing => 7,
            Rejection::IdDuplicated => 8,
            Rejection::IdUnreadable => 9,
            Rejection::TimestampMissing => 10,
            Rejection::TimestampDuplicated => 11,
            Rejection::TimestampUnreadable => 12,
            Rejection::TimestampStale => 13,
            Rejection::TimestampAhead => 14,
            Rejection::TooLarge => 15,
            Rejection::KeyUnavailable => 16,
            Rejection::QueueUnavailable => 17,
            Rejection::NotAForm => 18,
            Rejection::CredentialMissing => 19,
            Rejection::CredentialDuplicated => 20,
            Rejection::CredentialUnreadable => 21,
            Rejection::CredentialMismatch => 22,
            Rejection::MethodNotAllowed => 23,
        };
        assert_eq!(REFUSALS[place], refusal);
        for provider in SENDERS {
            let status = provider.answers().status(refusal);
            let wanted = match refusal {
                Rejection::BodyUndecodable => 400,
                Rejection::MethodNotAllowed => 405,
                Rejection::TooLarge => 413,
                Rejection::KeyUnavailable | Rejection::QueueUnavailable => busy(provider.name()),
                _ => 401,
            };
            let what = format!("{}: {}", provider.name(), refusal.code());
            assert_eq!(status, wanted, "{what}");
        }
    }
}

#[test]
fn a_provider_has_its_answer_a_second_before_it_gives_up() {
    for provider in SENDERS {
        let within = provider.answers().within_ms;
        let patience = patience(provider.name()).unwrap_or(4_000);
        assert!(within + 1_000 <= patience, "{}: {within}", provider.name());
        assert!(within >= 1_000, "{}: no time to try", provider.name());
    }
}

fn with_method(method: &str) -> Value {
    let mut event = gateway_event(&[], b"");
    event["requestContext"]["http"] = json!({"method": method});
    event
}

#[test]
fn another_method_than_post_is_no_webhook() {
    for provider in SENDERS {
        let signed = provider.signed(key(*provider), b"{}", received_at());
        for method in ["GET", "PUT", "DELETE", "OPTIONS", "post"] {
            let mut event = gateway_event(&signed.headers, &signed.body);
            event["requestContext"]["http"] = json!({"method": method});
            assert!(!is_handshake(
                *provider,
                &request(event.clone()),
                received_at()
            ));
            let rejected = admitted(*provider, event).err();
            assert_eq!(rejected, Some(Rejection::MethodNotAllowed), "{method}");
        }
        let head = is_handshake(*provider, &request(with_method("HEAD")), received_at());
        assert_eq!(head, provider.name() == "mandrill", "{}", provider.name());
    }
}

/// What each provider sends to see whether anybody answers, and what looks like it and is none.
#[test]
fn a_handshake_is_recognized_without_a_key_and_nothing_else_is() {
    let ping =
        r#"{"type":"webhook.test","message":"a ping","created_at":"2026-03-27T07:24:20.577080Z"}"#;
    let laden = r#"{"type":"webhook.test","data":{"id":"1"}}"#;
    let public = "test_Am3L1GuOIc4blLUuHqAPxxwkZaJyEk8G";
    let sign = |body: &str| {
        let signature = shared::auth::sign_hmac_sha256_hex(public, &[], body.as_bytes());
        vec![("signature", signature)]
    };
    let (none, event) = (Vec::new(), r#"{"type":"activity.sent","data":{}}"#);
    let twice = r#"{"type":"webhook.test","type":"activity.sent"}"#;
    let cases = [
        ("sparkpost", none.clone(), r#"[{"msys":{}}]"#, true),
        ("sparkpost", none.clone(), " [ {\"msys\" : { } } ]\n", true),
        (
            "sparkpost",
            none.clone(),
            r#"[{"msys":{"message_event":{}}}]"#,
            false,
        ),
        (
            "sparkpost",
            none.clone(),
            r#"[{"msys":{}},{"msys":{"track_event":{}}}]"#,
            false,
        ),
        ("sparkpost", none.clone(), "[]", false),
        ("mandrill", none.clone(), "mandrill_events=[]", true),
        ("mandrill", none.clone(), "mandrill_events=%5B%5D", true),
        (
            "mandrill",
            none.clone(),
            "mandrill_events=%5B%7B%7D%5D",
            false,
        ),
        (
            "mandrill",
            none.clone(),
            "mandrill_events=%5B%5D&x=1",
            false,
        ),
        ("mailersend", sign(ping), ping, true),
        ("mailersend", none.clone(), ping, false),
        ("mailersend", sign(event), event, false),
        ("mailersend", sign(laden), laden, false),
        ("mailersend", sign(twice), twice, false),
    ];
    for (name, headers, body, wanted) in cases {
        let provider = registry::sender(name).expect("a provider");
        let event = gateway_event(&headers, body.as_bytes());
        let found = is_handshake(provider, &request(event), received_at());
        assert_eq!(found, wanted, "{name}: {body}");
        // It is no handshake anywhere else.
        for other in SENDERS.iter().filter(|other| other.name() != name) {
            let event = gateway_event(&headers, body.as_bytes());
            let found = is_handshake(*other, &request(event), received_at());
            assert!(!found, "{}: {body}", other.name());
        }
    }
}
