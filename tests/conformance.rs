//! What every provider must do, unchanged for each: the whole way from a gateway event to a delivery, exact codes.

use consumer::PROVIDERS;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::delivery::Delivery;
use shared::provider::Provider;
use shared::receiver::admit;
use shared::rejection::Rejection;
use shared::secrets::Secrets;
use tests::{another_key, gateway_event, key, received_at, receiver_key, request, secrets};

const BODY: &[u8] = "{\"note\":\"Zoë \\u2713\",\"n\":1}\r\n".as_bytes();

type Headers<'a> = Vec<(&'a str, String)>;

/// By convention the last header that a provider signs with is the signature.
fn with_signature<'a>(headers: &Headers<'a>, change: impl Fn(&str) -> String) -> Headers<'a> {
    let mut headers = headers.clone();
    let (_, signature) = headers.last_mut().expect("a signature header");
    *signature = change(signature);
    headers
}

fn signed(provider: &dyn Provider, at: Timestamp) -> Headers<'static> {
    provider.sign(key(provider), BODY, at)
}

/// What becomes of a request where `secrets` are what the receiver has.
fn judged(provider: &dyn Provider, secrets: &Secrets, event: Value) -> Result<Delivery, Rejection> {
    let admitted = admit(provider, secrets, None, &request(event), received_at());
    admitted.map(|admitted| admitted.delivery)
}

fn admitted(provider: &dyn Provider, event: Value) -> Result<Delivery, Rejection> {
    judged(provider, &secrets(provider, key(provider)), event)
}

fn verdict(provider: &dyn Provider, headers: &Headers<'_>, body: &[u8]) -> Option<Rejection> {
    admitted(provider, gateway_event(headers, body)).err()
}

