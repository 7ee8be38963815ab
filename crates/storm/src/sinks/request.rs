//! One request that a sink got, and what is wrong with it by itself.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use shared::auth::{OutboundSecret, Signatures, check_outbound};
use stack::faults::Post;

/// What a sink is: its words, which no other sink may see.
#[derive(Clone)]
pub(crate) struct Own {
    pub(crate) path: String,
    pub(crate) secret: OutboundSecret,
    /// Its own header, which every request must have.
    pub(crate) header: (String, String),
    /// What no request may have: the secrets and the headers of the others.
    pub(crate) foreign: Vec<String>,
}

/// A request that a sink got. The body is kept as its digest, and a suppression's as a whole.
#[derive(Clone)]
pub struct Request {
    /// The notification's id.
    pub id: String,
    /// Whether it was answered 2xx.
    pub is_accepted: bool,
    /// The digest of its body.
    pub(crate) body: u64,
    /// Whether both signatures are right.
    pub(crate) is_signed: bool,
    /// Whether it has something of another sink, or not all of its own.
    pub(crate) leaks: bool,
    /// The body, if it is about a suppression.
    pub(crate) suppression: Option<Vec<u8>>,
}

impl Request {
    /// Judges a request to the sink.
    pub(crate) fn of(post: &Post, own: &Own) -> Self {
        let header = |name: &str| {
            let mut named = post.headers.iter().filter(|(other, _)| other == name);
            let value = named.next().map_or("", |(_, value)| value);
            // two headers of one name are as good as none
            if named.next().is_none() { value } else { "" }
        };
        let id = header("webhook-id").to_owned();
        let signatures = Signatures {
            standard: header("webhook-signature").to_owned(),
            hex: header("x-webhook-signature").to_owned(),
        };
        let timestamp = header("webhook-timestamp");
        let checked = check_outbound(&own.secret, &id, timestamp, &post.body, &signatures);
        let is_own = post.path == own.path && header(&own.header.0) == own.header.1;
        let leaks = own.foreign.iter().any(|word| has(post, word));
        Self {
            is_accepted: post
                .status
                .is_some_and(|status| (200..300).contains(&status)),
            body: digest(&post.body),
            is_signed: checked.standard && checked.hex,
            leaks: leaks || !is_own,
            suppression: id.starts_with("sup_").then(|| post.body.clone()),
            id,
        }
    }
}

/// Checks whether a word is anywhere in a request.
fn has(post: &Post, word: &str) -> bool {
    let in_headers = post
        .headers
        .iter()
        .any(|(name, value)| name == word || value.contains(word));
    let word = word.as_bytes();
    in_headers || post.body.windows(word.len()).any(|part| part == word)
}

/// Returns the digest of a body. It has to tell bodies apart, and nothing more.
pub(crate) fn digest(body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    hasher.finish()
}
