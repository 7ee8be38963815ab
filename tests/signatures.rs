//! What only some schemes have: lists of signatures, signed ids, keys in a form, key pairs.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use registry::{SENDERS, sender};
use serde_json::json;
use shared::admit::admit;
use shared::answers::Answers;
use shared::auth;
use shared::delivery::Delivery;
use shared::event::EventId;
use shared::rejection::Rejection;
use shared::secrets::{KeyError, Secrets, SecretsError};
use shared::sender::Sender;
use tests::{gateway_event, key, received_at, receiver_key, request, secrets};

const BODY: &[u8] = br#"{"type":"email.sent","created_at":"2026-01-02T03:04:05Z","data":{}}"#;
/// A well-formed signature of nothing in particular.
const STRAY: &str = "v1,tFtCZ5RDCPxzWQRWXWPgrCgE2frDBe9gjpbWQxnVfsQ=";

type Headers<'a> = Vec<(&'a str, String)>;

fn resend() -> &'static dyn Sender {
    sender("resend").expect("a provider")
}

fn sendgrid() -> &'static dyn Sender {
    sender("sendgrid").expect("a provider")
}

fn judged(
    provider: &dyn Sender,
    secrets: &Secrets,
    window: Option<u64>,
    headers: &[(&str, String)],
) -> Result<Delivery, Rejection> {
    let event = request(gateway_event(headers, BODY));
    let admitted = admit(provider, secrets, window, &event, received_at());
    admitted.map(|admitted| admitted.delivery)
}

fn verdict(provider: &dyn Sender, headers: &[(&str, String)]) -> Option<Rejection> {
    judged(provider, &secrets(provider, key(provider)), None, headers).err()
}

fn signed(provider: &dyn Sender) -> Headers<'static> {
    provider.sign(key(provider), BODY, received_at())
}

/// The headers with another value, or none, for one of them.
fn with<'a>(headers: &Headers<'a>, name: &'a str, value: Option<&str>) -> Headers<'a> {
    let others = headers.iter().filter(|(known, _)| *known != name);
    let mut headers: Headers = others.cloned().collect();
    headers.extend(value.map(|value| (name, value.to_owned())));
    headers
}

