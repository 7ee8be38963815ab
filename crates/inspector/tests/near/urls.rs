//! The URL that is signed, and the key in a URL.

use serde_json::json;

use super::sent::{Sent, key, provider};
use super::{slip, text_keyed};

const KEY: &str = "Key-of-mandrill-0";

/// A webhook that Mandrill signs with one URL while another stands in the secret.
fn mandrill(signed: &str, held: &str) -> Sent {
    Sent::signed_with(provider("mandrill"), &format!("{KEY}@{signed}"))
        .holding(&format!("{KEY}@{held}"))
}

/// Checks what is said. What `secret set` refuses is no remedy.
fn check(signed: &str, held: &str, wanted: &str) {
    let mut sent = mandrill(signed, held);
    if signed.contains("shop") {
        sent.query = vec![("shop".to_owned(), "2".to_owned())];
    }
    let Some(said) = sent.said() else {
        assert_eq!("nothing is said", wanted, "{signed} {held}");
        return;
    };
    assert_eq!(said.slip, "url", "{signed}");
    let secret = format!("{KEY}@{signed}");
    let is_taken = provider("mandrill").check_key(&secret).is_ok();
    assert_eq!(is_taken, signed.starts_with("https://"));
    let (text, command) = if is_taken {
        (
            format!("It would match {wanted}: it must be what the provider has, to the letter."),
            Some("postern secret set mandrill"),
        )
    } else {
        (
            format!(
                "It would match {wanted}, but the URL in the secret must be the one that Mandrill posts to, with https: behind a tunnel the public one. Have that one at Mandrill, too, and sign with it, to the letter."
            ),
            None,
        )
    };
    assert_eq!(said.text, text);
    assert_eq!(said.command.as_deref(), command);
}

#[test]
fn a_host_that_is_signed_in_another_case_is_named() {
    for (signed, held, wanted) in [
        (
            "https://a.example.test/B",
            "https://A.Example.test/B",
            "with the host of the URL in lower case",
        ),
        (
            "https://A.EXAMPLE.TEST/b",
            "https://a.example.test/b",
            "with the host of the URL in upper case",
        ),
        (
            "https://Hooks.example.test",
            "https://hooks.example.test",
            "with the host of the URL written with a capital",
        ),
        (
            "https://Hooks.Example.Test/b?x=1",
            "https://hooks.example.test/b?x=1",
            "with the host of the URL written with capitals",
        ),
    ] {
        check(signed, held, wanted);
    }
}

#[test]
fn a_url_that_is_signed_otherwise_is_named_by_the_difference() {
    const URL: &str = "https://hooks.example.test/webhooks/mandrill";
    for (signed, held, wanted) in [
        (
            &*format!("{URL}/"),
            URL,
            "with a slash at the end of the URL",
        ),
        (
            URL,
            &*format!("{URL}/"),
            "without the slash at the end of the URL",
        ),
        (
            "http://hooks.example.test/webhooks/mandrill",
            URL,
            "with http: in place of https: in the URL",
        ),
        (
            URL,
            "https://old.example.test/webhooks/mandrill",
            "with the host that the request names in the URL",
        ),
        (
            URL,
            "https://old.example.test/prod/mandrill?x=1",
            "with the host and the path of the request as the URL",
        ),
        (
            "http://hooks.example.test/webhooks/mandrill",
            "https://old.example.test/a",
            "with http:, the host and the path of the request as the URL",
        ),
        (
            "https://a.example.test/b",
            "https://a.example.test/b?x=1",
            "without the parameters of the URL",
        ),
        (
            "https://a.example.test/b?shop=2",
            "https://a.example.test/b",
            "with the parameters of the request in the URL",
        ),
        (
            "https://a.example.test/a b",
            "https://a.example.test/a%20b",
            "with the path of the URL percent-decoded",
        ),
        (
            "https://a.example.test/b",
            "https://kim:pass@a.example.test/b",
            "without user and password in the URL",
        ),
        (
            "https://a.example.test/b",
            "https://A.Example.test/b",
            "with the URL in lower case",
        ),
        (
            "https://www.a.example.test/b",
            "https://a.example.test/b",
            "with www. before the host of the URL",
        ),
        (
            "https://a.example.test/b",
            "https://www.a.example.test/b",
            "without www. before the host of the URL",
        ),
        ("", "https://a.example.test/b", "without a URL"),
    ] {
        check(signed, held, wanted);
    }
    assert_eq!(slip(&mandrill("https://b.example.test/b", URL)), None);
}

#[test]
fn a_key_in_the_url_that_is_lost_or_changed_is_named() {
    const IN_URL: &str = "the-key_for.the~url";
    for sender in text_keyed() {
        let held = json!({"default": key(sender), "?key": IN_URL}).to_string();
        let with = |query: &[(&str, &str)]| {
            let pairs = query.iter();
            let pairs = pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            Sent {
                query: pairs.collect(),
                ..Sent::by(sender).holding(&held)
            }
        };
        assert_eq!(slip(&with(&[("key", IN_URL)])), None);
        for (wanted, query) in [
            ("url_key_place", vec![("token", IN_URL)]),
            ("url_key_place", vec![("amp;key", IN_URL)]),
            ("url_key_place", vec![("Key", IN_URL)]),
            ("url_key_place", vec![("key", "the-key_for.the~url/")]),
            ("url_key_place", vec![("key", " the-key_for.the~url\n")]),
            ("url_key_place", vec![("key", "the%2Dkey_for.the~url")]),
            (
                "url_key_place",
                vec![("key", "the-key_for.the~url,the-key_for.the~url")],
            ),
            ("url_key_place", vec![("key", "the-key_for.the~url?a=b")]),
            ("url_key_missing", vec![]),
            ("url_key_missing", vec![("shop", "2")]),
        ] {
            assert_eq!(
                slip(&with(&query)),
                Some(wanted),
                "{} {query:?}",
                sender.name()
            );
        }
        let own_key = key(sender);
        let said = with(&[("key", &own_key)]).said().expect("a slip");
        assert_eq!(
            said.text,
            "The URL has the signing key as its key: it has one of its own."
        );
        let mut of_other = with(&[("key", "the-key-of-the-other-url")]);
        assert_eq!(slip(&of_other), None);
        let other = json!({"default": "another-key-0123", "?key": "the-key-of-the-other-url"});
        of_other.held.get_mut("resend").expect("a secret").current = other.to_string();
        let said = of_other.said().expect("a slip");
        assert_eq!(
            said.text,
            format!(
                "The URL has a key of resend: take the URL of {}.",
                sender.name()
            )
        );
    }
}
