//! Attacks on a signature that is in the body and covers a token there: on the signature, and on
//! the body that it does not cover.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use registry::SENDERS;
use serde_json::Value;
use shared::provider::Strength;
use table::read::text;
use tests::stack::Running;
use tests::{another_key, replaced, signature, tampered, with_signature, with_two_signatures};

use crate::attacker::{Attacker, lines_of};
use crate::sample::{element, sample, signed};
use crate::{MARK, codes, nothing_is_logged};

pub(crate) fn attack(attacker: &mut Attacker<'_>) {
    forge(attacker);
    smuggle(attacker);
    hide(attacker);
}

/// Another token, or no signature of this one.
fn forge(attacker: &mut Attacker<'_>) {
    let provider = attacker.provider;
    let signed_body = attacker.signed();
    let lines = lines_of(&[]);
    let mismatch = "signature_mismatch";
    let of_another = signature(&signed(provider, b"{}"));
    let by_another = provider.signed(
        another_key(provider),
        &attacker.body,
        operator::print::now(),
    );
    for (name, forged) in [
        (
            "forged",
            with_signature(&signed_body, |_| of_another.clone()),
        ),
        ("signed with another key", by_another),
        ("another token", tampered(provider, &signed_body)),
    ] {
        attacker.refused(name, mismatch, &lines, &forged.body);
    }
    let mut unsigned: Value = serde_json::from_slice(&attacker.body).expect("JSON");
    unsigned
        .as_object_mut()
        .expect("an object")
        .remove("signature");
    let unsigned = unsigned.to_string();
    let missing = "signature_missing";
    attacker.refused("unsigned", missing, &lines, unsigned.as_bytes());
    let in_a_header = lines_of(&[("x-signature", signature(&signed_body))]);
    attacker.refused(
        "signed in a header",
        missing,
        &in_a_header,
        unsigned.as_bytes(),
    );
}

