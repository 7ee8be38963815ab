//! The secret that a provider only shows: spoilt, or in another place.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use registry::SENDERS;
use shared::provider::Strength;
use shared::sender::Sender;

use super::sent::{Sent, key};
use super::slip;

fn showers() -> impl Iterator<Item = &'static dyn Sender> {
    let all = SENDERS.iter().copied();
    all.filter(|sender| sender.strength() == Strength::SharedSecret)
}

/// A request with these headers in place of the one that shows the secret.
fn showing(sender: &'static dyn Sender, name: &str, value: &str) -> Sent {
    let mut sent = Sent::by(sender);
    sent.headers.pop();
    sent.headers.push((name.to_owned(), value.to_owned()));
    sent
}

#[test]
fn a_secret_that_is_shown_otherwise_is_known() {
    let basic = |pair: String| format!("Basic {}", STANDARD.encode(pair));
    for sender in showers() {
        let secret = key(sender);
        let quoted = format!("\"{secret}\"");
        let percent = secret.replace('-', "%2D");
        for (wanted, name, value) in [
            (
                "secret_line_break",
                "Authorization",
                basic(format!("postern:{secret}\n")),
            ),
            (
                "secret_line_break",
                "Authorization",
                basic(format!("postern: {secret}")),
            ),
            (
                "secret_quoted",
                "Authorization",
                basic(format!("postern:{quoted}")),
            ),
            (
                "secret_user",
                "Authorization",
                basic(format!("kim:{secret}")),
            ),
            ("secret_user", "Authorization", basic(format!("{secret}:"))),
            ("secret_user", "Authorization", basic(secret.clone())),
            (
                "secret_scheme",
                "Authorization",
                format!("Basic postern:{secret}"),
            ),
            ("secret_scheme", "Authorization", secret.clone()),
            ("secret_scheme", "Authorization", format!("Token {secret}")),
            (
                "secret_scheme",
                "Authorization",
                format!("Bearer Bearer {secret}"),
            ),
            ("secret_quoted", "Authorization", format!("Bearer {quoted}")),
            ("secret_percent", "X-Postern-Key", percent),
            ("secret_encoded", "X-Postern-Key", STANDARD.encode(&secret)),
            ("secret_name", "X-Postern-Key", format!("key={secret}")),
            (
                "secret_twice",
                "X-Postern-Key",
                format!("{secret}, {secret}"),
            ),
            ("secret_place", "X-Api-Key", secret.clone()),
            (
                "secret_place",
                "X-Webhook-Token",
                format!("Bearer {secret}"),
            ),
        ] {
            let sent = showing(sender, name, &value);
            assert_eq!(
                slip(&sent),
                Some(wanted),
                "{} {name}: {value}",
                sender.name()
            );
        }
        let unpadded = STANDARD_NO_PAD.encode(format!("postern:{secret}"));
        let is_padded = STANDARD.encode(format!("postern:{secret}")) != unpadded;
        let wanted = is_padded.then_some("secret_scheme");
        let sent = showing(sender, "Authorization", &format!("Basic {unpadded}"));
        assert_eq!(slip(&sent), wanted);
        for (name, wanted) in [("key", None), ("token", Some("secret_place"))] {
            let mut sent = showing(sender, "x-nothing", "");
            sent.query = vec![(name.to_owned(), secret.clone())];
            assert_eq!(slip(&sent), wanted);
        }
    }
}

#[test]
fn the_place_is_said() {
    let sender = showers().next().expect("a provider");
    let said = showing(sender, "X-Api-Key", &key(sender))
        .said()
        .expect("a slip");
    assert_eq!(
        said.text,
        "The secret is right, and stands in the header X-Api-Key. It is read in Authorization, in x-postern-key and in ?key=."
    );
}

#[test]
fn a_guess_in_any_place_is_no_near_miss() {
    for sender in showers() {
        for value in [
            "guess",
            "Basic Z3Vlc3M=",
            "Bearer guess",
            "Token guess",
            "a:b",
            "",
        ] {
            for name in ["Authorization", "X-Postern-Key", "X-Api-Key"] {
                assert_eq!(slip(&showing(sender, name, value)), None, "{value}");
            }
        }
    }
}
