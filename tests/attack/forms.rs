//! Attacks on a signature over a URL and the decoded fields of a form.

use std::io::Write as _;

use registry::SENDERS;
use shared::auth::form_of;
use shared::sender::Signed;
use table::read::text;
use tests::stack::Running;
use tests::{another_key, form, signs_a_form};

use crate::attacker::{Attacker, lines_of};
use crate::sample::{element, key, sample, signed};
use crate::{MARK, headers, nothing_is_logged};

const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) fn attack(attacker: &mut Attacker<'_>) {
    forge(attacker);
    disguise(attacker);
    multiply(attacker);
    move_the_end(attacker);
    headers::smuggle(attacker);
}

/// Header lines of a form.
fn lines(headers: &[(&str, String)]) -> Vec<Vec<u8>> {
    let mut lines = lines_of(headers);
    lines[0] = format!("content-type: {FORM}").into_bytes();
    lines
}

/// The name and the value of the field, as the provider writes them.
fn halves(body: &[u8]) -> (String, String) {
    let text = String::from_utf8(body.to_vec()).expect("text");
    let (name, value) = text.split_once('=').expect("a field");
    (name.to_owned(), value.to_owned())
}

/// Another value, or the signature of something else.
fn forge(attacker: &mut Attacker<'_>) {
    let (provider, value) = (attacker.provider, attacker.body.clone());
    let Signed { headers, body } = attacker.signed();
    let (header, _) = headers[0];
    let (name, written) = halves(&body);
    let secret = key(provider);
    let (own, url) = secret.split_once('@').expect("a key and a URL");
    let mismatch = "signature_mismatch";
    let mut signed_as = |attack, signature: String| {
        attacker.refused(attack, mismatch, &lines(&[(header, signature)]), &body);
    };
    let mac = |secret: &str, value: &[u8]| form::mac(secret, name.as_bytes(), value);
    signed_as(
        "the undecoded value signed",
        mac(&secret, written.as_bytes()),
    );
    signed_as("the value alone signed", form::mac(&secret, b"", &value));
    signed_as("the URL alone signed", form::mac(&secret, b"", b""));
    for (attack, other) in [
        ("signed for another path", format!("{url}/")),
        ("signed for another query", format!("{url}?{MARK}")),
        (
            "signed for another host",
            url.replacen("https://", "https://x.", 1),
        ),
        ("signed without the scheme", url.replacen("https://", "", 1)),
        ("signed without a URL", String::new()),
    ] {
        signed_as(attack, mac(&format!("{own}@{other}"), &value));
    }
    signed_as(
        "signed with another key",
        mac(another_key(provider), &value),
    );
    signed_as("signed without a key", mac(&format!("@{url}"), &value));
    signed_as(
        "signed with the public key",
        mac(&format!("test-webhook@{url}"), &value),
    );
    signed_as("forged", signed(provider, b"{}").headers[0].1.clone());

    let lines = lines(&headers);
    for (attack, forged) in [
        ("truncated", body[..body.len() - 1].to_vec()),
        ("extended", [&body[..], b"\n"].concat()),
        ("no value", format!("{name}=").into_bytes()),
        (
            "encoded twice",
            format!("{name}={}", written.replace('%', "%25")).into_bytes(),
        ),
        ("an escape of UTF-16", [&body[..], b"%u0020"].concat()),
        ("an escaped NUL", [&body[..], b"%00"].concat()),
        ("half an escape", [&body[..], b"%2"].concat()),
        (
            "an overlong escape",
            format!("{name}={}", written.replacen("%22", "%C0%A2", 1)).into_bytes(),
        ),
    ] {
        attacker.refused(attack, mismatch, &lines, &forged);
    }
    attacker.refused("unsigned", "signature_missing", &lines[..2], &body);
}

