//! A signature over a URL and the decoded fields of a form: what is the same form, what is none,
//! and that nothing but the signed value of the one field travels.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use registry::SENDERS;
use serde_json::Value;
use shared::auth::form_of;
use shared::delivery::Delivery;
use shared::rejection::Rejection::{
    self, NotAForm, SignatureMismatch, SignatureUnreadable, TooLarge,
};
use shared::secrets::{KeyError, Secrets};
use shared::sender::{Sender, Signed};
use tests::form::escaped;
use tests::{gateway_event, key, received_at, secrets, signs_a_form};

use crate::{admitted, judged};

/// What the provider says: every sort of character that a form can write in several ways.
const VALUE: &[u8] = r#"[{"event":"open","note":"a+b c/é%41&x=1"},{"event":"spam"}]"#.as_bytes();
const FIELD: &str = "mandrill_events";

/// The providers that sign a form.
fn each(check: impl Fn(&dyn Sender, &Signed)) {
    let senders: Vec<_> = SENDERS.iter().filter(|p| signs_a_form(**p)).collect();
    assert_eq!(senders.len(), 1, "mandrill");
    for provider in senders {
        check(
            *provider,
            &provider.signed(key(*provider), VALUE, received_at()),
        );
    }
}

/// What becomes of this body under the signature of [`VALUE`].
fn sent(provider: &dyn Sender, signed: &Signed, body: &[u8]) -> Result<Delivery, Rejection> {
    admitted(provider, gateway_event(&signed.headers, body))
}

#[test]
fn a_form_is_its_field_however_it_is_written() {
    each(|provider, signed| {
        let text = String::from_utf8(signed.body.clone()).expect("text");
        let value = text.split_once('=').expect("a field").1;
        // Only what would be read as something else must be encoded.
        let bare = [("%", "%25"), ("+", "%2B"), ("&", "%26"), (" ", "+")];
        let unescaped = String::from_utf8_lossy(VALUE).into_owned();
        let bare = bare
            .iter()
            .fold(unescaped, |text, (from, to)| text.replace(from, to));
        for form in [
            text.clone(),
            text.replace("%20", "+"),
            format!("{FIELD}={}", escaped(VALUE)),
            format!("{}={value}", escaped(FIELD.as_bytes())),
            format!("mandrill%5Fevents={value}"),
            format!("{FIELD}={bare}"),
            format!("&&{text}&"),
            format!("{}{text}", "&".repeat(1_000_000)),
        ] {
            let delivery = sent(provider, signed, form.as_bytes()).expect("accepted");
            assert_eq!(delivery.body(), VALUE, "{} bytes", form.len());
            assert!(delivery.token().is_none());
        }
    });
}

#[test]
fn what_is_no_such_form_is_called_none_and_another_value_is_a_mismatch() {
    each(|provider, signed| {
        let text = String::from_utf8(signed.body.clone()).expect("text");
        let value = text.split_once('=').expect("a field").1;
        let many = format!("{text}{}", "&a=b".repeat(100_000));
        let huge = "&".repeat(1_000_000);
        let raw = String::from_utf8_lossy(VALUE).into_owned();
        for (form, wanted) in [
            (String::new(), NotAForm),
            (raw.clone(), NotAForm), // JSON
            (format!("{{\"{FIELD}\":{raw}}}"), NotAForm),
            (value.to_owned(), NotAForm),
            (format!("{FIELD}[]={value}"), NotAForm),
            (format!("{FIELD}%5B%5D={value}"), NotAForm),
            (format!("{FIELD}%00={value}"), NotAForm),
            (format!("{FIELD}+={value}"), NotAForm),
            (text.replacen("mandrill", "Mandrill", 1), NotAForm),
            (format!("\u{feff}{text}"), NotAForm),
            (format!("?{text}"), NotAForm),
            (text.replacen('=', "%3D", 1), NotAForm),
            (format!("{text}&{text}"), NotAForm), // the field twice
            (format!("{FIELD}=&{text}"), NotAForm),
            (format!("{text}&{FIELD}"), NotAForm),
            (format!("{text}&mandrill%5fevents={value}"), NotAForm),
            (many, NotAForm),
            (huge, NotAForm),
            (format!("{text};x=1"), SignatureMismatch), // `;` parts nothing
            (
                format!("{FIELD}={}", value.replace('%', "%25")),
                SignatureMismatch,
            ),
            (format!("{FIELD}={raw}"), NotAForm), // `&` in it parts
            (text.replace("%22", "%u0022"), SignatureMismatch),
            (text.replace("%20", "%2"), SignatureMismatch),
            (text.replace("%2F", "%C0%AF"), SignatureMismatch), // an overlong `/`
            (text.replace("%22", "%2522"), SignatureMismatch),
            (format!("{text}%00"), SignatureMismatch),
            (format!("{text}\r\n"), SignatureMismatch),
            (format!("{FIELD}="), SignatureMismatch),
            (FIELD.to_owned(), SignatureMismatch),
        ] {
            let rejected = sent(provider, signed, form.as_bytes()).err();
            let start: String = form.chars().take(80).collect();
            assert_eq!(rejected, Some(wanted), "{start}");
            let status = rejected.map(|rejection| provider.answers().status(rejection));
            assert_eq!(status, Some(401));
        }
    });
}