/// Runs a check for every provider, its name in the failure.
fn each(check: impl Fn(&dyn Provider, Headers<'static>)) {
    for provider in PROVIDERS {
        println!("provider: {}", provider.name());
        check(*provider, signed(*provider, received_at()));
    }
}

#[test]
fn a_signed_request_becomes_a_delivery_of_the_same_bytes() {
    each(|provider, headers| {
        let delivery = admitted(provider, gateway_event(&headers, BODY)).expect("accepted");
        assert_eq!(delivery.provider(), provider.name());
        assert_eq!(delivery.body(), BODY);
        assert_eq!(delivery.received_at(), received_at());
        assert_eq!(delivery.source(), None);
    });
}

#[test]
fn any_of_several_secrets_may_match_and_its_label_is_the_source() {
    each(|provider, headers| {
        let [eu, us] =
            [another_key(provider), key(provider)].map(|key| receiver_key(provider, key));
        let secrets = Secrets::parse(&json!({"eu": eu, "us": us}).to_string()).expect("secrets");
        let delivery = judged(provider, &secrets, gateway_event(&headers, BODY));
        assert_eq!(delivery.expect("accepted").source(), Some("us"));
    });
}

#[test]
fn header_names_match_in_any_case() {
    each(|provider, headers| {
        let mut event = gateway_event(&[], BODY);
        for (name, value) in headers {
            event["headers"][name.to_ascii_uppercase()] = json!(value);
        }
        assert_eq!(admitted(provider, event).err(), None);
    });
}

#[test]
fn another_key_is_a_mismatch() {
    each(|provider, headers| {
        let others = secrets(provider, another_key(provider));
        let rejected = judged(provider, &others, gateway_event(&headers, BODY));
        assert_eq!(rejected.err(), Some(Rejection::SignatureMismatch));
    });
}

#[test]
fn one_flipped_bit_anywhere_is_a_mismatch() {
    each(|provider, headers| {
        for index in 0..BODY.len() {
            let mut body = BODY.to_vec();
            body[index] ^= 1;
            let rejected = verdict(provider, &headers, &body);
            assert_eq!(rejected, Some(Rejection::SignatureMismatch), "byte {index}");
        }
    });
}

#[test]
fn a_body_cut_or_extended_is_a_mismatch() {
    each(|provider, headers| {
        let longer = [BODY, b" "].concat();
        for body in [&BODY[..BODY.len() - 1], &BODY[1..], &longer, b""] {
            let rejected = verdict(provider, &headers, body);
            assert_eq!(rejected, Some(Rejection::SignatureMismatch));
        }
    });
}

#[test]
fn no_signature_is_missing_whatever_the_body() {
    each(|provider, mut headers| {
        headers.pop();
        for body in [BODY, b"", b"not json", b"\xff\xfe\x00", b"[[[[", b"null"] {
            let rejected = verdict(provider, &headers, body);
            assert_eq!(rejected, Some(Rejection::SignatureMissing));
            let status = verdict(provider, &vec![], body).map(Rejection::status);
            assert_eq!(status, Some(401), "no headers at all");
        }
    });
}

#[test]
fn a_blank_signature_is_missing() {
    each(|provider, headers| {
        for blank in ["", " ", "\t "] {
            let headers = with_signature(&headers, |_| blank.to_owned());
            let rejected = verdict(provider, &headers, BODY);
            assert_eq!(rejected, Some(Rejection::SignatureMissing));
        }
    });
}

#[test]
fn a_signature_that_comes_twice_is_duplicated_even_if_both_are_right() {
    each(|provider, headers| {
        let joined = with_signature(&headers, |signature| format!("{signature},{signature}"));
        let rejected = verdict(provider, &joined, BODY);
        assert_eq!(rejected, Some(Rejection::SignatureDuplicated), "joined");

        let mut event = gateway_event(&headers, BODY);
        let (name, value) = headers.last().expect("a signature");
        event["headers"][name.to_ascii_uppercase()] = json!(value);
        let rejected = admitted(provider, event).err();
        assert_eq!(
            rejected,
            Some(Rejection::SignatureDuplicated),
            "two spellings"
        );
    });
}

#[test]
fn a_half_formed_signature_is_unreadable() {
    each(|provider, headers| {
        let halves: [fn(&str) -> String; 6] = [
            |signature| signature[1..].to_owned(),
            |signature| signature[..signature.len() - 1].to_owned(),
            |signature| format!("{signature}0"),
            |signature| signature.replacen(|_: char| true, "!", 1),
            |signature| signature.replacen(|_: char| true, "é", 1),
            |signature| format!("{} {}", &signature[..4], &signature[4..]),
        ];
        for half in halves {
            let rejected = verdict(provider, &with_signature(&headers, half), BODY);
            assert_eq!(rejected, Some(Rejection::SignatureUnreadable));
        }
        let huge = with_signature(&headers, |_| "0".repeat(1_000_000));
        let rejected = verdict(provider, &huge, BODY);
        assert_eq!(rejected, Some(Rejection::SignatureUnreadable), "a megabyte");
    });
}

#[test]
fn a_well_formed_signature_of_something_else_is_a_mismatch() {
    each(|provider, _| {
        let other = provider.sign(key(provider), b"something else", received_at());
        let rejected = verdict(provider, &other, BODY);
        assert_eq!(rejected, Some(Rejection::SignatureMismatch));
    });
}

#[test]
fn base64_from_the_gateway_is_the_same_bytes() {
    each(|provider, headers| {
        let mut event = gateway_event(&headers, BODY);
        event["body"] = json!(base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            BODY
        ));
        event["isBase64Encoded"] = json!(true);
        let delivery = admitted(provider, event).expect("accepted");
        assert_eq!(delivery.body(), BODY);
    });
}

#[test]
fn bytes_that_are_not_text_are_verified_and_kept() {
    each(|provider, _| {
        let body = b"\x00\xff\xfe\x80 not utf-8";
        let headers = provider.sign(key(provider), body, received_at());
        let delivery = admitted(provider, gateway_event(&headers, body)).expect("accepted");
        assert_eq!(delivery.body(), body);
        let message = delivery.encode().expect("a message");
        assert_eq!(Delivery::decode(&message).as_ref(), Ok(&delivery));
    });
}

#[test]
fn undecodable_base64_is_400_before_anything_else() {
    each(|provider, headers| {
        for body in ["%%%", "YQ", "YQ=", "Y Q==", "YQ==\n", "é"] {
            let mut event = gateway_event(&headers, b"");
            event["body"] = json!(body);
            event["isBase64Encoded"] = json!(true);
            let rejected = admitted(provider, event).err();
            assert_eq!(rejected, Some(Rejection::BodyUndecodable), "{body}");
            assert_eq!(rejected.map(Rejection::status), Some(400));
        }
    });
}

#[test]
fn a_header_that_is_not_ascii_fails_nothing() {
    each(|provider, headers| {
        let mut event = gateway_event(&headers, BODY);
        event["headers"]["x-visitor"] = json!("Zoë \u{0} \u{ffff}");
        assert_eq!(admitted(provider, event).err(), None);
    });
}

