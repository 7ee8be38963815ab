//! The vectors of a signature that binds a URL: one of Mandrill's form at a time, and what must be
//! refused. They were computed with another library; keys and addresses are invented.

use super::*;

const KEY: &str = "mandrill-key-1";
const URL: &str = "https://hooks.example.test/webhooks/mandrill?key=url-secret-1";
const RAW: &str = "mandrill_events=%5B%7B%22event%22%3A%22click%22%2C%22_id%22%3A%220123456789abcdef0123456789abcdef%22%2C%22ts%22%3A1750000000%2C%22url%22%3A%22http%3A%5C%2F%5C%2Fexample.test%5C%2F%3Fa%3D1%26b%3D2%2B3%22%2C%22msg%22%3A%7B%22_id%22%3A%220123456789abcdef0123456789abcdef%22%2C%22email%22%3A%22kim%2Bx%40mail.test%22%2C%22subject%22%3A%22Caf%C3%A9%22%7D%7D%5D";
const DECODED: &str = r#"[{"event":"click","_id":"0123456789abcdef0123456789abcdef","ts":1750000000,"url":"http:\/\/example.test\/?a=1&b=2+3","msg":{"_id":"0123456789abcdef0123456789abcdef","email":"kim+x@mail.test","subject":"Café"}}]"#;
const RIGHT: &str = "dVI9o7AoNw4T3m+Mux0DPDgfqSA=";

/// What becomes of a form with this signature, where the receiver has `secret`.
fn verdict(secret: &str, form: &str, signature: &str) -> Result<Vec<u8>, Rejection> {
    let headers = [("X-Mandrill-Signature".to_owned(), signature.to_owned())];
    let at = Timestamp::UNIX_EPOCH;
    let request = Incoming::new(&headers, form.as_bytes(), at, None);
    let secrets = Secrets::parse(secret).expect("a secret");
    let authentic = Mandrill.verify(&request, &secrets)?;
    Ok(Delivery::seal(authentic, "mandrill", at).body().to_vec())
}

fn secret(key: &str, url: &str) -> String {
    format!("{key}@{url}")
}

#[test]
fn a_form_is_accepted_under_its_url_to_the_letter_and_its_events_travel_decoded() {
    assert_eq!((RAW.len(), DECODED.len()), (355, 211));
    for (url, signature) in [
        (URL, RIGHT),
        (
            "https://hooks.example.test/webhooks/mandrill",
            "usw/57GtBA6emt2oJci61Pi8AI8=",
        ),
        (
            "https://user:pass@hooks.example.test/webhooks/mandrill",
            "7NqSPLZp4qrQbDqJdtL5WDXbqv4=",
        ),
    ] {
        let secret = secret(KEY, url);
        let body = verdict(&secret, RAW, signature);
        assert_eq!(body.as_deref(), Ok(DECODED.as_bytes()), "{url}");
        assert_eq!(
            auth::sign_hmac_sha1_of_form(&secret, RAW.as_bytes()),
            signature
        );
    }
}

#[test]
fn a_space_is_a_plus_and_any_character_may_be_encoded() {
    let secret = secret("k1", "https://h.test/w");
    let signature = "3ufvtpkAcW33gmHPcqFfblo7wKo=";
    let value = r#"[{"event":"send","ts":1}]"#;
    for form in [
        r#"mandrill_events=[{"event":"send","ts":1}]"#,
        "mandrill_events=%5B%7B%22event%22%3A%22send%22%2C%22ts%22%3A1%7D%5D",
        "mandrill_events=%5b%7b%22event%22%3a%22send%22%2c%22ts%22%3a1%7d%5d",
        "mandrill_event%73=%5B%7B%22event%22:%22send%22%2C%22ts%22:1%7D%5D",
    ] {
        assert_eq!(
            verdict(&secret, form, signature).as_deref(),
            Ok(value.as_bytes())
        );
    }
    let spaced = auth::sign_hmac_sha1_of_form(&secret, b"mandrill_events=%20%2B");
    let body = verdict(&secret, "mandrill_events=+%2b", &spaced);
    assert_eq!(body.as_deref(), Ok(&b" +"[..]));
}

