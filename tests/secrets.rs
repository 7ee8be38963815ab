//! What people put into a secret: what is taken off, and what is refused, with a code that says
//! what to do.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use registry::SENDERS;
use serde_json::json;
use shared::secrets::{KeyWarning, Secrets, SecretsError, read};
use shared::sender::Sender;
use tests::{key, receiver_key};

/// A key as a provider makes it.
const KEY: &str = "9f86d081884c7d659a2feaa0c55ad015";

fn code(text: &str) -> Result<Vec<(Option<String>, String)>, &'static str> {
    read(text).map_err(SecretsError::code)
}

fn bare(key: &str) -> Vec<(Option<String>, String)> {
    vec![(None, key.to_owned())]
}

fn labelled(label: &str, key: &str) -> Vec<(Option<String>, String)> {
    vec![(Some(label.to_owned()), key.to_owned())]
}

/// What stands around a key and is not part of it.
const AROUND: [(&str, &str); 14] = [
    ("", "\n"),   // echo
    ("", "\r\n"), // an editor on Windows
    (" ", " "),   // a page
    ("\t", "\n\n"),
    ("\u{feff}", ""), // Notepad, PowerShell
    ("\u{feff}", "\r\n"),
    ("\u{a0}", "\u{a0}"), // a word processor
    ("", "\u{200b}"),
    ("\"", "\""), // a .env file, JSON
    ("'", "'"),
    ("`", "`"),
    ("\u{201c}", "\u{201d}"),
    (" \"", "\"\n"),
    ("\" ", "\n\""),
];

#[test]
fn what_stands_around_a_key_is_taken_off_alone_and_in_an_object() {
    for (before, after) in AROUND {
        let text = format!("{before}{KEY}{after}");
        assert_eq!(code(&text), Ok(bare(KEY)), "{text:?}");
        let object = json!({"eu": text}).to_string();
        assert_eq!(code(&object), Ok(labelled("eu", KEY)), "{text:?}");
    }
    for (before, after) in [("\u{feff}", "\n"), (" \r\n", "\u{a0}")] {
        let object = format!("{before}{{\"eu\": \"{KEY}\"}}{after}");
        assert_eq!(code(&object), Ok(labelled("eu", KEY)), "{object:?}");
    }
}

#[test]
fn a_key_of_a_providers_own_form_is_as_it_was() {
    for provider in SENDERS {
        let key = receiver_key(*provider, key(*provider));
        assert_eq!(code(&key), Ok(bare(&key)), "{}", provider.name());
    }
    for key in [
        "whsec_glacier_press_4410",
        "cio-signing-key-example",
        "aGFyYm91ci9tYXJrZXQraW5ib3hyb2Fk==",
        "12345678901234567890123456789012",
        "1234567e8901234567890123456789",
        "p@ss$word!%(with)|all~of;them,<no>{quotes}",
        "[an-odd-key-with-one-bracket",
        "back\\slash\\name",
        "Zoë-密钥-🔑-long",
    ] {
        assert_eq!(code(key), Ok(bare(key)), "{key}");
    }
}

#[test]
fn what_is_no_key_is_refused_with_a_code() {
    let pem = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n";
    let utf16: String = KEY.chars().flat_map(|c| [c, '\0']).collect();
    for (text, wanted) in [
        ("", "secrets_blank"),
        (" \u{feff}\r\n", "secrets_blank"),
        ("\"\"", "secrets_blank"),
        ("' '", "secrets_blank"),
        (pem, "secrets_key_pem"),
        (&pem.replace('\n', "\\n"), "secrets_key_pem"),
        ("prod", "secrets_key_short"),
        ("x", "secrets_key_short"),
        ("123", "secrets_key_short"),
        ("seven-7", "secrets_key_short"),
        ("Zoë-密钥-", "secrets_key_short"),
        ("two lines-of-a-key\nand-more", "secrets_key_white_space"),
        ("Bearer 9f86d081884c7d65", "secrets_key_white_space"),
        (
            "9f86d081884c7d65\u{a0}9a2feaa0c55ad015",
            "secrets_key_white_space",
        ),
        (
            "9f86d081884c7d65\u{feff}9a2feaa0c55ad015",
            "secrets_key_white_space",
        ),
        (
            "9f86d081884c7d659a2feaa0c55ad015\\n",
            "secrets_key_white_space",
        ),
        (
            "9f86d081884c7d65\09a2feaa0c55ad015",
            "secrets_key_unprintable",
        ),
        (&utf16, "secrets_key_unprintable"),
        (
            "9f86d081884c7d65\u{1b}[31m9a2feaa0",
            "secrets_key_unprintable",
        ),
        (
            "9f86d081884c7d65\u{fffd}9a2feaa0c5",
            "secrets_key_unprintable",
        ),
        (
            "9f86d081884c7d65\u{202e}9a2feaa0c5",
            "secrets_key_unprintable",
        ),
        ("\"9f86d081884c7d659a2feaa0c55ad015", "secrets_key_quoted"),
        ("9f86d081884c7d659a2feaa0c55ad015'", "secrets_key_quoted"),
        (
            "\"\"9f86d081884c7d659a2feaa0c55ad015\"\"",
            "secrets_key_quoted",
        ),
        ("9f86d081884c7d65\"9a2feaa0c55ad015", "secrets_key_quoted"),
    ] {
        assert_eq!(code(text).err(), Some(wanted), "{text:?}");
        let object = json!({"eu": KEY, "us": text}).to_string();
        assert_eq!(code(&object).err(), Some(wanted), "{object}");
        let url_key = json!({"eu": KEY, "?key": text}).to_string();
        assert_eq!(code(&url_key).err(), Some(wanted), "{url_key}");
    }
}

