//! The definition of a provider: a name and two pure functions. Everything else is written once.

use crate::answers::Answers;
use crate::auth::Authentic;
use crate::delivery::Delivery;
use crate::element::Element;
use crate::event::Event;
use crate::incoming::Incoming;
use crate::json;
use crate::malformed::Malformed;
use crate::normalize::{self, Budget, Layout};
use crate::rejection::Rejection;
use crate::secrets::{KeyError, KeyWarning, Secrets};

/// One provider of email events. Implementations are unit structs in
/// `functions/<provider>/src/lib.rs`.
pub trait Provider: Sync {
    /// Returns the name in lower case. It is the same for folder, package, route, fixture folder,
    /// secret and log field.
    fn name(&self) -> &'static str;

    /// Returns how the provider's webhooks are vouched for. What is not signed never overwrites
    /// anything. `verify` decides, and the tests check that the two agree.
    fn strength(&self) -> Strength {
        Strength::Signed
    }

    /// Returns what the provider makes of an answer, and how long it waits for one.
    fn answers(&self) -> Answers {
        Answers::default()
    }

    /// Checks whether a request is a handshake: the provider sees whether anybody answers, often
    /// before there is a key. It is answered with 200, and nothing is enqueued.
    ///
    /// Anybody can make one, so it must carry no event.
    fn is_handshake(&self, _request: &Incoming<'_>) -> bool {
        false
    }

    /// Checks whether a body that is vouched for is only a test of whether anybody answers, or a
    /// notice that is no event. The body has nothing before it or behind it
    /// ([`body`](crate::json::body)).
    fn is_ping(&self, _body: &[u8]) -> bool {
        false
    }

    /// Checks whether a delivery says nothing. It is accepted, and neither enqueued nor stored.
    fn says_nothing(&self, delivery: &Delivery) -> bool {
        delivery.is_ping() || self.is_ping(json::body(delivery.body()))
    }

    /// Checks whether the provider validates a webhook's URL by a HEAD request, which must be
    /// answered with 200.
    fn validates_by_head(&self) -> bool {
        false
    }

    /// Returns where a body has its elements.
    fn layout(&self) -> Layout {
        Layout::Plain
    }

    /// Returns where this delivery has its elements.
    fn layout_of(&self, delivery: &Delivery) -> Layout {
        if self.says_nothing(delivery) {
            return Layout::Nowhere;
        }
        self.layout()
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
        let parts = normalize::parts(delivery, self.layout_of(delivery), |element, budget| {
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
}

/// How a webhook is vouched for, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// A MAC or a signature covers every fact of the body. Nobody else can change or make one.
    Signed,
    /// A signature covers a token and not the body. The token stands for one body, whichever comes
    /// first: [`Delivery::token`].
    Token,
    /// The sender has shown a secret, which covers nothing of the request. Whoever has seen one
    /// request can make others.
    SharedSecret,
    /// The queue accepts messages of one sender only. No request from the internet makes one.
    Transport,
}

impl Strength {
    /// Every strength, the strongest first.
    pub const ALL: [Self; 4] = [
        Self::Signed,
        Self::Token,
        Self::SharedSecret,
        Self::Transport,
    ];

    /// Returns the word that the documents use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Token => "token",
            Self::SharedSecret => "shared secret",
            Self::Transport => "transport",
        }
    }
}