/// The right signature over what is no form of the one field.
fn disguise(attacker: &mut Attacker<'_>) {
    let value = String::from_utf8(attacker.body.clone()).expect("text");
    let Signed { headers, body } = attacker.signed();
    let (name, written) = halves(&body);
    let not_a_form = "not_a_form";
    let json = lines_of(&headers);
    attacker.refused("JSON", not_a_form, &json, value.as_bytes());
    let object = format!(r#"{{"{name}":{value}}}"#);
    attacker.refused("JSON of the field", not_a_form, &json, object.as_bytes());
    let mut multipart = json.clone();
    multipart[0] = b"content-type: multipart/form-data; boundary=b".to_vec();
    let part = format!(
        "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--b--\r\n"
    );
    attacker.refused("multipart", not_a_form, &multipart, part.as_bytes());
    let lines = lines(&headers);
    for (attack, form) in [
        ("emptied", String::new()),
        ("array syntax", format!("{name}[]={written}")),
        ("array syntax, encoded", format!("{name}%5B%5D={written}")),
        ("an index", format!("{name}[0]={written}")),
        (
            "the name in capitals",
            format!("{}={written}", name.to_uppercase()),
        ),
        ("a space after the name", format!("{name}+={written}")),
        ("a NUL after the name", format!("{name}%00={written}")),
        ("a byte order mark", format!("\u{feff}{name}={written}")),
        ("the sign encoded", format!("{name}%3D{written}")),
        (
            "the name encoded twice",
            format!("{}={written}", name.replace('_', "%255F")),
        ),
    ] {
        attacker.refused(attack, not_a_form, &lines, form.as_bytes());
    }
}

/// More fields than the one.
fn multiply(attacker: &mut Attacker<'_>) {
    let Signed { headers, body } = attacker.signed();
    let (name, written) = halves(&body);
    let right = format!("{name}={written}");
    let lines = lines(&headers);
    for (attack, form) in [
        ("the field twice", format!("{right}&{right}")),
        ("a decoy before the field", format!("{name}={MARK}&{right}")),
        ("a decoy after the field", format!("{right}&{name}={MARK}")),
        (
            "a decoy in another spelling",
            format!("{right}&mandrill%5fevents={MARK}"),
        ),
        ("a second field", format!("{right}&{MARK}={MARK}")),
        ("a second field before it", format!("a={MARK}&{right}")),
        ("a nameless field", format!("{right}&={MARK}")),
        (
            "100,000 fields",
            format!("{right}{}", "&a=b".repeat(100_000)),
        ),
    ] {
        attacker.refused(attack, "not_a_form", &lines, form.as_bytes());
    }
    // Truly signed, but in the order of sending.
    let secret = key(attacker.provider);
    let value = form::only_field(&body).expect("a field").1;
    let signed_as_sent = [b"zmandrill_events", &value[..]].concat();
    let signature = form::mac(&secret, b"", &signed_as_sent);
    let lines = self::lines(&[(headers[0].0, signature)]);
    let form = format!("z=&{right}");
    attacker.refused("another order", "not_a_form", &lines, form.as_bytes());
}

/// Nothing stands between what is signed: the end of the value as another field gives the same
/// bytes. A zlib stream in it begins with an `x`, which sorts behind the field's name.
fn move_the_end(attacker: &mut Attacker<'_>) {
    let provider = attacker.provider;
    let (header, right) = attacker.signed().headers[0].clone();
    let value = String::from_utf8(attacker.body.clone()).expect("text");
    let is_behind = |c: char| c > 'm' && c.is_ascii();
    let at = value.rfind(is_behind).expect("a letter behind m");
    let field = halves(&attacker.signed().body).0;
    let (kept, moved) = value.split_at(at);
    let kept = form_of(&field, kept.as_bytes());
    let moved = form_of("", moved.as_bytes())[1..].to_vec();
    let cut = [&kept[..], b"&", &moved].concat();
    let lines = |signature: String| self::lines(&[(header, signature)]);
    attacker.refused(
        "the end of the value moved",
        "not_a_form",
        &lines(right),
        &cut,
    );

    let none = flate2::Compression::none();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), none);
    zlib.write_all(format!(r#"[{{"event":"spam","x":"{MARK}"}}]"#).as_bytes())
        .expect("a write");
    let stream = zlib.finish().expect("zlib");
    assert!(!stream.iter().any(|byte| b"&=+%".contains(byte)));
    let start = br#"[{"event":"open","note":""#;
    let value = [&start[..], &stream, br#""}]"#].concat();
    let signature = signed(provider, &value).headers[0].1.clone();
    let polyglot = [&stream[..], b"%22%7D%5D&", &form_of(&field, start)].concat();
    let lines = lines(signature);
    attacker.refused("a stream as a field", "not_a_form", &lines, &polyglot);
}

/// One form can be written in many ways. One signature is right for all of them, and they are one
/// event.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_written_otherwise_is_stored_once() {
    let running = Running::new().await;
    let mut wanted = Vec::new();
    let by_form = SENDERS.iter().filter(|provider| signs_a_form(**provider));
    for provider in by_form {
        let sample = sample(*provider);
        let Signed { headers, body } = signed(*provider, sample.text.as_bytes());
        let (name, written) = halves(&body);
        let path = format!("/webhooks/{}", provider.name());
        for body in [
            format!("{name}={written}"),
            format!("{name}={}", written.replace("%20", "+")),
            format!("{name}={}", form::escaped(sample.text.as_bytes())),
            format!("{}={written}", form::escaped(name.as_bytes())),
            format!("{}{name}={written}&", "&".repeat(1024 * 1024)),
        ] {
            let reply = running.post(&path, &headers, body.as_bytes()).await;
            let answer = (reply.status.as_u16(), reply.body.as_str());
            assert_eq!(answer, (200, provider.answers().accepted), "{path}");
        }
        wanted.push((provider.name(), element(*provider, &sample.text).to_owned()));
    }
    assert_eq!(wanted.len(), 1, "mandrill");
    let stored = running.stored().await;
    let stored = stored
        .iter()
        .map(|item| (text(item, "provider"), text(item, "raw").to_owned()));
    assert_eq!(stored.collect::<Vec<_>>(), wanted);
    assert_eq!(running.dead().await, Vec::<String>::new());
    nothing_is_logged(&running);
}
