//! A recipient as a user types it. It has the same canonical form as the consumer's, so that every
//! spelling finds the same items.

use shared::address::{AddressError, Mailbox, verbatim_key};
use shared::event::Channel;
use table::keys::recipient_key;

use crate::error::Error;

/// The recipient whose items are asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    mailbox: Option<Mailbox>,
    /// The text's form in the channels other than mail.
    verbatim: String,
}

impl Recipient {
    /// Reads a mail address in any spelling, or the name of a recipient outside mail: a telephone
    /// number or a device token.
    ///
    /// # Errors
    /// Returns [`Error::Nobody`] if the text is white space. Returns [`Error::Address`] if it has
    /// no address, more than one, words beside one, or a control character.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let verbatim = verbatim_key(text).ok_or_else(|| Error::Nobody(text.trim().to_owned()))?;
        let mailbox = match Mailbox::typed(text) {
            Ok(mailbox) => Some(mailbox),
            // A text without an at sign is a number or a token.
            Err(AddressError::NoAddress) if !text.contains('@') => None,
            Err(reason) => {
                return Err(Error::Address {
                    text: text.to_owned(),
                    reason,
                });
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str, channel: Channel) -> Vec<String> {
        Recipient::parse(text).expect("a recipient").keys(channel)
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
    fn who_types_more_than_an_address_is_asked_which_is_meant() {
        let refused = Recipient::parse("kim SMITH@mail.test").err();
        let refused = refused.expect("words beside an address");
        assert_eq!(
            (refused.code(), refused.hint().as_deref()),
            (
                "more_than_address",
                Some("is it `smith@mail.test`? write that, or `Name <smith@mail.test>`")
            )
        );
    }

    #[test]
    fn what_names_nobody_or_several_is_refused() {
        for (text, error) in [
            (" ", "\"\" names nobody"),
            ("kim@", "\"kim@\": there is no mail address in it"),
            (
                "kim smith@mail.test",
                "\"kim smith@mail.test\": there is more in it than an address",
            ),
            (
                "n\0ul@mail.test",
                "\"n\u{fffd}ul@mail.test\": there is a control character in it",
            ),
            (
                "+1555\u{1b}0100",
                "\"+1555\u{fffd}0100\": there is a control character in it",
            ),
            (
                "a@x.test, b@x.test",
                "\"a@x.test, b@x.test\": there are several mail addresses in it: give one",
            ),
        ] {
            let refused = Recipient::parse(text).err();
            assert_eq!(
                refused.map(|error| error.to_string()).as_deref(),
                Some(error)
            );
        }
    }
}
