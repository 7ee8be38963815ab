//! Reads a secret as somebody entered it: pasted, piped, quoted, or with a note beside it.
//!
//! What surely does not belong to a key is removed. What may be a mistake is refused. Otherwise it
//! would silently refuse every webhook, or accept whoever signs with a word that is not secret.

use std::fmt;

use serde::Deserialize as _;

use super::error::SecretsError;
use super::label::URL_KEY;

/// The shortest key. A shorter one can be guessed.
const MIN_KEY_CHARS: usize = 8;
/// The longest label.
const MAX_LABEL_BYTES: usize = 32;
/// The first character of reserved labels. Every label that starts like the URL key's is reserved,
/// so that a misspelt one is not read as a signing key.
const RESERVED: char = '?';
/// The start of an armoured key (RFC 7468).
const PEM: &str = "-----BEGIN";
/// JSON that is neither an object nor a list, and is not a key.
const JSON_WORDS: [&str; 3] = ["null", "true", "false"];
/// The pairs of quotation marks that people put around text.
const QUOTES: [(char, char); 6] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('\u{201c}', '\u{201d}'),
    ('\u{2018}', '\u{2019}'),
    ('\u{ab}', '\u{bb}'),
];

/// Labels of texts that stand beside the keys and are not keys, without `-`, `_` and digits:
/// remarks, accounts, places, dates.
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
/// Endings of labels whose text is not a key: `smtp_password`, `sendgrid-api-key`.
const NO_KEY_ENDINGS: &[&str] = &[
    "apikey",
    "comment",
    "description",
    "memo",
    "note",
    "password",
    "username",
];

/// Reads one bare key, or a JSON object of label -> key. Each label may be there once. The keys
/// stay in their order.
///
/// White space, a byte order mark and one pair of quotation marks around a key are not part of it.
///
/// # Errors
/// Returns a [`SecretsError`] that says what to do, if a key or a label cannot be used.
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

/// Removes what an editor, a shell or a page puts around a text.
fn trimmed(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Checks for white space, and for what cannot be seen either: byte order mark, zero width.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Checks for characters that no key has: those of another encoding, or those that reorder a line.
fn is_unprintable(c: char) -> bool {
    let is_invisible = matches!(c, '\u{ad}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || is_invisible || c == char::REPLACEMENT_CHARACTER
}

/// Returns the key that somebody meant.
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
    // This also finds a line break that was escaped once too often.
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

/// Checks whether a text may be the label of a signing key, and so an event's `source`.
#[must_use]
pub fn is_label(text: &str) -> bool {
    text != URL_KEY && check_label(text).is_ok()
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

/// Reads the pairs of an object in their order. A repeated label is refused, because it would
/// silently lose a key.
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
    // The JSON error is dropped, because it could quote a part of a secret.
    let mut json = serde_json::Deserializer::from_str(text);
    let pairs = Pairs::deserialize(&mut json).map_err(|_| SecretsError::NotAnObject)?;
    json.end().map_err(|_| SecretsError::NotAnObject)?;
    let pairs = pairs.0.into_iter().map(|(label, text)| {
        check_label(&label)?;
        Ok((Some(label), key(&text)?))
    });
    pairs.collect()
}
