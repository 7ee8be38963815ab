//! Bodies that come compressed: vouched for in either form, unpacked within bounds.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use registry::SENDERS;
use shared::admit::{Admitted, admit};
use shared::answers::Answers;
use shared::delivery::MAX_BODY;
use shared::provider::Strength;
use shared::rejection::Rejection;
use shared::sender::Sender;
use tests::{
    another_key, gateway_event, key, received_at, request, secrets, signs_a_form, travels,
};

const BODY: &[u8] = br#"{"type":"open","event":"open","event-data":{"event":"opened"}}"#;

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(body).expect("a write");
    gzip.finish().expect("gzip")
}

fn zlib(body: &[u8]) -> Vec<u8> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    zlib.write_all(body).expect("a write");
    zlib.finish().expect("zlib")
}

/// The encodings, each under a name that a header has for it.
type Pack = fn(&[u8]) -> Vec<u8>;
const PACKS: [(&str, Pack); 3] = [("gzip", gzip), ("X-GZIP", gzip), ("Deflate", zlib)];

/// Lets in a body whose headers were made for another one.
fn admitted(
    provider: &dyn Sender,
    signed: &[u8],
    sent: &[u8],
    encoding: Option<&str>,
) -> Result<Admitted, Rejection> {
    let mut headers = provider.sign(key(provider), signed, received_at());
    headers.extend(encoding.map(|name| ("Content-Encoding", name.to_owned())));
    let request = request(gateway_event(&headers, sent));
    let secrets = secrets(provider, key(provider));
    admit(provider, &secrets, None, &request, received_at())
}

/// The body with the signature that a provider has inside of it.
fn signed_within(provider: &dyn Sender, body: &[u8]) -> Vec<u8> {
    provider.sign_within(key(provider), body, received_at())
}

/// What may be signed of a body that is sent packed. A form is signed as a form: packed it is none.
fn forms<'a>(provider: &dyn Sender, body: &'a [u8], packed: &'a [u8]) -> Vec<&'a [u8]> {
    if signs_a_form(provider) {
        return vec![body];
    }
    vec![body, packed]
}

#[test]
fn a_signature_over_either_form_lets_the_unpacked_body_in() {
    for provider in SENDERS {
        let body = signed_within(*provider, BODY);
        for (name, pack) in PACKS {
            let packed = pack(&body);
            for signed in forms(*provider, &body, &packed) {
                let admitted = admitted(*provider, signed, &packed, Some(name));
                let admitted = admitted.unwrap_or_else(|r| panic!("{}: {r}", provider.name()));
                assert_eq!(admitted.delivery.body(), travels(*provider, BODY, &body));
                let plain = self::admitted(*provider, &body, &body, None).expect("signed");
                let is_same = provider.strength() != Strength::Signed || signed == body;
                assert!(!is_same || admitted.delivery == plain.delivery);
            }
        }
    }
}

/// The header is not signed: whoever repeats a request can write any, and it changes nothing.
#[test]
fn the_header_decides_nothing() {
    for provider in SENDERS {
        let body = signed_within(*provider, BODY);
        let packed = gzip(&body);
        let names = [
            None,
            Some("gzip"),
            Some("br"),
            Some("identity"),
            Some("gzip, gzip"),
            Some(""),
        ];
        for name in names {
            let of = |signed: &[u8], sent: &[u8]| {
                let admitted = admitted(*provider, signed, sent, name).expect("signed");
                let travels = travels(*provider, BODY, &body);
                assert_eq!(admitted.delivery.body(), travels, "{name:?}");
            };
            of(&body, &body);
            for signed in forms(*provider, &body, &packed) {
                of(signed, &packed);
            }
        }
    }
}

