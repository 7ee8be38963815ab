//! Each slip that people make is named by what would match, for every provider where it can happen;
//! and a forger, whose key nobody has, is told nothing.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that fails may panic"
)]

mod bodies;
mod credentials;
mod headers;
mod keys;
mod sent;
mod times;
mod urls;

use registry::SENDERS;
use shared::provider::Strength;
use shared::sender::Sender;

use self::sent::{Sent, key, other_key, provider};

/// What a test calls a change, and the change of a text.
type Change = (&'static str, fn(&str) -> String);

/// The slip that is named.
fn slip(sent: &Sent) -> Option<&'static str> {
    sent.said().map(|miss| miss.slip)
}

/// The providers whose signature covers the body as it stands.
fn signers() -> impl Iterator<Item = &'static dyn Sender> {
    let all = SENDERS.iter().copied();
    all.filter(|sender| sender.strength() == Strength::Signed && !sender.signs_url())
}

/// The providers whose key is text, and not decoded.
fn text_keyed() -> impl Iterator<Item = &'static dyn Sender> {
    let names = [
        "customerio",
        "inboxroad",
        "insider",
        "mailersend",
        "mailgun",
        "mailpanda",
        "mailtrap",
    ];
    names.into_iter().map(provider)
}

#[test]
fn what_is_let_in_is_no_near_miss() {
    for sender in SENDERS {
        assert_eq!(slip(&Sent::by(*sender)), None, "{}", sender.name());
    }
}

#[test]
fn a_forgers_own_key_matches_nothing() {
    for sender in SENDERS {
        let mut sent = Sent::signed_with(*sender, &other_key(*sender));
        assert_eq!(slip(&sent), None, "{}", sender.name());
        sent.headers
            .push(("x-signature-256".to_owned(), "0".repeat(64)));
        sent.query.push(("token".to_owned(), "guessed".to_owned()));
        assert_eq!(slip(&sent), None, "{}", sender.name());
    }
}

#[test]
fn garbage_is_no_near_miss_and_no_panic() {
    let long = "é".repeat(40_000);
    for sender in SENDERS {
        let signed = Sent::by(*sender);
        for value in [
            "", " ", ",", ", ,", "\u{0}", "v1,", "Basic", "Bearer ", "%", "é", &long,
        ] {
            for body in [
                &b""[..],
                b"[",
                b"\xff\xfe\x00",
                b"{\"signature\":{}}",
                b"a=b&c",
            ] {
                let mut sent = signed.clone();
                for (_, header) in &mut sent.headers {
                    value.clone_into(header);
                }
                sent.headers
                    .push(("authorization".to_owned(), value.to_owned()));
                sent.headers
                    .push(("X-Postern-Key".to_owned(), value.to_owned()));
                sent.query = vec![("key".to_owned(), value.to_owned())];
                sent.body = body.to_vec();
                assert_eq!(slip(&sent), None, "{} {value}", sender.name());
            }
        }
    }
}

/// The largest body is looked at, and a larger one is not.
#[test]
fn a_body_over_a_mebibyte_is_not_looked_at() {
    let sender = provider("insider");
    for (size, wanted) in [(1 << 20, Some("key_line_break")), ((1 << 20) + 1, None)] {
        let body = vec![b'['; size];
        let mut sent = Sent::with_body(sender, &format!("{}\n", key(sender)), &body);
        assert_eq!(slip(&sent), wanted, "{size}");
        sent = Sent::with_body(sender, &other_key(sender), &body);
        assert_eq!(slip(&sent), None);
    }
}

#[test]
fn where_nothing_is_held_nothing_is_said() {
    for sender in SENDERS {
        let mut sent = Sent::signed_with(*sender, &other_key(*sender));
        sent.held.clear();
        assert_eq!(slip(&sent), None);
    }
}

#[test]
fn the_page_reads_a_near_miss() {
    let sent = Sent::signed_with(
        provider("mailgun"),
        &format!("{}\n", key(provider("mailgun"))),
    );
    let shown = serde_json::to_value(sent.said()).expect("JSON");
    assert_eq!(
        shown,
        serde_json::json!({
            "slip": "key_line_break",
            "text": "It would match with a line break behind your key: the sender's has one, take it away there.",
            "command": null,
        })
    );
}