#[test]
fn a_signed_time_outside_the_window_is_refused_and_without_a_window_it_is_not() {
    each(|provider, headers| {
        let signs_a_time = headers.len() > 1;
        let long_ago = received_at() - SignedDuration::from_hours(9 * 24);
        let far_ahead = received_at() + SignedDuration::from_mins(6);
        let at_the_edge = received_at() + SignedDuration::from_mins(5);
        let stale = signs_a_time.then_some(Rejection::TimestampStale);
        let ahead = signs_a_time.then_some(Rejection::TimestampAhead);
        for (at, expected) in [(long_ago, stale), (far_ahead, ahead), (at_the_edge, None)] {
            let headers = signed(provider, at);
            assert_eq!(verdict(provider, &headers, BODY), expected);

            let secrets = secrets(provider, key(provider));
            let request = request(gateway_event(&headers, BODY));
            let unchecked = admit(provider, &secrets, Some(0), &request, received_at());
            assert_eq!(unchecked.err(), None, "the window is off");
        }
    });
}

#[test]
fn a_wrong_signature_is_a_mismatch_even_when_it_is_stale() {
    each(|provider, _| {
        let long_ago = received_at() - SignedDuration::from_hours(9 * 24);
        let headers = provider.sign(another_key(provider), BODY, long_ago);
        let rejected = verdict(provider, &headers, BODY);
        assert_eq!(rejected, Some(Rejection::SignatureMismatch));
    });
}

#[test]
fn without_a_time_from_the_gateway_the_clock_counts() {
    each(|provider, headers| {
        let mut event = gateway_event(&headers, BODY);
        event["requestContext"] = json!({});
        let delivery = admitted(provider, event).expect("accepted");
        assert_eq!(delivery.received_at(), received_at());
    });
}

#[test]
fn what_is_authentic_is_accepted_whatever_it_says() {
    each(|provider, _| {
        for body in [
            &b""[..],
            b"not json",
            b"[]",
            b"[1,null]",
            b"\"text\"",
            b"{\"a\":",
        ] {
            let headers = provider.sign(key(provider), body, received_at());
            assert_eq!(verdict(provider, &headers, body), None);
        }
    });
}

/// Every refusal; a new one does not compile until it is here.
const REFUSALS: [Rejection; 15] = [
    Rejection::BodyUndecodable,
    Rejection::SignatureMissing,
    Rejection::SignatureDuplicated,
    Rejection::SignatureUnreadable,
    Rejection::SignatureMismatch,
    Rejection::IdMissing,
    Rejection::IdDuplicated,
    Rejection::IdUnreadable,
    Rejection::TimestampMissing,
    Rejection::TimestampDuplicated,
    Rejection::TimestampUnreadable,
    Rejection::TimestampStale,
    Rejection::TimestampAhead,
    Rejection::TooLarge,
    Rejection::QueueUnavailable,
];

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
            Rejection::IdMissing => 5,
            Rejection::IdDuplicated => 6,
            Rejection::IdUnreadable => 7,
            Rejection::TimestampMissing => 8,
            Rejection::TimestampDuplicated => 9,
            Rejection::TimestampUnreadable => 10,
            Rejection::TimestampStale => 11,
            Rejection::TimestampAhead => 12,
            Rejection::TooLarge => 13,
            Rejection::QueueUnavailable => 14,
        };
        assert_eq!(REFUSALS[place], refusal);
        let status = refusal.status();
        assert!(
            [400, 401, 413, 503].contains(&status),
            "{}: {status}",
            refusal.code()
        );
    }
}

