//! The headers are renamed, doubled, or written in another encoding.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use registry::SENDERS;
use shared::provider::Strength;

use super::sent::{Sent, provider};
use super::{Change, signers, slip};

/// The providers whose signature is hex, and those whose signature is base64.
const HEX: [&str; 4] = ["customerio", "mailersend", "mailpanda", "mailtrap"];
const BASE64: [&str; 2] = ["inboxroad", "mandrill"];

fn check(name: &str, change: impl Fn(&str) -> String, wanted: &str) {
    let mut sent = Sent::by(provider(name));
    let signature = sent.signature();
    *signature = change(signature);
    assert_eq!(slip(&sent), Some(wanted), "{name}");
}

#[test]
fn a_signature_in_another_encoding_is_named() {
    let wanted = "signature_encoding";
    for name in HEX {
        let bytes = |hex: &str| hex::decode(hex).expect("hex");
        check(name, |hex| STANDARD.encode(bytes(hex)), wanted);
        check(name, |hex| STANDARD_NO_PAD.encode(bytes(hex)), wanted);
        check(name, |hex| URL_SAFE.encode(bytes(hex)), wanted);
        check(name, |hex| STANDARD.encode(hex), wanted);
        check(name, |hex| format!("\"{hex}\""), wanted);
        check(name, |hex| format!("v1={hex}"), wanted);
        check(name, |hex| format!("sha256= {hex}"), wanted);
    }
    for name in BASE64 {
        let bytes = |text: &str| STANDARD.decode(text).expect("base64");
        check(name, |text| hex::encode(bytes(text)), wanted);
        check(name, |text| hex::encode_upper(bytes(text)), wanted);
        check(
            name,
            |text| STANDARD.encode(hex::encode(bytes(text))),
            wanted,
        );
        check(name, |text| text.trim_end_matches('=').to_owned(), wanted);
        check(
            name,
            |text| {
                URL_SAFE
                    .encode(bytes(text))
                    .trim_end_matches('=')
                    .to_owned()
            },
            wanted,
        );
        check(name, |text| format!("sha256={text}"), wanted);
    }
    check("resend", |text| text.replace("v1,", ""), wanted);
    check(
        "sendgrid",
        |text| text.trim_end_matches('=').to_owned() + "\"",
        wanted,
    );
}

#[test]
fn the_encoding_is_said() {
    let mut sent = Sent::by(provider("mailtrap"));
    let signature = sent.signature();
    *signature = STANDARD.encode(hex::decode(&*signature).expect("hex"));
    let said = sent.said().expect("a slip");
    assert_eq!(
        said.text,
        "It would match with the signature in hex instead of base64."
    );
}

/// Standard Webhooks put a version before the base64.
#[test]
fn a_signature_in_hex_where_a_version_stands_before_it_is_named() {
    let hex = |value: &str| {
        let base64 = value.trim_start_matches("v1,");
        hex::encode(STANDARD.decode(base64).expect("base64"))
    };
    let unpadded = |value: &str| {
        let base64 = value.trim_start_matches("v1,");
        base64.trim_end_matches('=').to_owned()
    };
    let wanted = "signature_encoding";
    check("resend", hex, wanted);
    check("resend", |value| format!("v1,{}", hex(value)), wanted);
    check("resend", |value| format!("sha256={}", hex(value)), wanted);
    check("resend", unpadded, wanted);
    check("resend", |value| format!("v1,{}", unpadded(value)), wanted);
}

#[test]
fn a_signature_in_a_body_is_read_in_another_encoding() {
    let sender = provider("mailgun");
    let sent = Sent::by(sender);
    let body = String::from_utf8(sent.body.clone()).expect("text");
    let (_, rest) = body.split_once("\"signature\":\"").expect("a signature");
    let (hex, _) = rest.split_once('"').expect("its end");
    let base64 = STANDARD.encode(hex::decode(hex).expect("hex"));
    let changed = Sent {
        body: body.replace(hex, &base64).into_bytes(),
        ..sent
    };
    assert_eq!(slip(&changed), Some("signature_encoding"));
}

#[test]
fn a_header_under_another_name_is_found() {
    for sender in signers() {
        let own = Sent::by(sender).headers;
        let signing = own.len()
            - sender
                .signed(&super::key(sender), b"", super::sent::now())
                .headers
                .len();
        let renamed: [Change; 3] = [
            ("underscores", |name| name.to_uppercase().replace('-', "_")),
            ("as an environment", |name| {
                format!("HTTP_{}", name.to_uppercase().replace('-', "_"))
            }),
            ("by a proxy", |name| format!("X-Original-{name}")),
        ];
        for (how, rename) in renamed {
            let mut sent = Sent::by(sender);
            for (name, _) in sent.headers.iter_mut().skip(signing) {
                *name = rename(name);
            }
            let is_same = sent
                .headers
                .iter()
                .zip(&own)
                .all(|(a, b)| a.0.eq_ignore_ascii_case(&b.0));
            let wanted = (!is_same).then_some("header_name");
            assert_eq!(slip(&sent), wanted, "{} {how}", sender.name());
        }
        let mut sent = Sent::by(sender);
        sent.headers.last_mut().expect("a header").0 = "X-Hub-Something".to_owned();
        let said = sent.said().expect("a slip");
        assert_eq!(said.slip, "header_name", "{}", sender.name());
        let name = own.last().expect("a header").0.clone();
        let wanted = format!(
            "It would match with the header X-Hub-Something under the name {}.",
            wanted_name(&name)
        );
        assert_eq!(said.text, wanted);
    }
}

/// Resend's headers have two sets of names.
fn wanted_name(name: &str) -> &str {
    name
}

#[test]
fn a_header_that_is_doubled_on_the_way_counts_once() {
    for sender in SENDERS.iter().filter(|s| s.strength() == Strength::Signed) {
        let last = Sent::by(*sender).headers.last().cloned().expect("a header");
        let mut twice = Sent::by(*sender);
        twice.headers.push(last.clone());
        let said = twice.said().expect("a slip");
        assert_eq!(said.slip, "header_twice", "{}", sender.name());
        assert!(
            said.text.ends_with("something on the way doubles it."),
            "{}",
            said.text
        );
        // As the gateway joins them.
        let mut joined = Sent::by(*sender);
        let signature = joined.signature();
        *signature = format!("{signature}, {signature}");
        assert_eq!(slip(&joined), Some("header_twice"), "{}", sender.name());
        let mut added = Sent::by(*sender);
        added.headers.push((last.0.clone(), "another".to_owned()));
        let said = added.said().expect("a slip");
        assert!(
            said.text.ends_with("something on the way adds another."),
            "{}",
            said.text
        );
    }
}
