//! Why nothing was put, and what to do about it. No text quotes a key.

use jiff::Timestamp;
use shared::secrets::SecretsError;

use crate::error::Error;
use crate::exit::Exit;

/// Why a command on a provider's key fails.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The stack or Secrets Manager failed.
    #[error(transparent)]
    Stack(#[from] Error),
    /// What was given cannot be a key, or a secret.
    #[error("{what}; nothing was put", what = split(*.reason).0)]
    Form {
        /// Where the right key is shown.
        place: &'static str,
        /// What is wrong with it.
        reason: SecretsError,
    },
    /// What was given is a key of the provider's API.
    #[error(
        "this is a {name} API key{form}, not {key}; nothing was put",
        name = .name,
        form = .form.map(|start| format!(" ({start}…)")).unwrap_or_default(),
        key = .key
    )]
    ApiKey {
        /// The provider, as it writes itself.
        name: &'static str,
        /// What it calls the right key.
        key: &'static str,
        /// Where the right key is shown.
        place: &'static str,
        /// How such a key starts, if this one does.
        form: Option<&'static str>,
        /// Whether some old accounts sign with it all the same.
        may_sign: bool,
    },
    /// An object was given where one key is wanted.
    #[error("one key is wanted, not an object of label to key; nothing was put")]
    OneKey,
    /// A label was given beside an object, which has labels of its own.
    #[error("--label is for one key, and an object has labels of its own; nothing was put")]
    LabelWithObject,
    /// What was given as a label cannot be one.
    #[error("`{0}` is no label of a key; nothing was put")]
    Label(String),
    /// It is not clear whose place the key takes.
    #[error("{}; nothing was put", label_needed(.provider, .labels))]
    LabelNeeded {
        /// The provider.
        provider: &'static str,
        /// The labels of the keys that are there. If there is none, the one key has no label.
        labels: Vec<String>,
    },
    /// The signing key has no label, and beside a URL key it needs one.
    #[error("the key of {0} has no label, and beside a URL key it needs one; nothing was put")]
    UrlKeyNeedsLabel(&'static str),
    /// The provider signs its URL, which is in its secret. A key in it would change both.
    #[error("the URL of {0} is signed and in its secret; nothing was put")]
    UrlIsSigned(&'static str),
    /// The secret holds just this.
    #[error("this is the current key of {0} already; nothing was put")]
    Same(&'static str),
    /// The put would drop a key that the provider may still sign with.
    #[error(
        "this would drop the key before the current one, and {name} may still sign with it; nothing was put"
    )]
    TooSoon {
        /// The provider.
        provider: &'static str,
        /// The provider, as it writes itself.
        name: &'static str,
        /// When the current key was put.
        put: Timestamp,
        /// Until when the provider may send again what it signed before.
        until: Timestamp,
        /// Whether the provider documents this.
        is_documented: bool,
    },
    /// The secret cannot be used, so nothing can be added to it.
    #[error(
        "what is there for {provider} cannot be used ({code}), so nothing can be added to it; nothing was put",
        code = .reason.code()
    )]
    NotUsable {
        /// The provider.
        provider: &'static str,
        /// What is wrong with it.
        reason: SecretsError,
    },
    /// The provider makes its keys itself.
    #[error("{name} makes its keys itself, so none can be made for it; nothing was put")]
    NotChosen {
        /// The provider, as it writes itself.
        name: &'static str,
        /// Where its key is shown.
        place: &'static str,
    },
    /// The key that is made would have to be in JSON.
    #[error("--make shows the key that it makes, and --json never shows one; nothing was put")]
    NeverInJson,
    /// The system has no random numbers.
    #[error("this system gives no random numbers to make a key of; nothing was put")]
    NoRandom,
    /// There is no key.
    #[error("no key of {0} was ever put")]
    NotSet(&'static str),
    /// Nothing is on in the stack, so nothing says how its secrets are named.
    #[error("no provider is on in this stack, so {0} has no secret there")]
    NotOn(&'static str),
    /// The secret waits for its deletion.
    #[error("the secret {0} is marked for deletion")]
    Deleted(String),
    /// The provider still signs with the version before.
    #[error(
        "the key before the current one of {provider} signed {webhooks} webhooks in 24 h; it stays accepted"
    )]
    StillSigns {
        /// The provider.
        provider: &'static str,
        /// How many webhooks.
        webhooks: u64,
    },
    /// Somebody else put a key at the same time.
    #[error("{0}: put, but somebody else put another key in between, which is now the one before")]
    Overtaken(&'static str),
    /// A secret cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl SecretError {
    /// Returns the error's stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Stack(error) => error.code(),
            Self::Form { reason, .. } | Self::NotUsable { reason, .. } => reason.code(),
            Self::ApiKey { may_sign: true, .. } => "secrets_key_like_api",
            Self::ApiKey { .. } => "secrets_key_of_api",
            Self::OneKey => "secret_one_key",
            Self::LabelWithObject => "secret_label_with_object",
            Self::Label(_) => "secrets_label_unfit",
            Self::LabelNeeded { .. } | Self::UrlKeyNeedsLabel(_) => "secret_label_needed",
            Self::UrlIsSigned(_) => "secret_url_is_signed",
            Self::Same(_) => "secret_same",
            Self::TooSoon { .. } => "secret_too_soon",
            Self::NotChosen { .. } => "secret_not_chosen",
            Self::NeverInJson => "secret_never_in_json",
            Self::NoRandom => "secret_no_random",
            Self::NotSet(_) => "secret_not_set",
            Self::NotOn(_) => "secret_not_on",
            Self::Deleted(_) => "secret_deleted",
            Self::StillSigns { .. } => "secret_still_signs",
            Self::Overtaken(_) => "secret_overtaken",
            Self::Json(_) => "not_json",
        }
    }

    /// Returns how a command ends that fails with it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Stack(error) => error.exit(),
            Self::OneKey
            | Self::LabelWithObject
            | Self::Label(_)
            | Self::NotChosen { .. }
            | Self::NeverInJson
            | Self::NotOn(_) => Exit::Line,
            Self::Form { .. }
            | Self::ApiKey { .. }
            | Self::LabelNeeded { .. }
            | Self::UrlKeyNeedsLabel(_)
            | Self::UrlIsSigned(_)
            | Self::Same(_)
            | Self::TooSoon { .. }
            | Self::NotUsable { .. }
            | Self::NotSet(_)
            | Self::Deleted(_)
            | Self::StillSigns { .. } => Exit::No,
            Self::NoRandom | Self::Json(_) => Exit::Unreachable,
            Self::Overtaken(_) => Exit::Partly,
        }
    }

    /// Returns what is behind the error, if it says more than the error.
    #[must_use]
    pub fn cause(&self) -> Option<String> {
        match self {
            Self::Stack(error) => error.cause(),
            Self::TooSoon {
                put,
                until,
                is_documented,
                ..
            } => {
                let whose = if *is_documented {
                    "what was signed before comes again"
                } else {
                    "how long what was signed before comes again is not documented: 24 h are taken,"
                };
                let (put, until) = (minutes(*put), minutes(*until));
                Some(format!(
                    "the current one was put {put}; {whose} until {until} UTC"
                ))
            }
            _ => None,
        }
    }

    /// Returns what the user can do about the error. ` {target}` stands where the target's flags
    /// belong.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Stack(error) => return error.hint(),
            Self::Form { place, reason } => form_hint(place, *reason),
            Self::ApiKey {
                place,
                may_sign: true,
                ..
            } => format!(
                "{place} (an old account that shows this very key there: aws secretsmanager put-secret-value)"
            ),
            Self::ApiKey { place, .. } => (*place).to_owned(),
            Self::OneKey => "give the key alone".to_owned(),
            Self::LabelWithObject => "leave --label out, or give the key alone".to_owned(),
            Self::Label(_) => {
                "a label is 1 to 32 of a-z, 0-9, _ and -, and no word such as note or password"
                    .to_owned()
            }
            Self::LabelNeeded { provider, labels } => match labels.first() {
                Some(label) => format!("postern secret set {provider} --label {label} {{target}}"),
                None => format!(
                    "give that key a label first, by putting it once more: postern secret set {provider} --label NAME {{target}}"
                ),
            },
            Self::UrlKeyNeedsLabel(provider) => {
                format!("postern secret set {provider} --url-key --label NAME {{target}}")
            }
            Self::UrlIsSigned(provider) => {
                format!(
                    "to have a key in it, put the secret with that URL: postern secret set {provider} {{target}}"
                )
            }
            Self::Same(provider) => {
                format!(
                    "to end what the one before may do: postern secret retire {provider} {{target}}"
                )
            }
            Self::TooSoon { .. } => "wait; or drop it: {line} --drop-previous".to_owned(),
            Self::NotUsable { provider, .. } => format!(
                "put the whole secret, as an object of label to key: postern secret set {provider} {{target}}"
            ),
            Self::NotChosen { place, .. } => format!("copy it: {place}"),
            Self::NotSet(provider) => format!("postern secret set {provider} {{target}}"),
            Self::NotOn(provider) => format!("add {provider} to the stack's Providers"),
            Self::Deleted(name) => {
                format!("aws secretsmanager restore-secret --secret-id {name}")
            }
            Self::StillSigns { provider, .. } => format!(
                "set the current key at the provider; or end the old one: postern secret retire {provider} --drop-previous {{target}}"
            ),
            Self::Overtaken(provider) => format!("postern secret status {provider} {{target}}"),
            Self::NeverInJson => "leave --json out".to_owned(),
            Self::NoRandom | Self::Json(_) => return None,
        })
    }
}

