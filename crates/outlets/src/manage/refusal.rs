//! Why a request of the API is refused.

use shared::auth::OutboundSecretError;
use table::asked::Unclear;

use super::field::{Fault, Field};
use crate::filter::FilterError;
use crate::target::TargetError;

/// Why a request is refused. It contains nothing of the request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The body is not one JSON object.
    #[error("the body is not one JSON object")]
    NotJson,
    /// The body has a field that the request does not have.
    #[error("the body has a field that this request does not have")]
    UnknownField,
    /// The body asks for nothing.
    #[error("the body asks for nothing")]
    Empty,
    /// A field is missing, is there twice, or is not what it must be.
    #[error("{}", .0.rule())]
    Field(Field, Fault),
    /// The URL may not be an endpoint.
    #[error(transparent)]
    Url(#[from] TargetError),
    /// The list of what is wanted cannot be read.
    #[error(transparent)]
    Events(#[from] FilterError),
    /// The text may not be a secret.
    #[error(transparent)]
    Secret(#[from] OutboundSecretError),
    /// The address is not that of one recipient.
    #[error("the address is not that of one recipient")]
    Address,
    /// The question cannot be answered as it is asked.
    #[error(transparent)]
    Unclear(#[from] Unclear),
    /// The request does not prove who asks.
    #[error("the request does not prove who asks")]
    Unproven,
    /// The key may only read.
    #[error("this key may only read; a key with a label admin:NAME may change things")]
    ReadOnly,
    /// Nothing is there.
    #[error("nothing is there")]
    NotFound,
    /// The path has no such method.
    #[error("the path is right, but not the method")]
    Method,
    /// The body is larger than 64 KiB.
    #[error("the body is larger than 64 KiB")]
    TooLarge,
    /// There are as many endpoints as there may be.
    #[error("there are 100 endpoints, and no more: remove one first")]
    TooMany,
    /// Two secrets sign already.
    #[error(
        "the secret before still signs beside this one: wait until its `until`, or drop it with keep_hours 0"
    )]
    StillRotating,
    /// The endpoint has this secret.
    #[error("the endpoint has this secret already")]
    SecretInUse,
    /// The endpoint is told nothing, so there is nothing to retry.
    #[error("the endpoint is inactive: make it active, and what was held is sent")]
    Inactive,
    /// The owner of the address complained, and nobody said that this is lifted, too.
    #[error("the owner of the address has complained: say even_complaint to lift that, too")]
    Complained,
    /// Somebody else changes the endpoint at the same time.
    #[error("somebody else changes this endpoint now: ask again")]
    Changed,
    /// A service of AWS does not answer.
    #[error("a service that this needs does not answer: ask again")]
    Unavailable,
    /// There is no key to seal secrets with.
    #[error("the key that seals secrets cannot be read: ask again; see the function's log")]
    Unsealable,
    /// Much is dropped, and some of it is left.
    #[error("not all of it could be dropped in the time of one request: ask again")]
    Unfinished,
    /// The function does not know how its callers prove who they are.
    #[error("API_AUTH is neither iam nor key, so nobody is let in")]
    AuthUnset,
}

impl Refusal {
    /// Returns the stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotJson => "body_not_json",
            Self::UnknownField => "field_unknown",
            Self::Empty => "body_empty",
            Self::Field(field, fault) => field.code(*fault),
            Self::Url(error) => error.code(),
            Self::Events(error) => error.code(),
            Self::Secret(error) => error.code(),
            Self::Unclear(unclear) => unclear.code(),
            Self::Address => "address_unreadable",
            Self::Unproven => "unproven",
            Self::ReadOnly => "read_only",
            Self::NotFound => "not_found",
            Self::Method => "method_not_allowed",
            Self::TooLarge => "body_too_large",
            Self::TooMany => "too_many",
            Self::StillRotating => "still_rotating",
            Self::SecretInUse => "secret_in_use",
            Self::Inactive => "inactive",
            Self::Complained => "complained",
            Self::Changed => "changed_meanwhile",
            Self::Unavailable => "unavailable",
            Self::Unsealable => "sealing_unavailable",
            Self::Unfinished => "unfinished",
            Self::AuthUnset => "auth_unset",
        }
    }

    /// Returns the status of the answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::NotJson
            | Self::UnknownField
            | Self::Empty
            | Self::Field(..)
            | Self::Url(_)
            | Self::Events(_)
            | Self::Secret(_)
            | Self::Address
            | Self::Unclear(_) => 400,
            Self::Unproven => 401,
            Self::ReadOnly => 403,
            Self::NotFound => 404,
            Self::Method => 405,
            Self::TooMany
            | Self::StillRotating
            | Self::SecretInUse
            | Self::Inactive
            | Self::Complained
            | Self::Changed => 409,
            Self::TooLarge => 413,
            Self::Unavailable | Self::Unsealable | Self::Unfinished | Self::AuthUnset => 503,
        }
    }
}
