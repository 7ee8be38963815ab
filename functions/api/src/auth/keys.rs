//! The bearer keys of the API: a JSON object of label to key. `read:NAME` may ask, `admin:NAME` may
//! change, too.

use std::fmt;

use serde::Deserialize as _;
use shared::auth::same_secret;

/// The fewest characters of a key.
const FEWEST_CHARS: usize = 32;
/// The most characters of a key.
const MOST_CHARS: usize = 256;
/// The longest name in a label.
const NAME_BYTES: usize = 32;

/// Why a version of the secret cannot be used. It contains nothing of the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeysError {
    #[error("the secret is not a JSON object of label to key, each label once")]
    NotAnObject,
    #[error("the secret has no key")]
    Empty,
    #[error("a label is neither read:NAME nor admin:NAME: small letters, digits, - and _")]
    Label,
    #[error("a key has fewer than 32 characters, or more than 256")]
    Length,
    #[error("a key has other characters than letters, digits and -._~+/=")]
    Characters,
    #[error("two labels have the same key")]
    Repeated,
}

impl KeysError {
    /// Returns the stable name.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::NotAnObject => "api_keys_not_an_object",
            Self::Empty => "api_keys_empty",
            Self::Label => "api_keys_label",
            Self::Length => "api_keys_length",
            Self::Characters => "api_keys_characters",
            Self::Repeated => "api_keys_repeated",
        }
    }
}

/// The keys of the current version, and of the one before. They are never printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Keys(Vec<Key>);

#[derive(Clone, PartialEq, Eq)]
struct Key {
    label: String,
    secret: String,
}

/// Whose key it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    /// The label of the key.
    pub(crate) label: String,
    /// Whether it may change anything.
    pub(crate) may_change: bool,
}

impl Keys {
    /// Reads a version of the secret.
    pub(crate) fn read(text: &str) -> Result<Self, KeysError> {
        // The JSON error is dropped, because it could quote a part of a secret.
        let mut json = serde_json::Deserializer::from_str(text);
        let keys = Pairs::deserialize(&mut json).map_err(|_| KeysError::NotAnObject)?;
        json.end().map_err(|_| KeysError::NotAnObject)?;
        if keys.0.is_empty() {
            return Err(KeysError::Empty);
        }
        for (index, key) in keys.0.iter().enumerate() {
            check(key)?;
            let mut before = keys.0.iter().take(index);
            if before.any(|other| same_secret(&other.secret, &key.secret)) {
                return Err(KeysError::Repeated);
            }
        }
        Ok(Self(keys.0))
    }

    /// Returns these keys, followed by those from before the last rotation.
    pub(crate) fn with_previous(mut self, previous: Self) -> Self {
        self.0.extend(previous.0);
        self
    }

    /// Returns whose key it is. Every key is compared, each in constant time, so that the time says
    /// nothing about any of them.
    pub(crate) fn owner(&self, shown: &str) -> Option<Owner> {
        let mut owner = None;
        for key in &self.0 {
            let is_it = same_secret(&key.secret, shown);
            if is_it && owner.is_none() {
                owner = Some(key);
            }
        }
        owner.map(|key| Owner {
            label: key.label.clone(),
            may_change: key.label.starts_with(ADMIN),
        })
    }
}

/// The start of the label of a key that may ask.
const READ: &str = "read:";
/// The start of the label of a key that may change things.
const ADMIN: &str = "admin:";

fn check(key: &Key) -> Result<(), KeysError> {
    let label = key.label.as_str();
    let name = label.strip_prefix(READ).or(label.strip_prefix(ADMIN));
    let name = name.ok_or(KeysError::Label)?;
    let is_fit = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    if !(1..=NAME_BYTES).contains(&name.len()) || !name.bytes().all(is_fit) {
        return Err(KeysError::Label);
    }
    if !(FEWEST_CHARS..=MOST_CHARS).contains(&key.secret.chars().count()) {
        return Err(KeysError::Length);
    }
    if !super::bearer::is_token(&key.secret) {
        return Err(KeysError::Characters);
    }
    Ok(())
}

