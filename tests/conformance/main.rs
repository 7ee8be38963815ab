//! What every provider must do, unchanged for each: the whole way from a gateway event to a
//! delivery, exact codes.
//!
//! A provider that signs a token and not the body is held to the same, but for what it cannot
//! promise: there a body that was changed is let in, and carries the token that lets the consumer
//! tell (`tests/flow.rs`). A shared secret covers nothing of the request: what is none, and where
//! one may stand, is in `shared_secret.rs`. What only a form can do is in `form.rs`. What a person
//! is told of a request is in `parts.rs`.

mod answers;
mod form;
mod parts;
mod shared_secret;

use jiff::{SignedDuration, Timestamp};
use registry::SENDERS;
use serde_json::{Value, json};
use shared::admit::admit;
use shared::delivery::Delivery;
use shared::json::repair;
use shared::provider::Strength;
use shared::rejection::Rejection;
use shared::secrets::{Secrets, SecretsError, Stage};
use shared::sender::{Sender, Signed};
use tests::{
    another_key, gateway_event, key, mismatch, missing, received_at, receiver_key, replaced,
    request, secrets, signature, signs_a_form, tampered, travels, with_signature,
    with_two_signatures,
};

const BODY: &[u8] = "{\"note\":\"Zoë \\u2713\",\"n\":1}\r\n".as_bytes();

fn signed(provider: &dyn Sender, at: Timestamp) -> Signed {
    provider.signed(key(provider), BODY, at)
}

fn event(signed: &Signed) -> Value {
    gateway_event(&signed.headers, &signed.body)
}

/// What becomes of a request where `secrets` are what the receiver has.
fn judged(provider: &dyn Sender, secrets: &Secrets, event: Value) -> Result<Delivery, Rejection> {
    let admitted = admit(provider, secrets, None, &request(event), received_at());
    admitted.map(|admitted| admitted.delivery)
}

fn admitted(provider: &dyn Sender, event: Value) -> Result<Delivery, Rejection> {
    judged(provider, &secrets(provider, key(provider)), event)
}

fn verdict(provider: &dyn Sender, signed: &Signed) -> Option<Rejection> {
    admitted(provider, event(signed)).err()
}

/// Runs a check for every provider, its name in the failure.
fn each(check: impl Fn(&dyn Sender, Signed)) {
    for provider in SENDERS {
        println!("provider: {}", provider.name());
        check(*provider, signed(*provider, received_at()));
    }
}

/// [`each`] of the providers whose signature covers this.
fn each_of(strength: Strength, check: impl Fn(&dyn Sender, Signed)) {
    each(|provider, signed| {
        if provider.strength() == strength {
            check(provider, signed);
        }
    });
}

/// [`each`] of the providers that sign something, and do not only show a secret.
fn each_that_signs(check: impl Fn(&dyn Sender, Signed)) {
    each(|provider, signed| {
        if provider.strength() != Strength::SharedSecret {
            check(provider, signed);
        }
    });
}

#[test]
fn a_signed_request_becomes_a_delivery_of_the_same_bytes() {
    each(|provider, signed| {
        let delivery = admitted(provider, event(&signed)).expect("accepted");
        assert_eq!(delivery.provider(), provider.name());
        assert_eq!(delivery.body(), travels(provider, BODY, &signed.body));
        assert_eq!(delivery.received_at(), received_at());
        assert_eq!(delivery.source(), None);
        let has_token = provider.strength() == Strength::Token;
        assert_eq!(delivery.token().is_some(), has_token);
    });
}

#[test]
fn any_of_several_secrets_may_match_and_its_label_is_the_source() {
    each(|provider, signed| {
        let [eu, us] =
            [another_key(provider), key(provider)].map(|key| receiver_key(provider, key));
        let secrets = Secrets::parse(&json!({"eu": eu, "us": us}).to_string()).expect("secrets");
        let delivery = judged(provider, &secrets, event(&signed));
        assert_eq!(delivery.expect("accepted").source(), Some("us"));
    });
}

#[test]
fn header_names_match_in_any_case() {
    each(|provider, signed| {
        let mut event = gateway_event(&[], &signed.body);
        for (name, value) in signed.headers {
            event["headers"][name.to_ascii_uppercase()] = json!(value);
        }
        assert_eq!(admitted(provider, event).err(), None);
    });
}

#[test]
fn another_key_is_a_mismatch() {
    each(|provider, signed| {
        let others = secrets(provider, another_key(provider));
        let rejected = judged(provider, &others, event(&signed));
        assert_eq!(rejected.err(), Some(mismatch(provider)));
    });
}

