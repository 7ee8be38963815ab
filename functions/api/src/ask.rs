//! What there is to ask for.

/// What a request asks for. A number is an endpoint's id.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask<'a> {
    /// All endpoints.
    List,
    /// A new one.
    Create,
    /// One of them.
    Show(u64),
    /// A change of one.
    Change(u64),
    /// The end of one.
    Remove(u64),
    /// A notification that says nothing.
    Test(u64),
    /// A new secret.
    Rotate(u64),
    /// What waits, to be sent now.
    Retry(u64),
    /// What waits, to be seen.
    Undelivered(u64),
    /// Whether this address may be mailed.
    MayMail(&'a str),
    /// Whether some addresses may be mailed.
    Check,
    /// What happened to this address.
    Events(&'a str),
    /// This address on the suppression list.
    Suppress(&'a str),
    /// This address off the suppression list.
    Lift(&'a str),
    /// What happened to somebody who is known by the team's own id.
    CustomerEvents(&'a str),
    /// What happened to a message: its provider, and its id.
    Message(&'a str, &'a str),
    /// The problems of one kind and day.
    Problems(&'a str, &'a str),
}

/// Where a request goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    /// Here.
    To(Ask<'a>),
    /// The path has other methods, which are named as in the header `Allow`.
    Method(&'static str),
    /// Nowhere.
    Nowhere,
}

impl Ask<'_> {
    /// Checks whether its query says something. Whoever adds one to another request means that it
    /// counts, and must hear that it does not.
    pub(crate) fn has_query(self) -> bool {
        matches!(
            self,
            Self::Undelivered(_)
                | Self::MayMail(_)
                | Self::Events(_)
                | Self::Lift(_)
                | Self::CustomerEvents(_)
                | Self::Message(..)
                | Self::Problems(..)
        )
    }

    /// Checks whether it changes nothing, so that a key which may only read may ask for it.
    pub(crate) fn is_reading(self) -> bool {
        matches!(
            self,
            Self::List
                | Self::Show(_)
                | Self::Undelivered(_)
                | Self::MayMail(_)
                | Self::Check
                | Self::Events(_)
                | Self::CustomerEvents(_)
                | Self::Message(..)
                | Self::Problems(..)
        )
    }
}

/// Returns a route that has one method.
pub(crate) fn only<'a>(allowed: &'static str, method: &str, ask: Ask<'a>) -> Route<'a> {
    if method == allowed {
        Route::To(ask)
    } else {
        Route::Method(allowed)
    }
}
