//! The vectors of a provider that shows a secret and signs nothing.
//!
//! Accepted is a request that shows it in one of four places, whatever the body: as the Basic
//! password of the user `postern`, as a bearer token, in the header `X-Postern-Key`, as the
//! parameter `key` of the URL. Everything else is refused, for the first of these reasons that
//! holds:
//!
//! | what is wrong | verdict |
//! |---|---|
//! | the gateway says base64, and it is none | `body_undecodable` |
//! | a header with a credential is there twice, or two are joined | `credential_duplicated` |
//! | `Authorization` is of another scheme or form | `credential_unreadable` |
//! | there is none | `credential_missing` |
//! | none of them is the secret, or Basic is for another user | `credential_mismatch` |

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tests::another_key;

use crate::matrix::{ACCEPTED, CRLF, GZIP, Headers, LF, Maker};

/// Nothing of the body counts.
const BODIES: [(&str, &[u8]); 3] = [("CRLF", CRLF), ("empty", b""), ("gzip", GZIP)];

const AUTHORIZATION: &str = "Authorization";
const HEADER: &str = "X-Postern-Key";

pub(crate) fn add(maker: &mut Maker<'_>) {
    maker.accepted(&BODIES);
    maker.undecodable();
    places(maker);
    no_secrets(maker);
    unreadable(maker);
    in_the_url(maker);
}

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

fn one(name: &str, value: &str) -> Headers {
    vec![(name.to_owned(), value.to_owned())]
}

fn places(maker: &mut Maker<'_>) {
    let (key, other) = (maker.key.clone(), another_key(maker.provider));
    let right = basic(&format!("postern:{key}"));
    for (what, headers) in [
        ("Basic", one(AUTHORIZATION, &right)),
        (
            "Basic, the scheme in lower case",
            one(AUTHORIZATION, &right.replacen("Basic", "basic", 1)),
        ),
        ("Bearer", one(AUTHORIZATION, &format!("Bearer {key}"))),
        (
            "Bearer, the scheme in capitals",
            one(AUTHORIZATION, &format!("BEARER {key}")),
        ),
        ("the header", one(HEADER, &key)),
        (
            "spaces around the header's value",
            one(HEADER, &format!(" {key}\t")),
        ),
        (
            "another secret, and this one",
            [
                one(AUTHORIZATION, &basic(&format!("postern:{other}"))),
                one(HEADER, &key),
            ]
            .concat(),
        ),
        (
            "other headers twice",
            [
                one(HEADER, &key),
                one("X-Forwarded-For", "a"),
                one("X-Forwarded-For", "b"),
            ]
            .concat(),
        ),
    ] {
        maker.add(what, headers, LF, ACCEPTED);
    }
}

fn no_secrets(maker: &mut Maker<'_>) {
    let (key, other) = (maker.key.clone(), another_key(maker.provider));
    let (mismatch, missing) = ("credential_mismatch", "credential_missing");
    let password = |user: &str, key: &str| one(AUTHORIZATION, &basic(&format!("{user}:{key}")));
    for (what, headers, verdict) in [
        ("no credential", vec![], missing),
        ("a blank one", one(AUTHORIZATION, ""), missing),
        ("spaces", one(HEADER, " \t "), missing),
        ("under another name", one("X-Api-Key", &key), missing),
        ("another secret", password("postern", other), mismatch),
        ("for another user", password("root", &key), mismatch),
        ("for nobody", password("", &key), mismatch),
        ("no password", password("postern", ""), mismatch),
        (
            "user and password changed over",
            password(&key, "postern"),
            mismatch,
        ),
        (
            "a character more",
            password("postern", &format!("{key}0")),
            mismatch,
        ),
        ("a character less", password("postern", &key[1..]), mismatch),
        ("in capitals", one(HEADER, &key.to_uppercase()), mismatch),
        (
            "not ASCII",
            one(HEADER, &format!("é{}", &key[1..])),
            mismatch,
        ),
        (
            "Basic in the header",
            one(HEADER, &basic(&format!("postern:{key}"))),
            mismatch,
        ),
    ] {
        maker.add(what, headers, LF, verdict);
    }
}

fn unreadable(maker: &mut Maker<'_>) {
    let key = maker.key.clone();
    let bearer = format!("Bearer {key}");
    let twice =
        |name: &str, again: &str, value: &str| [one(name, value), one(again, value)].concat();
    let (unreadable, duplicated) = ("credential_unreadable", "credential_duplicated");
    for (what, headers, verdict) in [
        ("no scheme", one(AUTHORIZATION, &key), unreadable),
        (
            "another scheme",
            one(AUTHORIZATION, &format!("Digest {key}")),
            unreadable,
        ),
        ("Bearer alone", one(AUTHORIZATION, "Bearer"), unreadable),
        (
            "Basic that is no base64",
            one(AUTHORIZATION, &format!("Basic postern:{key}")),
            unreadable,
        ),
        (
            "Basic without a colon",
            one(AUTHORIZATION, &basic(&key)),
            unreadable,
        ),
        (
            "Basic that is no text",
            one(
                AUTHORIZATION,
                &format!("Basic {}", STANDARD.encode(b"postern:\xff")),
            ),
            unreadable,
        ),
        (
            "unreadable, and the right header",
            [one(AUTHORIZATION, "Digest x"), one(HEADER, &key)].concat(),
            unreadable,
        ),
        (
            "Authorization twice",
            twice(AUTHORIZATION, AUTHORIZATION, &bearer),
            duplicated,
        ),
        (
            "Authorization twice in two spellings",
            twice(AUTHORIZATION, "authorization", &bearer),
            duplicated,
        ),
        (
            "Authorization twice in one header",
            one(AUTHORIZATION, &format!("{bearer}, {bearer}")),
            duplicated,
        ),
        ("the header twice", twice(HEADER, HEADER, &key), duplicated),
        (
            "the header twice, and the right Bearer",
            [twice(HEADER, HEADER, &key), one(AUTHORIZATION, &bearer)].concat(),
            duplicated,
        ),
    ] {
        maker.add(what, headers, LF, verdict);
    }
}

fn in_the_url(maker: &mut Maker<'_>) {
    let key = maker.key.clone();
    let other = another_key(maker.provider);
    for (what, value, verdict) in [
        ("in the URL", key.clone(), ACCEPTED),
        (
            "another secret in the URL",
            other.to_owned(),
            "credential_mismatch",
        ),
        ("nothing in the URL", String::new(), "credential_mismatch"),
        (
            "joined in the URL",
            format!("{key},{key}"),
            "credential_mismatch",
        ),
    ] {
        maker.add(what, vec![], LF, verdict).url_key = Some(value);
    }
    let bearer = one(AUTHORIZATION, &format!("Bearer {other}"));
    let vector = maker.add("in the URL, and another Bearer", bearer, LF, ACCEPTED);
    vector.url_key = Some(key);
}