#[test]
fn one_flipped_bit_anywhere_is_a_mismatch() {
    each_of(Strength::Signed, |provider, signed| {
        // In the name of a form's field, or in the sign behind it: there is no such field then.
        let value = signed.body.iter().position(|byte| *byte == b'=');
        let name = if signs_a_form(provider) { value } else { None };
        for index in 0..signed.body.len() {
            let mut changed = signed.clone();
            changed.body[index] ^= 1;
            let wanted = match name {
                Some(end) if index <= end => Rejection::NotAForm,
                _ => Rejection::SignatureMismatch,
            };
            assert_eq!(verdict(provider, &changed), Some(wanted), "byte {index}");
        }
    });
}

/// What is signed is bound as well as a body elsewhere; around it anything may be changed, and the
/// delivery says which token is asked to vouch for it.
#[test]
fn one_flipped_bit_of_a_signed_token_is_refused_and_another_bit_comes_with_the_token() {
    each_of(Strength::Token, |provider, signed| {
        let original: Value = serde_json::from_slice(&signed.body).expect("JSON");
        let token = original["signature"]["token"].as_str();
        let mut accepted = 0;
        for index in 0..signed.body.len() {
            let mut changed = signed.clone();
            changed.body[index] ^= 1;
            // An odd byte elsewhere is repaired, and does not hide the signature.
            let body = repair(&changed.body);
            let body: Option<Value> = body.and_then(|body| serde_json::from_str(&body).ok());
            match admitted(provider, event(&changed)) {
                Ok(delivery) => {
                    accepted += 1;
                    let block = &body.expect("JSON")["signature"];
                    assert_eq!(block, &original["signature"], "byte {index}");
                    assert_eq!(delivery.token(), token, "byte {index}");
                    assert_eq!(delivery.body(), changed.body);
                }
                Err(rejection) => {
                    let is_intact =
                        body.is_some_and(|body| body["signature"] == original["signature"]);
                    assert!(!is_intact, "byte {index}: {rejection:?}");
                    assert_eq!(provider.answers().status(rejection), 401);
                }
            }
        }
        assert!(accepted > 5, "the body is not covered");
    });
}

#[test]
fn each_signed_part_of_a_token_counts() {
    each_of(Strength::Token, |provider, signed| {
        let block: Value = serde_json::from_slice(&signed.body).expect("JSON");
        let field = |name: &str| block["signature"][name].as_str().expect("text");
        let (time, token) = (field("timestamp"), field("token"));
        let with = |time: &str, token: &str| {
            let body = replaced(&signed.body, field("timestamp"), time);
            let body = replaced(&body, field("token"), token);
            verdict(
                provider,
                &Signed {
                    body,
                    ..signed.clone()
                },
            )
        };
        assert_eq!(with(time, token), None);
        let mismatch = Some(Rejection::SignatureMismatch);
        assert_eq!(with(time, &token[1..]), mismatch);
        assert_eq!(with(time, &format!("{token} ")), mismatch);
        assert_eq!(
            with(
                &received_at().as_second().wrapping_sub(1).to_string(),
                token
            ),
            mismatch
        );
        // The same characters are signed, but another token would come of them: even with the
        // window off.
        let unreadable = Some(Rejection::TimestampUnreadable);
        assert_eq!(
            with(&format!("{time}{}", &token[..1]), &token[1..]),
            unreadable
        );
        assert_eq!(
            with(&time[..9], &format!("{}{token}", &time[9..])),
            unreadable
        );
        for odd in ["", " "] {
            assert_eq!(with(odd, token), Some(Rejection::TimestampMissing));
            assert_eq!(with(time, odd), Some(Rejection::SignatureMissing));
        }
        let long = "k".repeat(200);
        assert_eq!(with(time, &long), Some(Rejection::SignatureUnreadable));
        assert_eq!(with("17673231\u{661}", token), unreadable);
    });
}

#[test]
fn a_body_cut_or_extended_is_a_mismatch() {
    each_of(Strength::Signed, |provider, signed| {
        let body = &signed.body;
        let longer = [body, &b" "[..]].concat();
        let is_form = signs_a_form(provider);
        for (body, names_no_field) in [
            (&body[..body.len() - 1], false),
            (&longer, false),
            (&body[1..], true),
            (b"", true),
        ] {
            let changed = Signed {
                body: body.to_vec(),
                ..signed.clone()
            };
            let rejected = verdict(provider, &changed);
            let wanted = if is_form && names_no_field {
                Rejection::NotAForm
            } else {
                Rejection::SignatureMismatch
            };
            assert_eq!(rejected, Some(wanted));
        }
    });
}

