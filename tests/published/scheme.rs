//! What each provider's document says is signed, put together once more with another library than
//! `shared` checks it with (ring; for ECDSA p256), so that the vectors are not merely what Postern
//! agrees with itself about.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::pkcs8::DecodePublicKey as _;
use ring::hmac::{Algorithm, HMAC_SHA1_FOR_LEGACY_USE_ONLY, HMAC_SHA256, Key, sign};
use serde_json::Value;

/// A provider's documented signature.
pub(crate) struct Scheme {
    provider: &'static str,
    /// The headers as the document writes them, in the order of `Provider::sign`: the signature
    /// last. None where the body carries its signature.
    pub(crate) headers: &'static [&'static str],
    /// Whether this is the signature of this request, from the receiver's key, the values of the
    /// headers and the body.
    check: fn(&str, &[&str], &[u8]) -> bool,
    /// The signed time, where a time is signed.
    pub(crate) time: Option<Time>,
    /// Where among the headers the request's id is, where one is signed.
    pub(crate) id: Option<usize>,
    /// Whether the signature header is a list, of which one entry must match.
    pub(crate) is_list: bool,
}

/// A signed time of sending.
pub(crate) struct Time {
    /// Where it is among the headers; `None` where it is in the body.
    pub(crate) place: Option<usize>,
    /// How many seconds it may be old.
    pub(crate) behind: i64,
    /// How many seconds it may be ahead.
    pub(crate) ahead: i64,
}

const HOUR: i64 = 60 * 60;
const MINUTE: i64 = 60;

/// A new provider brings a row here, from its document and not from its code.
const SCHEMES: [Scheme; 7] = [
    Scheme {
        provider: "customerio",
        headers: &["X-CIO-Timestamp", "X-CIO-Signature"],
        check: |key, headers, body| {
            let signed = [b"v0:", headers[0].as_bytes(), b":", body].concat();
            headers[1] == hex::encode(hmac(HMAC_SHA256, key.as_bytes(), &signed))
        },
        time: Some(Time {
            place: Some(0),
            behind: 8 * 24 * HOUR,
            ahead: 5 * MINUTE,
        }),
        id: None,
        is_list: false,
    },
    Scheme {
        provider: "inboxroad",
        headers: &["X-Signature"],
        check: |key, headers, body| {
            headers[0] == STANDARD.encode(hmac(HMAC_SHA256, key.as_bytes(), body))
        },
        time: None,
        id: None,
        is_list: false,
    },
    Scheme {
        provider: "insider",
        headers: &["X-INS-AUTH"],
        check: |key, headers, body| {
            let mac = hmac(HMAC_SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes(), body);
            headers[0] == hex::encode(mac)
        },
        time: None,
        id: None,
        is_list: false,
    },
    Scheme {
        provider: "mailgun",
        headers: &[],
        check: |key, _, body| {
            let body = String::from_utf8_lossy(body);
            let body: Value =
                serde_json::from_str(body.trim_start_matches('\u{feff}')).unwrap_or_default();
            let field = |name: &str| body["signature"][name].as_str().unwrap_or_default();
            let signed = [field("timestamp"), field("token")].concat();
            let mac = hex::encode(hmac(HMAC_SHA256, key.as_bytes(), signed.as_bytes()));
            [field("signature"), field("parent-signature")].contains(&mac.as_str())
        },
        time: Some(Time {
            place: None,
            behind: 24 * HOUR,
            ahead: 5 * MINUTE,
        }),
        id: None,
        is_list: false,
    },
    Scheme {
        provider: "mailpanda",
        headers: &["X-Webhook-Signature"],
        check: |key, headers, body| {
            headers[0] == hex::encode(hmac(HMAC_SHA256, key.as_bytes(), body))
        },
        time: None,
        id: None,
        is_list: false,
    },
    Scheme {
        provider: "resend",
        headers: &["svix-id", "svix-timestamp", "svix-signature"],
        check: |key, headers, body| {
            let key = key.strip_prefix("whsec_").expect("a secret of Svix");
            let key = STANDARD.decode(key).expect("base64");
            let [id, time] = [headers[0], headers[1]].map(str::as_bytes);
            let mac = hmac(HMAC_SHA256, &key, &[id, b".", time, b".", body].concat());
            let entry = format!("v1,{}", STANDARD.encode(mac));
            headers[2].split(' ').any(|sent| sent == entry)
        },
        time: Some(Time {
            place: Some(1),
            behind: 5 * MINUTE,
            ahead: 5 * MINUTE,
        }),
        id: Some(0),
        is_list: true,
    },
    Scheme {
        provider: "sendgrid",
        headers: &[
            "X-Twilio-Email-Event-Webhook-Timestamp",
            "X-Twilio-Email-Event-Webhook-Signature",
        ],
        check: |key, headers, body| {
            let key = STANDARD.decode(key).expect("base64");
            let key = VerifyingKey::from_public_key_der(&key).expect("a public key");
            let signature = STANDARD.decode(headers[1]).unwrap_or_default();
            let signed = [headers[0].as_bytes(), body].concat();
            Signature::from_der(&signature)
                .is_ok_and(|signature| key.verify(&signed, &signature).is_ok())
        },
        time: Some(Time {
            place: Some(0),
            behind: 25 * HOUR,
            ahead: 5 * MINUTE,
        }),
        id: None,
        is_list: false,
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
    /// Whether the first header of each name, or what is in the body, is the signature of this
    /// body.
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
        let sent = sent.collect::<Option<Vec<&str>>>();
        sent.is_some_and(|sent| (self.check)(secret, &sent, body))
    }
}

fn hmac(algorithm: Algorithm, key: &[u8], signed: &[u8]) -> Vec<u8> {
    sign(&Key::new(algorithm, key), signed).as_ref().to_vec()
}