/// The pairs of an object in their order. A repeated label is refused, because it would silently
/// lose a key.
struct Pairs(Vec<Key>);

impl<'de> serde::Deserialize<'de> for Pairs {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> serde::de::Visitor<'de> for Reader {
            type Value = Pairs;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of label to key")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Pairs, A::Error> {
                let mut keys: Vec<Key> = Vec::new();
                while let Some((label, secret)) = map.next_entry::<String, String>()? {
                    if keys.iter().any(|key| key.label == label) {
                        return Err(serde::de::Error::custom("a label is repeated"));
                    }
                    keys.push(Key { label, secret });
                }
                Ok(Pairs(keys))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({} redacted)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "one-of-the-keys-0123456789abcdef";
    const TWO: &str = "two-of-the-keys-0123456789abcdef";

    fn keys(pairs: &[(&str, &str)]) -> Result<Keys, &'static str> {
        let pairs: Vec<String> = pairs
            .iter()
            .map(|(label, key)| format!("{}:{}", serde_json::json!(label), serde_json::json!(key)))
            .collect();
        Keys::read(&format!("{{{}}}", pairs.join(","))).map_err(KeysError::code)
    }

    #[test]
    fn a_label_says_what_its_key_may() {
        let keys = keys(&[("read:crm", ONE), ("admin:ops", TWO)]).unwrap();
        let owner = |key: &str| {
            let owner = keys.owner(key)?;
            Some((owner.label, owner.may_change))
        };
        assert_eq!(owner(ONE), Some(("read:crm".to_owned(), false)));
        assert_eq!(owner(TWO), Some(("admin:ops".to_owned(), true)));
        assert_eq!(owner("another-key-of-nobody-0123456789abcdef"), None);
        assert_eq!(owner(""), None);
    }

    #[test]
    fn the_keys_of_the_version_before_count_and_the_current_label_holds() {
        let current = keys(&[("read:crm", ONE)]).unwrap();
        let before = keys(&[("admin:crm", ONE), ("admin:ops", TWO)]).unwrap();
        let both = current.with_previous(before);
        assert!(!both.owner(ONE).unwrap().may_change);
        assert!(both.owner(TWO).unwrap().may_change);
    }

    #[test]
    fn what_cannot_be_used_is_refused_and_says_why() {
        for label in [
            "crm",
            "write:crm",
            "admin:",
            "read:CRM",
            "admin: ops",
            "Admin:ops",
        ] {
            assert_eq!(keys(&[(label, ONE)]), Err("api_keys_label"), "{label}");
        }
        let short = "x".repeat(31);
        assert_eq!(keys(&[("read:a", &short)]), Err("api_keys_length"));
        assert_eq!(
            keys(&[("read:a", &"x".repeat(257))]),
            Err("api_keys_length")
        );
        for key in [
            format!("{short} x"),
            format!("{short},"),
            format!("{short}ü"),
        ] {
            assert_eq!(
                keys(&[("read:a", &key)]),
                Err("api_keys_characters"),
                "{key}"
            );
        }
        let twice = keys(&[("read:a", ONE), ("admin:a", ONE)]);
        assert_eq!(twice, Err("api_keys_repeated"));
        let repeated = keys(&[("read:a", ONE), ("read:a", TWO)]);
        assert_eq!(repeated, Err("api_keys_not_an_object"));
        assert_eq!(keys(&[]), Err("api_keys_empty"));
        for text in ["", "null", "[]", ONE, r#"{"read:a":7}"#, "{} {}"] {
            let refused = Keys::read(text).unwrap_err().code();
            assert_eq!(refused, "api_keys_not_an_object", "{text}");
        }
    }

    #[test]
    fn keys_are_not_printed() {
        let keys = keys(&[("read:crm", ONE)]).unwrap();
        assert_eq!(format!("{keys:?}"), "Keys(1 redacted)");
    }
}
