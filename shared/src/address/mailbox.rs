//! One mailbox, and how much of a text is searched for mailboxes.

use std::fmt;

use super::canonical;

/// The most mailboxes that are found in a text, and the most recipients that an event has.
pub const MOST: usize = 50;
/// How much of a text is read, in bytes.
const READ_BYTES: usize = 4096;

/// A mailbox in its canonical form. It has no `Display` and its `Debug` is redacted, because only
/// keys and the table may see it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mailbox(String);

impl Mailbox {
    /// Spells a mailbox canonically. Returns `None` if a part is missing or cannot be one.
    pub(super) fn of(local: &str, domain: &str) -> Option<Self> {
        canonical::mailbox(local, domain).map(Self)
    }

    /// Returns the canonical text, for keys and the table.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.0
    }

    /// Returns the local part and the domain.
    pub(super) fn parts(&self) -> (&str, &str) {
        self.0.rsplit_once('@').unwrap_or((&self.0, ""))
    }

    /// Checks whether the two mailboxes are one person's as far as anyone can tell. They are if
    /// they are the same, with or without a `+tag`, at the same domain or at one of its hosts.
    ///
    /// A server often names a recipient as it has rewritten it.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        fn is_below(host: &str, domain: &str) -> bool {
            let rest = host.strip_suffix(domain);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        }
        fn untagged(local: &str) -> &str {
            let tag = local.split_once('+');
            tag.map_or(local, |(name, _)| name)
        }
        let ((local, domain), (other_local, other_domain)) = (self.parts(), other.parts());
        untagged(local) == untagged(other_local)
            && (is_below(domain, other_domain) || is_below(other_domain, domain))
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailbox(redacted)")
    }
}

/// Returns the part of a text that is read, and whether there is more. It ends between two words,
/// because half an address is another person's.
pub(super) fn head(text: &str) -> (&str, bool) {
    if text.len() <= READ_BYTES {
        return (text, false);
    }
    let end = text.floor_char_boundary(READ_BYTES);
    let head = text.get(..end).unwrap_or_default();
    let is_between = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>');
    let end = head.rfind(is_between).unwrap_or_default();
    (head.get(..end).unwrap_or_default(), true)
}
