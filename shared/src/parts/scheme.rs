//! How a provider's requests are vouched for, as data.

use super::part::{Place, Role};
use crate::incoming::Window;

/// What vouches for a provider's requests.
#[derive(Clone, Copy)]
pub struct Scheme {
    /// The parts, in the order in which a person reads them.
    pub fields: &'static [Field],
    /// The object of the body that has the fields which stand there.
    pub object: &'static str,
    /// What the signature covers, in words.
    pub covers: &'static str,
    /// The provider's own window, if a time is signed.
    pub window: Option<Window>,
}

/// A part that a request has.
#[derive(Clone, Copy)]
pub struct Field {
    /// Where it stands.
    pub place: Place,
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub role: Role,
    /// How it is written.
    pub form: Form,
    /// Whether a request may lack it.
    pub is_optional: bool,
}

/// How a part is written. The numbers are bytes.
#[derive(Clone, Copy)]
pub enum Form {
    /// Hex, in either case.
    Hex(usize),
    /// Standard padded base64.
    Base64(usize),
    /// Either of both.
    HexOrBase64(usize),
    /// Base64 of an ECDSA signature in ASN.1 DER.
    Der,
    /// A list of `v1,` and base64, with spaces between.
    StandardWebhooks,
    /// Unix time in seconds.
    Seconds,
    /// Any text.
    Text,
    /// `Authorization`, Basic or Bearer.
    Authorization,
}

impl Scheme {
    /// What vouches if a shared secret is shown and nothing is signed.
    pub const SHARED_SECRET: Self = Self {
        fields: &[Field {
            place: Place::Header,
            name: "authorization",
            role: Role::Key,
            form: Form::Authorization,
            is_optional: false,
        }],
        ..Self::of(
            &[],
            "nothing of the request: the secret only shows who sends it",
        )
    };

    /// What vouches if a queue's policy does, and no request.
    pub const QUEUE: Self = Self::of(
        &[],
        "nothing: the policy of its queue vouches for what comes through it",
    );

    /// Returns a scheme without a time.
    #[must_use]
    pub const fn of(fields: &'static [Field], covers: &'static str) -> Self {
        Self {
            fields,
            object: "",
            covers,
            window: None,
        }
    }

    /// Returns the scheme of a signature in one header, over the whole body and nothing else.
    #[must_use]
    pub const fn of_body(fields: &'static [Field]) -> Self {
        Self::of(fields, "the body, byte for byte, and nothing else")
    }
}

impl Field {
    /// Returns the signature in a header.
    #[must_use]
    pub const fn signature(name: &'static str, form: Form) -> Self {
        Self {
            place: Place::Header,
            name,
            role: Role::Signature,
            form,
            is_optional: false,
        }
    }

    /// Returns the signed time in a header, in Unix seconds.
    #[must_use]
    pub const fn seconds(name: &'static str) -> Self {
        Self {
            role: Role::Timestamp,
            ..Self::signature(name, Form::Seconds)
        }
    }

    /// Returns the signed id in a header.
    #[must_use]
    pub const fn id(name: &'static str) -> Self {
        Self {
            role: Role::Id,
            ..Self::signature(name, Form::Text)
        }
    }

    /// Returns the same field, in the body.
    #[must_use]
    pub const fn in_body(self) -> Self {
        Self {
            place: Place::Body,
            ..self
        }
    }

    /// Returns the same field for another role.
    #[must_use]
    pub const fn as_role(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// Returns the same field, which may be absent.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self {
            is_optional: true,
            ..self
        }
    }
}
