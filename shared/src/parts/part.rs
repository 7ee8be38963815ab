//! A part of a request that vouches for it.

use serde::Serialize;

/// The longest value that is shown, in bytes. No signature, time, token or id has as many.
const LONGEST_VALUE: usize = 1_024;

/// Where a part stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// In a header.
    Header,
    /// In the query of the URL.
    Query,
    /// In the body.
    Body,
}

/// What a part is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The signature.
    Signature,
    /// The time of signing.
    Timestamp,
    /// What is signed in place of the body.
    Token,
    /// The request's own id, which is signed.
    Id,
    /// A secret that the sender shows.
    Key,
    /// What the signature covers.
    Signed,
}

/// A part of a request. It has no `Debug`, because it may hold what a person wrote.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Where it stands.
    pub place: Place,
    /// The name of the header, the parameter or the field.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The value as it was sent, or what is signed in words. It is empty if the part is missing,
    /// and `None` if it is a secret.
    pub value: Option<String>,
    /// What a person needs to know of it.
    pub words: Vec<String>,
}

impl Part {
    /// Returns a part with this value, which is cut after 1 KiB.
    pub(super) fn new(place: Place, name: &str, role: Role, value: &str) -> Self {
        let value = match value.get(..value.floor_char_boundary(LONGEST_VALUE)) {
            Some(start) if start.len() < value.len() => format!("{start}…"),
            _ => value.to_owned(),
        };
        Self {
            place,
            name: name.to_owned(),
            role,
            value: Some(value),
            words: Vec::new(),
        }
    }

    /// Returns a part that is not there.
    pub(super) fn missing(place: Place, name: &str, role: Role) -> Self {
        Self::new(place, name, role, "").saying(["missing".to_owned()])
    }

    /// Returns a part whose value is a secret.
    pub(super) fn hidden(place: Place, name: &str) -> Self {
        Self {
            value: None,
            ..Self::new(place, name, Role::Key, "")
        }
    }

    /// Returns the same part with these words behind its own.
    pub(super) fn saying(mut self, words: impl IntoIterator<Item = String>) -> Self {
        self.words.extend(words);
        self
    }
}