/// The published vectors, each with the other spellings that are read, and with one byte changed.
#[test]
fn published_vectors_verify() {
    let vectors: Value =
        serde_json::from_str(include_str!("vectors/vectors.json")).expect("vectors");
    let cases: [(&str, &[u8], &str, &str); 9] = [
        (
            "customerio",
            include_bytes!("vectors/customerio.body"),
            "X-CIO-Signature",
            "/headers/X-CIO-Signature",
        ),
        (
            "insider",
            include_bytes!("vectors/insider.body"),
            "X-INS-AUTH",
            "/x_ins_auth_hex",
        ),
        (
            "insider",
            include_bytes!("vectors/insider.body"),
            "X-INS-AUTH",
            "/x_ins_auth_base64",
        ),
        (
            "mailpanda",
            include_bytes!("vectors/mailpanda.body"),
            "X-Webhook-Signature",
            "/headers/X-Webhook-Signature",
        ),
        (
            "inboxroad",
            include_bytes!("vectors/inboxroad.body"),
            "X-Signature",
            "/headers/X-Signature",
        ),
        (
            "resend",
            include_bytes!("vectors/resend.body"),
            "svix-signature",
            "/headers/svix-signature",
        ),
        (
            "svix",
            include_bytes!("vectors/svix.body"),
            "webhook-signature",
            "/headers/webhook-signature",
        ),
        (
            "sendgrid",
            include_bytes!("vectors/sendgrid.body"),
            "X-Twilio-Email-Event-Webhook-Signature",
            "/headers/X-Twilio-Email-Event-Webhook-Signature",
        ),
        (
            "sendgrid_go",
            include_bytes!("vectors/sendgrid_go.body"),
            "X-Twilio-Email-Event-Webhook-Signature",
            "/headers/X-Twilio-Email-Event-Webhook-Signature",
        ),
    ];
    for (name, body, header, pointer) in cases {
        let vector = &vectors[name];
        let provider = vector["provider"].as_str().unwrap_or(name);
        let provider = consumer::provider(provider).expect("a provider");
        let signature = vector.pointer(pointer).and_then(Value::as_str);
        let signature = signature.expect("a signature");
        let secrets = Secrets::parse(vector["key"].as_str().expect("a key")).expect("a secret");
        let judge = |signature: &str, body: &[u8]| {
            let others = vector["headers"].as_object().into_iter().flatten();
            let others = others.filter(|(name, _)| *name != header);
            let mut headers: Headers = others
                .map(|(name, value)| (name.as_str(), value.as_str().expect("text").to_owned()))
                .collect();
            let signed_at = headers
                .iter()
                .find(|(name, _)| name.to_ascii_lowercase().ends_with("-timestamp"))
                .map(|(_, seconds)| seconds.parse::<i64>().expect("seconds"));
            headers.push((header, signature.to_owned()));
            let mut event = gateway_event(&headers, body);
            let received_at = signed_at.unwrap_or(1_750_000_003) * 1000 + 1000;
            event["requestContext"]["timeEpoch"] = json!(received_at);
            judged(provider, &secrets, event).err()
        };
        assert_eq!(judge(signature, body), None, "{name} {pointer}");
        if signature.bytes().all(|b| b.is_ascii_hexdigit()) {
            let upper = signature.to_uppercase();
            assert_eq!(judge(&upper, body), None, "{name} upper-case hex");
        }
        let mut changed = body.to_vec();
        changed[body.len() / 2] ^= 1;
        let rejected = judge(signature, &changed);
        assert_eq!(rejected, Some(Rejection::SignatureMismatch), "{name}");
    }
}

#[test]
fn misreadings_of_the_documents_are_refused() {
    let body = include_bytes!("vectors/customerio.body");
    let vectors: Value =
        serde_json::from_str(include_str!("vectors/vectors.json")).expect("vectors");
    let right = vectors["customerio"]["headers"]["X-CIO-Signature"]
        .as_str()
        .expect("text");
    let body_only = vectors["customerio"]["wrong_body_only_signature"]
        .as_str()
        .expect("text");
    let secrets = Secrets::parse("cio-signing-key-1").expect("a secret");
    let judge = |timestamp: &str, signature: &str| {
        let headers = [
            ("x-cio-timestamp", timestamp.to_owned()),
            ("x-cio-signature", signature.to_owned()),
        ];
        let mut event = gateway_event(&headers, body);
        event["requestContext"]["timeEpoch"] = json!(1_750_000_004_000_i64);
        admit(
            &customerio::Customerio,
            &secrets,
            None,
            &request(event),
            received_at(),
        )
        .err()
    };
    assert_eq!(
        judge("1750000003", body_only),
        Some(Rejection::SignatureMismatch)
    );
    assert_eq!(
        judge("1750000003", &format!("v0={right}")),
        Some(Rejection::SignatureUnreadable)
    );
    assert_eq!(
        judge("01750000003", right),
        Some(Rejection::SignatureMismatch),
        "the header's own digits are signed"
    );
    for unreadable in [
        "-1750000003",
        "+1750000003",
        "1.75e9",
        "1750000003.0",
        "1750000003000000",
        "0x10",
        "١",
    ] {
        assert_eq!(
            judge(unreadable, right),
            Some(Rejection::TimestampUnreadable),
            "{unreadable}"
        );
    }
    assert_eq!(
        judge("1750000003,1750000003", right),
        Some(Rejection::TimestampDuplicated)
    );
    assert_eq!(judge("", right), Some(Rejection::TimestampMissing));
}