#[test]
fn a_body_that_carries_its_signature_and_is_cut_or_doubled_is_unreadable() {
    each_of(Strength::Token, |provider, signed| {
        let body = &signed.body;
        let end = body.len() - "}\r\n".len();
        for cut in [20, 60, 150, end] {
            let changed = Signed {
                body: body[..cut].to_vec(),
                ..signed.clone()
            };
            let rejected = verdict(provider, &changed);
            assert_eq!(rejected, Some(Rejection::SignatureUnreadable), "{cut}");
        }
        let twice = Signed {
            body: [&body[..], body].concat(),
            ..signed.clone()
        };
        assert_eq!(
            verdict(provider, &twice),
            Some(Rejection::SignatureUnreadable)
        );
        let headless = Signed {
            body: body[1..].to_vec(),
            ..signed.clone()
        };
        assert_eq!(
            verdict(provider, &headless),
            Some(Rejection::SignatureMissing)
        );
    });
}

#[test]
fn a_form_with_the_fields_of_a_signature_is_called_one() {
    each_of(Strength::Token, |provider, _| {
        let form = b"timestamp=1767323100&token=abc&signature=0123&event=opened";
        for content_type in [
            "application/x-www-form-urlencoded",
            "Application/X-WWW-Form-Urlencoded; charset=utf-8",
            "multipart/form-data; boundary=b",
        ] {
            let headers = [("content-type", content_type.to_owned())];
            let rejected = admitted(provider, gateway_event(&headers, form)).err();
            assert_eq!(rejected, Some(Rejection::FormEncoded), "{content_type}");
            assert_eq!(rejected.map(|r| provider.answers().status(r)), Some(401));
            // The sender's word for it counts for nothing where there is JSON.
            let signed = signed(provider, received_at());
            let event = gateway_event(&headers, &signed.body);
            assert_eq!(admitted(provider, event).err(), None);
        }
    });
}

#[test]
fn no_signature_is_missing_whatever_the_body() {
    each(|provider, mut signed| {
        signed.headers.pop();
        for body in [BODY, b"", b"not json", b"\xff\xfe\x00", b"[[[[", b"null"] {
            let unsigned = Signed {
                body: body.to_vec(),
                ..signed.clone()
            };
            let rejected = verdict(provider, &unsigned);
            assert_eq!(rejected, Some(missing(provider)));
            let bare = gateway_event(&[], body);
            let status = admitted(provider, bare).err();
            let status = status.map(|r| provider.answers().status(r));
            assert_eq!(status, Some(401), "no headers at all");
        }
    });
}

#[test]
fn a_blank_signature_is_missing() {
    each(|provider, signed| {
        for blank in ["", " ", "\t "] {
            let signed = with_signature(&signed, |_| blank.to_owned());
            let rejected = verdict(provider, &signed);
            assert_eq!(rejected, Some(missing(provider)));
        }
    });
}

#[test]
fn a_signature_that_comes_twice_is_duplicated_even_if_both_are_right() {
    each_of(Strength::Signed, |provider, signed| {
        let joined = with_signature(&signed, |signature| format!("{signature},{signature}"));
        let rejected = verdict(provider, &joined);
        assert_eq!(rejected, Some(Rejection::SignatureDuplicated), "joined");

        let mut event = event(&signed);
        let (name, value) = signed.headers.last().expect("a signature");
        event["headers"][name.to_ascii_uppercase()] = json!(value);
        let rejected = admitted(provider, event).err();
        assert_eq!(
            rejected,
            Some(Rejection::SignatureDuplicated),
            "two spellings"
        );
    });
    each_of(Strength::Token, |provider, signed| {
        let rejected = verdict(provider, &with_two_signatures(&signed));
        assert_eq!(rejected, Some(Rejection::SignatureDuplicated));
        for field in ["token", "signature", "timestamp"] {
            let again = format!(r#""x":{{}},"{field}":null}}"#);
            let body = replaced(&signed.body, "\"}", &format!("\",{again}"));
            let rejected = verdict(
                provider,
                &Signed {
                    body,
                    ..signed.clone()
                },
            );
            let wanted = match field {
                "timestamp" => Rejection::TimestampDuplicated,
                _ => Rejection::SignatureDuplicated,
            };
            assert_eq!(rejected, Some(wanted), "{field}");
        }
    });
}

#[test]
fn a_half_formed_signature_is_unreadable() {
    each_that_signs(|provider, signed| {
        let halves: [fn(&str) -> String; 6] = [
            |signature| signature[1..].to_owned(),
            |signature| signature[..signature.len() - 1].to_owned(),
            |signature| format!("{signature}0"),
            |signature| signature.replacen(|_: char| true, "!", 1),
            |signature| signature.replacen(|_: char| true, "é", 1),
            |signature| format!("{} {}", &signature[..4], &signature[4..]),
        ];
        for half in halves {
            let rejected = verdict(provider, &with_signature(&signed, half));
            assert_eq!(rejected, Some(Rejection::SignatureUnreadable));
        }
        let huge = with_signature(&signed, |_| "0".repeat(1_000_000));
        let rejected = verdict(provider, &huge);
        assert_eq!(rejected, Some(Rejection::SignatureUnreadable), "a megabyte");
    });
}

#[test]
fn a_well_formed_signature_of_something_else_is_a_mismatch() {
    each_that_signs(|provider, signed| {
        let other =
            signature(&provider.signed(key(provider), b"{\"something\":\"else\"}", received_at()));
        let rejected = verdict(provider, &with_signature(&signed, |_| other.clone()));
        assert_eq!(rejected, Some(Rejection::SignatureMismatch));
    });
}

#[test]
fn base64_from_the_gateway_is_the_same_bytes() {
    each(|provider, signed| {
        let mut event = event(&signed);
        event["body"] = json!(base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            &signed.body
        ));
        event["isBase64Encoded"] = json!(true);
        let delivery = admitted(provider, event).expect("accepted");
        assert_eq!(delivery.body(), travels(provider, BODY, &signed.body));
    });
}

