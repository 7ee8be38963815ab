//! What is wrong with a secret, and what to do about it. No text quotes a key.

/// Why a secret cannot be used. With it a receiver would accept nothing, or everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// Neither variable is set.
    #[error(
        "neither WEBHOOK_SECRET_NAME nor WEBHOOK_SECRETS is set: set the first to the name of a secret in Secrets Manager that holds the provider's signing key, or a JSON object of label -> key; or the second to either"
    )]
    Unset,
    /// The secret, or one key in it, is empty or white space.
    #[error(
        "the secret is blank or holds a blank key: put the provider's signing key, or a JSON object of label -> key"
    )]
    Blank,
    /// The secret is JSON, or starts like an object, but is not an object of text to text.
    #[error(
        "the secret looks like JSON and is no JSON object of label -> key, both text, each label once: put the key itself, without brackets, or such an object"
    )]
    NotAnObject,
    /// A key is so short that it can be guessed.
    #[error(
        "a key in the secret has fewer than 8 characters: put the whole signing key, as the provider shows it"
    )]
    KeyShort,
    /// A key is in PEM, with BEGIN and END lines.
    #[error(
        "a key in the secret is a PEM block: put what is between the BEGIN and END lines, as one line"
    )]
    KeyPem,
    /// A key has white space in it.
    #[error(
        "a key in the secret has white space or a line break inside: put the key alone, as one line"
    )]
    KeyWhiteSpace,
    /// A key has a quotation mark in it.
    #[error(
        "a key in the secret has a quotation mark inside: put the key alone, without quotation marks"
    )]
    KeyQuoted,
    /// A key has a NUL, another control character or a replacement character in it.
    #[error(
        "a key in the secret has control characters inside, as text in another encoding than UTF-8 has: put it again, as plain text"
    )]
    KeyUnprintable,
    /// Two labels have the same key, so the second could never be an event's source.
    #[error("two labels in the secret have the same key: keep one of them")]
    KeyRepeated,
    /// A key is not in the form that its provider's keys have.
    #[error("a key in the secret cannot be used: {0}")]
    Key(#[from] KeyError),
    /// There is a URL key, but no key to check a signature with.
    #[error(
        "the secret has a URL key (\"?key\") and no signing key: add the provider's signing key under a label of its own"
    )]
    UrlKeyAlone,
    /// A URL key has characters that a URL would have to encode.
    #[error(
        "the URL key (\"?key\") in the secret has other characters than letters, digits, '-', '.', '_' and '~'"
    )]
    UrlKeyUnfit,
    /// The URL key is also a signing key, so whoever reads the URL could sign.
    #[error(
        "the URL key (\"?key\") in the secret is also a signing key: make a URL key of its own, such as by openssl rand -hex 32"
    )]
    UrlKeySigns,
    /// A label starts with '?' and is not that of the URL key.
    #[error("a label in the secret starts with '?': only \"?key\", the URL key, may")]
    LabelReserved,
    /// A label has other characters than a label may have, or too many.
    #[error(
        "a label in the secret is none: a label is 1 to 32 of the characters a-z, 0-9, '_' and '-'"
    )]
    LabelUnfit,
    /// A label names something that is not a signing key, such as a note. If its text counted as a
    /// key, whoever signs with it would be accepted.
    #[error(
        "a label in the secret names something else than a signing key, such as a note, a user name, a password or an API key: every text in the secret is a signing key, so keep only those"
    )]
    LabelNamesNoKey,
}

/// Why a key could not match any signature of its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The key is not base64. In Standard Webhooks, what follows `whsec_` is.
    #[error(
        "it is not base64, with or without whsec_ in front: put the signing secret as the provider shows it, without a line break"
    )]
    NotBase64,
    /// The key is not an ECDSA public key.
    #[error(
        "it is not a P-256 public key in base64 (SubjectPublicKeyInfo, without BEGIN and END lines): put the verification key as the provider shows it, without a line break"
    )]
    NotAPublicKey,
    /// The key is an ECDSA private key. Whoever checks signatures must not be able to make them.
    #[error("it is a private key: put the public one that belongs to it")]
    Private,
    /// The key is the one of the provider's API, which sends mail and signs nothing. The text says
    /// where the right one is.
    #[error("it is a key of the provider's API, which signs no webhook: put {0}")]
    Api(&'static str),
    /// The provider has published the key, so everybody has it. The text says where the right one
    /// is.
    #[error("everybody knows it: the provider's documents have it. Put {0}")]
    Public(&'static str),
    /// A shared secret has fewer than 32 characters.
    #[error(
        "it has fewer than 32 characters: make one with postern secret set PROVIDER --make, and give it to the provider"
    )]
    SharedShort,
    /// A shared secret has characters that a URL would have to encode.
    #[error(
        "it has other characters than letters, digits, '-', '.', '_' and '~', which a URL would write otherwise"
    )]
    SharedUnfit,
    /// The key of a provider that signs its URL comes without the URL.
    #[error(
        "it is not KEY@URL: put the webhook's key (8 characters or more), an @, and the webhook's URL exactly as the provider shows it, from https:// on"
    )]
    NoUrl,
}

/// What is odd about a key that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum KeyWarning {
    /// The key is short.
    #[error(
        "a key in the secret has fewer than 16 characters and could be guessed: have the provider make a longer one"
    )]
    Weak,
    /// The key looks like that of the provider's API, which signs, too, for some accounts. The text
    /// says where the right one is.
    #[error(
        "a key in the secret looks like a key of the provider's API: if webhooks are refused, put {0}"
    )]
    LikeAnApiKey(&'static str),
}

impl KeyError {
    /// Returns the stable name for logs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotBase64 => "secrets_key_not_base64",
            Self::NotAPublicKey => "secrets_key_not_public",
            Self::Private => "secrets_key_private",
            Self::Api(_) => "secrets_key_of_api",
            Self::Public(_) => "secrets_key_of_everybody",
            Self::SharedShort => "secrets_key_shared_short",
            Self::SharedUnfit => "secrets_key_shared_unfit",
            Self::NoUrl => "secrets_key_no_url",
        }
    }
}

impl KeyWarning {
    /// Returns the stable name for logs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Weak => "secrets_key_weak",
            Self::LikeAnApiKey(_) => "secrets_key_like_api",
        }
    }
}

impl SecretsError {
    /// Returns the stable name for logs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unset => "secrets_unset",
            Self::Blank => "secrets_blank",
            Self::NotAnObject => "secrets_not_an_object",
            Self::KeyShort => "secrets_key_short",
            Self::KeyPem => "secrets_key_pem",
            Self::KeyWhiteSpace => "secrets_key_white_space",
            Self::KeyQuoted => "secrets_key_quoted",
            Self::KeyUnprintable => "secrets_key_unprintable",
            Self::KeyRepeated => "secrets_key_repeated",
            Self::Key(error) => error.code(),
            Self::UrlKeyAlone => "secrets_url_key_alone",
            Self::UrlKeyUnfit => "secrets_url_key_unfit",
            Self::UrlKeySigns => "secrets_url_key_signs",
            Self::LabelReserved => "secrets_label_reserved",
            Self::LabelUnfit => "secrets_label_unfit",
            Self::LabelNamesNoKey => "secrets_label_names_no_key",
        }
    }
}
