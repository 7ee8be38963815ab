//! Why a request was refused: a stable code for logs and metrics, a status for the sender.

/// A refusal. Nothing of the request is in it, so it can be logged as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Rejection {
    /// The gateway said base64 and the body is not.
    #[error("the gateway's base64 body cannot be decoded")]
    BodyUndecodable,
    /// No signature, in its header or in the body.
    #[error("the signature is missing")]
    SignatureMissing,
    /// The signature came twice; the gateway joins repeated headers with a comma.
    #[error("the signature came more than once")]
    SignatureDuplicated,
    /// The signature is not in the provider's encoding, or has the wrong length.
    #[error("the signature cannot be read")]
    SignatureUnreadable,
    /// A form, of a provider that signs JSON: its older webhooks, or something else of its.
    #[error("the body is a form, not JSON with a signature in it")]
    FormEncoded,
    /// The signature is well-formed and matches none of our secrets.
    #[error("the signature matches none of the secrets")]
    SignatureMismatch,
    /// No header with the request's id, which is signed with the body.
    #[error("the id header is missing")]
    IdMissing,
    /// The id header came twice.
    #[error("the id header came more than once")]
    IdDuplicated,
    /// The id has a dot in it, which stands between the signed parts: they could be split
    /// elsewhere.
    #[error("the id header cannot be read")]
    IdUnreadable,
    /// Truly signed, but its URL has not the key that belongs to the signing key.
    #[error("the request is signed, but the key in its URL is missing or another one")]
    UrlKeyMismatch,
    /// No signed time.
    #[error("the signed timestamp is missing")]
    TimestampMissing,
    /// The signed time came twice.
    #[error("the signed timestamp came more than once")]
    TimestampDuplicated,
    /// The timestamp is not a number of seconds.
    #[error("the signed timestamp cannot be read")]
    TimestampUnreadable,
    /// Truly signed, but longer ago than the window allows: a replay, or a very late retry.
    #[error("the request was signed too long ago")]
    TimestampStale,
    /// Truly signed, but with a time further ahead of ours than the window allows.
    #[error("the request was signed in the future")]
    TimestampAhead,
    /// Truly signed, but larger than a queue message even when compressed; or a compressed body of
    /// more than 10 MiB.
    #[error("the body is too large for the queue even when compressed")]
    TooLarge,
    /// The queue did not take the delivery in time; the provider must try again.
    #[error("the queue did not take the delivery in time")]
    QueueUnavailable,
}

impl Rejection {
    /// The stable name that logs, metrics and alarms use.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::BodyUndecodable => "body_undecodable",
            Self::SignatureMissing => "signature_missing",
            Self::SignatureDuplicated => "signature_duplicated",
            Self::SignatureUnreadable => "signature_unreadable",
            Self::FormEncoded => "form_encoded",
            Self::SignatureMismatch => "signature_mismatch",
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
            Self::QueueUnavailable => "queue_unavailable",
        }
    }

    /// Whether it may be that the secret has just been rotated, and other keys would let the
    /// request in.
    #[must_use]
    pub fn other_keys_may_help(self) -> bool {
        matches!(self, Self::SignatureMismatch | Self::UrlKeyMismatch)
    }

    /// Whether it may be the form of the body: signed packed or unpacked, or with the signature
    /// inside.
    pub(crate) fn is_of_the_bytes(self) -> bool {
        matches!(
            self,
            Self::SignatureMismatch
                | Self::SignatureMissing
                | Self::SignatureUnreadable
                | Self::FormEncoded
        )
    }

    /// The HTTP status: the only place where a status is chosen.
    ///
    /// Never 403, 406, 410 or 3xx: some provider stops for good on each of them. 503 rather than
    /// 500 or 502, on which Customer.io waits an hour before it tries again
    /// (docs.customer.io/api/webhooks).
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::BodyUndecodable => 400,
            Self::SignatureMissing
            | Self::SignatureDuplicated
            | Self::SignatureUnreadable
            | Self::FormEncoded
            | Self::SignatureMismatch
            | Self::IdMissing
            | Self::IdDuplicated
            | Self::IdUnreadable
            | Self::UrlKeyMismatch
            | Self::TimestampMissing
            | Self::TimestampDuplicated
            | Self::TimestampUnreadable
            | Self::TimestampStale
            | Self::TimestampAhead => 401,
            Self::TooLarge => 413,
            Self::QueueUnavailable => 503,
        }
    }
}