/// There is nothing between what is signed: URL, names and values run into each other. So whoever
/// has seen one request could move the end of its value into the name of a second field, if there
/// might be one.
#[test]
fn no_second_field_takes_a_part_of_the_value() {
    each(|provider, signed| {
        let text = String::from_utf8(signed.body.clone()).expect("text");
        let mut moved = 0;
        for at in 1..VALUE.len() {
            let (kept, rest) = VALUE.split_at(at);
            let kept = String::from_utf8(form_of(FIELD, kept)).expect("text");
            moved += usize::from(rest[0] > b'm');
            for form in [
                format!("{kept}&{}", escaped(rest)),
                format!("{}={}&{kept}", escaped(&rest[..1]), escaped(&rest[1..])),
            ] {
                let rejected = sent(provider, signed, form.as_bytes()).err();
                assert_eq!(rejected, Some(NotAForm), "cut at {at}");
            }
        }
        assert!(
            moved > 20,
            "which would be sorted behind the field: {moved}"
        );
        for other in ["x=1", "=", "a=", "zz", "%00=%00"] {
            for form in [format!("{text}&{other}"), format!("{other}&{text}")] {
                let rejected = sent(provider, signed, form.as_bytes()).err();
                assert_eq!(rejected, Some(NotAForm), "{form}");
            }
        }
    });
}

/// A zlib stream begins with an `x`, so it could be the name of a field, and what it unpacks to is
/// signed by nobody.
#[test]
fn what_unpacks_from_a_part_of_a_form_never_travels() {
    each(|provider, _| {
        // None of its bytes means anything in a form.
        let stream = packed(br#"[{"event":"spam"}]"#, flate2::Compression::none());
        assert!(!stream.iter().any(|byte| b"&=+%".contains(byte)));
        // Somebody's user agent, in a webhook that the provider has signed.
        let start = br#"[{"event":"open","note":""#;
        let value = [&start[..], &stream, br#""}]"#].concat();
        let signed = provider.signed(key(provider), &value, received_at());
        let delivery = sent(provider, &signed, &signed.body).expect("accepted");
        assert_eq!(delivery.body(), value);
        let form = [&stream[..], b"%22%7D%5D&", &form_of(FIELD, start)].concat();
        let rejected = sent(provider, &signed, &form).err();
        assert_eq!(rejected, Some(NotAForm));
    });
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    packed(bytes, flate2::Compression::best())
}

fn packed(bytes: &[u8], compression: flate2::Compression) -> Vec<u8> {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), compression);
    zlib.write_all(bytes).expect("a write");
    zlib.finish().expect("zlib")
}

#[test]
fn a_form_that_comes_packed_is_the_same_form() {
    each(|provider, signed| {
        let delivery = sent(provider, signed, &zlib(&signed.body)).expect("accepted");
        assert_eq!(delivery.body(), VALUE);
        let forged = zlib(&form_of(FIELD, b"[]"));
        let rejected = sent(provider, signed, &forged).err();
        assert_eq!(rejected, Some(SignatureMismatch));
        let rejected = sent(provider, signed, &zlib(VALUE)).err();
        assert_eq!(rejected, Some(NotAForm));
        let bomb = zlib(&form_of(FIELD, &vec![b'a'; 11 * 1024 * 1024]));
        let rejected = sent(provider, signed, &bomb).err();
        assert_eq!(rejected, Some(TooLarge));
    });
}

