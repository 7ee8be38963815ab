//! The key is another one, or changed on its way.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use inspector::near::Versions;
use operator::samples;
use registry::SENDERS;
use shared::provider::Strength;

use super::sent::{BODY, Sent, key, other_key, provider};
use super::{Change, slip, text_keyed};

#[test]
fn the_key_of_the_samples_is_known() {
    for sender in SENDERS {
        let name = sender.name();
        let sent = Sent::signed_with(*sender, samples::key(name).expect("a key").trim());
        assert_eq!(slip(&sent), Some("sample_key"), "{name}");
        let text = sent.said().expect("a slip").text;
        assert!(text.contains("samples"), "{text}");
    }
}

#[test]
fn the_key_of_another_provider_is_named_with_its_label() {
    for sender in SENDERS {
        let other = if sender.name() == "insider" {
            "mailpanda"
        } else {
            "insider"
        };
        let stray = other_key(*sender);
        let stray_held = sender.receiver_key(&stray).expect("a key");
        let does = match sender.strength() {
            Strength::SharedSecret => "It shows",
            _ => "It is signed with",
        };
        let mut sent = Sent::signed_with(*sender, &stray);
        let secret = serde_json::json!({"eu": stray_held, "us": "another-key-0123"});
        sent.held.get_mut(other).expect("a secret").current = secret.to_string();
        let said = sent.said().expect("a slip");
        assert_eq!(said.slip, "other_providers_key", "{}", sender.name());
        assert_eq!(
            said.text,
            format!("{does} the key of label `eu` of {other}.")
        );
        let command = format!("postern secret set {}", sender.name());
        assert_eq!(said.command, Some(command));
        // Of the version before.
        let versions = sent.held.get_mut(other).expect("a secret");
        versions.previous = Some(stray_held.clone());
        versions.current = "another-key-0123".to_owned();
        let said = sent.said().expect("a slip");
        assert_eq!(
            said.text,
            format!("{does} the key of {other}, of the version before.")
        );
    }
}

#[test]
fn the_version_before_is_let_in_and_said() {
    for sender in SENDERS {
        let mut sent = Sent::signed_with(*sender, &other_key(*sender));
        sent.own().previous = sender.receiver_key(&other_key(*sender));
        let said = sent.said().expect("a slip");
        assert_eq!(said.slip, "previous_key", "{}", sender.name());
        let place = format!("put the new key at {}, too.", sender.signing_key().provider);
        assert!(said.text.ends_with(&place), "{}", said.text);
    }
}

#[test]
fn a_webhook_at_another_providers_url_is_sent_there() {
    let signers = SENDERS.iter().copied();
    let signers: Vec<_> = signers
        .filter(|s| s.strength() != Strength::SharedSecret)
        .collect();
    for sent_by in &signers {
        for came_to in &signers {
            if sent_by.name() == came_to.name() {
                continue;
            }
            let mut sent = Sent::by(*sent_by);
            sent.sender = *came_to;
            let said = sent.said().expect("a slip");
            assert_eq!(said.slip, "other_provider");
            let url = format!("/webhooks/{}.", sent_by.name());
            assert!(said.text.ends_with(&url), "{}", said.text);
        }
    }
}

/// What the signer makes of the key, and what is said of it.
#[test]
fn a_key_that_the_signer_changed_is_named_by_the_change() {
    let changes: [Change; 13] = [
        ("key_line_break", |key| format!("{key}\n")),
        ("key_line_break", |key| format!("{key}\r\n")),
        ("key_space", |key| format!("{key} ")),
        ("key_space", |key| format!(" {key}")),
        ("key_quoted", |key| format!("\"{key}\"")),
        ("key_quoted", |key| format!("'{key}'")),
        ("key_prefix", |key| format!("whsec_{key}")),
        ("key_encoded", |key| STANDARD.encode(key)),
        ("key_encoded", |key| hex::encode(key)),
        ("key_cut", |key| key[..key.len() - 1].to_owned()),
        ("key_cut", |key| key[1..].to_owned()),
        ("key_case", str::to_lowercase),
        ("key_case", str::to_uppercase),
    ];
    for sender in text_keyed() {
        for (wanted, change) in changes {
            let sent = Sent::signed_with(sender, &change(&key(sender)));
            assert_eq!(slip(&sent), Some(wanted), "{}", sender.name());
        }
    }
}

