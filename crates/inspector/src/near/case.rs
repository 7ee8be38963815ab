//! A request that was refused, and what its receiver holds.

use jiff::Timestamp;
use shared::incoming::Incoming;
use shared::parts::{Part, Role};
use shared::provider::Strength;
use shared::secrets::Secrets;
use shared::sender::Sender;

use super::held::{Held, Key, Versions};

/// Pairs of a name and a value, as they came.
pub(super) type Pairs = Vec<(String, String)>;

/// A request that was refused. It has no `Debug`.
pub struct Refused<'a> {
    /// The provider whose receiver refused it.
    pub provider: &'a dyn Sender,
    /// Its headers, as they came.
    pub headers: &'a [(String, String)],
    /// The parameters of its URL, decoded.
    pub query: &'a [(String, String)],
    /// Its path, without the parameters.
    pub path: &'a str,
    /// Its body, as it came.
    pub body: &'a [u8],
    /// When it came.
    pub received_at: Timestamp,
    /// The operator's window in seconds, if it is set.
    pub window: Option<u64>,
}

/// What the slips are looked for in.
pub(super) struct Case<'a> {
    pub(super) refused: &'a Refused<'a>,
    pub(super) held: &'a Held,
    /// What the provider's receiver has.
    pub(super) own: &'a Versions,
    /// Its keys.
    pub(super) keys: Vec<Key>,
    /// What it checks with. There is none if it can use none of its keys.
    pub(super) secrets: Option<Secrets>,
    /// What vouches for the request.
    pub(super) parts: Vec<Part>,
}

impl<'a> Case<'a> {
    /// Returns a case, or `None` if nothing is known of the provider's secret.
    pub(super) fn new(refused: &'a Refused<'a>, held: &'a Held) -> Option<Self> {
        let own = held.get(refused.provider.name())?;
        Some(Self {
            held,
            own,
            keys: own.keys(),
            secrets: own.secrets(refused.provider),
            parts: refused.provider.parts(&refused.incoming()),
            refused,
        })
    }

    pub(super) fn provider(&self) -> &'a dyn Sender {
        self.refused.provider
    }

    pub(super) fn name(&self) -> &'static str {
        self.refused.provider.name()
    }

    pub(super) fn strength(&self) -> Strength {
        self.refused.provider.strength()
    }

    /// Returns the parts of these roles that came.
    pub(super) fn sent(&self, role: Role) -> impl Iterator<Item = (&Part, &str)> {
        let parts = self.parts.iter().filter(move |part| part.role == role);
        parts.filter_map(|part| {
            let value = part.value.as_deref()?;
            (!value.is_empty()).then_some((part, value))
        })
    }

    /// Returns the keys that sign.
    pub(super) fn signing_keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(|key| !key.is_url_key())
    }

    /// Returns the command that puts the provider's key again.
    pub(super) fn set(&self) -> String {
        format!("postern secret set {}", self.name())
    }
}

impl<'a> Refused<'a> {
    /// Returns the request as a receiver sees it.
    pub(super) fn incoming(&self) -> Incoming<'a> {
        Incoming::new(self.headers, self.body, self.received_at, self.window).with_query(self.query)
    }
}
