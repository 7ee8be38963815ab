//! The keys that a provider signs with: labelled, of the current or the previous version, never empty, never printed.
//!
//! A version may also hold a URL key, under the label [`URL_KEY`]: a second secret, which every request must bring as its query
//! parameter `key`. It signs nothing by itself.

use std::fmt;

use serde::Deserialize as _;

use crate::provider::Provider;

/// The environment variable that holds the secrets. Where several functions share one environment, each reads
/// [`variable_of`] its provider first.
pub const SECRETS_VARIABLE: &str = "WEBHOOK_SECRETS";

/// The label under which the template generates a random key: what nobody has set yet. It has no provider's form, and matches
/// nothing.
pub const UNSET_LABEL: &str = "unset";

/// The environment variable with the secrets of one provider: `WEBHOOK_SECRETS_CUSTOMERIO`.
#[must_use]
pub fn variable_of(provider: &str) -> String {
    format!("{SECRETS_VARIABLE}_{}", provider.to_ascii_uppercase())
}

/// The label of the URL key. Every label that starts like it is reserved, so that a misspelt one is no signing key.
pub const URL_KEY: &str = "?key";
const RESERVED: char = '?';

/// One or more keys of one provider: never empty, never blank, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    pub(crate) keys: Vec<Key>,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) label: Option<String>,
    pub(crate) secret: String,
    pub(crate) stage: Stage,
    /// What the URL of a request that is signed with this key must bring; each version of a secret has its own.
    pub(crate) in_url: Option<String>,
}

/// Which version of a secret a key is of (Secrets Manager's staging labels).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The one that providers should sign with.
    Current,
    /// The one before the last rotation, accepted until nobody signs with it.
    Previous,
}

impl Stage {
    /// Secrets Manager's word, which metrics use too.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Current => "AWSCURRENT",
            Self::Previous => "AWSPREVIOUS",
        }
    }
}

/// Why a function refuses to start: it would accept nothing, or everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// The variable is not set.
    #[error(
        "WEBHOOK_SECRETS is not set: set it to the provider's signing key, or to a JSON object of label -> key; or set WEBHOOK_SECRET_ARN to a secret in Secrets Manager that holds either"
    )]
    Unset,
    /// The variable, or one key in it, is empty or white space.
    #[error(
        "WEBHOOK_SECRETS is blank or holds a blank key: set it to the provider's signing key, or to a JSON object of label -> key"
    )]
    Blank,
    /// It starts like a JSON object and is none of text to text.
    #[error(
        "WEBHOOK_SECRETS starts with '{{' but is not a JSON object of label -> key, both text, each label once"
    )]
    NotAnObject,
    /// A key is not in the form that its provider's keys have.
    #[error("a key in the secret cannot be used: {0}")]
    Key(#[from] KeyError),
    /// There is a URL key, and nothing to check a signature with.
    #[error(
        "WEBHOOK_SECRETS has a URL key (\"?key\") and no signing key: add the provider's signing key under a label of its own"
    )]
    UrlKeyAlone,
    /// A URL key has characters that a URL would have to encode.
    #[error(
        "the URL key (\"?key\") in WEBHOOK_SECRETS has other characters than letters, digits, '-', '.', '_' and '~'"
    )]
    UrlKeyUnfit,
    /// A label starts with '?' and is not the URL key's.
    #[error("a label in WEBHOOK_SECRETS starts with '?': only \"?key\", the URL key, may")]
    LabelReserved,
}

/// Why a key could match no signature of its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Standard Webhooks: what follows `whsec_` is base64.
    #[error(
        "it is not base64, with or without whsec_ in front: put the signing secret as the provider shows it, without a line break"
    )]
    NotBase64,
    /// ECDSA: a public key.
    #[error(
        "it is not a P-256 public key in base64 (SubjectPublicKeyInfo, without BEGIN and END lines): put the verification key as the provider shows it, without a line break"
    )]
    NotAPublicKey,
    /// ECDSA: whoever checks signatures must not be able to make them.
    #[error("it is a private key: put the public one that belongs to it")]
    Private,
}

impl KeyError {
    /// The stable name for logs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotBase64 => "secrets_key_not_base64",
            Self::NotAPublicKey => "secrets_key_not_public",
            Self::Private => "secrets_key_private",
        }
    }
}

impl SecretsError {
    /// The stable name for logs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unset => "secrets_unset",
            Self::Blank => "secrets_blank",
            Self::NotAnObject => "secrets_not_an_object",
            Self::Key(error) => error.code(),
            Self::UrlKeyAlone => "secrets_url_key_alone",
            Self::UrlKeyUnfit => "secrets_url_key_unfit",
            Self::LabelReserved => "secrets_label_reserved",
        }
    }
}

