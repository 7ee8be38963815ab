//! Lets the provider's own check judge what becomes of a request once a slip is undone.

use std::cell::Cell;

use shared::incoming::Incoming;
use shared::rejection::Rejection;
use shared::secrets::Secrets;
use shared::sender::Sender;

use super::case::Case;
use super::slip::{Slip, Undone};

/// The most checks for one request.
const MOST_CHECKS: usize = 200;
/// The most bytes of bodies that are checked for one request.
const MOST_BYTES: usize = 128 << 20;

/// The window in which the age of a request does not count.
const NO_WINDOW: Option<u64> = Some(0);

/// Judges, within bounds.
pub(super) struct Judge<'a> {
    case: &'a Case<'a>,
    checks: Cell<usize>,
    bytes: Cell<usize>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(case: &'a Case<'a>) -> Self {
        Self {
            case,
            checks: Cell::new(0),
            bytes: Cell::new(0),
        }
    }

    /// Checks whether there may be another check.
    pub(super) fn may_go_on(&self) -> bool {
        self.checks.get() < MOST_CHECKS && self.bytes.get() < MOST_BYTES
    }

    /// Returns why the request is refused with these secrets, or `None` if it is let in.
    pub(super) fn verdict(&self, secrets: &Secrets) -> Option<Rejection> {
        let request = self.case.refused.incoming();
        self.count(request.body());
        self.case.provider().verify(&request, secrets).err()
    }

    /// Checks whether a request would be let in if this slip were undone, however old it is.
    pub(super) fn is_undone_by(&self, slip: &Slip) -> bool {
        match self.undone(slip, NO_WINDOW, |_, _| None) {
            Some((Ok(()), _)) => true,
            // The URL's key is another slip: the signature itself is right.
            Some((Err(rejection), _)) => {
                rejection == Rejection::UrlKeyMismatch && !slip.is_of_the_url()
            }
            None => false,
        }
    }

    /// Returns how old a request is, if that alone would refuse it once this slip is undone.
    pub(super) fn age_beside(&self, slip: &Slip) -> Option<String> {
        let window = self.case.refused.window;
        let (verdict, age) =
            self.undone(slip, window, |provider, request| provider.age(request))?;
        match verdict {
            Err(Rejection::TimestampStale | Rejection::TimestampAhead) => age,
            _ => None,
        }
    }

    /// Judges a request in which this slip is undone, and says what else is asked of it.
    fn undone(
        &self,
        slip: &Slip,
        window: Option<u64>,
        ask: fn(&dyn Sender, &Incoming<'_>) -> Option<String>,
    ) -> Option<(Result<(), Rejection>, Option<String>)> {
        let refused = self.case.refused;
        let (mut headers, mut query, mut body) = (refused.headers, refused.query, refused.body);
        let mut provider = self.case.provider();
        let mut secrets = self.case.secrets.as_ref();
        match &slip.undone {
            Undone::Headers(pairs) => headers = pairs,
            Undone::Query(pairs) => query = pairs,
            Undone::Body(bytes) => body = bytes,
            Undone::Secrets(others) => secrets = Some(others),
            Undone::Receiver(other, others) => {
                provider = *other;
                secrets = Some(others);
            }
        }
        let secrets = secrets?;
        self.count(body);
        let request = Incoming::new(headers, body, refused.received_at, window).with_query(query);
        let verdict = provider.verify(&request, secrets).map(drop);
        Some((verdict, ask(provider, &request)))
    }

    fn count(&self, body: &[u8]) {
        self.checks.set(self.checks.get() + 1);
        self.bytes.set(self.bytes.get() + body.len());
    }
}