#[test]
fn the_url_is_signed_to_the_letter() {
    each(|provider, signed| {
        let (own, url) = key(provider).split_once('@').expect("a key and a URL");
        for other in [
            format!("{url}/"),
            format!("{url}?"),
            format!("{url}?key=1"),
            url.replacen("https", "http", 1),
            url.to_uppercase(),
            url.replacen("//", "//user:pass@", 1),
            url.replacen(".test", ".test:443", 1),
            String::new(),
        ] {
            let secrets = Secrets::parse(&format!("{own}@{other}")).expect("a secret");
            let event = gateway_event(&signed.headers, &signed.body);
            let rejected = judged(provider, &secrets, event).err();
            assert_eq!(rejected, Some(SignatureMismatch), "{other}");
        }
        let whole = STANDARD.encode([0; 21]);
        for odd in [&whole[..], &whole[..24], "YWJj"] {
            let headers = [(signed.headers[0].0, odd.to_owned())];
            let rejected = admitted(provider, gateway_event(&headers, &signed.body)).err();
            assert_eq!(rejected, Some(SignatureUnreadable), "{odd}");
        }
    });
}

/// The provider's file has these for the same body; the last is what a wrong reading of its
/// document gives.
#[test]
fn the_published_signatures_are_of_their_urls_and_of_the_decoded_value() {
    let vectors: Value =
        serde_json::from_str(include_str!("../vectors/vectors.json")).expect("vectors");
    let vector = &vectors["mandrill"];
    let provider = registry::sender("mandrill").expect("a provider");
    let body = include_bytes!("../vectors/mandrill.body");
    let rejected = |url: &str, signature: &str| {
        let secret = format!("mandrill-key-1@https://{url}");
        let headers = [("X-Mandrill-Signature", signature.to_owned())];
        let event = gateway_event(&headers, body);
        judged(provider, &secrets(provider, &secret), event).err()
    };
    let of = |name: &str| vector[name].as_str().expect("a signature");
    let (plain, own) = ("hooks.example.test/webhooks/mandrill", "?key=url-secret-1");
    let whole = format!("{plain}{own}");
    let with_user = format!("user:pass@{plain}");
    let right = vector["headers"]["X-Mandrill-Signature"].as_str();
    assert_eq!(rejected(&whole, right.expect("a signature")), None);
    assert_eq!(rejected(plain, of("without_query_signature")), None);
    assert_eq!(rejected(&with_user, of("with_user_signature")), None);
    for (url, name) in [
        (&*whole, "without_query_signature"),
        (plain, "with_user_signature"),
        (&whole, "wrong_undecoded_signature"),
    ] {
        assert_eq!(rejected(url, of(name)), Some(SignatureMismatch), "{name}");
    }
}

#[test]
fn a_secret_without_a_key_or_a_url_is_refused_at_the_start() {
    each(|provider, _| {
        let code = |key: &str| provider.check_key(key).map_err(KeyError::code);
        for whole in [
            "mandrill@https://h.test",
            "mandrill@https://h.test/w?key=1",
            "mandrill@https://user:pass@h.test/w",
        ] {
            assert_eq!(code(whole), Ok(()), "{whole}");
        }
        for half in [
            "mandrill-key-1",
            "seven-7@https://h.test/w",
            "mandrill-key-1@https://h.test/w#part",
            "@https://h.test/w",
            "mandrill-key-1@",
            "mandrill-key-1@http://h.test/w",
            "mandrill-key-1@h.test/w",
            "mandrill-key-1@https://",
            "mandrill-key-1@https:///w",
            "mandrill-key-1@https://?key=1",
            "https://user:pass@h.test/w", // without its key, the URL's own `@` parts it
        ] {
            assert_eq!(code(half), Err("secrets_key_no_url"), "{half}");
        }
    });
}
