//! What every provider must do, unchanged for each: the whole way from a gateway event to a delivery, exact codes.

use consumer::PROVIDERS;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::delivery::Delivery;
use shared::provider::Provider;
use shared::receiver::admit;
use shared::rejection::Rejection;
use shared::secrets::Secrets;
use tests::{KEY, gateway_event, received_at, request};

const BODY: &[u8] = "{\"note\":\"Zoë \\u2713\",\"n\":1}\r\n".as_bytes();

type Headers = Vec<(&'static str, String)>;

/// By convention the last header that a provider signs with is the signature.
fn with_signature(headers: &Headers, change: impl Fn(&str) -> String) -> Headers {
    let mut headers = headers.clone();
    let (_, signature) = headers.last_mut().expect("a signature header");
    *signature = change(signature);
    headers
}

fn signed(provider: &dyn Provider, at: Timestamp) -> Headers {
    provider.sign(KEY, BODY, at)
}

fn admitted(provider: &dyn Provider, secrets: &str, event: Value) -> Result<Delivery, Rejection> {
    let secrets = Secrets::parse(secrets).expect("secrets");
    let admitted = admit(provider, &secrets, None, &request(event), received_at());
    admitted.map(|admitted| admitted.delivery)
}

fn verdict(provider: &dyn Provider, headers: &Headers, body: &[u8]) -> Option<Rejection> {
    admitted(provider, KEY, gateway_event(headers, body)).err()
}

/// Runs a check for every provider, its name in the failure.
fn each(check: impl Fn(&dyn Provider, Headers)) {
    for provider in PROVIDERS {
        println!("provider: {}", provider.name());
        check(*provider, signed(*provider, received_at()));
    }
}

#[test]
fn a_signed_request_becomes_a_delivery_of_the_same_bytes() {
    each(|provider, headers| {
        let delivery = admitted(provider, KEY, gateway_event(&headers, BODY)).expect("accepted");
        assert_eq!(delivery.provider(), provider.name());
        assert_eq!(delivery.body(), BODY);
        assert_eq!(delivery.received_at(), received_at());
        assert_eq!(delivery.source(), None);
    });
}

#[test]
fn any_of_several_secrets_may_match_and_its_label_is_the_source() {
    each(|provider, headers| {
        let secrets = json!({"eu": "another-key", "us": KEY}).to_string();
        let delivery = admitted(provider, &secrets, gateway_event(&headers, BODY));
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
        assert_eq!(admitted(provider, KEY, event).err(), None);
    });
}

#[test]
fn another_key_is_a_mismatch() {
    each(|provider, headers| {
        let rejected = admitted(provider, "another-key", gateway_event(&headers, BODY));
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
        let rejected = admitted(provider, KEY, event).err();
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
        let other = provider.sign(KEY, b"something else", received_at());
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
        let delivery = admitted(provider, KEY, event).expect("accepted");
        assert_eq!(delivery.body(), BODY);
    });
}

#[test]
fn bytes_that_are_not_text_are_verified_and_kept() {
    each(|provider, _| {
        let body = b"\x00\xff\xfe\x80 not utf-8";
        let headers = provider.sign(KEY, body, received_at());
        let delivery = admitted(provider, KEY, gateway_event(&headers, body)).expect("accepted");
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
            let rejected = admitted(provider, KEY, event).err();
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
        assert_eq!(admitted(provider, KEY, event).err(), None);
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

            let secrets = Secrets::parse(KEY).expect("a secret");
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
        let headers = provider.sign("another-key", BODY, long_ago);
        let rejected = verdict(provider, &headers, BODY);
        assert_eq!(rejected, Some(Rejection::SignatureMismatch));
    });
}

#[test]
fn without_a_time_from_the_gateway_the_clock_counts() {
    each(|provider, headers| {
        let mut event = gateway_event(&headers, BODY);
        event["requestContext"] = json!({});
        let delivery = admitted(provider, KEY, event).expect("accepted");
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
            let headers = provider.sign(KEY, body, received_at());
            assert_eq!(verdict(provider, &headers, body), None);
        }
    });
}

/// The published vectors, and the misreadings of the documents that must not verify.
#[test]
fn published_vectors_verify() {
    let vectors: Value =
        serde_json::from_str(include_str!("vectors/vectors.json")).expect("vectors");
    let cases: [(&str, &[u8], &str, &str); 5] = [
        (
            "customerio",
            include_bytes!("vectors/customerio.body"),
            "x-cio-signature",
            "/headers/X-CIO-Signature",
        ),
        (
            "insider",
            include_bytes!("vectors/insider.body"),
            "x-ins-auth",
            "/x_ins_auth_hex",
        ),
        (
            "insider",
            include_bytes!("vectors/insider.body"),
            "x-ins-auth",
            "/x_ins_auth_base64",
        ),
        (
            "mailpanda",
            include_bytes!("vectors/mailpanda.body"),
            "x-webhook-signature",
            "/headers/X-Webhook-Signature",
        ),
        (
            "inboxroad",
            include_bytes!("vectors/inboxroad.body"),
            "x-signature",
            "/headers/X-Signature",
        ),
    ];
    for (name, body, header, pointer) in cases {
        let provider = consumer::provider(name).expect("a provider");
        let vector = &vectors[name];
        let signature = vector
            .pointer(pointer)
            .and_then(Value::as_str)
            .expect("a signature");
        let secrets = Secrets::parse(vector["key"].as_str().expect("a key")).expect("a secret");
        let judge = |signature: &str| {
            let mut headers = vec![(header, signature.to_owned())];
            if name == "customerio" {
                headers.push(("x-cio-timestamp", "1750000003".to_owned()));
            }
            let mut event = gateway_event(&headers, body);
            event["requestContext"]["timeEpoch"] = json!(1_750_000_004_000_i64);
            admit(provider, &secrets, None, &request(event), received_at()).err()
        };
        assert_eq!(judge(signature), None, "{name} {pointer}");
        if pointer != "/x_ins_auth_base64" && name != "inboxroad" {
            assert_eq!(
                judge(&signature.to_uppercase()),
                None,
                "{name} upper-case hex"
            );
        }
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

const URL_KEY: &str = "url-key_1.of~a-gateway";

#[test]
fn a_secret_with_a_url_key_asks_for_it_in_the_url_of_every_request() {
    each(|provider, headers| {
        let secrets = json!({"eu": "another-key", "us": KEY, "?key": URL_KEY}).to_string();
        let verdict = |query: Value| {
            let mut event = gateway_event(&headers, BODY);
            event["queryStringParameters"] = query;
            admitted(provider, &secrets, event)
        };
        let delivery = verdict(json!({"key": URL_KEY, "other": "1"})).expect("accepted");
        assert_eq!(
            delivery.source(),
            Some("us"),
            "the label of the signing key"
        );
        for query in [
            json!(null),
            json!({"key": ""}),
            json!({"key": &URL_KEY[1..]}),
            json!({"key": format!("{URL_KEY},{URL_KEY}")}),
            json!({"Key": URL_KEY}),
        ] {
            let rejected = verdict(query).err();
            assert_eq!(rejected, Some(Rejection::UrlKeyMismatch));
            assert_eq!(rejected.map(Rejection::status), Some(401));
        }
    });
}