fn unbranded(headers: &Headers<'_>) -> Headers<'static> {
    let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let values = headers.iter().map(|(_, value)| value.clone());
    names.into_iter().zip(values).collect()
}

fn signature() -> String {
    signed(resend())[2].1.clone()
}

#[test]
fn one_of_a_list_of_signatures_must_match_wherever_it_stands() {
    let right = signature();
    let accepted = [
        format!("{STRAY} {right}"),
        format!("{right} {STRAY}"),
        format!("{STRAY} {STRAY}  {right} {STRAY}"),
        format!("v1a,anything v2,{} {right}", &right[3..]),
        format!("no-comma v1,short {right}"),
        format!("{} {right}", [STRAY; 15].join(" ")),
        format!("  {right}\t"),
    ];
    for list in accepted {
        let headers = with(&signed(resend()), "svix-signature", Some(&list));
        assert_eq!(verdict(resend(), &headers), None, "{list}");
    }
    let refused = [
        (STRAY.to_owned(), Rejection::SignatureMismatch),
        ([STRAY; 16].join(" "), Rejection::SignatureMismatch),
        (
            format!("{} {right}", [STRAY; 16].join(" ")),
            Rejection::SignatureUnreadable,
        ),
        (
            format!("v1a,{}", &right[3..]),
            Rejection::SignatureUnreadable,
        ),
        (
            format!("v2,{}", &right[3..]),
            Rejection::SignatureUnreadable,
        ),
        (right[3..].to_owned(), Rejection::SignatureUnreadable),
        ("v1,".to_owned(), Rejection::SignatureUnreadable),
        (format!("{right},{STRAY}"), Rejection::SignatureDuplicated),
        (
            format!("{STRAY} {right},{STRAY} {STRAY}"),
            Rejection::SignatureDuplicated,
        ),
        (format!("{right}, {STRAY}"), Rejection::SignatureDuplicated),
    ];
    for (list, rejection) in refused {
        let headers = with(&signed(resend()), "svix-signature", Some(&list));
        assert_eq!(verdict(resend(), &headers), Some(rejection), "{list}");
    }
}

#[test]
fn the_id_is_signed_there_once_and_without_a_dot() {
    let headers = signed(resend());
    let cases = [
        (None, Rejection::IdMissing),
        (Some(" "), Rejection::IdMissing),
        (Some("msg_a,msg_b"), Rejection::IdDuplicated),
        (Some("msg_other"), Rejection::SignatureMismatch),
        (Some("msg.other"), Rejection::IdUnreadable),
    ];
    for (id, rejection) in cases {
        let headers = with(&headers, "svix-id", id);
        assert_eq!(verdict(resend(), &headers), Some(rejection), "{id:?}");
    }
    let mut twice = headers.clone();
    twice.push(("Svix-Id", headers[0].1.clone()));
    assert_eq!(verdict(resend(), &twice), Some(Rejection::IdDuplicated));
    for rejection in [
        Rejection::IdMissing,
        Rejection::IdDuplicated,
        Rejection::IdUnreadable,
    ] {
        assert_eq!(Answers::default().status(rejection), 401);
        assert!(rejection.code().starts_with("id_"));
    }
}

/// `a.1.{…}` could be the id `a` at the time 1, or the id `a.1` at a time that its body begins
/// with.
#[test]
fn the_parts_cannot_be_split_elsewhere() {
    let at = received_at().as_second().to_string();
    let body = format!("{at}.{{}}");
    let signature = auth::sign_standard_webhooks(key(resend()), "msg", &at, body.as_bytes());
    let headers = [
        ("svix-id", format!("msg.{at}")),
        ("svix-timestamp", at),
        ("svix-signature", signature),
    ];
    let event = request(gateway_event(&headers, b"{}"));
    let secrets = secrets(resend(), key(resend()));
    let admitted = admit(resend(), &secrets, None, &event, received_at());
    assert_eq!(admitted.err(), Some(Rejection::IdUnreadable));
}

#[test]
fn the_signed_time_is_the_headers_own_digits() {
    let headers = signed(resend());
    let time = headers[1].1.clone();
    let cases = [
        (None, Rejection::TimestampMissing),
        (
            Some(format!("{time},{time}")),
            Rejection::TimestampDuplicated,
        ),
        (Some(format!("0{time}")), Rejection::SignatureMismatch),
        (Some(format!("{time}.0")), Rejection::TimestampUnreadable),
        (Some(format!("-{time}")), Rejection::TimestampUnreadable),
    ];
    for (time, rejection) in cases {
        let headers = with(&headers, "svix-timestamp", time.as_deref());
        assert_eq!(verdict(resend(), &headers), Some(rejection), "{time:?}");
    }
}

#[test]
fn the_unbranded_names_are_read_and_never_mixed_with_the_others() {
    let svix = signed(resend());
    let unbranded = unbranded(&svix);
    assert_eq!(verdict(resend(), &unbranded), None);
    let both = [svix.clone(), unbranded.clone()].concat();
    assert_eq!(verdict(resend(), &both), None);

    // Svix's are the ones that count where any of them is there, even where the others are right.
    let missing = [
        ("svix-id", Rejection::IdMissing),
        ("svix-timestamp", Rejection::TimestampMissing),
        ("svix-signature", Rejection::SignatureMissing),
    ];
    for (name, rejection) in missing {
        let mixed = [with(&svix, name, None), unbranded.clone()].concat();
        assert_eq!(verdict(resend(), &mixed), Some(rejection), "{name}");
    }
    let forged = [with(&svix, "svix-signature", Some(STRAY)), unbranded].concat();
    assert_eq!(
        verdict(resend(), &forged),
        Some(Rejection::SignatureMismatch)
    );
}

/// A window is the provider's own, both ends of it, unless the operator says otherwise.
#[test]
fn each_window_has_its_edges() {
    let windows = [(resend(), 300, 300), (sendgrid(), 25 * 3600, 300)];
    for (provider, behind, ahead) in windows {
        let secrets = secrets(provider, key(provider));
        let judge = |seconds: i64, window| {
            let at = received_at() + SignedDuration::from_secs(seconds);
            let headers = provider.sign(key(provider), BODY, at);
            judged(provider, &secrets, window, &headers).err()
        };
        assert_eq!(judge(-behind, None), None);
        assert_eq!(judge(-behind - 1, None), Some(Rejection::TimestampStale));
        assert_eq!(judge(ahead, None), None);
        assert_eq!(judge(ahead + 1, None), Some(Rejection::TimestampAhead));
        assert_eq!(judge(-behind - 1, Some(0)), None);
        assert_eq!(judge(-61, Some(60)), Some(Rejection::TimestampStale));
    }
}

fn ids(delivery: &Delivery) -> Vec<EventId> {
    let events = resend().normalize(delivery).into_iter().flatten();
    events.map(|event| event.id).collect()
}

fn delivery(id: &str, body: &[u8], secrets: &Secrets) -> Delivery {
    let at = received_at().as_second().to_string();
    let signed_id = id.trim();
    let headers = [
        (
            "svix-signature",
            auth::sign_standard_webhooks(key(resend()), signed_id, &at, body),
        ),
        ("svix-timestamp", at),
        ("svix-id", id.to_owned()),
    ];
    let event = request(gateway_event(&headers, body));
    admit(resend(), secrets, None, &event, received_at())
        .expect("accepted")
        .delivery
}

/// A retry, a replay, and a replay by someone who adds what is not signed, are the same event.
#[test]
fn resends_event_is_its_signed_id_of_one_endpoint() {
    let bare = secrets(resend(), key(resend()));
    let labelled =
        |label: &str| Secrets::parse(&json!({label: key(resend())}).to_string()).expect("a secret");
    let one = ids(&delivery("msg_1", BODY, &bare));
    assert_eq!(one.len(), 1);
    assert_eq!(ids(&delivery(" msg_1\t", BODY, &bare)), one);
    assert_eq!(
        ids(&delivery("msg_1", b"{}", &bare)),
        one,
        "only the id counts"
    );
    assert_ne!(ids(&delivery("msg_2", BODY, &bare)), one);
    let eu = ids(&delivery("msg_1", BODY, &labelled("eu")));
    assert_ne!(eu, one);
    assert_ne!(eu, ids(&delivery("msg_1", BODY, &labelled("us"))));

    let two = ids(&delivery("msg_1", b"[{},{\"type\":\"email.sent\"}]", &bare));
    assert_eq!(two.len(), 2);
    assert_ne!(
        two[0], two[1],
        "an array is not sent; if it is, nothing is lost"
    );

    let queued = delivery("msg_1", BODY, &bare).encode().expect("a message");
    let decoded = Delivery::decode(&queued).expect("a delivery");
    assert_eq!(ids(&decoded), one, "the id travels with the delivery");
}

#[test]
fn a_key_that_could_match_nothing_is_refused_at_the_start() {
    let check = |provider: &dyn Sender, secret: &str| {
        let secrets = Secrets::parse(secret)
            .and_then(|secrets| secrets.checked_by(|key| provider.check_key(key)));
        secrets.err().map(SecretsError::code)
    };
    let p256 = receiver_key(sendgrid(), key(sendgrid()));
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{p256}\n-----END PUBLIC KEY-----");
    let p384 = "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE9JJOgjwS1bgYdFXPrJs178XRnrsQmjgSvCQd6uxJgvWRzfCy3fodcZPoAvxfqX05jLKmI/m9yLaGEuZL/kQVI36G4sPv84qtkYlqoim4cgzBMpdFigakoMAeDtrAqqKm";
    let secp256k1 = "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEJ3l0WBy5prKkH+lJqWbf1OErH0PgEtqCxUyMPTVu0IBCyfDRCrJZmrGqvevKKRggBhBV+B7QAK7f7Mz4Y5rxxg==";
    let not_public = Some("secrets_key_not_public");
    let not_base64 = Some("secrets_key_not_base64");
    let cases = [
        (resend(), "whsec_dGhlIGtleQ==", None),
        (resend(), "dGhlIGtleQ==", None),
        (resend(), "whsec_", Some("secrets_key_short")),
        (resend(), "whsec_%%%%", not_base64),
        (resend(), "whsec_dGhlIGtleQ", not_base64),
        (resend(), "whsec_dGhlIGtleQ==\n", None),
        (
            resend(),
            "whsec_dGhl\nIGtleQ==",
            Some("secrets_key_white_space"),
        ),
        (resend(), "re_123456789_abc", Some("secrets_key_of_api")),
        (
            resend(),
            r#"{"eu":"whsec_dGhlIGtleQ==","us":"whsec_????"}"#,
            not_base64,
        ),
        (sendgrid(), p256.as_str(), None),
        (sendgrid(), key(sendgrid()), Some("secrets_key_private")),
        (sendgrid(), pem.as_str(), Some("secrets_key_pem")),
        (sendgrid(), &p256[1..], not_public),
        (sendgrid(), p384, not_public),
        (sendgrid(), secp256k1, not_public),
        (
            sendgrid(),
            "SG.an-api-key.of-theirs",
            Some("secrets_key_of_api"),
        ),
    ];
    for (provider, secret, code) in cases {
        assert_eq!(
            check(provider, secret),
            code,
            "{}: {secret}",
            provider.name()
        );
    }
    for error in [
        KeyError::NotBase64,
        KeyError::NotAPublicKey,
        KeyError::Private,
        KeyError::Api("the right one"),
    ] {
        let message = SecretsError::from(error).to_string();
        assert!(message.contains("put the "), "what to do: {message}");
    }
}

/// Of the published vector, whose second half is the greater of two that are right.
#[test]
fn sendgrids_signature_is_read_as_openssl_reads_it() {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("vectors/vectors.json")).expect("vectors");
    let vector = &vectors["sendgrid"];
    let secrets = Secrets::parse(vector["key"].as_str().expect("a key")).expect("a secret");
    let body = include_bytes!("vectors/sendgrid.body");
    let judge = |signature: &str, body: &[u8]| {
        let headers = [
            (
                "x-twilio-email-event-webhook-timestamp",
                "1600112502".to_owned(),
            ),
            (
                "x-twilio-email-event-webhook-signature",
                signature.to_owned(),
            ),
        ];
        let event = request(gateway_event(&headers, body));
        admit(sendgrid(), &secrets, Some(0), &event, received_at()).err()
    };
    let greater = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=";
    let lesser = "MEQCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiA352jxkzMFHWEakvZHkFpGvMu+Ix+PzzgcJOUKQR6+fg==";
    assert_eq!(judge(greater, body), None);
    assert_eq!(judge(lesser, body), None);
    let trimmed = body.trim_ascii_end();
    assert_eq!(judge(greater, trimmed), Some(Rejection::SignatureMismatch));

    let unreadable = [
        (
            "r is 0",
            "MCYCAQACIQDIGJcNbMz6457lbQm4b6W5ABs8ioeHz0zXlOW4u0Rm0w==",
        ),
        (
            "s is 0",
            "MCUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAgEA",
        ),
        (
            "s is the group's order",
            "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEA/////wAAAAD//////////7zm+q2nF56E87nKwvxjJVE=",
        ),
        (
            "a zero too many in front",
            "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAN+do8ZMzBR1hGpL2R5BaRrzLviMfj884HCTlCkEevn4=",
        ),
        (
            "a byte behind",
            "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtMA",
        ),
        (
            "the two halves, and no DER",
            "YdBW0aP5jcuQb18tzF/ep8jXRDKyANaYw5WbEbS7plTIGJcNbMz6457lbQm4b6W5ABs8ioeHz0zXlOW4u0Rm0w==",
        ),
        ("nothing", "MAA="),
    ];
    for (why, signature) in unreadable {
        let rejected = judge(signature, body);
        assert_eq!(rejected, Some(Rejection::SignatureUnreadable), "{why}");
    }
}

