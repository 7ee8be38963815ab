//! The vectors of a provider whose signature is in the body and covers a time and a token there,
//! and nothing else. That a token is good for one body is no matter of one request, and not in the
//! file.
//!
//! The token counts as part of the signature. Before the reasons in `matrix.rs` come these:
//!
//! | what is wrong | verdict |
//! |---|---|
//! | the body is no whole JSON object: it starts like one; it is a form, by its content type; neither | `signature_unreadable`, `form_encoded`, `signature_missing` |
//! | the object `signature` in it is missing or null, there twice, no object | `signature_missing`, `signature_duplicated`, `signature_unreadable` |

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tests::{another_key, received_at, replaced};

use crate::block::{Block, quoted};
use crate::matrix::{ACCEPTED, CRLF, FORM, GZIP, LF, Maker};

/// Bodies with a place for the signature, or with one of their own that is replaced.
const BODIES: [(&str, &[u8]); 8] = [
    (
        "no line end",
        br#"{"note":"Zo\u00eb","n":9007199254740993}"#,
    ),
    ("CRLF", CRLF),
    ("LF", LF),
    ("nothing else", b"{}"),
    (
        "the signature last",
        br#"{"event-data":{"n":1},"signature":{}}"#,
    ),
    ("white space around it", b" \n {\"n\":1}\t"),
    (
        "another object of the name further in",
        br#"{"event-data":{"signature":{"token":"t","signature":"00"}}}"#,
    ),
    ("not UTF-8", b"{\"note\":\"Zo\xeb\"}"),
];

pub(crate) fn add(maker: &mut Maker<'_>) {
    maker.accepted(&BODIES);
    other_bodies(maker);
    maker.undecodable();
    no_bodies(maker);
    let block = Block::of(maker);
    other_blocks(maker, &block);
    other_fields(maker, &block);
    other_parts(maker, &block);
    parents(maker, &block);
    maker.other_times();
}

/// The rest of the body is not signed.
fn other_bodies(maker: &mut Maker<'_>) {
    let (_, lf) = maker.signed(LF);
    let (_, crlf) = maker.signed(CRLF);
    let json: Value = serde_json::from_slice(&lf).expect("JSON");
    let others: [(&str, Vec<u8>); 6] = [
        ("a byte more, unsigned", [&lf[..], b"\n"].concat()),
        (
            "the last line end cut, unsigned",
            lf[..lf.len() - 1].to_vec(),
        ),
        (
            "LF made CRLF, unsigned",
            replaced(&lf, "\n}\n", "\r\n}\r\n"),
        ),
        (
            "CRLF made LF, unsigned",
            replaced(&crlf, "\r\n}\r\n", "\n}\n"),
        ),
        ("serialized again, unsigned", json.to_string().into_bytes()),
        (
            "another value, unsigned",
            replaced(&lf, "\"n\": 1.0", "\"n\": 2.0"),
        ),
    ];
    for (name, body) in others {
        maker.add(name, vec![], &body, ACCEPTED);
    }
}