#[test]
fn json_that_is_no_object_of_keys_is_refused() {
    for text in [
        r#"["9f86d081884c7d659a2feaa0c55ad015"]"#,
        "[]",
        "[ ]",
        "null",
        "true",
        " false\n",
        r#"{"eu": ["9f86d081884c7d659a2feaa0c55ad015"]}"#,
        r#"{"eu": 12345678901234567890}"#,
        r#"{"eu": null}"#,
        r#"{"eu": {"key": "9f86d081884c7d659a2feaa0c55ad015"}}"#,
        r#"{"eu": "9f86d081884c7d659a2feaa0c55ad015",}"#,
        r#"{"eu": "9f86d081884c7d659a2feaa0c55ad015"} more"#,
        "{'eu': '9f86d081884c7d659a2feaa0c55ad015'}",
        r#"{"eu": "9f86d081884c7d659a2feaa0c55ad015", "eu": "another-signing-key"}"#,
        "{9f86d081884c7d659a2feaa0c55ad015}",
    ] {
        assert_eq!(code(text).err(), Some("secrets_not_an_object"), "{text}");
    }
    assert_eq!(code("{}").err(), Some("secrets_blank"));
    // An object that was quoted once too often.
    let twice = json!(json!({"eu": KEY}).to_string()).to_string();
    assert_eq!(code(&twice).err(), Some("secrets_key_quoted"));
}

#[test]
fn a_label_is_a_short_word_and_names_a_key() {
    for label in [
        "eu",
        "a",
        "signing_key",
        "webhook-2",
        "0",
        "-",
        "secret",
        &"x".repeat(32),
    ] {
        let object = json!({label: KEY}).to_string();
        assert_eq!(code(&object), Ok(labelled(label, KEY)));
    }
    for label in [
        "EU",
        "Signing_key",
        "two words",
        " eu",
        "eu\n",
        "eu.1",
        "é",
        "eu/1",
        "a\u{0}",
        &"x".repeat(33),
    ] {
        let object = json!({label: KEY}).to_string();
        assert_eq!(code(&object).err(), Some("secrets_label_unfit"), "{label}");
    }
    for label in ["", " ", "\t"] {
        let object = json!({label: KEY}).to_string();
        assert_eq!(code(&object).err(), Some("secrets_blank"), "{label:?}");
    }
    for label in ["?", "?Key", "?key ", "??key", "?note"] {
        let object = json!({label: KEY}).to_string();
        assert_eq!(
            code(&object).err(),
            Some("secrets_label_reserved"),
            "{label}"
        );
    }
}

/// `{"signing_key": …, "note": "prod"}` would let in whoever signs with "prod".
#[test]
fn a_label_of_something_else_is_refused_in_any_writing() {
    for label in [
        "note",
        "comment",
        "description",
        "username",
        "password",
        "api_key", // as in the issue
        "notes",
        "comments",
        "desc",
        "remarks",
        "user",
        "user_id",
        "login",
        "pass",
        "passwd",
        "pwd",
        "passphrase",
        "apikey",
        "api-key",
        "sendgrid_api_key",
        "smtp-password",
        "rotation_note",
        "host",
        "url",
        "webhook_url",
        "email",
        "domain",
        "name",
        "environment",
        "env",
        "owner",
        "created_at",
        "rotated-at",
        "version",
        "id",
        "account",
    ] {
        let spelt = [
            label.to_owned(),
            label.to_uppercase(),
            label.replace(['_', '-'], ""),
            label.replace('_', "-"),
            format!("{label}2"),
            format!("_{label}_"),
            label[..1].to_uppercase() + &label[1..],
        ];
        for label in spelt {
            let object =
                json!({"signing_key": KEY, label.clone(): "production-of-the-shop"}).to_string();
            assert_eq!(
                code(&object).err(),
                Some("secrets_label_names_no_key"),
                "{label}"
            );
        }
    }
}

