//! What each provider's document says is signed, put together once more with another library (ring), so that the vectors are not
//! merely what Postern agrees with itself about.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{Algorithm, HMAC_SHA1_FOR_LEGACY_USE_ONLY, HMAC_SHA256, Key, sign};

/// A provider's documented signature.
pub(crate) struct Scheme {
    provider: &'static str,
    /// The headers as the document writes them, in the order of `Provider::sign`: the signature last.
    pub(crate) headers: &'static [&'static str],
    algorithm: Algorithm,
    encode: fn(&[u8]) -> String,
    /// What is signed, from the values of the headers and the body.
    signed: fn(&[&str], &[u8]) -> Vec<u8>,
    /// The signed time, where a time is signed.
    pub(crate) time: Option<Time>,
}

/// A signed time of sending.
pub(crate) struct Time {
    /// Where it is among the headers.
    pub(crate) place: usize,
    /// How many seconds it may be old.
    pub(crate) behind: i64,
    /// How many seconds it may be ahead.
    pub(crate) ahead: i64,
}

/// A new provider brings a row here, from its document and not from its code.
const SCHEMES: [Scheme; 4] = [
    Scheme {
        provider: "customerio",
        headers: &["X-CIO-Timestamp", "X-CIO-Signature"],
        algorithm: HMAC_SHA256,
        encode: in_hex,
        signed: |headers, body| [b"v0:", headers[0].as_bytes(), b":", body].concat(),
        time: Some(Time {
            place: 0,
            behind: 8 * 24 * 60 * 60,
            ahead: 5 * 60,
        }),
    },
    Scheme {
        provider: "inboxroad",
        headers: &["X-Signature"],
        algorithm: HMAC_SHA256,
        encode: in_base64,
        signed: |_, body| body.to_vec(),
        time: None,
    },
    Scheme {
        provider: "insider",
        headers: &["X-INS-AUTH"],
        algorithm: HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        encode: in_hex,
        signed: |_, body| body.to_vec(),
        time: None,
    },
    Scheme {
        provider: "mailpanda",
        headers: &["X-Webhook-Signature"],
        algorithm: HMAC_SHA256,
        encode: in_hex,
        signed: |_, body| body.to_vec(),
        time: None,
    },
];

/// The scheme of a provider.
pub(crate) fn scheme(provider: &str) -> &'static Scheme {
    static ALL: &[Scheme] = &SCHEMES;
    let scheme = ALL.iter().find(|scheme| scheme.provider == provider);
    scheme.unwrap_or_else(|| {
        panic!("{provider} has no row in tests/published/scheme.rs: its headers, its signed time, and what its document says is signed")
    })
}

impl Scheme {
    /// Whether the signature header, of which there must be one, is the signature of this body.
    pub(crate) fn is_signed(
        &self,
        secret: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> bool {
        let sent = self.headers.iter().map(|name| {
            let mut of_name = headers
                .iter()
                .filter(|(sent, _)| sent.eq_ignore_ascii_case(name));
            // Optional white space around a value is none of it (RFC 9110, 5.5).
            of_name
                .next()
                .map(|(_, value)| value.trim_matches([' ', '\t']))
        });
        let Some(sent) = sent.collect::<Option<Vec<&str>>>() else {
            return false;
        };
        let key = Key::new(self.algorithm, secret.as_bytes());
        let signature = (self.encode)(sign(&key, &(self.signed)(&sent, body)).as_ref());
        sent.last() == Some(&signature.as_str())
    }
}

fn in_hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

fn in_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
