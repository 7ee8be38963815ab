//! What the columns of an export say.

/// What a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    /// The address.
    Address,
    /// When it came about.
    Created,
    /// The code of the refusal: RFC 3463's, or SMTP's.
    Status,
    /// The words of the refusal.
    Reason,
    /// The provider's word for why the address is there.
    Word,
    /// Who put it there.
    Origin,
    /// What the person unsubscribed from.
    Tags,
    /// Whether the person is unsubscribed.
    Flag,
}

/// How many kinds of columns there are.
pub(super) const COLUMNS: usize = 8;
