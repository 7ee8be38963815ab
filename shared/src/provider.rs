//! What a provider is: a name and two pure functions. Everything else is written once.

use jiff::Timestamp;

use crate::auth::Authentic;
use crate::delivery::Delivery;
use crate::element::Element;
use crate::event::Event;
use crate::incoming::Incoming;
use crate::malformed::Malformed;
use crate::normalize::{self, Budget};
use crate::rejection::Rejection;
use crate::secrets::{KeyError, KeyWarning, Secrets};

/// One provider of email events. Implementations are unit structs in `functions/<provider>/src/lib.rs`.
pub trait Provider: Sync {
    /// Lower-case; the same for folder, package, route, fixture folder, secret and log field.
    fn name(&self) -> &'static str;

    /// What its signature vouches for. `verify` decides; this says so to the tests, which hold it to it.
    fn signs(&self) -> Covered {
        Covered::Body
    }

    /// Header, bytes, one scheme of [`crate::auth`].
    ///
    /// # Errors
    /// A [`Rejection`] that says what is missing or wrong.
    fn verify<'a>(
        &self,
        request: &Incoming<'a>,
        secrets: &Secrets,
    ) -> Result<Authentic<'a>, Rejection>;

    /// The events of one element of a delivery's body. One that may be many asks the budget first.
    fn events(&self, element: &Element<'_>, delivery: &Delivery, budget: &Budget) -> Vec<Event>;

    /// The events of a whole delivery, one result at least per element of its body: a bad element costs nothing to its
    /// neighbours. Whoever must bound its memory takes them in [`parts`](crate::normalize::parts).
    fn normalize(&self, delivery: &Delivery) -> Vec<Result<Event, Malformed>> {
        let parts = normalize::parts(delivery, |element, budget| {
            self.events(element, delivery, budget)
        });
        parts.flatten().collect()
    }

    /// The element of a body that an event's `raw` stands for, so that it can be normalized again.
    fn element_of(&self, raw: &str) -> String {
        raw.to_owned()
    }

    /// Whether a receiver can check signatures by this key. One that it cannot use would refuse every webhook without a
    /// word, so it does not start with it.
    ///
    /// # Errors
    /// A [`KeyError`] that says what the key should look like.
    fn check_key(&self, _key: &str) -> Result<(), KeyError> {
        Ok(())
    }

    /// What is odd about a key that can be used: a receiver logs it when it starts.
    fn doubt_key(&self, _key: &str) -> Option<KeyWarning> {
        None
    }

    /// What a receiver is given so that it can check what `signing_key` signs: a shared key itself, the public half of a key
    /// pair. `None` for a key that cannot sign.
    fn receiver_key(&self, signing_key: &str) -> Option<String> {
        Some(signing_key.to_owned())
    }

    /// The headers that the provider would send with this body at this time, the signature last: the other side of `verify`,
    /// for `local` and the tests. The key is one that can sign.
    fn sign(&self, key: &str, body: &[u8], at: Timestamp) -> Vec<(&'static str, String)>;

    /// The body with the signature in it, of a provider that signs there and not in headers.
    fn sign_within(&self, _key: &str, body: &[u8], _at: Timestamp) -> Vec<u8> {
        body.to_vec()
    }

    /// The request that the provider would send: both of the above.
    fn signed(&self, key: &str, body: &[u8], at: Timestamp) -> Signed {
        let body = self.sign_within(key, body, at);
        Signed {
            headers: self.sign(key, &body, at),
            body,
        }
    }

    /// The headers, in lower case, of which a proof carries one, and which `normalize` then needs: they are
    /// stored with the event. Only what is signed, and the same whenever the provider sends this webhook again.
    fn signed_headers(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether a body whose signature does not cover it names an event. One that names none takes no token from
    /// the webhook that does. It looks at the body within bounds, and makes nothing of it.
    fn names_event(&self, _body: &[u8]) -> bool {
        true
    }

    /// The body of the 200.
    fn reply(&self) -> &'static str {
        ""
    }
}

/// What a signature vouches for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covered {
    /// Every byte of the body.
    Body,
    /// A token that is good for one body, whichever comes first: [`Delivery::token`]. Not the body.
    Token,
}

/// A request as its provider would send it.
#[derive(Clone, PartialEq, Eq)]
pub struct Signed {
    /// The headers that sign it.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}
