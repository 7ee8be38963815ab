//! An endpoint: where notifications go, which ones, and how they are signed.
//!
//! Its secrets and its own headers are sealed ([`shared::auth::seal`]), each for its place.

mod item;

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use shared::auth::sealed_by;
use table::item::Item;
use table::keys::Key;
use table::read::text;

use crate::filter::Filter;

/// The partition of all endpoints.
pub const PARTITION: &str = "endpoint";
/// The sort key of the counter of their ids.
pub const COUNTER: &str = "next";
/// The most endpoints.
pub const MOST: usize = 100;

/// A secret as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// The sealed text.
    pub sealed: String,
    /// Since when it signs.
    pub since: Timestamp,
    /// Until when it signs, if another one has come after it.
    pub until: Option<Timestamp>,
}

/// An endpoint.
#[derive(Clone, PartialEq)]
pub struct Endpoint {
    /// Its id.
    pub id: u64,
    /// Where notifications go.
    pub url: String,
    /// Which ones.
    pub filter: Filter,
    /// Only those of these providers, if there are any.
    pub providers: Vec<String>,
    /// Only those of these sources, if there are any.
    pub sources: Vec<String>,
    /// Its own headers by name, sealed.
    pub headers: BTreeMap<String, String>,
    /// Its secrets, the newest first. There is at least one, but for the [bus](crate::bus).
    pub secrets: Vec<SealedSecret>,
    /// Whether it is told anything. If not, what there is to tell is held.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// How many times it was changed. A change names the revision that it was made of.
    pub revision: u64,
}

impl Endpoint {
    /// Returns the type under which the endpoint is told of an item, if it wants to be told.
    ///
    /// A suppression is a person's, not a provider's. So an endpoint that is narrowed to providers
    /// or sources is told of none.
    #[must_use]
    pub fn wants(&self, item: &Item) -> Option<String> {
        let is_among = |names: &[String], name: &str| {
            names.is_empty() || names.iter().any(|known| known == text(item, name))
        };
        let is_meant = is_among(&self.providers, "provider") && is_among(&self.sources, "source");
        self.filter.type_of(item).filter(|_| is_meant)
    }

    /// Checks whether the endpoint is told of suppressions.
    #[must_use]
    pub fn wants_suppression(&self) -> bool {
        let is_narrowed = !self.providers.is_empty() || !self.sources.is_empty();
        self.filter.wants_suppression() && !is_narrowed
    }

    /// Returns the secrets that sign now, the newest first.
    pub fn secrets_at(&self, now: Timestamp) -> impl Iterator<Item = &SealedSecret> {
        let signs = move |(place, secret): &(usize, &SealedSecret)| {
            *place == 0 || secret.until.is_some_and(|until| until > now)
        };
        let secrets = self.secrets.iter().enumerate().filter(signs);
        secrets.map(|(_, secret)| secret)
    }

    /// Returns every sealed text, and what it is sealed for.
    pub fn sealed(&self) -> impl Iterator<Item = (String, &str)> {
        let secrets = self.secrets.iter();
        let secrets = secrets.map(|secret| (secret_context(self.id), secret.sealed.as_str()));
        let headers = self.headers.iter();
        let headers =
            headers.map(|(name, sealed)| (header_context(self.id, name), sealed.as_str()));
        secrets.chain(headers)
    }

    /// Checks whether everything is sealed by this version of the sealing secret.
    #[must_use]
    pub fn is_sealed_by(&self, version: &str) -> bool {
        self.sealed()
            .all(|(_, sealed)| sealed_by(sealed) == Some(version))
    }

    /// Returns the endpoint with everything sealed anew. `seal` gets what a text is sealed for, and
    /// the text.
    ///
    /// # Errors
    /// Returns the first error of `seal`.
    pub fn sealed_anew<E>(
        &self,
        mut seal: impl FnMut(&str, &str) -> Result<String, E>,
    ) -> Result<Self, E> {
        let mut anew = self.clone();
        for secret in &mut anew.secrets {
            secret.sealed = seal(&secret_context(self.id), &secret.sealed)?;
        }
        for (name, sealed) in &mut anew.headers {
            *sealed = seal(&header_context(self.id, name), sealed)?;
        }
        Ok(anew)
    }

    /// Returns the endpoint without the secrets that sign no more.
    #[must_use]
    pub fn without_old_secrets(&self, now: Timestamp) -> Self {
        Self {
            secrets: self.secrets_at(now).cloned().collect(),
            ..self.clone()
        }
    }

    /// Returns the key of the endpoint's item.
    #[must_use]
    pub fn key(&self) -> Key {
        key(self.id)
    }
}

/// Shows neither the URL nor what is sealed.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({} revision {})", self.id, self.revision)
    }
}

impl fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedSecret(redacted, since {})", self.since)
    }
}

/// Returns the key of an endpoint's item.
#[must_use]
pub fn key(id: u64) -> Key {
    (PARTITION.to_owned(), format!("{id:010}"))
}

/// Returns the key of an endpoint's state.
#[must_use]
pub fn state_key(id: u64) -> Key {
    (format!("state#{id}"), "state".to_owned())
}

/// Returns what the secrets of an endpoint are sealed for.
#[must_use]
pub fn secret_context(id: u64) -> String {
    format!("outlet {id} secret")
}

/// Returns what an endpoint's own header is sealed for.
#[must_use]
pub fn header_context(id: u64, name: &str) -> String {
    format!("outlet {id} header {name}")
}

#[cfg(test)]
mod tests;