/// The right signature, and not once in its place.
fn smuggle(attacker: &mut Attacker<'_>) {
    let signed = attacker.signed();
    let lines = lines_of(&[]);
    let mut refused = |attack, code, body: &[u8]| attacker.refused(attack, code, &lines, body);
    let duplicated = "signature_duplicated";
    let twice = with_two_signatures(&signed);
    refused("two objects", duplicated, &twice.body);
    for field in ["token", "signature"] {
        let start = r#""signature":{"#;
        let decoy = format!(r#"{start}"{field}":"{MARK}","#);
        let twice = replaced(&signed.body, start, &decoy);
        refused("a field twice", duplicated, &twice);
    }

    let unreadable = "signature_unreadable";
    let changed = |change: &dyn Fn(&str) -> String| with_signature(&signed, change).body;
    let oversized = changed(&|value| format!("{value}{}", "0".repeat(64 * 1024)));
    refused("64 KiB of signature", unreadable, &oversized);
    let odd = changed(&|value| format!("{value}é"));
    refused("a signature that is not ASCII", unreadable, &odd);
    let marked = changed(&|_| MARK.to_owned());
    refused("no signature at all", unreadable, &marked);
    let mut broken = marked.clone();
    let at = position(&broken, MARK.as_bytes());
    broken[at] = 0xff;
    refused("a signature that is no text", unreadable, &broken);

    let (block, right) = (block(&signed.body), r#""signature":"#);
    let of = |json: &str| replaced(&signed.body, &format!("{right}{block}"), json);
    let in_array = of(&format!("{right}[{block}]"));
    refused("in an array", unreadable, &in_array);
    let as_text = of(&format!("{right}{}", Value::from(block.as_str())));
    refused("as a text", unreadable, &as_text);
    let missing = "signature_missing";
    let in_capitals = of(&format!(r#""Signature":{block}"#));
    refused("under another name", missing, &in_capitals);
    let further_in = of(&format!(r#""{MARK}":{{{right}{block}}}"#));
    refused("further in", missing, &further_in);
}

/// A body in which there is nothing to look for, whatever is in it.
fn hide(attacker: &mut Attacker<'_>) {
    let body = attacker.signed().body;
    let lines = lines_of(&[]);
    let (missing, unreadable) = ("signature_missing", "signature_unreadable");
    let text = String::from_utf8(body.clone()).expect("text");
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let nesting = "[".repeat(100_000);
    let unended = format!("{}{nesting}", &text[..text.len() - 1]);
    for (name, code, body) in [
        ("emptied", missing, Vec::new()),
        ("truncated", unreadable, body[..body.len() - 1].to_vec()),
        ("twice", unreadable, [&body[..], &body].concat()),
        ("in an array", missing, [b"[", &body[..], b"]"].concat()),
        (
            "base64 of the body",
            missing,
            STANDARD.encode(&body).into_bytes(),
        ),
        ("UTF-16", missing, utf16),
        ("nesting", missing, nesting.into_bytes()),
        ("nesting behind it", unreadable, unended.into_bytes()),
    ] {
        attacker.refused(name, code, &lines, &body);
    }
    let json: Value = serde_json::from_slice(&body).expect("JSON");
    let field = |name: &str| json["signature"][name].as_str().expect("text");
    let form = ["timestamp", "token", "signature"].map(|name| format!("{name}={}", field(name)));
    let form = format!("{}&event={MARK}", form.join("&"));
    let mut lines = lines;
    lines[0] = b"content-type: application/x-www-form-urlencoded".to_vec();
    attacker.refused("a form", "form_encoded", &lines, form.as_bytes());
}

/// The text of the signature's object.
fn block(body: &[u8]) -> String {
    let body = std::str::from_utf8(body).expect("text");
    let body = shared::element::Element::parse(body).expect("an object");
    let block = body.object("signature").expect("a signature");
    block.raw().to_owned()
}

fn position(bytes: &[u8], piece: &[u8]) -> usize {
    let mut windows = bytes.windows(piece.len());
    windows.position(|window| window == piece).expect("there")
}

/// Whoever has seen one webhook can put any body under its token: it is let in, since it is signed,
/// and not stored.
#[tokio::test(flavor = "multi_thread")]
async fn another_body_under_a_token_that_was_seen_is_put_aside_and_never_logged() {
    let running = Running::new().await;
    let mut wanted = Vec::new();
    let mut others = Vec::new();
    let by_token = SENDERS
        .iter()
        .filter(|provider| provider.strength() == Strength::Token);
    for provider in by_token {
        let sample = sample(*provider);
        let body = signed(*provider, sample.text.as_bytes()).body;
        let path = format!("/webhooks/{}", provider.name());
        let post = async |body: &[u8]| {
            let reply = running.post(&path, &[], body).await;
            assert_eq!(
                (reply.status.as_u16(), reply.body.as_str()),
                (200, provider.answers().accepted)
            );
        };
        post(&body).await;
        let first = element(*provider, &sample.text).to_owned();
        wanted.push((provider.name(), first));
        assert_eq!(running.stored().await.len(), wanted.len());
        let json: Value = serde_json::from_slice(&body).expect("JSON");
        for other in [
            replaced(&body, &sample.literal, &format!("\"{MARK}\"")),
            [&body[..], b"\n"].concat(),
            serde_json::to_vec_pretty(&json).expect("JSON"),
        ] {
            post(&other).await;
            others.push(other);
        }
        post(&body).await;
    }
    assert!(!others.is_empty());
    let stored = running.stored().await;
    let stored: Vec<(&str, String)> = stored
        .iter()
        .map(|item| (text(item, "provider"), text(item, "raw").to_owned()))
        .collect();
    assert_eq!(stored, wanted, "the first bodies, and nothing else");
    let mut dead: Vec<Vec<u8>> = running
        .dead()
        .await
        .iter()
        .map(|message| shared::delivery::Delivery::decode(message).expect("a delivery"))
        .map(|delivery| delivery.body().to_vec())
        .collect();
    dead.sort();
    others.sort();
    assert_eq!(dead, others, "as they came, for whoever looks into it");
    let codes = codes(&running);
    assert!(codes.len() >= others.len());
    assert!(codes.iter().all(|code| code == "token_reused"), "{codes:?}");
    nothing_is_logged(&running);
}