#[test]
fn bytes_that_are_not_text_are_verified_and_kept() {
    each(|provider, _| {
        let body: &[u8] = match provider.strength() {
            Strength::Signed | Strength::SharedSecret | Strength::Transport => {
                b"\x00\xff\xfe\x80 not utf-8"
            }
            Strength::Token => b"{\"event-data\":\"\xff\xfe\x80 not utf-8\"}",
        };
        let signed = provider.signed(key(provider), body, received_at());
        let delivery = admitted(provider, event(&signed)).expect("accepted");
        assert_eq!(delivery.body(), travels(provider, body, &signed.body));
        let message = delivery.encode().expect("a message");
        assert_eq!(Delivery::decode(&message).as_ref(), Ok(&delivery));
    });
}

#[test]
fn undecodable_base64_is_400_before_anything_else() {
    each(|provider, signed| {
        for body in ["%%%", "YQ", "YQ=", "Y Q==", "YQ==\n", "é"] {
            let mut event = gateway_event(&signed.headers, b"");
            event["body"] = json!(body);
            event["isBase64Encoded"] = json!(true);
            let rejected = admitted(provider, event).err();
            assert_eq!(rejected, Some(Rejection::BodyUndecodable), "{body}");
            assert_eq!(rejected.map(|r| provider.answers().status(r)), Some(400));
        }
    });
}

#[test]
fn a_header_that_is_not_ascii_fails_nothing() {
    each(|provider, signed| {
        let mut event = event(&signed);
        event["headers"]["x-visitor"] = json!("Zoë \u{0} \u{ffff}");
        assert_eq!(admitted(provider, event).err(), None);
    });
}

#[test]
fn a_signed_time_outside_the_window_is_refused_and_without_a_window_it_is_not() {
    each(|provider, now| {
        let signs_a_time = now.headers.len() > 1 || provider.strength() == Strength::Token;
        let long_ago = received_at() - SignedDuration::from_hours(9 * 24);
        let far_ahead = received_at() + SignedDuration::from_mins(6);
        let at_the_edge = received_at() + SignedDuration::from_mins(5);
        let stale = signs_a_time.then_some(Rejection::TimestampStale);
        let ahead = signs_a_time.then_some(Rejection::TimestampAhead);
        for (at, expected) in [(long_ago, stale), (far_ahead, ahead), (at_the_edge, None)] {
            let signed = signed(provider, at);
            assert_eq!(verdict(provider, &signed), expected);

            let secrets = secrets(provider, key(provider));
            let request = request(event(&signed));
            let unchecked = admit(provider, &secrets, Some(0), &request, received_at());
            assert_eq!(unchecked.err(), None, "the window is off");
        }
    });
}

