//! Signs a body wrongly on purpose, to see what a receiver says of it.

use jiff::{SignedDuration, Timestamp};
use shared::json;
use shared::provider::Strength;
use shared::sender::{Sender, Signed};

use super::error::SendError;

/// A P-256 private key of nobody, in base64 of PKCS #8: one that can be checked cannot be made by
/// changing a letter.
const P256_OF_NOBODY: &str =
    "MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCBhbm90aGVyIGtleSBvZiBub2JvZHk6IG5vdCBhIGtleQ==";

/// How long ago a webhook was signed that is too old for every provider.
const LONG_AGO: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What is wrong with a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// A letter of its signature.
    Signature,
    /// The key that it is signed with.
    Key,
    /// A byte of its body, after it was signed.
    Body,
    /// The time at which it was signed: 30 days ago.
    Time,
    /// It has no signature.
    None,
}

/// Returns the request that a provider would never send.
///
/// # Errors
/// Returns a [`SendError`] if this provider's webhooks cannot be wrong in this way.
pub(super) fn signed(
    sender: &dyn Sender,
    key: &str,
    body: &[u8],
    at: Timestamp,
    wrong: Break,
) -> Result<Signed, SendError> {
    match (sender.strength(), wrong) {
        (Strength::Transport, _) | (Strength::SharedSecret, Break::Body) => {
            return Err(SendError::NothingSigned(sender.name()));
        }
        _ => {}
    }
    let right = sender.signed(key, body, at);
    match wrong {
        // What is shown is the secret itself: another letter of it is another secret.
        Break::Signature if sender.strength() != Strength::SharedSecret => {
            Ok(with_signature(right, changed))
        }
        Break::Body => {
            // A blank at its end changes no meaning, but every signature over it.
            let body = [right.body.as_slice(), b" "].concat();
            Ok(Signed { body, ..right })
        }
        Break::None => Ok(with_signature(right, |_| String::new())),
        Break::Key | Break::Signature => {
            let other = another_key(sender, key).ok_or(SendError::NoOtherKey(sender.name()))?;
            Ok(sender.signed(&other, body, at))
        }
        Break::Time => {
            let then = at.checked_sub(LONG_AGO).unwrap_or(at);
            let old = sender.signed(key, body, then);
            if old == right {
                return Err(SendError::NoSignedTime(sender.name()));
            }
            Ok(old)
        }
    }
}

/// Changes the signature: the last header, or the one in the body. A signature that is changed to
/// nothing is taken away.
fn with_signature(mut signed: Signed, change: impl Fn(&str) -> String) -> Signed {
    if let Some((name, value)) = signed.headers.pop() {
        let value = change(&value);
        if !value.is_empty() {
            signed.headers.push((name, value));
        }
        return signed;
    }
    let block = json::value_of(json::body(&signed.body), "signature");
    let value = block.and_then(|block| json::value_of(block, "signature"));
    let text = value.and_then(|value| std::str::from_utf8(value).ok());
    let Some(text) = text.map(str::to_owned) else {
        return signed;
    };
    let body = String::from_utf8_lossy(&signed.body);
    let new = format!("\"{}\"", change(text.trim_matches('"')));
    signed.body = body.replacen(&text, &new, 1).into_bytes();
    signed
}

/// Returns a text with another letter in it, one that hex and base64 both have. It is in the first
/// half: there no signature, however it is encoded, has its own structure.
fn changed(text: &str) -> String {
    changed_at(text, text.len() / 4).unwrap_or_default()
}

fn changed_at(text: &str, at: usize) -> Option<String> {
    let letter = text.get(at..=at)?;
    let other = if letter == "0" { "1" } else { "0" };
    Some([text.get(..at)?, other, text.get(at + 1..)?].concat())
}

/// Returns another key of the same form.
fn another_key(sender: &dyn Sender, key: &str) -> Option<String> {
    let known = sender.receiver_key(key);
    let others = (0..key.len()).rev().filter_map(|at| changed_at(key, at));
    let mut others = others.chain([P256_OF_NOBODY.to_owned()]);
    others.find(|other| {
        let receiver = sender.receiver_key(other);
        receiver.is_some()
            && receiver != known
            && sender
                .check_key(receiver.as_deref().unwrap_or_default())
                .is_ok()
    })
}
