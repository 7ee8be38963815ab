//! A recipient as a user types it, with an error that says what is wrong with it.

pub use table::recipient::{Recipient, RecipientError};

use crate::error::Error;

impl From<RecipientError> for Error {
    fn from(RecipientError { text, reason }: RecipientError) -> Self {
        match reason {
            None => Self::Nobody(text.trim().to_owned()),
            Some(reason) => Self::Address { text, reason },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_types_more_than_an_address_is_asked_which_is_meant() {
        let refused = Recipient::parse("kim SMITH@mail.test")
            .map_err(Error::from)
            .err();
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
            let refused = Recipient::parse(text).map_err(Error::from).err();
            assert_eq!(
                refused.map(|error| error.to_string()).as_deref(),
                Some(error)
            );
        }
    }
}
