//! Why a request was refused, with a stable code for logs. [`crate::answers`] has the status.

/// A refusal. It has nothing from the request, so it can be logged as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Rejection {
    /// The gateway said that the body is base64, and it is not.
    #[error("the gateway's base64 body cannot be decoded")]
    BodyUndecodable,
    /// There is no signature, in its header or in the body.
    #[error("the signature is missing")]
    SignatureMissing,
    /// The signature came twice. The gateway joins repeated headers with a comma.
    #[error("the signature came more than once")]
    SignatureDuplicated,
    /// The signature is not in the provider's encoding, or has the wrong length.
    #[error("the signature cannot be read")]
    SignatureUnreadable,
    /// The body is a form, and the provider signs JSON. It may be one of its older webhooks.
    #[error("the body is a form, not JSON with a signature in it")]
    FormEncoded,
    /// The body is not the form that the provider signs, with its one field of events.
    #[error("the body is not the provider's form")]
    NotAForm,
    /// The signature is well-formed, but matches none of our secrets.
    #[error("the signature matches none of the secrets")]
    SignatureMismatch,
    /// There is no shared secret: no `Authorization`, no `X-Postern-Key`, no key in the URL.
    #[error("the shared secret is missing")]
    CredentialMissing,
    /// The same credential came twice. The gateway joins repeated headers and parameters with a
    /// comma.
    #[error("the shared secret came more than once")]
    CredentialDuplicated,
    /// The `Authorization` header is neither Basic nor Bearer, or has not their form.
    #[error("the Authorization header cannot be read")]
    CredentialUnreadable,
    /// There is a credential, but it is none of our secrets.
    #[error("the credential is none of the secrets")]
    CredentialMismatch,
    /// There is no header with the request's id, which is signed with the body.
    #[error("the id header is missing")]
    IdMissing,
    /// The id header came twice.
    #[error("the id header came more than once")]
    IdDuplicated,
    /// The id has a dot in it. A dot stands between the signed parts, so they could be split
    /// elsewhere.
    #[error("the id header cannot be read")]
    IdUnreadable,
    /// The signature is right, but the URL does not have the key that belongs to the signing key.
    #[error("the request is signed, but the key in its URL is missing or another one")]
    UrlKeyMismatch,
    /// There is no signed time.
    #[error("the signed timestamp is missing")]
    TimestampMissing,
    /// The signed time came twice.
    #[error("the signed timestamp came more than once")]
    TimestampDuplicated,
    /// The timestamp is not a number of seconds.
    #[error("the signed timestamp cannot be read")]
    TimestampUnreadable,
    /// The signature is right, but older than the window allows: a replay, or a very late retry.
    #[error("the request was signed too long ago")]
    TimestampStale,
    /// The signature is right, but its time is further ahead of ours than the window allows.
    #[error("the request was signed in the future")]
    TimestampAhead,
    /// The signature is right, but the body is larger than a queue message even when compressed, or
    /// unpacks to more than 10 MiB.
    #[error("the body is too large for the queue even when compressed")]
    TooLarge,
    /// The method is not POST.
    #[error("the method is not POST")]
    MethodNotAllowed,
    /// There is no key to check a signature with. The provider must retry.
    #[error("there is no key that could be used: the secret is missing, unreadable or malformed")]
    KeyUnavailable,
    /// The queue did not accept the delivery in time. The provider must retry.
    #[error("the queue did not take the delivery in time")]
    QueueUnavailable,
}

impl Rejection {
    /// Returns the stable name that logs use.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::BodyUndecodable => "body_undecodable",
            Self::SignatureMissing => "signature_missing",
            Self::SignatureDuplicated => "signature_duplicated",
            Self::SignatureUnreadable => "signature_unreadable",
            Self::FormEncoded => "form_encoded",
            Self::NotAForm => "not_a_form",
            Self::SignatureMismatch => "signature_mismatch",
            Self::CredentialMissing => "credential_missing",
            Self::CredentialDuplicated => "credential_duplicated",
            Self::CredentialUnreadable => "credential_unreadable",
            Self::CredentialMismatch => "credential_mismatch",
            Self::IdMissing => "id_missing",
            Self::IdDuplicated => "id_duplicated",
            Self::IdUnreadable => "id_unreadable",
            Self::UrlKeyMismatch => "url_key_mismatch",
            Self::TimestampMissing => "timestamp_missing",
            Self::TimestampDuplicated => "timestamp_duplicated",
            Self::TimestampUnreadable => "timestamp_unreadable",
            Self::TimestampStale => "timestamp_stale",
            Self::TimestampAhead => "timestamp_ahead",
            Self::TooLarge => "too_large",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::KeyUnavailable => "key_unavailable",
            Self::QueueUnavailable => "queue_unavailable",
        }
    }

    /// Checks whether other keys could let the request in, because the secret may just have been
    /// rotated.
    #[must_use]
    pub fn other_keys_may_help(self) -> bool {
        matches!(
            self,
            Self::SignatureMismatch | Self::CredentialMismatch | Self::UrlKeyMismatch
        )
    }

    /// Checks whether the form of the body may be the reason: it may be signed packed or unpacked,
    /// or have the signature inside.
    pub(crate) fn is_of_the_bytes(self) -> bool {
        matches!(
            self,
            Self::SignatureMismatch
                | Self::SignatureMissing
                | Self::SignatureUnreadable
                | Self::FormEncoded
                | Self::NotAForm
        )
    }
}
