//! Attacks on a signature that is in a header and covers the whole body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use shared::sender::Signed;

use crate::MARK;
use crate::attacker::{Attacker, lines_of};
use crate::sample::signed;

pub(crate) fn attack(attacker: &mut Attacker<'_>) {
    forge(attacker);
    smuggle(attacker);
}

/// Another body, or no signature of this one.
fn forge(attacker: &mut Attacker<'_>) {
    let Signed { headers, body } = attacker.signed();
    let lines = lines_of(&headers);
    let mismatch = "signature_mismatch";
    let of_another = lines_of(&signed(attacker.provider, b"{}").headers);
    attacker.refused("forged", mismatch, &of_another, &body);
    attacker.refused("truncated", mismatch, &lines, &body[..body.len() - 1]);
    attacker.refused("emptied", mismatch, &lines, b"");
    let longer = [&body[..], b"\n"].concat();
    attacker.refused("extended", mismatch, &lines, &longer);
    let json: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
    let again = serde_json::to_string_pretty(&json).expect("JSON");
    assert_ne!(again.as_bytes(), body);
    attacker.refused("serialized again", mismatch, &lines, again.as_bytes());
    let base64 = STANDARD.encode(&body).into_bytes();
    attacker.refused("base64 of the body", mismatch, &lines, &base64);
    let text = String::from_utf8(body.clone()).expect("text");
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    attacker.refused("UTF-16", mismatch, &lines, &utf16);
    let marked = [b"\xef\xbb\xbf", &body[..]].concat();
    attacker.refused("with a byte order mark", mismatch, &lines, &marked);

    let (_, others) = headers.split_last().expect("a signature");
    let unsigned = lines_of(others);
    attacker.refused("unsigned", "signature_missing", &unsigned, &body);
}

/// The right signature, and not as one header.
pub(crate) fn smuggle(attacker: &mut Attacker<'_>) {
    let Signed { headers, body } = attacker.signed();
    let ((name, value), others) = headers.split_last().expect("a signature");
    let mut refused = |attack, code, signatures: &[Vec<u8>]| {
        let lines = [&lines_of(others), signatures].concat();
        attacker.refused(attack, code, &lines, &body);
    };
    let line = |name: &str, value: &str| format!("{name}: {value}").into_bytes();
    let right = line(name, value);
    let duplicated = "signature_duplicated";
    refused("two headers", duplicated, &[right.clone(), right.clone()]);
    let decoy = [line(name, MARK), line(&name.to_uppercase(), value)];
    refused("two spellings", duplicated, &decoy);
    let joined = [line(name, &format!("{value}, {value}"))];
    refused("joined by a comma", duplicated, &joined);

    let unreadable = "signature_unreadable";
    let oversized = [line(name, &format!("{value}{}", "0".repeat(64 * 1024)))];
    refused("64 KiB of signature", unreadable, &oversized);
    let odd = [[&right[..], b"\xc3\xa9\xff"].concat()];
    refused("a signature that is not ASCII", unreadable, &odd);
    refused("no signature at all", unreadable, &[line(name, MARK)]);
}