/// The receiver has another text than the signer.
#[test]
fn a_key_that_the_receiver_has_otherwise_is_named_by_the_change() {
    let (text, base64, hex) = (
        "a+secret of text",
        STANDARD.encode("a+secret of text"),
        hex::encode("a+secret of text"),
    );
    for sender in text_keyed() {
        for (wanted, held) in [
            ("key_decoded", base64.clone()),
            ("key_decoded", format!("whsec_{base64}")),
            ("key_decoded", hex.clone()),
            ("key_percent", "a%2Bsecret%20of%20text".to_owned()),
        ] {
            let sent = Sent::signed_with(sender, text).holding(&held);
            assert_eq!(slip(&sent), Some(wanted), "{} {held}", sender.name());
        }
        for (wanted, held) in [
            ("key_prefix", format!("whsec_{}", key(sender))),
            ("key_name", format!("SECRET={}", key(sender))),
        ] {
            let sent = Sent::by(sender).holding(&held);
            assert_eq!(slip(&sent), Some(wanted), "{} {held}", sender.name());
            let command = sent.said().and_then(|said| said.command);
            assert_eq!(
                command,
                Some(format!("postern secret set {}", sender.name()))
            );
        }
    }
}

#[test]
fn a_standard_webhooks_key_that_is_not_decoded_is_known() {
    let sender = provider("resend");
    // The scheme decodes what it is given: twice in base64, it signs with the characters.
    for text in [key(sender), key(sender).replace("whsec_", "")] {
        let sent = Sent::signed_with(sender, &STANDARD.encode(&text));
        assert_eq!(slip(&sent), Some("key_not_decoded"));
        let sent = Sent::signed_with(sender, &STANDARD.encode(format!("{text}\n")));
        assert_eq!(slip(&sent), Some("key_line_break"));
    }
    // Cut, and decoded as far as it goes.
    let whole = STANDARD
        .decode(key(sender).replace("whsec_", ""))
        .expect("base64");
    for cut in 1..4 {
        let left = STANDARD.encode(&whole[..whole.len() - cut]);
        assert_eq!(slip(&Sent::signed_with(sender, &left)), Some("key_cut"));
    }
}

/// Whoever copies a key may lose its last character.
#[test]
fn a_key_that_is_cut_at_the_receiver_is_known() {
    for sender in text_keyed() {
        for whole in ["Key-of-nobody-Z", "Key-of-nobody-0", "00ff00ff00ff00ff"] {
            let held = &whole[..whole.len() - 1];
            let said = Sent::signed_with(sender, whole).holding(held).said();
            let said = said.unwrap_or_else(|| panic!("{} {whole}", sender.name()));
            assert_eq!(said.slip, "key_cut", "{}", sender.name());
            let command = format!("postern secret set {}", sender.name());
            assert_eq!(said.command, Some(command));
            // Two that are lost are none of our guesses.
            let sent = Sent::signed_with(sender, whole).holding(&whole[..whole.len() - 2]);
            assert_eq!(slip(&sent), None, "{}", sender.name());
        }
    }
    let mandrill = provider("mandrill");
    let held = key(mandrill).replace("-0@", "-@");
    assert_eq!(slip(&Sent::by(mandrill).holding(&held)), Some("key_cut"));
    // What base64 ends with.
    let resend = provider("resend");
    let held = key(resend).trim_end_matches('=').to_owned();
    assert_ne!(held, key(resend));
    assert_eq!(slip(&Sent::by(resend).holding(&held)), Some("key_cut"));
}

#[test]
fn a_secret_that_cannot_be_used_says_what_of_it_must_go() {
    for sender in SENDERS {
        let held = sender.receiver_key(&key(*sender)).expect("a key");
        let (start, end) = held.split_at(12);
        for (wanted, text) in [
            ("key_line_break", format!("{held}\\n")),
            ("key_line_break", format!("{held}\\r\\n")),
            ("key_quoted", format!("\"{held}")),
            ("key_quoted", format!("'\"{held}\"'")),
            ("key_white_space", format!("{start}\n{end}")),
            ("key_name", format!("the-name {held}")),
        ] {
            let sent = Sent::by(*sender).holding(&text);
            let said = sent.said();
            let found = said.as_ref().map(|said| said.slip);
            assert_eq!(found, Some(wanted), "{} {text}", sender.name());
            let command = said.and_then(|said| said.command);
            assert_eq!(
                command,
                Some(format!("postern secret set {}", sender.name()))
            );
            // The same secret explains nothing that is signed with another key.
            let forged = Sent::signed_with(*sender, &other_key(*sender)).holding(&text);
            assert_eq!(slip(&forged), None, "{}", sender.name());
        }
    }
    let mailgun = provider("mailgun");
    let sent = Sent::by(mailgun).holding(&format!("{}\\n", key(mailgun)));
    assert_eq!(
        sent.said().expect("a slip").text,
        "It would match with the line break behind your key taken away."
    );
}