/// Mailgun repeats a signature for 8 hours of retries: a window must hold them, and the operator's
/// counts instead.
#[test]
fn a_signature_is_good_for_as_long_as_its_provider_repeats_it() {
    each_of(Strength::Token, |provider, _| {
        let ago = |hours| signed(provider, received_at() - SignedDuration::from_hours(hours));
        assert_eq!(verdict(provider, &ago(9)), None);
        assert_eq!(verdict(provider, &ago(24)), None);
        let stale = Some(Rejection::TimestampStale);
        assert_eq!(verdict(provider, &ago(25)), stale);
        let secrets = secrets(provider, key(provider));
        let request = request(event(&ago(9)));
        let narrowed = admit(provider, &secrets, Some(3600), &request, received_at());
        assert_eq!(narrowed.err(), stale);
    });
}

#[test]
fn a_wrong_signature_is_a_mismatch_even_when_it_is_stale() {
    each(|provider, _| {
        let long_ago = received_at() - SignedDuration::from_hours(9 * 24);
        let signed = provider.signed(another_key(provider), BODY, long_ago);
        let rejected = verdict(provider, &signed);
        assert_eq!(rejected, Some(mismatch(provider)));
    });
}

#[test]
fn without_a_time_from_the_gateway_the_clock_counts() {
    each(|provider, signed| {
        let mut event = event(&signed);
        event["requestContext"] = json!({});
        let delivery = admitted(provider, event).expect("accepted");
        assert_eq!(delivery.received_at(), received_at());
    });
}

#[test]
fn what_is_authentic_is_accepted_whatever_it_says() {
    each(|provider, _| {
        let deep = format!(
            "{{\"event-data\":{}{}}}",
            "[".repeat(9_999),
            "]".repeat(9_999)
        );
        let bodies: [&[u8]; 7] = match provider.strength() {
            Strength::Signed | Strength::SharedSecret | Strength::Transport => [
                b"",
                b"not json",
                b"[]",
                b"[1,null]",
                b"\"text\"",
                b"{\"a\":",
                deep.as_bytes(),
            ],
            // A body that carries its signature must be an object to have a place for it.
            Strength::Token => [
                b"{}",
                b" \t{ }",
                b"{\"event-data\":null}",
                b"{\"event-data\":[1,null]}",
                b"{\"\\ud800\":1e999,\"a\":\"\\udfff\",\"a\":{}}",
                b"{\"event-data\":{\"event\":7,\"event\":8}}",
                deep.as_bytes(),
            ],
        };
        for body in bodies {
            let signed = provider.signed(key(provider), body, received_at());
            assert_eq!(verdict(provider, &signed), None);
        }
    });
}

const URL_KEY: &str = "url-key_1.of~a-gateway";

/// The gateway's event with these query parameters.
fn at_url(signed: &Signed, query: &Value) -> Value {
    let mut event = event(signed);
    event["queryStringParameters"] = query.clone();
    event
}

#[test]
fn a_secret_with_a_url_key_asks_for_it_in_the_url_of_every_request() {
    each(|provider, signed| {
        let [eu, us] =
            [another_key(provider), key(provider)].map(|key| receiver_key(provider, key));
        let secret = json!({"eu": eu, "us": us, "?key": URL_KEY}).to_string();
        let secrets = Secrets::parse(&secret).expect("secrets");
        let verdict = |query: Value| judged(provider, &secrets, at_url(&signed, &query));
        let delivery = verdict(json!({"key": URL_KEY, "other": "1"})).expect("accepted");
        assert_eq!(
            delivery.source(),
            Some("us"),
            "the label of the signing key"
        );
        for query in [
            json!(null),
            json!({}),
            json!({"key": ""}),
            json!({"key": &URL_KEY[1..]}),
            json!({"key": format!("{URL_KEY} ")}),
            json!({"key": URL_KEY.to_uppercase()}),
            json!({"key": format!("{URL_KEY},{URL_KEY}")}),
            json!({"Key": URL_KEY}),
            json!({"?key": URL_KEY}),
            json!({"key": us}),
            json!({"key": "x".repeat(1_000_000)}),
        ] {
            let rejected = verdict(query.clone()).err();
            assert_eq!(rejected, Some(Rejection::UrlKeyMismatch));
            assert_eq!(rejected.map(|r| provider.answers().status(r)), Some(401));
            assert!(rejected.is_some_and(Rejection::other_keys_may_help));
        }
        // Without one in the secret nobody looks at the query.
        let unasked = admitted(provider, at_url(&signed, &json!({"key": "anything"})));
        assert_eq!(unasked.err(), None);
    });
}