impl Secrets {
    /// Reads one bare key, or a JSON object of label -> key, with the [`URL_KEY`] among them or not. A key is used to the letter:
    /// nothing is trimmed or decoded.
    ///
    /// # Errors
    /// [`SecretsError`] when there is no key, a blank key or label, a broken object, or a URL key that cannot be one.
    pub fn parse(text: &str) -> Result<Self, SecretsError> {
        if text.trim().is_empty() {
            return Err(SecretsError::Blank);
        }
        let keys = if text.trim_start().starts_with('{') {
            labelled(text)?
        } else {
            vec![Key {
                label: None,
                secret: text.to_owned(),
                stage: Stage::Current,
                in_url: None,
            }]
        };
        if keys.is_empty() || keys.iter().any(Key::is_blank) {
            return Err(SecretsError::Blank);
        }
        let keys = bound_to_url_key(keys)?;
        Ok(Self { keys })
    }

    /// These secrets, if the provider can use every one of them; what was never set ([`UNSET_LABEL`]) may have any form.
    ///
    /// # Errors
    /// [`SecretsError::Key`] for the first that it cannot use.
    pub fn checked_by(self, provider: &dyn Provider) -> Result<Self, SecretsError> {
        let set = self.keys.iter().filter(|key| !key.is_unset());
        for key in set {
            provider.check_key(&key.secret)?;
        }
        Ok(self)
    }

    /// These secrets, and after them those of before the last rotation.
    #[must_use]
    pub fn with_previous(mut self, previous: Self) -> Self {
        let previous = previous.keys.into_iter().map(|key| Key {
            stage: Stage::Previous,
            ..key
        });
        self.keys.extend(previous);
        self
    }
}

impl Key {
    fn is_blank(&self) -> bool {
        let label_is_blank = self.label.as_deref().is_some_and(|l| l.trim().is_empty());
        label_is_blank || self.secret.trim().is_empty()
    }

    fn is_unset(&self) -> bool {
        self.label.as_deref() == Some(UNSET_LABEL)
    }
}

/// Takes the URL key out of the signing keys of its version, and lets none of them count without it.
fn bound_to_url_key(keys: Vec<Key>) -> Result<Vec<Key>, SecretsError> {
    let is_reserved = |key: &Key| {
        let label = key.label.as_deref();
        label.is_some_and(|label| label.starts_with(RESERVED))
    };
    let (reserved, mut keys): (Vec<Key>, Vec<Key>) = keys.into_iter().partition(is_reserved);
    let mut url_key = None;
    for key in reserved {
        if key.label.as_deref() != Some(URL_KEY) {
            return Err(SecretsError::LabelReserved);
        }
        // Unreserved in RFC 3986: no URL, gateway or form writes them in another way, and a comma, with which the gateway joins
        // a repeated parameter, is not among them.
        let is_fit = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        if !key.secret.bytes().all(is_fit) {
            return Err(SecretsError::UrlKeyUnfit);
        }
        url_key = Some(key.secret);
    }
    if keys.is_empty() {
        return Err(SecretsError::UrlKeyAlone);
    }
    for key in &mut keys {
        key.in_url.clone_from(&url_key);
    }
    Ok(keys)
}

/// Keeps the order of the object and refuses a repeated label, which would silently lose a key.
fn labelled(text: &str) -> Result<Vec<Key>, SecretsError> {
    struct Pairs;
    impl<'de> serde::de::Visitor<'de> for Pairs {
        type Value = Vec<Key>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of label -> key")
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Vec<Key>, A::Error> {
            let mut keys: Vec<Key> = Vec::new();
            while let Some((label, secret)) = map.next_entry::<String, String>()? {
                if keys.iter().any(|k| k.label.as_ref() == Some(&label)) {
                    return Err(serde::de::Error::custom("a label is repeated"));
                }
                keys.push(Key {
                    label: Some(label),
                    secret,
                    stage: Stage::Current,
                    in_url: None,
                });
            }
            Ok(keys)
        }
    }
    // The JSON error is dropped: it could quote a piece of a secret.
    struct Keys(Vec<Key>);
    impl<'de> serde::Deserialize<'de> for Keys {
        fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
            d.deserialize_map(Pairs).map(Keys)
        }
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let keys = Keys::deserialize(&mut json).map_err(|_| SecretsError::NotAnObject)?;
    json.end().map_err(|_| SecretsError::NotAnObject)?;
    Ok(keys.0)
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({} redacted)", self.keys.len())
    }
}
