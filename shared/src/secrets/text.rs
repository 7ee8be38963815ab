//! A secret as somebody put it: pasted, piped, quoted, with a note beside it.
//!
//! What surely does not belong to a key is taken off; what may be a mistake is refused, because it
//! would refuse every webhook without a word, or let in whoever signs with a word that is no
//! secret.

use std::fmt;

use serde::Deserialize as _;

use super::error::SecretsError;
use super::label::{UNSET_LABEL, URL_KEY};

/// A shorter key can be guessed.
const MIN_KEY_CHARS: usize = 8;
/// The longest label.
const MAX_LABEL_BYTES: usize = 32;
/// Every label that starts like the URL key's is reserved, so that a misspelt one is no signing
/// key.
const RESERVED: char = '?';
/// What an armoured key begins with (RFC 7468).
const PEM: &str = "-----BEGIN";
/// JSON that is neither an object nor a list, and no key.
const JSON_WORDS: [&str; 3] = ["null", "true", "false"];
/// The pairs in which people put text.
const QUOTES: [(char, char); 6] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('\u{201c}', '\u{201d}'),
    ('\u{2018}', '\u{2019}'),
    ('\u{ab}', '\u{bb}'),
];

/// What stands in a secret beside its keys and is none, without `-`, `_` and digits: remarks,
/// accounts, places, dates.
const NO_KEYS: &[&str] = &[
    "account",
    "apikey",
    "comment",
    "comments",
    "contact",
    "created",
    "createdat",
    "date",
    "desc",
    "description",
    "domain",
    "email",
    "endpoint",
    "env",
    "environment",
    "expires",
    "expiresat",
    "host",
    "hostname",
    "id",
    "info",
    "login",
    "memo",
    "name",
    "note",
    "notes",
    "owner",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "port",
    "provider",
    "pwd",
    "region",
    "remark",
    "remarks",
    "rotated",
    "rotatedat",
    "tag",
    "tags",
    "ticket",
    "title",
    "todo",
    "type",
    "updated",
    "updatedat",
    "url",
    "user",
    "userid",
    "username",
    "version",
    "webhookurl",
];
/// What a label that names no key ends with: `smtp_password`, `sendgrid-api-key`.
const NO_KEY_ENDINGS: &[&str] = &[
    "apikey",
    "comment",
    "description",
    "memo",
    "note",
    "password",
    "username",
];

/// Reads one bare key, or a JSON object of label -> key, each label once; in the order in which
/// they stand.
///
/// White space, a byte order mark and one pair of quotation marks around a key are not part of it.
/// What is under [`UNSET_LABEL`] is random, and taken as it is.
///
/// # Errors
/// A [`SecretsError`] that says what to do, for a key or a label that is none.
pub fn read(text: &str) -> Result<Vec<(Option<String>, String)>, SecretsError> {
    let text = trimmed(text);
    let is_list = text.starts_with('[') && text.ends_with(']');
    if is_list || JSON_WORDS.contains(&text) {
        return Err(SecretsError::NotAnObject);
    }
    let keys = if text.starts_with('{') {
        labelled(text)?
    } else {
        vec![(None, key(text)?)]
    };
    if keys.is_empty() {
        return Err(SecretsError::Blank);
    }
    let signing: Vec<&String> = keys
        .iter()
        .filter(|(label, _)| label.as_deref() != Some(URL_KEY))
        .map(|(_, key)| key)
        .collect();
    let is_repeated = |(index, key)| signing.iter().skip(index + 1).any(|other| *other == key);
    if signing.iter().copied().enumerate().any(is_repeated) {
        return Err(SecretsError::KeyRepeated);
    }
    Ok(keys)
}

/// Takes off what an editor, a shell or a page puts around a text.
fn trimmed(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// White space, and what cannot be seen either: byte order mark, zero width.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// What no key has: of another encoding, or to turn a line around.
fn is_unprintable(c: char) -> bool {
    let is_invisible = matches!(c, '\u{ad}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || is_invisible || c == char::REPLACEMENT_CHARACTER
}

/// The key that somebody meant.
fn key(text: &str) -> Result<String, SecretsError> {
    let text = trimmed(text);
    let within = QUOTES.iter().find_map(|(open, close)| {
        let opened = text.strip_prefix(*open)?;
        opened.strip_suffix(*close)
    });
    let key = trimmed(within.unwrap_or(text));
    if key.is_empty() {
        return Err(SecretsError::Blank);
    }
    if key.contains(PEM) {
        return Err(SecretsError::KeyPem);
    }
    // Also a line break that was escaped once too often.
    if key.contains(is_space) || key.ends_with("\\n") || key.ends_with("\\r") {
        return Err(SecretsError::KeyWhiteSpace);
    }
    if key.contains(is_unprintable) {
        return Err(SecretsError::KeyUnprintable);
    }
    if key.contains(|c| QUOTES.iter().any(|(open, close)| c == *open || c == *close)) {
        return Err(SecretsError::KeyQuoted);
    }
    if key.chars().count() < MIN_KEY_CHARS {
        return Err(SecretsError::KeyShort);
    }
    Ok(key.to_owned())
}

fn check_label(label: &str) -> Result<(), SecretsError> {
    if label == URL_KEY {
        return Ok(());
    }
    if label.trim().is_empty() {
        return Err(SecretsError::Blank);
    }
    if label.starts_with(RESERVED) {
        return Err(SecretsError::LabelReserved);
    }
    let letters = label.chars().filter(char::is_ascii_alphabetic);
    let word: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    let ends_like_one = NO_KEY_ENDINGS.iter().any(|ending| word.ends_with(ending));
    if NO_KEYS.contains(&word.as_str()) || ends_like_one {
        return Err(SecretsError::LabelNamesNoKey);
    }
    let is_fit = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    if label.len() > MAX_LABEL_BYTES || !label.bytes().all(is_fit) {
        return Err(SecretsError::LabelUnfit);
    }
    Ok(())
}

/// Keeps the order of the object and refuses a repeated label, which would silently lose a key.
fn labelled(text: &str) -> Result<Vec<(Option<String>, String)>, SecretsError> {
    struct Pairs(Vec<(String, String)>);
    struct Reader;
    impl<'de> serde::de::Visitor<'de> for Reader {
        type Value = Pairs;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of label -> key")
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
            let mut pairs: Vec<(String, String)> = Vec::new();
            while let Some(pair) = map.next_entry::<String, String>()? {
                if pairs.iter().any(|(label, _)| *label == pair.0) {
                    return Err(serde::de::Error::custom("a label is repeated"));
                }
                pairs.push(pair);
            }
            Ok(Pairs(pairs))
        }
    }
    impl<'de> serde::Deserialize<'de> for Pairs {
        fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
            d.deserialize_map(Reader)
        }
    }
    // The JSON error is dropped: it could quote a piece of a secret.
    let mut json = serde_json::Deserializer::from_str(text);
    let pairs = Pairs::deserialize(&mut json).map_err(|_| SecretsError::NotAnObject)?;
    json.end().map_err(|_| SecretsError::NotAnObject)?;
    let pairs = pairs.0.into_iter().map(|(label, text)| {
        check_label(&label)?;
        let key = if label == UNSET_LABEL && !trimmed(&text).is_empty() {
            text
        } else {
            key(&text)?
        };
        Ok((Some(label), key))
    });
    pairs.collect()
}