#[test]
fn a_url_key_tells_nothing_to_one_who_cannot_sign_and_signs_nothing() {
    each(|provider, signed| {
        let us = receiver_key(provider, key(provider));
        let secret = json!({"us": us, "?key": URL_KEY}).to_string();
        let secrets = Secrets::parse(&secret).expect("secrets");
        let can_sign = provider.check_key(URL_KEY).is_ok();
        let mismatch = Some(mismatch(provider));
        for query in [json!({"key": URL_KEY}), json!({"key": "wrong"}), json!({})] {
            let forged = tampered(provider, &signed);
            let rejected = judged(provider, &secrets, at_url(&forged, &query)).err();
            assert_eq!(rejected, mismatch);
            if can_sign {
                let by_url_key = provider.signed(URL_KEY, BODY, received_at());
                let rejected = judged(provider, &secrets, at_url(&by_url_key, &query)).err();
                assert_eq!(rejected, mismatch);
            }
        }
    });
}

#[test]
fn a_url_key_counts_with_the_signing_keys_of_its_own_version() {
    each(|provider, _| {
        let version = |key: &str, url_key: &str| {
            let secret = json!({"a": receiver_key(provider, key), "?key": url_key}).to_string();
            Secrets::parse(&secret).expect("a secret")
        };
        let judge = |secrets: &Secrets, key: &str, url_key: &str| {
            let signed = provider.signed(key, BODY, received_at());
            let event = request(at_url(&signed, &json!({"key": url_key})));
            let admitted = admit(provider, secrets, None, &event, received_at());
            admitted.map(|admitted| admitted.stage)
        };
        let (new, old) = (key(provider), another_key(provider));
        let mismatch = Err(Rejection::UrlKeyMismatch);
        let rotated = version(new, "new-url-key").with_previous(version(old, "old-url-key"));
        assert_eq!(judge(&rotated, new, "new-url-key"), Ok(Stage::Current));
        assert_eq!(judge(&rotated, old, "old-url-key"), Ok(Stage::Previous));
        assert_eq!(judge(&rotated, new, "old-url-key"), mismatch);
        assert_eq!(judge(&rotated, old, "new-url-key"), mismatch);
        // Only the URL key was rotated.
        let rotated = version(new, "new-url-key").with_previous(version(new, "old-url-key"));
        assert_eq!(judge(&rotated, new, "new-url-key"), Ok(Stage::Current));
        assert_eq!(judge(&rotated, new, "old-url-key"), Ok(Stage::Previous));
        assert_eq!(judge(&rotated, new, "older-url-key"), mismatch);
        // Added with this version: the one before asks for none.
        let added = version(new, "new-url-key").with_previous(secrets(provider, old));
        assert_eq!(judge(&added, old, ""), Ok(Stage::Previous));
        assert_eq!(judge(&added, new, ""), mismatch);
    });
}

