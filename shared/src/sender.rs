//! The sending side of a provider: what it would send. The operator, the storm and the tests use
//! it. No deployed function does, so it is separate from [`Provider`].

use jiff::Timestamp;

use crate::incoming::Incoming;
use crate::parts::{self, Part, Scheme};
use crate::places::Places;
use crate::provider::Provider;
use crate::signing_key::SigningKey;

/// A provider as the sender of its webhooks.
pub trait Sender: Provider {
    /// Returns what an operator must know of the provider's signing key.
    fn signing_key(&self) -> SigningKey;

    /// Returns what a receiver is given to check what `signing_key` signs: a shared key itself, or
    /// the public half of a key pair. Returns `None` if the key cannot sign.
    fn receiver_key(&self, signing_key: &str) -> Option<String> {
        Some(signing_key.to_owned())
    }

    /// Returns the headers that the provider would send with this body at this time, the signature
    /// last. This is the other side of `verify`. The key must be one that can sign.
    fn sign(&self, key: &str, body: &[u8], at: Timestamp) -> Vec<(&'static str, String)>;

    /// Returns the body with the signature in it, if the provider signs there and not in headers.
    fn sign_within(&self, _key: &str, body: &[u8], _at: Timestamp) -> Vec<u8> {
        body.to_vec()
    }

    /// Checks whether the provider signs the URL, so that the secret has it.
    fn signs_url(&self) -> bool {
        false
    }

    /// Returns the content type that the provider sends.
    fn content_type(&self) -> &'static str {
        "application/json"
    }

    /// Returns where the provider's bodies say when something happened, and to whom.
    fn places(&self) -> Places {
        Places {
            times: &[],
            recipients: &[],
        }
    }

    /// Returns the body as if it had happened at this time: see [`Places::restamped`].
    fn restamp(&self, body: &[u8], at: Timestamp) -> Vec<u8> {
        self.places().restamped(body, at)
    }

    /// Returns the body as if it were about this recipient: see [`Places::readdressed`].
    fn readdress(&self, body: &[u8], address: &str) -> Option<Vec<u8>> {
        self.places().readdressed(body, address)
    }

    /// Returns what vouches for the provider's requests, as data: the other side of what `verify`
    /// reads.
    fn scheme(&self) -> Scheme;

    /// Returns the parts of a request that vouch for it, and those that are missing, for a person.
    /// It is bounded, whatever the request is.
    fn parts(&self, request: &Incoming<'_>) -> Vec<Part> {
        parts::of(&self.scheme(), request)
    }

    /// Returns how old a request is and how old it may be, if a time is signed: see
    /// [`parts::age`].
    fn age(&self, request: &Incoming<'_>) -> Option<String> {
        parts::age(&self.parts(request), request, self.scheme().window)
    }

    /// Returns the request that the provider would send, with both the headers and the body.
    fn signed(&self, key: &str, body: &[u8], at: Timestamp) -> Signed {
        let body = self.sign_within(key, body, at);
        Signed {
            headers: self.sign(key, &body, at),
            body,
        }
    }
}

/// A request as its provider would send it.
#[derive(Clone, PartialEq, Eq)]
pub struct Signed {
    /// The headers that sign it.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}
