//! Reads addresses: one extractor and one canonical form, for every provider, key and command.
//!
//! A provider writes a recipient as its sender wrote it: `"Ode, Kim" <Kim@Mail.test.>`,
//! `mailto:kim@mail.test`, a domain in its own script or in punycode. All spellings of one mailbox
//! must give one key. Otherwise a complaint under one spelling leaves the others open.
//!
//! `extract` finds the mailboxes in a text, `canonical` spells them one way, and `named` finds whom
//! a refusal is about. `typed` reads what an operator types or imports, and drops nothing of it.
//!
//! The extractor and the canonical form are our own code. Of the crates that read RFC 5322,
//! `mail-parser` and `mailparse` make one address of `a@x b@x`, and lose a quoted local part: they
//! read `"kim"@x` as a name without an address, like `kim <@x>`. `email_address` knows no lists.
//!
//! The names of domains (UTS 46) come from `idna`, and composed characters (NFC) from
//! `icu_normalizer`.
//!
//! The code is pure, does not panic on any text, and is linear: no more than the first 4 KiB of a
//! text are read.

mod canonical;
mod extract;
mod mailbox;
mod named;
mod typed;

use std::fmt;

use crate::channel::Channel;

pub use extract::{Found, mailboxes};
pub use mailbox::{MOST, Mailbox};
pub use named::refused;

/// Why a text is not the address of one mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The text has no address.
    #[error("there is no mail address in it")]
    NoAddress,
    /// The text has several addresses, and none is meant more than another.
    #[error("there are several mail addresses in it: give one")]
    SeveralAddresses,
    /// The text has a control character, or U+FFFD in place of bytes that are no text. Only what is
    /// typed, or in a list, is refused for it.
    #[error("there is a control character in it")]
    ControlCharacter,
    /// There are words beside an address that is not in angle brackets. Only what is typed, or in a
    /// list, is refused for them.
    #[error("there is more in it than an address")]
    MoreThanAddress,
}

impl AddressError {
    /// Returns the stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoAddress => "no_address",
            Self::SeveralAddresses => "several_addresses",
            Self::ControlCharacter => "control_character",
            Self::MoreThanAddress => "more_than_address",
        }
    }
}

impl Mailbox {
    /// Reads the one mailbox of a text.
    ///
    /// # Errors
    /// Returns an [`AddressError`] if the text has no address, or several.
    pub fn one(text: &str) -> Result<Self, AddressError> {
        let found = mailboxes(text);
        let is_several = found.mailboxes.len() > 1 || found.is_cut;
        let first = found.mailboxes.into_iter().next();
        match first {
            None => Err(AddressError::NoAddress),
            Some(_) if is_several => Err(AddressError::SeveralAddresses),
            Some(only) => Ok(only),
        }
    }
}

/// A recipient: the text as sent, and the key made from it. It has no `Display` and its `Debug` is
/// redacted, because only the table may see it.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    sent: String,
    key: Option<String>,
}

impl Address {
    /// Reads a recipient of mail. The first mailbox in the text is the key. Returns `None` for
    /// white space.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let first = mailboxes(text).mailboxes.into_iter().next();
        Self::with_key(text, first.map(|mailbox| mailbox.key().to_owned()))
    }

    /// Reads a recipient in a channel. Outside mail it is a number, a token or a name: it is
    /// trimmed and put in lower case, and nothing else.
    #[must_use]
    pub fn of_channel(channel: Channel, text: &str) -> Option<Self> {
        if channel == Channel::Email {
            return Self::new(text);
        }
        Self::with_key(text, verbatim_key(text))
    }

    /// Returns the address of a mailbox that was found in this text.
    #[must_use]
    pub fn of_mailbox(text: &str, mailbox: &Mailbox) -> Option<Self> {
        Self::with_key(text, Some(mailbox.key().to_owned()))
    }

    fn with_key(text: &str, key: Option<String>) -> Option<Self> {
        let sent = text.trim();
        (!sent.is_empty()).then(|| Self {
            sent: sent.to_owned(),
            key,
        })
    }

    /// Returns the text as sent. It is for the table and nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.sent
    }

    /// Returns the canonical form, for keys and comparisons. Returns `None` if the text has no
    /// address.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }
}

/// Returns the canonical form of a recipient outside mail. Returns `None` for white space.
#[must_use]
pub fn verbatim_key(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_lowercase())
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(redacted)")
    }
}