/// No one JSON object, so that there is no signature in it; or half of one, of which that cannot be
/// said.
fn no_bodies(maker: &mut Maker<'_>) {
    let (_, signed) = maker.signed(LF);
    let text = std::str::from_utf8(&signed).expect("text");
    let fields = Block::of(maker);
    let form = format!(
        "timestamp={}&token={}&signature={}",
        fields.time, fields.token, fields.signature
    );
    let (missing, unreadable) = ("signature_missing", "signature_unreadable");
    let others: [(&str, Vec<u8>, &'static str); 13] = [
        ("empty", vec![], missing),
        ("a number", b"7".to_vec(), missing),
        ("an array", [b"[", &signed[..], b"]"].concat(), missing),
        (
            "a byte order mark",
            [b"\xef\xbb\xbf", &signed[..]].concat(),
            ACCEPTED,
        ),
        ("gzip", GZIP.to_vec(), missing),
        ("as base64", STANDARD.encode(&signed).into_bytes(), missing),
        (
            "UTF-16, big end first",
            text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            missing,
        ),
        (
            "UTF-16, little end first",
            text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            unreadable,
        ),
        ("the first byte cut", signed[1..].to_vec(), missing),
        (
            "half of it",
            signed[..signed.len() / 2].to_vec(),
            unreadable,
        ),
        (
            "the last brace cut",
            signed[..signed.len() - 2].to_vec(),
            unreadable,
        ),
        ("twice", [&signed[..], &signed].concat(), unreadable),
        (
            "a form without a content type",
            form.clone().into_bytes(),
            missing,
        ),
    ];
    for (name, body, verdict) in others {
        maker.add(name, vec![], &body, verdict);
    }
    let content_type = vec![("Content-Type".to_owned(), FORM.to_owned())];
    maker.add("a form", content_type, form.as_bytes(), "form_encoded");
}

fn add_block(maker: &mut Maker<'_>, name: &str, block: &str, verdict: &'static str) {
    let body = format!(r#"{{"signature":{block},"event-data":{{"note":"Zoë ✓"}}}}"#);
    maker.add(name, vec![], body.as_bytes(), verdict);
}

/// Something else in the place of the object.
fn other_blocks(maker: &mut Maker<'_>, block: &Block) {
    let right = block.with(&[]);
    let none = br#"{"event-data":{"note":"none"}}"#;
    maker.add("no signature", vec![], none, "signature_missing");
    let further_in = format!(r#"{{"event-data":{{"signature":{right}}}}}"#);
    let further_in = further_in.as_bytes();
    maker.add(
        "the signature further in",
        vec![],
        further_in,
        "signature_missing",
    );
    for (name, json, verdict) in [
        ("as it should be", right.clone(), ACCEPTED),
        ("null", "null".to_owned(), "signature_missing"),
        ("an empty object", "{}".to_owned(), "timestamp_missing"),
        ("a text", quoted(&block.signature), "signature_unreadable"),
        (
            "the object in an array",
            format!("[{right}]"),
            "signature_unreadable",
        ),
        (
            "the object twice",
            format!(r#"{right},"signature":{right}"#),
            "signature_duplicated",
        ),
        (
            "the object after null",
            format!(r#"null,"signature":{right}"#),
            "signature_duplicated",
        ),
        (
            "the object with more in it",
            block.with(&[("version", "[{}]")]),
            ACCEPTED,
        ),
    ] {
        add_block(maker, name, &json, verdict);
    }
}

/// A field missing, doubled, unreadable.
fn other_fields(maker: &mut Maker<'_>, block: &Block) {
    let fields = [
        (
            "timestamp",
            &block.time,
            [
                "timestamp_missing",
                "timestamp_duplicated",
                "timestamp_unreadable",
            ],
        ),
        ("token", &block.token, SIGNATURE),
        ("signature", &block.signature, SIGNATURE),
    ];
    for (field, value, [missing, duplicated, unreadable]) in fields {
        let twice = format!("{}, \"{field}\": {}", quoted(value), quoted(value));
        for (name, json, verdict) in [
            ("missing", "", missing),
            ("null", "null", missing),
            ("empty", "\"\"", missing),
            ("blank", "\" \"", missing),
            ("twice", twice.as_str(), duplicated),
            ("a number", "1767323100", unreadable),
            ("an object", "{}", unreadable),
        ] {
            let block = block.with(&[(field, json)]);
            add_block(maker, &format!("{field}: {name}"), &block, verdict);
        }
    }
    let (half, _) = block.signature.split_at(32);
    let more = format!("{}0", block.signature);
    let not_ascii = format!("é{}", &block.signature[1..]);
    for (name, signature) in [
        ("half a signature", half),
        ("a digit more", &more),
        ("a signature that is not ASCII", &not_ascii),
    ] {
        let block = block.with(&[("signature", &quoted(signature))]);
        add_block(maker, name, &block, "signature_unreadable");
    }
    for (name, time) in [
        ("no number", "yesterday"),
        ("a negative time", "-1767323100"),
    ] {
        let block = block.with(&[("timestamp", &quoted(time))]);
        add_block(maker, name, &block, "timestamp_unreadable");
    }
}

const SIGNATURE: [&str; 3] = [
    "signature_missing",
    "signature_duplicated",
    "signature_unreadable",
];

/// The signature of another time or token, or by another key.
fn other_parts(maker: &mut Maker<'_>, block: &Block) {
    let mismatch = "signature_mismatch";
    let by_another = Block::by(maker, another_key(maker.provider), LF);
    let of_another = Block::by(maker, &maker.key, CRLF);
    assert_ne!(of_another.token, block.token);
    let later = (received_at().as_second() + 1).to_string();
    let (first, rest) = block.token.split_at(1);
    for (name, field, value) in [
        ("signed with another key", "signature", by_another.signature),
        (
            "the signature of another token",
            "signature",
            of_another.signature,
        ),
        ("another token", "token", of_another.token),
        ("a character of the token less", "token", rest.to_owned()),
        (
            "a space after the token",
            "token",
            format!("{} ", block.token),
        ),
        ("the token in capitals", "token", block.token.to_uppercase()),
        ("another time", "timestamp", later),
    ] {
        let block = block.with(&[(field, &quoted(&value))]);
        add_block(maker, name, &block, mismatch);
    }
    // The same characters are signed, but another token would come of them.
    let (start, end) = block.time.split_at(9);
    for (name, time, token) in [
        (
            "a character moved from the token to the time",
            format!("{}{first}", block.time),
            rest.to_owned(),
        ),
        (
            "a digit moved from the time to the token",
            start.to_owned(),
            format!("{end}{}", block.token),
        ),
    ] {
        let moved = [("timestamp", &*quoted(&time)), ("token", &quoted(&token))];
        add_block(maker, name, &block.with(&moved), "timestamp_unreadable");
    }
}

/// For a subaccount its parent account signs, too: either signature will do, and both must be
/// readable.
fn parents(maker: &mut Maker<'_>, block: &Block) {
    let own = quoted(&block.signature);
    let by_another = Block::by(maker, another_key(maker.provider), LF);
    let other = quoted(&by_another.signature);
    for (name, signature, parent, verdict) in [
        (
            "the account's right, the parent's not",
            &*own,
            &*other,
            ACCEPTED,
        ),
        (
            "the parent's right, the account's not",
            &other,
            &own,
            ACCEPTED,
        ),
        ("the parent's alone", "null", &own, ACCEPTED),
        ("the parent's null", &own, "null", ACCEPTED),
        (
            "the parent's by another key, alone",
            "null",
            &other,
            "signature_mismatch",
        ),
        ("both by another key", &other, &other, "signature_mismatch"),
        ("both null", "null", "null", "signature_missing"),
        ("the parent's half", &own, "\"00\"", "signature_unreadable"),
    ] {
        let fields = [("signature", signature), ("parent-signature", parent)];
        add_block(maker, name, &block.with(&fields), verdict);
    }
}
