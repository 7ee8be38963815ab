//! Reads an address as somebody types it, or as a list has it: more strictly than a provider's.
//!
//! A provider's text is searched for the address that is in it. What a person types is meant to be
//! the address: of `kim smith@mail.test` nobody knows whether it is smith@mail.test, and whoever
//! suppressed or erased that mailbox might do it to somebody else.

use super::{AddressError, Mailbox};

/// What ends a word, so that the address might begin behind it.
const ENDS: [char; 17] = [
    '"', '(', ')', ',', ';', ':', '<', '>', '[', ']', '\u{201c}', '\u{201d}', '\u{201e}', '\u{ab}',
    '\u{bb}', '\u{2039}', '\u{203a}',
];
/// The quotation marks that may stand around an address.
const QUOTES: [(char, char); 7] = [
    ('"', '"'),
    ('\'', '\''),
    ('\u{2018}', '\u{2019}'),
    ('\u{201c}', '\u{201d}'),
    ('\u{201e}', '\u{201c}'),
    ('\u{ab}', '\u{bb}'),
    ('\u{2039}', '\u{203a}'),
];
/// What may stand before an address, besides a name.
const SCHEMES: [&str; 2] = ["mailto:", "smtp:"];

impl Mailbox {
    /// Reads a text that is one address: `kim@mail.test`, `Name <kim@mail.test>`,
    /// `mailto:kim@mail.test`, quotation marks around them or not.
    ///
    /// # Errors
    /// Returns an [`AddressError`] if the text has no address or several, a control character, or
    /// words beside an address that is not in angle brackets.
    pub fn typed(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        // What stands for bytes that were no text is no character of an address either.
        if text.contains(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER) {
            return Err(AddressError::ControlCharacter);
        }
        let mailbox = Self::one(text)?;
        if is_named_another(text, &mailbox) {
            return Err(AddressError::SeveralAddresses);
        }
        if is_bare(text) || is_in_brackets(text, &mailbox) {
            return Ok(mailbox);
        }
        Err(AddressError::MoreThanAddress)
    }
}

/// Checks whether angle brackets hold the address and nothing else.
fn is_in_brackets(text: &str, mailbox: &Mailbox) -> bool {
    let mut opened = text.match_indices('<').filter_map(|(at, _)| {
        let (inside, _) = text.get(at + 1..)?.split_once('>')?;
        Some(inside)
    });
    opened.any(|inside| is_bare(inside) && Mailbox::one(inside).as_ref() == Ok(mailbox))
}

/// Checks whether the name before angle brackets is the address of somebody else: nobody knows
/// which of the two is meant.
fn is_named_another(text: &str, mailbox: &Mailbox) -> bool {
    let name = text.rsplit_once('<').map(|(name, _)| name.trim());
    let name = name.filter(|name| is_bare(name)).map(Mailbox::one);
    name.is_some_and(|named| named.is_ok_and(|named| named != *mailbox))
}

/// Checks whether a text with an address has nothing beside it.
fn is_bare(text: &str) -> bool {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == ',' || c == ';');
    let text = without_scheme(without_quotes(text));
    let address = match text.strip_prefix('"') {
        None => text,
        Some(rest) => match behind_quote(rest) {
            Some(rest) if rest.starts_with('@') => rest,
            _ => return false,
        },
    };
    let literal = address.find("@[").and_then(|at| address.get(at + 2..));
    let (name, literal) = match literal {
        Some(literal) => {
            let at = address.len() - literal.len() - 1;
            (address.get(..at), literal.strip_suffix(']'))
        }
        None => (Some(address), Some("")),
    };
    let is_word = |text: &str, ends: &[char]| {
        let is_end = |c: char| c.is_whitespace() || ends.contains(&c);
        !text.contains(is_end)
    };
    let is_name = name.is_some_and(|name| is_word(name, &ENDS));
    is_name && literal.is_some_and(|literal| is_word(literal, &['[', ']', '<', '>']))
}

/// Takes the quotation marks off that are around the whole text. Those of a quoted local part stay.
fn without_quotes(text: &str) -> &str {
    let inner = QUOTES.iter().find_map(|(opens, closes)| {
        let inner = text.strip_prefix(*opens)?.strip_suffix(*closes)?;
        Some(inner).filter(|inner| !inner.contains(*closes))
    });
    inner.map_or(text, str::trim)
}