#[test]
fn armour_and_the_version_of_a_signature_are_no_part_of_a_key() {
    let sendgrid = provider("sendgrid");
    let public = sendgrid.receiver_key(&key(sendgrid)).expect("a key");
    let (start, end) = public.split_at(64);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{start}\n{end}\n-----END PUBLIC KEY-----\n");
    let escaped = pem.replace('\n', "\\n");
    for text in [pem, escaped] {
        assert_eq!(slip(&Sent::by(sendgrid).holding(&text)), Some("key_pem"));
    }
    let resend = provider("resend");
    let sent = Sent::by(resend).holding(&format!("v1,{}", key(resend)));
    assert_eq!(slip(&sent), Some("key_prefix"));
}

#[test]
fn keys_that_everybody_has_are_known() {
    let mailersend = provider("mailersend");
    let sent = Sent::signed_with(mailersend, "test_Am3L1GuOIc4blLUuHqAPxxwkZaJyEk8G");
    assert_eq!(slip(&sent), Some("published_key"));
    let mandrill = provider("mandrill");
    let public = key(mandrill).replace("Key-of-mandrill-0", "test-webhook");
    assert_eq!(
        slip(&Sent::signed_with(mandrill, &public)),
        Some("published_key")
    );
}

#[test]
fn the_key_for_the_url_is_no_signing_key() {
    for sender in text_keyed() {
        let held = serde_json::json!({"default": key(sender), "?key": "the-key-for-the-url"});
        let sent = Sent::signed_with(sender, "the-key-for-the-url").holding(&held.to_string());
        assert_eq!(slip(&sent), Some("url_key"), "{}", sender.name());
    }
}

#[test]
fn the_keys_that_a_signature_is_none_of_are_named_by_their_labels() {
    let said = |current: &str, previous: Option<&str>| {
        let current = current.to_owned();
        let previous = previous.map(str::to_owned);
        Versions { current, previous }.none_of()
    };
    let two = r#"{"eu":"key-one-0123","us":"key-two-0123","?key":"the-url-key-0"}"#;
    for (current, previous, wanted) in [
        ("key-one-0123", None, Some("matches none of: default")),
        (two, None, Some("matches none of: eu, us")),
        (
            two,
            Some("key-one-0123"),
            Some("matches none of: eu, us, default (before)"),
        ),
        ("", None, None),
    ] {
        assert_eq!(said(current, previous).as_deref(), wanted, "{current}");
    }
}

/// An old webhook with a changed key is explained by the key.
#[test]
fn the_age_of_a_request_hides_no_slip() {
    let at = super::sent::now() - jiff::SignedDuration::from_hours(30 * 24);
    for sender in text_keyed() {
        let body = if sender.strength() == Strength::Token {
            "{}"
        } else {
            BODY
        };
        let sent = Sent::at(sender, &format!("{}\n", key(sender)), body.as_bytes(), at);
        assert_eq!(slip(&sent), Some("key_line_break"), "{}", sender.name());
        // Both are said where a time is signed, and a window is over.
        let window = match sender.name() {
            "customerio" => "window 8 days",
            "mailgun" => "window 24 hours",
            _ => "",
        };
        let text = sent.said().expect("a slip").text;
        let wanted = format!(" And it is 30 days old, {window}: that, too, refuses it.");
        assert_eq!(text.ends_with(&wanted), !window.is_empty(), "{text}");
        // Without a window it would be let in.
        let open = Sent {
            window: Some(0),
            ..sent
        };
        let text = open.said().expect("a slip").text;
        assert!(text.ends_with("take it away there."), "{text}");
    }
}
