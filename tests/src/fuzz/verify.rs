//! What the target `verify` does with an input: a request is let in if, and only if, it is what the
//! provider would send.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use shared::incoming::{KEY_HEADER, USER};
use shared::provider::Strength;
use shared::sender::Sender;

use super::request::{Request, travels};
use super::{form, token};
use crate::{key, received_at, signs_a_form};

/// Runs the target. What an input is depends on how the provider's requests are vouched for.
pub(super) fn verify(provider: &dyn Sender, input: &[u8]) {
    match provider.strength() {
        Strength::Signed if signs_a_form(provider) => form::verify(provider, input),
        Strength::Signed => signed(provider, input),
        Strength::Token => token::verify(provider, input),
        Strength::SharedSecret => shared_secret(provider, input),
        Strength::Transport => no_request_is_one(provider, input),
    }
}

/// `$T` and `$S` in a header stand for the first and the last value that the provider would sign
/// this body with, `$M` for the one before the last, `$H` for half of the last.
fn signed(provider: &dyn Sender, input: &[u8]) {
    let sign = |body: &[u8]| provider.sign(key(provider), body, received_at());
    let request = Request::read(input, |body, value| {
        let signed = sign(body);
        let (first, last) = (&signed[0].1, &signed[signed.len() - 1].1);
        let before = &signed[signed.len().saturating_sub(2)].1;
        let value = value.replace("$T", first).replace("$M", before);
        let value = value.replace("$S", last);
        value.replace("$H", &last[..last.len() / 2])
    });
    let signed = sign(request.body);
    let sent_for = |name: &str| request.sent_for(&name_used(&request.headers, name));
    match request.judged(provider) {
        Ok(authentic) => {
            for (name, value) in &signed {
                let [sent] = sent_for(name)[..] else {
                    panic!("accepted without exactly one {name}");
                };
                assert!(is_same(sent, value), "accepted {name}: {sent}");
            }
            assert_eq!(travels(provider, authentic), request.body);
        }
        Err(rejection) => {
            let is_right = |(name, value): &(&str, String)| sent_for(name) == [value.as_str()];
            assert!(
                !signed.iter().all(is_right),
                "{rejection:?} for what the provider sends"
            );
        }
    }
}

/// `$S` in a header, or in the URL, stands for the last value that the provider would send, `$K`
/// for the secret in it, `$H` for half of that.
fn shared_secret(provider: &dyn Sender, input: &[u8]) {
    let secret = key(provider);
    let request = Request::read(input, |body, value| {
        let sent = provider.sign(secret, body, received_at());
        let value = value.replace("$S", &sent[sent.len() - 1].1);
        let value = value.replace("$K", secret);
        value.replace("$H", &secret[..secret.len() / 2])
    });
    let trimmed = |name: &str| -> Vec<&str> {
        let sent = request.sent_for(name).into_iter();
        sent.map(|value| value.trim_matches([' ', '\t'])).collect()
    };
    let (authorization, header) = (trimmed("authorization"), trimmed(KEY_HEADER));
    let in_url: Vec<&str> = request.query.iter().map(|(_, key)| key.as_str()).collect();
    match request.judged(provider) {
        Ok(authentic) => {
            assert!(authorization.len() <= 1 && header.len() <= 1, "twice");
            let is_shown = authorization
                .first()
                .is_some_and(|sent| shows(sent, secret));
            let is_right = is_shown || header == [secret] || in_url == [secret];
            assert!(is_right, "accepted without the secret");
            assert_eq!(travels(provider, authentic), request.body);
        }
        Err(rejection) => {
            let sent = provider.sign(secret, request.body, received_at());
            let (_, sent) = &sent[sent.len() - 1];
            let alone = [&authorization, &header, &in_url].map(Vec::len);
            let is_right = match alone {
                [1, 0, 0] => authorization == [sent.as_str()],
                [0, 1, 0] => header == [secret],
                [0, 0, 1] => in_url == [secret],
                _ => false,
            };
            assert!(!is_right, "{rejection:?} for what the provider sends");
        }
    }
}

/// Whether an `Authorization` header shows the secret: as a token, or as the password of our user.
fn shows(header: &str, secret: &str) -> bool {
    let Some((scheme, value)) = header.split_once(' ') else {
        return false;
    };
    let value = value.trim_start_matches(' ');
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => value == secret,
        "basic" => value == STANDARD.encode(format!("{USER}:{secret}")),
        _ => false,
    }
}

/// What comes through a queue of its own comes through nothing else.
fn no_request_is_one(provider: &dyn Sender, input: &[u8]) {
    let request = Request::read(input, |_, value| value.to_owned());
    assert!(request.judged(provider).is_err());
}

/// Standard Webhooks has two sets of names, of which one counts.
fn name_used(headers: &[(String, String)], name: &str) -> String {
    let is_svix = |header: &(String, String)| {
        let name = header.0.to_ascii_lowercase();
        ["svix-id", "svix-timestamp", "svix-signature"].contains(&name.as_str())
    };
    match name.strip_prefix("svix-") {
        Some(rest) if !headers.iter().any(is_svix) => format!("webhook-{rest}"),
        _ => name.to_owned(),
    }
}

/// Whether a header says what it should, in one of the spellings that are read: hex in either case,
/// a prefix, base64; of a list of `v1,<signature>`, one entry.
fn is_same(sent: &str, value: &str) -> bool {
    let sent = sent.trim_matches([' ', '\t']);
    if value.starts_with("v1,") {
        return sent.split(' ').any(|entry| entry == value);
    }
    let bare = ["sha256=", "sha1="]
        .iter()
        .find_map(|prefix| sent.strip_prefix(prefix));
    let bare = bare.unwrap_or(sent);
    let is_hex = value.len() >= 40 && value.bytes().all(|b| b.is_ascii_hexdigit());
    let decoded = (0..value.len() / 2).map(|i| u8::from_str_radix(&value[2 * i..2 * i + 2], 16));
    let in_base64 = || STANDARD.encode(decoded.flatten().collect::<Vec<u8>>());
    bare == value || (is_hex && (bare.eq_ignore_ascii_case(value) || bare == in_base64()))
}