/// Takes a scheme off, and the query that may follow an address behind it.
fn without_scheme(text: &str) -> &str {
    let address = SCHEMES.iter().find_map(|scheme| {
        let (start, address) = text.split_at_checked(scheme.len())?;
        Some(address).filter(|_| start.eq_ignore_ascii_case(scheme))
    });
    match address {
        Some(address) => address.split('?').next().unwrap_or_default(),
        None => text,
    }
}

/// Returns what follows the end of a quoted text.
fn behind_quote(text: &str) -> Option<&str> {
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '"' => return text.get(at + 1..),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Result<String, &'static str> {
        let mailbox = Mailbox::typed(text).map_err(AddressError::code)?;
        Ok(mailbox.key().to_owned())
    }

    #[test]
    fn an_address_in_any_spelling_is_read() {
        for (text, key) in [
            ("kim@mail.test", "kim@mail.test"),
            (" KIM@Mail.test.\n", "kim@mail.test"),
            ("\"kim@mail.test\"", "kim@mail.test"),
            ("'kim@mail.test'", "kim@mail.test"),
            ("\u{201c}kim@mail.test\u{201d}", "kim@mail.test"),
            ("kim@mail.test;", "kim@mail.test"),
            ("mailto:kim@mail.test?subject=a b", "kim@mail.test"),
            ("SMTP:kim@mail.test", "kim@mail.test"),
            ("<kim@mail.test>", "kim@mail.test"),
            ("<mailto:kim@mail.test>", "kim@mail.test"),
            ("Kim Ode <kim@mail.test>", "kim@mail.test"),
            ("\"Ode, Kim\" <kim@mail.test>", "kim@mail.test"),
            ("\"a < b\" <kim@mail.test>", "kim@mail.test"),
            ("kim@mail.test <Kim@mail.test>", "kim@mail.test"),
            ("\"kim@mail.test\" <kim@mail.test>", "kim@mail.test"),
            ("o'hara@mail.test", "o'hara@mail.test"),
            ("\"kim, ode\"@mail.test", "\"kim, ode\"@mail.test"),
            ("kim@[192.0.2.1]", "kim@[192.0.2.1]"),
            ("kim\u{ff20}b\u{fc}cher.test", "kim@xn--bcher-kva.test"),
        ] {
            assert_eq!(typed(text).as_deref(), Ok(key), "{text:?}");
        }
    }

    #[test]
    fn what_is_beside_an_address_is_not_dropped() {
        let more = Err("more_than_address");
        for (text, code) in [
            ("kim smith@mail.test", more.clone()),
            ("smith@mail.test kim", more.clone()),
            ("kim (smith@mail.test)", more.clone()),
            ("smith@mail.test (kim)", more.clone()),
            ("kim[x]smith@mail.test", more.clone()),
            ("kim\u{bb}smith@mail.test", more.clone()),
            ("kim\u{a0}smith@mail.test", more.clone()),
            ("kim: smith@mail.test", more.clone()),
            ("kim:smith@mail.test", more.clone()),
            ("kim,smith@mail.test", more.clone()),
            ("\"kim\" smith@mail.test", more.clone()),
            ("smith@mail.test <kim", more.clone()),
            ("kim <smith@mail.test", more.clone()),
            ("Kim <kim smith@mail.test>", more.clone()),
            ("n\0ul@mail.test", Err("control_character")),
            ("a\tb@mail.test", Err("control_character")),
            ("kim\u{85}ode@mail.test", Err("control_character")),
            ("Kim\nOde <kim@mail.test>", Err("control_character")),
            ("kim@", Err("no_address")),
            ("a@x.test, b@x.test", Err("several_addresses")),
            ("lee@x.test <kim@x.test>", Err("several_addresses")),
            ("\"lee@x.test\" <kim@x.test>", Err("several_addresses")),
            ("'lee@x.test' <kim@x.test>", Err("several_addresses")),
            ("kim\u{fffd}@mail.test", Err("control_character")),
        ] {
            assert_eq!(typed(text), code, "{text:?}");
        }
    }
}