#[test]
fn a_url_key_that_cannot_be_one_is_refused_at_the_start() {
    let code = |secret: &str| Secrets::parse(secret).map_err(SecretsError::code);
    assert!(code(r#"{"a":"test-key","?key":"abc-._~XYZ019"}"#).is_ok());
    for (secret, wanted) in [
        (r#"{"?key":"url-key-1"}"#, "secrets_url_key_alone"),
        (r#"{"a":"test-key","?key":""}"#, "secrets_blank"),
        (r#"{"a":"test-key","?key":" "}"#, "secrets_blank"),
        (r#"{"a":"test-key","?key":"url-key"}"#, "secrets_key_short"),
        (
            r#"{"a":"test-key","?key":"url,key,1"}"#,
            "secrets_url_key_unfit",
        ),
        (
            r#"{"a":"test-key","?key":"url key 1"}"#,
            "secrets_key_white_space",
        ),
        (
            r#"{"a":"test-key","?key":"url%20key"}"#,
            "secrets_url_key_unfit",
        ),
        (
            r#"{"a":"test-key","?key":"url-kéy-1"}"#,
            "secrets_url_key_unfit",
        ),
        (
            r#"{"a":"test-key","?key":"test-key"}"#,
            "secrets_url_key_signs",
        ),
        (
            r#"{"a":"test-key","?Key":"url-key-1"}"#,
            "secrets_label_reserved",
        ),
        (
            r#"{"a":"test-key","?":"url-key-1"}"#,
            "secrets_label_reserved",
        ),
        (
            r#"{"a":"test-key","?key":"url-key-1","?key":"url-key-2"}"#,
            "secrets_not_an_object",
        ),
        (r#"{"a":"test-key","?key":7}"#, "secrets_not_an_object"),
    ] {
        assert_eq!(code(secret).err(), Some(wanted), "{secret}");
    }
    let secrets = Secrets::parse(r#"{"a":"test-key","?key":"url-key-1"}"#).expect("secrets");
    assert_eq!(format!("{secrets:?}"), "Secrets(1 redacted)");
}

#[test]
fn only_a_mismatch_is_a_reason_to_read_the_secret_again() {
    let others = [
        Rejection::BodyUndecodable,
        Rejection::SignatureMissing,
        Rejection::SignatureDuplicated,
        Rejection::SignatureUnreadable,
        Rejection::FormEncoded,
        Rejection::NotAForm,
        Rejection::CredentialMissing,
        Rejection::CredentialDuplicated,
        Rejection::CredentialUnreadable,
        Rejection::MethodNotAllowed,
        Rejection::TimestampMissing,
        Rejection::TimestampUnreadable,
        Rejection::TimestampStale,
        Rejection::TimestampAhead,
        Rejection::TooLarge,
        Rejection::KeyUnavailable,
        Rejection::QueueUnavailable,
    ];
    assert!(
        others
            .iter()
            .all(|rejection| !rejection.other_keys_may_help())
    );
    assert!(Rejection::SignatureMismatch.other_keys_may_help());
    assert!(Rejection::CredentialMismatch.other_keys_may_help());
    assert!(Rejection::UrlKeyMismatch.other_keys_may_help());
}

/// Mailgun signs for a subaccount with its own key and with its parent's: either will do.
#[test]
fn a_parent_signature_is_as_good_as_the_accounts() {
    let provider = registry::sender("mailgun").expect("a provider");
    let by_child = provider.signed("child-key", BODY, received_at());
    let parent = signature(&provider.signed("parent-key", BODY, received_at()));
    let child = signature(&by_child);
    let verdict = |account: &str, parent: &str| {
        let field = |name: &str, hex: &str| format!(r#""{name}":{hex}"#);
        let body = replaced(
            &by_child.body,
            &field("signature", &format!("\"{child}\"")),
            &[
                field("signature", account),
                field("parent-signature", parent),
            ]
            .join(","),
        );
        let event = gateway_event(&[], &body);
        ["child-key", "parent-key"]
            .map(|key| judged(provider, &secrets(provider, key), event.clone()).err())
    };
    let quoted = |hex: &str| format!("\"{hex}\"");
    let (child, parent) = (quoted(&child), quoted(&parent));
    let mismatch = Some(Rejection::SignatureMismatch);
    let unreadable = Some(Rejection::SignatureUnreadable);
    let missing = Some(Rejection::SignatureMissing);
    assert_eq!(verdict(&child, &parent), [None, None]);
    assert_eq!(verdict(&child, "null"), [None, mismatch]);
    assert_eq!(verdict(&child, "\"\""), [None, mismatch]);
    assert_eq!(verdict("null", &parent), [mismatch, None]);
    assert_eq!(verdict("null", "null"), [missing, missing]);
    assert_eq!(verdict(&child, "\"ab\""), [unreadable, unreadable]);
    assert_eq!(verdict(&child, "7"), [unreadable, unreadable]);
}

#[test]
fn a_token_and_its_time_are_texts() {
    let provider = registry::sender("mailgun").expect("a provider");
    let signed = signed(provider, received_at());
    let time = received_at().as_second().to_string();
    let with = |old: &str, new: &str| {
        let body = replaced(&signed.body, old, new);
        verdict(
            provider,
            &Signed {
                body,
                ..signed.clone()
            },
        )
    };
    let unreadable = Some(Rejection::TimestampUnreadable);
    assert_eq!(with(&format!("\"{time}\""), &time), unreadable, "a number");
    assert_eq!(
        with(&format!("\"{time}\""), "null"),
        Some(Rejection::TimestampMissing)
    );
    assert_eq!(
        with("\"signature\":{", "\"signature\":{\"x\":[{}],"),
        None,
        "more in the object"
    );
    assert_eq!(
        with("\"token\":\"", "\"token\":7,\"t\":\""),
        Some(Rejection::SignatureUnreadable)
    );
    // An escape is another spelling of the same token.
    assert_eq!(with("\"signature\":{", "\"\\u0073ignature\":{"), None);
    for odd in ["[]", "\"text\"", "7", "true"] {
        let body = format!("{{\"signature\":{odd}}}").into_bytes();
        let rejected = verdict(
            provider,
            &Signed {
                body,
                ..signed.clone()
            },
        );
        assert_eq!(rejected, Some(Rejection::SignatureUnreadable), "{odd}");
    }
}

/// The published vectors, and the misreadings of the documents that must not verify.
#[test]
fn published_vectors_verify() {
    let vectors: Value =
        serde_json::from_str(include_str!("../vectors/vectors.json")).expect("vectors");
    let cases = [
        ("customerio", "X-CIO-Signature", "/headers/X-CIO-Signature"),
        ("insider", "X-INS-AUTH", "/x_ins_auth_hex"),
        ("insider", "X-INS-AUTH", "/x_ins_auth_base64"),
        (
            "mailpanda",
            "X-Webhook-Signature",
            "/headers/X-Webhook-Signature",
        ),
        ("inboxroad", "X-Signature", "/headers/X-Signature"),
        ("resend", "svix-signature", "/headers/svix-signature"),
        ("svix", "webhook-signature", "/headers/webhook-signature"),
        (
            "sendgrid",
            "X-Twilio-Email-Event-Webhook-Signature",
            "/headers/X-Twilio-Email-Event-Webhook-Signature",
        ),
        (
            "sendgrid_go",
            "X-Twilio-Email-Event-Webhook-Signature",
            "/headers/X-Twilio-Email-Event-Webhook-Signature",
        ),
        ("mailersend", "Signature", "/headers/Signature"),
        (
            "mailtrap",
            "Mailtrap-Signature",
            "/headers/Mailtrap-Signature",
        ),
        (
            "mailtrap_lines",
            "Mailtrap-Signature",
            "/headers/Mailtrap-Signature",
        ),
        (
            "mandrill",
            "X-Mandrill-Signature",
            "/headers/X-Mandrill-Signature",
        ),
    ];
    for (name, header, pointer) in cases {
        let vector = &vectors[name];
        let body = vector["body"].as_str().expect("a file");
        let body = stack::build::root().join("tests/vectors").join(body);
        let body = &std::fs::read(body).expect("a body")[..];
        let provider = vector["provider"].as_str().unwrap_or(name);
        let provider = registry::sender(provider).expect("a provider");
        let signature = vector.pointer(pointer).and_then(Value::as_str);
        let signature = signature.expect("a signature");
        let secrets = Secrets::parse(vector["key"].as_str().expect("a key")).expect("a secret");
        let judge = |signature: &str, body: &[u8]| {
            let others = vector["headers"].as_object().into_iter().flatten();
            let others = others.filter(|(name, _)| *name != header);
            let mut headers: Vec<(&str, String)> = others
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
fn the_vector_with_its_signature_in_the_body_verifies() {
    let provider = registry::sender("mailgun").expect("a provider");
    let judge = |body: &[u8]| {
        let mut event = gateway_event(&[], body);
        event["requestContext"]["timeEpoch"] = json!(1_750_000_004_000_i64);
        judged(provider, &secrets(provider, "mg-signing-key-1"), event)
    };
    let body = include_bytes!("../vectors/mailgun.body");
    let token = "6f1c0e9d4b8a7352f1e0d9c8b7a6958473625140ffeeddccbb";
    assert_eq!(judge(body).expect("accepted").token(), Some(token));
    let hex = "babcb526d38bf41c08918dfd37629452fdd606eb02dee7cecad08ffe3e4aa6fe";
    let upper = replaced(body, hex, &hex.to_uppercase());
    assert_eq!(judge(&upper).err(), None, "upper-case hex");
    // A separator, or the body beside the two, is another signature.
    for wrong in ["1750000003.", "1750000003:"] {
        let other = shared::auth::sign_hmac_sha256_hex(
            "mg-signing-key-1",
            &[wrong.as_bytes()],
            token.as_bytes(),
        );
        let rejected = judge(&replaced(body, hex, &other)).err();
        assert_eq!(rejected, Some(Rejection::SignatureMismatch), "{wrong}");
    }
}

#[test]
fn misreadings_of_the_documents_are_refused() {
    let body = include_bytes!("../vectors/customerio.body");
    let vectors: Value =
        serde_json::from_str(include_str!("../vectors/vectors.json")).expect("vectors");
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

/// Mailtrap's keys look like hex digits, and are the text that they are.
#[test]
fn a_key_that_looks_like_hex_is_not_decoded() {
    let vectors: Value =
        serde_json::from_str(include_str!("../vectors/vectors.json")).expect("vectors");
    let vector = &vectors["mailtrap_lines"];
    let provider = registry::sender("mailtrap").expect("a provider");
    let secrets = secrets(provider, vector["key"].as_str().expect("a key"));
    let wrong = vector["wrong_decoded_key_signature"].as_str();
    let headers = [("Mailtrap-Signature", wrong.expect("text").to_owned())];
    let event = gateway_event(&headers, include_bytes!("../vectors/mailtrap_lines.body"));
    let rejected = judged(provider, &secrets, event).err();
    assert_eq!(rejected, Some(Rejection::SignatureMismatch));
}
