//! What a provider is: a name and two pure functions. Everything else is written once.

use crate::auth::Authentic;
use crate::delivery::Delivery;
use crate::element::Element;
use crate::event::Event;
use crate::incoming::Incoming;
use crate::malformed::Malformed;
use crate::normalize::{self, Budget};
use crate::rejection::Rejection;
use crate::secrets::{KeyError, KeyWarning, Secrets};

/// One provider of email events. Implementations are unit structs in
/// `functions/<provider>/src/lib.rs`.
pub trait Provider: Sync {
    /// Lower-case; the same for folder, package, route, fixture folder, secret and log field.
    fn name(&self) -> &'static str;

    /// Returns what its signature vouches for: what it does not vouch for overwrites nothing.
    /// `verify` decides, and the tests hold the two to each other.
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

    /// The events of a whole delivery, one result at least per element of its body: a bad element
    /// costs nothing to its neighbours. Whoever must bound its memory takes them in
    /// [`parts`](crate::normalize::parts).
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

    /// Checks that a key has this provider's format. Receivers call this at startup, because with a
    /// malformed key they would reject every webhook and log only mismatches.
    ///
    /// # Errors
    /// Returns a [`KeyError`] that says what the key should look like.
    fn check_key(&self, _key: &str) -> Result<(), KeyError> {
        Ok(())
    }

    /// Returns what is odd about a key that can be used: a receiver logs it when it starts.
    fn doubt_key(&self, _key: &str) -> Option<KeyWarning> {
        None
    }

    /// The headers, in lower case, of which a proof carries one, and which `normalize` then needs:
    /// they are stored with the event. Only what is signed, and the same whenever the provider
    /// sends this webhook again.
    fn signed_headers(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether a body whose signature does not cover it names an event. One that names none takes
    /// no token from the webhook that does. It looks at the body within bounds, and makes nothing
    /// of it.
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