/// Returns what to do about a form that is wrong, and where the right key is if it is about a key.
fn form_hint(place: &str, reason: SecretsError) -> String {
    let advice = split(reason).1.unwrap_or_default();
    match reason {
        SecretsError::UrlKeyUnfit => {
            "have one made: --url-key --make, or openssl rand -hex 32".to_owned()
        }
        SecretsError::Blank
        | SecretsError::KeyShort
        | SecretsError::KeyPem
        | SecretsError::KeyWhiteSpace
        | SecretsError::KeyQuoted
        | SecretsError::KeyUnprintable
        | SecretsError::Key(_) => format!("{advice}      ({place})"),
        SecretsError::Unset
        | SecretsError::NotAnObject
        | SecretsError::KeyRepeated
        | SecretsError::UrlKeyAlone
        | SecretsError::UrlKeySigns
        | SecretsError::LabelReserved
        | SecretsError::LabelUnfit
        | SecretsError::LabelNamesNoKey => advice,
    }
}

/// Splits the text of an error into what is wrong and what to do.
fn split(reason: SecretsError) -> (String, Option<String>) {
    let text = match reason {
        SecretsError::Key(error) => error.to_string(),
        reason => reason.to_string(),
    };
    match text.split_once(": ") {
        Some((what, advice)) => (what.to_owned(), Some(advice.to_owned())),
        None => (text, None),
    }
}

fn label_needed(provider: &str, labels: &[String]) -> String {
    match labels {
        [] => format!("the key of {provider} has no label, and keys beside each other need one"),
        labels => format!(
            "{provider} has keys under the labels {}: which one is this?",
            labels.join(", ")
        ),
    }
}

/// Writes a time to the minute, in UTC.
fn minutes(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}