#[test]
fn the_same_is_signed_the_same_way() {
    for provider in SENDERS {
        assert_eq!(signed(*provider), signed(*provider), "{}", provider.name());
    }
}

#[test]
fn a_receiver_is_given_what_checks_and_what_cannot_sign_says_so() {
    let name = "sendgrid";
    let (private, public) = (key(sendgrid()), receiver_key(sendgrid(), key(sendgrid())));
    let given = |secret: &str| BTreeMap::from([(name.to_owned(), secret.to_owned())]);
    let for_receiver = |secret: &str| {
        operator::secrets::for_receiver(sendgrid(), &given(secret)).expect("a secret")
    };
    assert_eq!(for_receiver(private), public);
    assert_eq!(for_receiver(&public), public);
    let labelled = json!({"eu": private, "us": public}).to_string();
    assert_eq!(
        for_receiver(&labelled),
        json!({"eu": public, "us": public}).to_string()
    );
    let broken = r#"{"eu": 7, "eu": "x"}"#;
    assert_eq!(
        for_receiver(broken),
        r#"{"eu": 7, "eu": "x"}"#,
        "for the receiver to refuse"
    );

    let signing = |secret: &str| operator::secrets::signing_key(sendgrid(), &given(secret));
    assert_eq!(signing(private).ok().as_deref(), Some(private));
    assert_eq!(signing(&labelled).ok().as_deref(), Some(private));
    let error = signing(&public).expect_err("a public key cannot sign");
    assert_eq!(error.code(), "key_cannot_sign");
    let error = format!("{error} {:?}", error.hint());
    assert!(!error.contains(&public), "a key is not shown");
}
