//! A recipient as somebody names it: typed, in the path of a request, or in a list. It has the same
//! canonical form as the consumer's, so that every spelling finds the same items.

use std::fmt;

use shared::address::{AddressError, Mailbox, verbatim_key};
use shared::event::Channel;

use crate::keys::{customer_key, recipient_key};

/// The recipient whose items are asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    mailbox: Option<Mailbox>,
    /// The text's form in the channels other than mail.
    verbatim: String,
}

/// Why a text names no recipient. It has the text, and does not print it.
#[derive(Clone, PartialEq, Eq)]
pub struct RecipientError {
    /// The text.
    pub text: String,
    /// What is wrong with it. `None` if it is white space.
    pub reason: Option<AddressError>,
}

impl fmt::Debug for RecipientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecipientError({:?})", self.reason)
    }
}

impl Recipient {
    /// Reads a mail address in any spelling, or the name of a recipient outside mail: a telephone
    /// number or a device token.
    ///
    /// # Errors
    /// Returns a [`RecipientError`] if the text is white space, or if it has no address, more than
    /// one, words beside one, or a control character.
    pub fn parse(text: &str) -> Result<Self, RecipientError> {
        let refused = |reason| RecipientError {
            text: text.to_owned(),
            reason,
        };
        let verbatim = verbatim_key(text).ok_or_else(|| refused(None))?;
        let mailbox = match Mailbox::typed(text) {
            Ok(mailbox) => Some(mailbox),
            // A text without an at sign is a number or a token.
            Err(AddressError::NoAddress) if !text.contains('@') => None,
            Err(reason) => return Err(refused(Some(reason))),
        };
        Ok(Self { mailbox, verbatim })
    }

    /// Returns the partition keys in a channel. Outside mail an address is a name like any other,
    /// and it is stored as it was sent.
    #[must_use]
    pub fn keys(&self, channel: Channel) -> Vec<String> {
        let mailbox = self.mailbox.as_ref().map(Mailbox::key);
        let verbatim = Some(self.verbatim.as_str()).filter(|_| channel != Channel::Email);
        let verbatim = verbatim.filter(|text| Some(*text) != mailbox);
        let names = mailbox.into_iter().chain(verbatim);
        names.map(|name| recipient_key(channel, name)).collect()
    }

    /// Returns the canonical text.
    #[must_use]
    pub fn canonical(&self) -> &str {
        self.mailbox.as_ref().map_or(&self.verbatim, Mailbox::key)
    }
}

/// Whose events.
#[derive(Clone, PartialEq, Eq)]
pub enum Of {
    /// A recipient's.
    Recipient(Recipient),
    /// A person's who is only known by the team's own id.
    Customer(String),
}

impl Of {
    /// Returns the canonical address, or the id.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Recipient(recipient) => recipient.canonical(),
            Self::Customer(id) => id,
        }
    }

    /// Returns the partition keys in a channel.
    #[must_use]
    pub fn keys(&self, channel: Channel) -> Vec<String> {
        match self {
            Self::Recipient(recipient) => recipient.keys(channel),
            Self::Customer(id) => vec![customer_key(channel, id)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str, channel: Channel) -> Vec<String> {
        Recipient::parse(text).unwrap().keys(channel)
    }

    #[test]
    fn every_spelling_finds_the_mailbox() {
        for text in [
            "kim@xn--bcher-kva.test",
            " KIM@Bücher.test. ",
            "\"Ode, Kim\" <kim@bu\u{308}cher.test>",
            "mailto:kim@bücher.test?subject=x",
        ] {
            assert_eq!(
                keys(text, Channel::Email),
                ["email#kim@xn--bcher-kva.test"],
                "{text}"
            );
        }
    }

    #[test]
    fn outside_mail_the_text_is_asked_for_as_it_was_sent_too() {
        assert_eq!(
            keys("Kim <K@mail.test>", Channel::InApp),
            ["in_app#k@mail.test", "in_app#kim <k@mail.test>"]
        );
        assert_eq!(keys("+15550100", Channel::Sms), ["sms#+15550100"]);
        assert!(keys("+15550100", Channel::Email).is_empty());
    }

    #[test]
    fn a_text_that_names_nobody_is_not_printed() {
        let refused = Recipient::parse("kim@").err().unwrap();
        assert_eq!(refused.reason, Some(AddressError::NoAddress));
        assert_eq!(format!("{refused:?}"), "RecipientError(Some(NoAddress))");
        assert_eq!(Recipient::parse(" ").err().unwrap().reason, None);
    }
}
