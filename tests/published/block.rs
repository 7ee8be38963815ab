//! The object `signature` of a body that carries it, and its variations.

use serde_json::Value;
use tests::received_at;

use crate::matrix::{LF, Maker};

/// What the provider sends to be checked, as text.
pub(crate) struct Block {
    pub(crate) time: String,
    pub(crate) token: String,
    pub(crate) signature: String,
}

impl Block {
    /// Signed now, with the right key.
    pub(crate) fn of(maker: &Maker<'_>) -> Self {
        Self::by(maker, &maker.key, LF)
    }

    /// Signed now with this key, for this body.
    pub(crate) fn by(maker: &Maker<'_>, key: &str, body: &[u8]) -> Self {
        let (_, body) = maker.request(key, body, received_at());
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        let field = |name: &str| body["signature"][name].as_str().expect("text").to_owned();
        Self {
            time: field("timestamp"),
            token: field("token"),
            signature: field("signature"),
        }
    }

    /// The object with these fields in the place of its own: JSON, or nothing for a field that is
    /// not there.
    pub(crate) fn with(&self, fields: &[(&str, &str)]) -> String {
        let own = [
            ("timestamp", &self.time),
            ("token", &self.token),
            ("signature", &self.signature),
        ];
        let is_kept = |name: &str| fields.iter().all(|(changed, _)| *changed != name);
        let own = own
            .into_iter()
            .filter(|(name, _)| is_kept(name))
            .map(|(name, value)| (name, quoted(value)));
        let changed = fields
            .iter()
            .filter(|(_, json)| !json.is_empty())
            .map(|(name, json)| (*name, (*json).to_owned()));
        let fields = own.chain(changed);
        let fields = fields.map(|(name, json)| format!("\"{name}\":{json}"));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    }
}

/// As JSON.
pub(crate) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
