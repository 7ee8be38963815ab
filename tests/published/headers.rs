//! The vectors of a provider whose signature is in a header and covers the whole body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tests::{another_key, received_at};

use crate::matrix::{ACCEPTED, CRLF, GZIP, Headers, LF, Maker};

const UNPACKED: &[u8] = br#"{"note":"packed"}"#;

/// Bodies that someone on the way might be tempted to change.
const BODIES: [(&str, &[u8]); 8] = [
    (
        "no line end",
        br#"{"note":"Zo\u00eb","n":9007199254740993}"#,
    ),
    ("CRLF", CRLF),
    ("LF", LF),
    ("form", b"a=1&b=%7B%22n%22%3A1%7D&c=+"),
    ("empty", b""),
    ("byte order mark", b"\xef\xbb\xbf{}"),
    ("gzip", GZIP),
    ("not UTF-8", b"{\"note\":\"Zo\xeb\"}"),
];

pub(crate) fn add(maker: &mut Maker<'_>) {
    maker.accepted(&BODIES);
    other_bytes(maker);
    maker.undecodable();
    other_headers(maker);
    maker.other_times();
    time_headers(maker);
    id_headers(maker);
    if maker.scheme.is_list {
        lists(maker);
    }
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// The true headers of a body.
fn signed(maker: &Maker<'_>, body: &[u8]) -> Headers {
    maker.signed(body).0
}

/// The signature of other bytes than those that came.
fn other_bytes(maker: &mut Maker<'_>) {
    let changes: [(&str, &[u8], Vec<u8>); 8] = [
        ("a byte more", LF, [LF, b"\n"].concat()),
        ("the last line end cut", LF, LF[..LF.len() - 1].to_vec()),
        ("CRLF made LF", CRLF, LF.to_vec()),
        ("LF made CRLF", LF, CRLF.to_vec()),
        ("unpacked on the way", GZIP, UNPACKED.to_vec()),
        (
            "serialized again",
            br#"{"n": 1.0}"#,
            br#"{"n":1.0}"#.to_vec(),
        ),
        (
            "as base64",
            UNPACKED,
            STANDARD.encode(UNPACKED).into_bytes(),
        ),
        ("a byte order mark more", b"{}", b"\xef\xbb\xbf{}".to_vec()),
    ];
    for (name, bytes, sent) in changes {
        let headers = signed(maker, bytes);
        maker.add(name, headers, &sent, "signature_mismatch");
    }
    // Either form may be what was signed.
    let headers = signed(maker, UNPACKED);
    maker.add("packed on the way", headers, GZIP, ACCEPTED);
    let (headers, _) = maker.request(another_key(maker.provider), LF, received_at());
    maker.add("signed with another key", headers, LF, "signature_mismatch");
}

/// The signature header changed, or other headers beside it.
pub(crate) fn other_headers(maker: &mut Maker<'_>) {
    let (mut others, body) = maker.signed(LF);
    let (name, value) = others.pop().expect("a signature");
    let half = &value[..value.len() / 2];
    let changes: [(&str, Headers, &'static str); 12] = [
        ("no signature", vec![], "signature_missing"),
        (
            "a blank signature",
            vec![pair(&name, "")],
            "signature_missing",
        ),
        (
            "a signature of spaces",
            vec![pair(&name, " \t ")],
            "signature_missing",
        ),
        (
            "the signature twice",
            vec![pair(&name, &value), pair(&name, &value)],
            "signature_duplicated",
        ),
        (
            "the signature twice in two spellings",
            vec![
                pair(&name, &value),
                pair(&name.to_ascii_lowercase(), &value),
            ],
            "signature_duplicated",
        ),
        (
            "a decoy before the signature",
            vec![pair(&name, "x"), pair(&name, &value)],
            "signature_duplicated",
        ),
        (
            "the signature twice in one header",
            vec![pair(&name, &format!("{value}, {value}"))],
            "signature_duplicated",
        ),
        (
            "half a signature",
            vec![pair(&name, half)],
            "signature_unreadable",
        ),
        (
            "a digit more",
            vec![pair(&name, &format!("{value}0"))],
            "signature_unreadable",
        ),
        (
            "a signature that is not ASCII",
            vec![pair(&name, &format!("é{}", &value[1..]))],
            "signature_unreadable",
        ),
        (
            "spaces around the signature",
            vec![pair(&name, &format!(" {value}\t"))],
            ACCEPTED,
        ),
        (
            "other headers twice",
            vec![
                pair(&name, &value),
                pair("X-Forwarded-For", "a"),
                pair("X-Forwarded-For", "b"),
            ],
            ACCEPTED,
        ),
    ];
    for (what, changed, verdict) in changes {
        let headers = others.iter().cloned().chain(changed).collect();
        maker.add(what, headers, &body, verdict);
    }
}

/// The header with the signed time: missing, doubled, unreadable, changed.
fn time_headers(maker: &mut Maker<'_>) {
    let Some(place) = maker.scheme.time.as_ref().and_then(|time| time.place) else {
        return;
    };
    let mut rest = signed(maker, LF);
    let (name, value) = rest.remove(place);
    let later = received_at().as_second() + 1;
    let negative = format!("-{value}");
    let changes: [(&str, &[&str], &'static str); 5] = [
        ("no time", &[], "timestamp_missing"),
        ("the time twice", &[&value, &value], "timestamp_duplicated"),
        ("no number", &["yesterday"], "timestamp_unreadable"),
        ("a negative time", &[&negative], "timestamp_unreadable"),
        ("another time", &[&later.to_string()], "signature_mismatch"),
    ];
    for (what, values, verdict) in changes {
        let times = values.iter().map(|value| pair(&name, value));
        maker.add(what, times.chain(rest.clone()).collect(), LF, verdict);
    }
}

/// The header with the signed id, likewise.
fn id_headers(maker: &mut Maker<'_>) {
    let Some(place) = maker.scheme.id else {
        return;
    };
    let mut rest = signed(maker, LF);
    let (name, value) = rest.remove(place);
    let joined = format!("{value},{value}");
    let dotted = format!("{value}.{}", received_at().as_second());
    let changes: [(&str, &[&str], &'static str); 7] = [
        ("no id", &[], "id_missing"),
        ("a blank id", &[""], "id_missing"),
        ("the id twice", &[&value, &value], "id_duplicated"),
        ("the id twice in one header", &[&joined], "id_duplicated"),
        ("an id with a dot", &[&dotted], "id_unreadable"),
        ("another id", &["msg_another"], "signature_mismatch"),
        (
            "the id in capitals",
            &[&value.to_uppercase()],
            "signature_mismatch",
        ),
    ];
    for (what, values, verdict) in changes {
        let ids = values.iter().map(|value| pair(&name, value));
        maker.add(what, ids.chain(rest.clone()).collect(), LF, verdict);
    }
}

/// A signature header that is a list: one entry of the documented version must match, whatever the
/// others are.
fn lists(maker: &mut Maker<'_>) {
    let mut others = signed(maker, LF);
    let (name, right) = others.pop().expect("a signature");
    let (mut by_another, _) = maker.request(another_key(maker.provider), LF, received_at());
    let (_, wrong) = by_another.pop().expect("a signature");
    let of_another_version = format!("v1a,{}", STANDARD.encode([7; 64]));
    let right_as_another = right.replacen("v1,", "v2,", 1);
    let bare = right.replacen("v1,", "", 1);
    let changes = [
        (
            "by the key before, and by this one",
            format!("{wrong} {right}"),
            ACCEPTED,
        ),
        (
            "by this key, and by the one before",
            format!("{right} {wrong}"),
            ACCEPTED,
        ),
        (
            "another version, and this one",
            format!("{of_another_version} {right}"),
            ACCEPTED,
        ),
        (
            "half a signature, and a whole one",
            format!("{} {right}", &right[..20]),
            ACCEPTED,
        ),
        ("the same entry twice", format!("{right} {right}"), ACCEPTED),
        (
            "by two other keys",
            format!("{wrong} {wrong}"),
            "signature_mismatch",
        ),
        (
            "another version only",
            of_another_version.clone(),
            "signature_unreadable",
        ),
        (
            "the right signature, called another version",
            right_as_another,
            "signature_unreadable",
        ),
        (
            "the right signature without a version",
            bare,
            "signature_unreadable",
        ),
        (
            "two lists joined by a comma",
            format!("{wrong} {right},{right} {wrong}"),
            "signature_duplicated",
        ),
    ];
    for (what, value, verdict) in changes {
        let list = std::iter::once(pair(&name, &value));
        let headers = others.iter().cloned().chain(list).collect();
        maker.add(what, headers, LF, verdict);
    }
}