#[test]
fn another_url_and_what_was_signed_undecoded_are_refused() {
    let mismatch = Err(Rejection::SignatureMismatch);
    let ours = secret(KEY, URL);
    for (case, secret, signature) in [
        ("undecoded", &ours, "Bz8bjfIRxz3XslVTjG1T6Cwpn2M="),
        (
            "URL without the query",
            &ours,
            "usw/57GtBA6emt2oJci61Pi8AI8=",
        ),
        (
            "URL with credentials",
            &ours,
            "7NqSPLZp4qrQbDqJdtL5WDXbqv4=",
        ),
        ("a slash more", &secret(KEY, &format!("{URL}/")), RIGHT),
        (
            "http",
            &secret(KEY, &URL.replacen("https", "http", 1)),
            RIGHT,
        ),
        ("another key", &secret("mandrill-key-2", URL), RIGHT),
        ("a boundary moved", &secret(&format!("{KEY}@"), URL), RIGHT),
    ] {
        assert_eq!(verdict(secret, RAW, signature), mismatch, "{case}");
    }
}

#[test]
fn a_genuine_empty_batch_and_the_handshake_are_signed_with_different_keys() {
    let form = "mandrill_events=%5B%5D";
    let ours = secret(KEY, URL);
    let genuine = verdict(&ours, form, "ynnr4qB2eex0BTy/eg0pkwm7Rvo=");
    assert_eq!(genuine.as_deref(), Ok(&b"[]"[..]));
    let handshake = "I7mTlfSJbUEr1CxztWIWNxZ3MJ0=";
    assert_eq!(
        verdict(&ours, form, handshake),
        Err(Rejection::SignatureMismatch)
    );
    for (url, signature) in [
        (URL, handshake),
        (
            "https://hooks.example.test/webhooks/mandrill",
            "Tx8tthIT8IlObpa4O04WkBJNEAU=",
        ),
    ] {
        let secret = secret("test-webhook", url);
        assert_eq!(
            auth::sign_hmac_sha1_of_form(&secret, form.as_bytes()),
            signature
        );
        // Whoever could put this key would let everybody in.
        assert!(Mandrill.check_key(&secret).is_err());
    }
    assert_eq!(Mandrill.check_key(&ours), Ok(()));
}

#[test]
fn a_body_that_is_not_the_form_is_called_so() {
    let ours = secret(KEY, URL);
    for body in [
        "",
        DECODED,
        "mandrill_events[]=x",
        "mandrill_event=%5B%5D",
        "mandrill_events=1&mandrill_events=2",
        &"&".repeat(100),
    ] {
        assert_eq!(
            verdict(&ours, body, RIGHT),
            Err(Rejection::NotAForm),
            "{body}"
        );
    }
}

/// The signed bytes are the same, split elsewhere: half of the batch would be lost unseen.
#[test]
fn a_signature_fits_no_other_split_of_what_it_covers() {
    let ours = secret("k1", "https://h.test/w");
    let form = r#"mandrill_events=[{"event":"send"},{"event":"spam"}]"#;
    let signature = auth::sign_hmac_sha1_of_form(&ours, form.as_bytes());
    assert!(verdict(&ours, form, &signature).is_ok());
    for split in [
        r#"mandrill_events=[{"event":"send"},&{"event":"spam"}]="#,
        r#"mandrill_events=[{"event":"send"},&{"event":=%22spam"}]"#,
        r#"mandrill=_events[{"event":"send"},{"event":"spam"}]"#,
    ] {
        let verdict = verdict(&ours, split, &signature);
        assert_eq!(verdict, Err(Rejection::NotAForm), "{split}");
    }
}

#[test]
fn only_a_form_of_no_events_is_a_handshake() {
    let is_handshake = |body: &str| {
        let request = Incoming::new(&[], body.as_bytes(), Timestamp::UNIX_EPOCH, None);
        Mandrill.is_handshake(&request)
    };
    assert!(is_handshake("mandrill_events=%5B%5D"));
    assert!(is_handshake("mandrill_events=[]"));
    for body in [
        "",
        "[]",
        "mandrill_events",
        "mandrill_events=",
        "mandrill_events=%5B%7B%7D%5D",
        "mandrill_events=%5B%5D&more=1",
        "mandrill_events=%5B%5D&mandrill_events=%5B%5D",
        "other=%5B%5D",
    ] {
        assert!(!is_handshake(body), "{body}");
    }
}
