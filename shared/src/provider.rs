//! The definition of a provider: a name and two pure functions. Everything else is written once.

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
    /// Returns the name in lower case. It is the same for folder, package, route, fixture folder,
    /// secret and log field.
    fn name(&self) -> &'static str;

    /// Returns what the provider's signature covers. What it does not cover never overwrites
    /// anything. `verify` decides, and the tests check that the two agree.
    fn signs(&self) -> Covered {
        Covered::Body
    }

    /// Verifies a request: it reads the header, picks the bytes, and calls one scheme of
    /// [`crate::auth`].
    ///
    /// # Errors
    /// Returns a [`Rejection`] that says what is missing or wrong.
    fn verify<'a>(
        &self,
        request: &Incoming<'a>,
        secrets: &Secrets,
    ) -> Result<Authentic<'a>, Rejection>;

    /// Returns the events of one element of a delivery's body. If an element may become many, ask
    /// the budget first.
    fn events(&self, element: &Element<'_>, delivery: &Delivery, budget: &Budget) -> Vec<Event>;

    /// Returns the events of a whole delivery, with at least one result per element of its body. A
    /// bad element costs its neighbours nothing.
    ///
    /// If memory must be bounded, use [`parts`](crate::normalize::parts) instead.
    fn normalize(&self, delivery: &Delivery) -> Vec<Result<Event, Malformed>> {
        let parts = normalize::parts(delivery, |element, budget| {
            self.events(element, delivery, budget)
        });
        parts.flatten().collect()
    }

    /// Returns the element of a body that an event's `raw` stands for, so that it can be normalized
    /// again.
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

    /// Returns what is odd about a key that can be used. A receiver logs it when it starts.
    fn doubt_key(&self, _key: &str) -> Option<KeyWarning> {
        None
    }

    /// Returns the names, in lower case, of the headers that a proof may carry and `normalize` then
    /// needs. They are stored with the event.
    ///
    /// Name only headers that are signed, and that are the same whenever the provider sends this
    /// webhook again.
    fn signed_headers(&self) -> &'static [&'static str] {
        &[]
    }

    /// Checks whether a body that its signature does not cover names an event. A body that names
    /// none must not take the token from the webhook that names one.
    ///
    /// The check is bounded, and makes nothing of the body.
    fn names_event(&self, _body: &[u8]) -> bool {
        true
    }

    /// Returns the body of the 200.
    fn reply(&self) -> &'static str {
        ""
    }
}

/// What a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covered {
    /// Every byte of the body.
    Body,
    /// A token and not the body. The token stands for one body, whichever comes first:
    /// [`Delivery::token`].
    Token,
}