/// Whatever is packed, named and sent: what travels is what a key has signed.
#[test]
fn nothing_forged_comes_in_packed() {
    let covered = |p: &&&'static dyn Sender| p.strength() == Strength::Signed;
    for provider in SENDERS.iter().filter(covered) {
        let body = signed_within(*provider, BODY);
        let mine = br#"{"type":"bounce","event":"bounce","event-data":{"event":"failed"}}"#;
        let mine = signed_within(*provider, mine);
        for (name, pack) in PACKS {
            for signed in [body.clone(), pack(&body)] {
                for sent in [
                    mine.clone(),
                    pack(&mine),
                    pack(&pack(&mine)),
                    [pack(&body), pack(&mine)].concat(),
                ] {
                    let verdict = admitted(*provider, &signed, &sent, Some(name));
                    // Behind a zlib stream nothing is read: what is signed comes in, and nothing
                    // else.
                    let is_signed = |a: &Admitted| name == "Deflate" && a.delivery.body() == BODY;
                    let is_forged = verdict.as_ref().is_ok_and(|admitted| !is_signed(admitted));
                    assert!(!is_forged, "{}: {name}", provider.name());
                }
            }
            let with_another_key = provider.sign(another_key(*provider), &mine, received_at());
            let request = request(gateway_event(&with_another_key, &pack(&mine)));
            let secrets = secrets(*provider, key(*provider));
            let verdict = admit(*provider, &secrets, None, &request, received_at());
            assert_eq!(verdict.err(), Some(Rejection::SignatureMismatch));
        }
    }
}

#[test]
fn what_unpacks_to_too_much_is_too_large() {
    for provider in SENDERS {
        for (name, pack) in PACKS {
            let bomb = pack(&vec![b' '; MAX_BODY + 1]);
            assert!(bomb.len() < 20_000);
            for signed in [&bomb[..], BODY] {
                let verdict = admitted(*provider, signed, &bomb, Some(name));
                assert_eq!(verdict.err(), Some(Rejection::TooLarge));
            }
        }
    }
    assert_eq!(Answers::default().status(Rejection::TooLarge), 413);
}

#[test]
fn the_largest_body_that_is_allowed_is_unpacked() {
    let provider = &customerio::Customerio;
    let body = vec![b' '; MAX_BODY];
    let admitted = admitted(provider, &body, &gzip(&body), Some("gzip")).expect("signed");
    assert_eq!(admitted.delivery.body().len(), MAX_BODY);
}

/// No whole stream: vouched for as it is, it is accepted as it is, and the consumer puts it aside.
#[test]
fn half_a_stream_is_no_stream() {
    let covered = |p: &&&'static dyn Sender| p.strength() == Strength::Signed;
    for provider in SENDERS.iter().filter(covered) {
        let is_form = signs_a_form(*provider);
        let whole = signed_within(*provider, BODY);
        for (name, pack) in PACKS {
            let packed = pack(&whole);
            let damaged = |at: usize| {
                let mut damaged = packed.clone();
                damaged[at] ^= 0x55;
                damaged
            };
            for half in [
                packed[..packed.len() - 3].to_vec(),
                damaged(packed.len() - 6),
                [&packed[..], b"x"].concat(),
            ] {
                if is_form {
                    half_a_stream_is_no_form(*provider, &whole, &half, name);
                    continue;
                }
                let admitted = admitted(*provider, &half, &half, Some(name));
                let body = admitted.expect("signed").delivery.body().to_vec();
                // Behind a zlib stream nothing is read.
                assert!(
                    body == half || body == BODY && half.ends_with(b"x"),
                    "{name}"
                );
                let unsigned = self::admitted(*provider, BODY, &half, Some(name));
                let is_refused = matches!(unsigned, Err(Rejection::SignatureMismatch));
                assert!(is_refused || half.ends_with(b"x"), "{name}");
            }
        }
    }
}

/// Unless it is a whole stream, behind which nothing is read.
fn half_a_stream_is_no_form(provider: &dyn Sender, form: &[u8], half: &[u8], name: &str) {
    let is_whole = name == "Deflate" && half.ends_with(b"x");
    let verdict = |signed: &[u8]| {
        let admitted = admitted(provider, signed, half, Some(name));
        admitted.map(|admitted| admitted.delivery.body().to_vec())
    };
    if is_whole {
        assert_eq!(verdict(form), Ok(BODY.to_vec()));
        assert_eq!(verdict(half), Err(Rejection::SignatureMismatch));
    } else {
        assert_eq!(verdict(form), Err(Rejection::NotAForm), "{name}");
        assert_eq!(verdict(half), Err(Rejection::NotAForm), "{name}");
    }
}
