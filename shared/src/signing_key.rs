//! What an operator must know of a provider's signing key to put the right one.

use jiff::SignedDuration;

/// The key that a provider signs with, as the provider's own pages call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// The provider's name, as the provider writes it.
    pub provider: &'static str,
    /// What the provider calls the key.
    pub name: &'static str,
    /// Where the key is shown, from the provider's first page on.
    pub place: &'static str,
    /// The start of the keys of the provider's API, which sign nothing.
    pub api_key: Option<&'static str>,
    /// Whether the user chooses the key. Else the provider makes it.
    pub is_chosen: bool,
    /// How long the provider sends a refused webhook again. It is `None` if this is not documented.
    pub retries: Option<SignedDuration>,
}
