//! The vectors of a provider that signs a URL and the decoded fields of a form. The URL is a part
//! of the secret, `KEY@URL`.
//!
//! Between the signature's own form and whether it matches comes this:
//!
//! | what is wrong | verdict |
//! |---|---|
//! | the body is no form, or one that has other fields than the provider's one, or has that twice | `not_a_form` |

use tests::form::escaped;
use tests::{another_key, received_at};

use crate::headers;
use crate::matrix::{ACCEPTED, CRLF, LF, Maker};

/// What is in the field.
const VALUES: [(&str, &[u8]); 6] = [
    ("events", br#"[{"event":"open","note":"Zo\u00eb"}]"#),
    ("CRLF", CRLF),
    ("LF", LF),
    ("what must be encoded", "a+b c&d=e%41;é".as_bytes()),
    ("empty", b""),
    ("not UTF-8", b"[\"Zo\xeb\"]"),
];

pub(crate) fn add(maker: &mut Maker<'_>) {
    maker.accepted(&VALUES);
    same_forms(maker);
    other_values(maker);
    no_forms(maker);
    maker.undecodable();
    headers::other_headers(maker);
    maker.other_times();
}

/// The name and the value of the field, as the provider writes them.
fn halves(maker: &Maker<'_>, value: &[u8]) -> (String, String) {
    let (_, body) = maker.signed(value);
    let text = String::from_utf8(body).expect("text");
    let (name, value) = text.split_once('=').expect("a field");
    (name.to_owned(), value.to_owned())
}

/// One form can be written in several ways, and is signed decoded.
fn same_forms(maker: &mut Maker<'_>) {
    let (headers, _) = maker.signed(LF);
    let (name, value) = halves(maker, LF);
    for (what, form) in [
        (
            "plus for a space",
            format!("{name}={}", value.replace("%20", "+")),
        ),
        (
            "everything encoded",
            format!("{}={}", escaped(name.as_bytes()), escaped(LF)),
        ),
        (
            "lower-case hex",
            format!("{name}={}", value.to_lowercase().replace("zo", "Zo")),
        ),
        ("empty fields around it", format!("&{name}={value}&&")),
    ] {
        maker.add(what, headers.clone(), form.as_bytes(), ACCEPTED);
    }
}

/// The signature of another value, of another URL, or by another key.
fn other_values(maker: &mut Maker<'_>) {
    let mismatch = "signature_mismatch";
    let (headers, right) = maker.signed(LF);
    let (name, value) = halves(maker, LF);
    let (_, crlf) = maker.signed(CRLF);
    for (what, body) in [
        ("a byte more", [&right[..], b"%0A"].concat()),
        ("the last byte cut", right[..right.len() - 3].to_vec()),
        ("LF made CRLF", crlf),
        (
            "encoded twice",
            format!("{name}={}", value.replace('%', "%25")).into_bytes(),
        ),
        ("a line end behind the form", [&right[..], b"\r\n"].concat()),
        ("an escape cut", right[..right.len() - 1].to_vec()),
        ("no value", format!("{name}=").into_bytes()),
        ("no sign", name.clone().into_bytes()),
    ] {
        maker.add(what, headers.clone(), &body, mismatch);
    }
    let (key, url) = maker.key.split_once('@').expect("a key and a URL");
    let at = |url: &str| maker.request(&format!("{key}@{url}"), LF, received_at()).0;
    let others = [
        ("another path", at(&format!("{url}/"))),
        ("another query", at(&format!("{url}?key=1"))),
        ("another scheme", at(&url.replacen("https", "http", 1))),
        ("no URL", at("")),
        (
            "signed with another key",
            maker
                .request(another_key(maker.provider), LF, received_at())
                .0,
        ),
    ];
    for (what, headers) in others {
        maker.add(what, headers, &right, mismatch);
    }
}

/// What the signature is right for, and that is no form of the one field.
fn no_forms(maker: &mut Maker<'_>) {
    let (headers, right) = maker.signed(LF);
    let (name, value) = halves(maker, LF);
    let right = String::from_utf8(right).expect("text");
    // `x` is sorted behind the name: what is signed is the same, and the value would be cut.
    let (kept, moved) = ("[1,", "x]");
    let (of_moved, _) = maker.signed(b"[1,x]");
    let not_a_form = "not_a_form";
    for (what, body) in [
        ("JSON", String::from_utf8(LF.to_vec()).expect("text")),
        ("the value alone", value.clone()),
        ("nothing", String::new()),
        ("array syntax", format!("{name}[]={value}")),
        ("array syntax, encoded", format!("{name}%5B%5D={value}")),
        ("another name", format!("events={value}")),
        (
            "the name in capitals",
            format!("{}={value}", name.to_uppercase()),
        ),
        ("the field twice", format!("{right}&{right}")),
        ("the field twice, once empty", format!("{name}=&{right}")),
        ("a second field", format!("{right}&x=1")),
        ("a second field before it", format!("a=1&{right}")),
        ("a nameless field", format!("{right}&=")),
    ] {
        maker.add(what, headers.clone(), body.as_bytes(), not_a_form);
    }
    let cut = format!("{name}={kept}&{moved}");
    let what = "the end of the value as a second field";
    maker.add(what, of_moved, cut.as_bytes(), not_a_form);
}