#[test]
fn two_labels_have_two_keys_and_the_url_key_signs_nothing() {
    let twice = json!({"eu": KEY, "us": format!(" {KEY}\n")}).to_string();
    assert_eq!(code(&twice).err(), Some("secrets_key_repeated"));
    let url_key = json!({"eu": KEY, "?key": KEY}).to_string();
    let refused = Secrets::parse(&url_key).map_err(SecretsError::code);
    assert_eq!(refused.err(), Some("secrets_url_key_signs"));
    assert!(
        Secrets::parse(&json!({"eu": KEY, "?key": "another-key-of-the-url"}).to_string()).is_ok()
    );
}

fn provider(name: &str) -> &'static dyn Sender {
    registry::sender(name).expect("a provider")
}

/// The key of the API beside the one for webhooks is what people put.
#[test]
fn a_key_of_the_providers_api_is_refused_where_it_cannot_sign_and_doubted_where_it_may() {
    let refused = |name: &str, key: &str| {
        let secrets = Secrets::parse(key)
            .and_then(|secrets| secrets.checked_by(|key| provider(name).check_key(key)));
        secrets.map_err(SecretsError::code).err()
    };
    for (name, key) in [
        (
            "sendgrid",
            "SG.dGVzdC1hcGkta2V5.b2YtYS1wcm92aWRlci10aGF0LWRvZXMtbm90LWV4aXN0",
        ),
        ("resend", "re_123456789_abcdefghijklmnop"),
        ("mailgun", "pubkey-0123456789abcdef0123456789abcdef"),
    ] {
        assert_eq!(refused(name, key), Some("secrets_key_of_api"));
    }
    let doubted = |name: &str, key: &str| {
        let secrets = Secrets::parse(key)
            .and_then(|secrets| secrets.checked_by(|key| provider(name).check_key(key)));
        let warnings = secrets
            .expect("a key")
            .warnings(|key| provider(name).doubt_key(key));
        warnings
            .into_iter()
            .map(KeyWarning::code)
            .collect::<Vec<_>>()
    };
    // In an account of before the two were told apart, it signs.
    for key in [
        "key-0123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcdef-01234567-89abcdef",
    ] {
        assert_eq!(doubted("mailgun", key), ["secrets_key_like_api"], "{key}");
        assert_eq!(doubted("mailpanda", key), [""; 0], "{key}");
    }
    for key in [
        KEY,
        "orchard-lane-mailgun-signing-3382",
        "key-of-the-account-0001",
    ] {
        assert_eq!(doubted("mailgun", key), [""; 0], "{key}");
    }
    assert_eq!(doubted("insider", "fifteen-chars-1"), ["secrets_key_weak"]);
    assert_eq!(doubted("insider", "sixteen-chars-12"), [""; 0]);
    let weak_url_key = json!({"eu": KEY, "?key": "url-key1"}).to_string();
    assert_eq!(doubted("insider", &weak_url_key), ["secrets_key_weak"]);
}

/// What no key has, beside white space and control characters.
const UNSEEN: &str = "\"'`\u{feff}\u{200b}\u{fffd}";

proptest! {
    /// Whatever is put: it is refused, or it is keys that can be seen whole, long enough, under
    /// labels that are none of ours.
    #[test]
    fn no_text_gives_a_key_that_cannot_be_seen(text in "\\PC{0,40}|.{0,40}|[\\s\"'\u{feff}]{0,3}[a-z0-9+/=]{6,40}[\\s\"'\\x00]{0,3}") {
        for text in [text.clone(), json!({"eu": text}).to_string()] {
            for (label, key) in read(&text).unwrap_or_default() {
                prop_assert!(label.is_none_or(|label| label == "eu"));
                prop_assert!(key.chars().count() >= 8);
                let is_unseen = |c: char| c.is_whitespace() || c.is_control() || UNSEEN.contains(c);
                prop_assert!(!key.contains(is_unseen));
                prop_assert!(text.contains(&key) || text.contains('\\'));
            }
        }
    }

    /// Reading is idempotent: what is read of a key is read as itself.
    #[test]
    fn a_key_that_was_read_is_read_again_as_it_is(bytes in proptest::collection::vec(any::<u8>(), 6..60), around in 0..AROUND.len()) {
        let key = STANDARD.encode(bytes);
        let (before, after) = AROUND[around];
        let read = code(&format!("{before}{key}{after}"));
        prop_assert_eq!(&read, &Ok(bare(&key)));
        prop_assert_eq!(code(&key), read);
    }

    /// No text of an error has a piece of what was put.
    #[test]
    fn no_error_quotes_a_secret(noise in "[\"' \n{}\\[\\]:,]{0,6}", marked in any::<bool>()) {
        let mark = "MARK7f3aMARK";
        let text = if marked { format!("{noise}{mark}{noise}") } else { format!("{{\"{mark}\": {noise}\"{mark}\"}}") };
        if let Err(error) = read(&text) {
            let said = format!("{error} {error:?} {}", error.code());
            prop_assert!(!said.contains("MARK"));
        }
    }
}
