//! One vector: what is sent, and what becomes of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

/// One request as its sender sent it, and its verdict.
pub(crate) struct Vector {
    pub(crate) provider: &'static str,
    pub(crate) name: String,
    pub(crate) secret: String,
    pub(crate) received_at: Timestamp,
    /// In the order and the case of sending.
    pub(crate) headers: Vec<(String, String)>,
    /// The parameter `key` of the URL, if there is one.
    pub(crate) url_key: Option<String>,
    pub(crate) body: Vec<u8>,
    /// Whether the gateway hands the body over in base64.
    pub(crate) is_base64: bool,
    /// What the gateway hands over in the place of the body, where it is no such thing.
    pub(crate) handed_over: Option<&'static str>,
    pub(crate) verdict: &'static str,
}

impl Vector {
    pub(crate) fn json(&self) -> Value {
        let mut vector = json!({
            "provider": self.provider,
            "name": self.name,
            "secret": self.secret,
            "received_at": self.received_at.as_millisecond(),
            "headers": self.headers,
            "body": STANDARD.encode(&self.body),
            "gateway": {"is_base64_encoded": self.is_base64},
            "verdict": self.verdict,
        });
        if let Some(key) = &self.url_key {
            vector["query"] = json!({"key": key});
        }
        if let Some(text) = self.handed_over {
            vector["gateway"]["body"] = json!(text);
        }
        vector
    }
}
