//! What each provider's document says is signed, put together once more with another library than
//! `shared` checks it with (ring; for ECDSA p256), so that the vectors are not merely what Postern
//! agrees with itself about.
//!
//! A provider with a plain MAC in a header says it in `events/<provider>/scheme.json`, from its
//! document and not from its code:
//!
//! ```json
//! {"headers": ["X-CIO-Timestamp", "X-CIO-Signature"], "mac": "sha256", "encoding": "hex",
//!  "signed": "v0:{X-CIO-Timestamp}:{body}",
//!  "time": {"header": "X-CIO-Timestamp", "behind_seconds": 691200, "ahead_seconds": 300}}
//! ```
//!
//! | field | |
//! |---|---|
//! | `headers` | as the document writes them, in the order of `Sender::sign`: the signature last |
//! | `mac` | HMAC by `sha256` or `sha1`; the key is the secret's text |
//! | `encoding` | of the signature: `hex` in lower case, or `base64` with padding |
//! | `signed` | text, in which `{body}` stands for the bytes of the body and `{Name}` for a header's value |
//! | `time` | the header with the signed time, in Unix seconds, and the window; left out where none is signed |
//!
//! What is no plain MAC of the secret's text over the body is in Rust: below, and for all shared
//! secrets once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::pkcs8::DecodePublicKey as _;
use ring::hmac::{Algorithm, HMAC_SHA1_FOR_LEGACY_USE_ONLY, HMAC_SHA256, Key, sign};
use serde::Deserialize;
use serde_json::Value;
use shared::provider::Strength;
use shared::sender::Sender;
use stack::build::root;
use tests::form;

/// How a provider's requests are vouched for.
pub(crate) struct Scheme {
    /// The headers as the document writes them, in the order of `Sender::sign`: the signature last.
    /// None where the body carries its signature.
    pub(crate) headers: Vec<String>,
    check: Check,
    /// The signed time, where a time is signed.
    pub(crate) time: Option<Time>,
    /// Where among the headers the request's id is, where one is signed.
    pub(crate) id: Option<usize>,
    /// Whether the signature header is a list, of which one entry must match.
    pub(crate) is_list: bool,
}

/// Whether a request is signed.
enum Check {
    /// By the file of the provider.
    Mac(File),
    /// From the receiver's key, the values of the headers and the body.
    Own(fn(&str, &[&str], &[u8]) -> bool),
    /// The secret is shown, in one of its places.
    Shown,
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

/// `events/<provider>/scheme.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    headers: Vec<String>,
    mac: Mac,
    encoding: Encoding,
    signed: String,
    time: Option<TimeHeader>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mac {
    Sha1,
    Sha256,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    Hex,
    Base64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TimeHeader {
    header: String,
    behind_seconds: i64,
    ahead_seconds: i64,
}

const HOUR: i64 = 60 * 60;
const MINUTE: i64 = 60;

/// The scheme of a provider.
pub(crate) fn scheme(provider: &dyn Sender) -> Scheme {
    match (provider.name(), provider.strength()) {
        (_, Strength::SharedSecret) => Scheme::own(&["Authorization"], Check::Shown),
        ("mailgun", _) => Scheme {
            time: Some(Time {
                place: None,
                behind: 24 * HOUR,
                ahead: 5 * MINUTE,
            }),
            ..Scheme::own(&[], Check::Own(mailgun))
        },
        ("mandrill", _) => Scheme::own(&["X-Mandrill-Signature"], Check::Own(mandrill)),
        ("resend", _) => Scheme {
            time: Some(Time {
                place: Some(1),
                behind: 5 * MINUTE,
                ahead: 5 * MINUTE,
            }),
            id: Some(0),
            is_list: true,
            ..Scheme::own(
                &["svix-id", "svix-timestamp", "svix-signature"],
                Check::Own(resend),
            )
        },
        ("sendgrid", _) => Scheme {
            time: Some(Time {
                place: Some(0),
                behind: 25 * HOUR,
                ahead: 5 * MINUTE,
            }),
            ..Scheme::own(
                &[
                    "X-Twilio-Email-Event-Webhook-Timestamp",
                    "X-Twilio-Email-Event-Webhook-Signature",
                ],
                Check::Own(sendgrid),
            )
        },
        (name, _) => Scheme::of_file(name),
    }
}

/// The parent's signature is as good as the account's.
fn mailgun(key: &str, _headers: &[&str], body: &[u8]) -> bool {
    let body = String::from_utf8_lossy(body);
    let body: Value = serde_json::from_str(body.trim_start_matches('\u{feff}')).unwrap_or_default();
    let field = |name: &str| body["signature"][name].as_str().unwrap_or_default();
    let signed = [field("timestamp"), field("token")].concat();
    let mac = hex::encode(hmac(HMAC_SHA256, key.as_bytes(), signed.as_bytes()));
    [field("signature"), field("parent-signature")].contains(&mac.as_str())
}

/// The URL is in the secret; of the form, the decoded value is signed.
fn mandrill(secret: &str, headers: &[&str], body: &[u8]) -> bool {
    form::only_field(body).is_some_and(|(name, value)| {
        name == b"mandrill_events" && headers[0] == form::mac(secret, &name, &value)
    })
}

fn resend(key: &str, headers: &[&str], body: &[u8]) -> bool {
    let key = key.strip_prefix("whsec_").expect("a secret of Svix");
    let key = STANDARD.decode(key).expect("base64");
    let [id, time] = [headers[0], headers[1]].map(str::as_bytes);
    let mac = hmac(HMAC_SHA256, &key, &[id, b".", time, b".", body].concat());
    let entry = format!("v1,{}", STANDARD.encode(mac));
    headers[2].split(' ').any(|sent| sent == entry)
}

fn sendgrid(key: &str, headers: &[&str], body: &[u8]) -> bool {
    let key = STANDARD.decode(key).expect("base64");
    let key = VerifyingKey::from_public_key_der(&key).expect("a public key");
    let signature = STANDARD.decode(headers[1]).unwrap_or_default();
    let signed = [headers[0].as_bytes(), body].concat();
    Signature::from_der(&signature).is_ok_and(|signature| key.verify(&signed, &signature).is_ok())
}

impl Scheme {
    fn own(headers: &[&str], check: Check) -> Self {
        Self {
            headers: headers.iter().map(|name| (*name).to_owned()).collect(),
            check,
            time: None,
            id: None,
            is_list: false,
        }
    }

    fn of_file(provider: &str) -> Self {
        let name = format!("events/{provider}/scheme.json");
        let text = std::fs::read_to_string(root().join(&name)).unwrap_or_else(|_| {
            panic!("{provider} has no {name}: its headers, its signed time, and what its document says is signed")
        });
        let file: File =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let place = |header: &str| {
            let place = file.headers.iter().position(|known| known == header);
            place.unwrap_or_else(|| panic!("{name}: {header} is none of the headers"))
        };
        let time = file.time.as_ref().map(|time| Time {
            place: Some(place(&time.header)),
            behind: time.behind_seconds,
            ahead: time.ahead_seconds,
        });
        Self {
            headers: file.headers.clone(),
            check: Check::Mac(file),
            time,
            id: None,
            is_list: false,
        }
    }

    /// Whether the first header of each name, or what is in the body, is the signature of this
    /// body; or the secret is shown.
    pub(crate) fn is_signed(
        &self,
        secret: &str,
        headers: &[(String, String)],
        url_key: Option<&str>,
        body: &[u8],
    ) -> bool {
        let first = |name: &str| {
            let mut of_name = headers
                .iter()
                .filter(|(sent, _)| sent.eq_ignore_ascii_case(name));
            // Optional white space around a value is none of it (RFC 9110, 5.5).
            of_name
                .next()
                .map(|(_, value)| value.trim_matches([' ', '\t']))
        };
        if let Check::Shown = self.check {
            let shown = first("authorization").is_some_and(|sent| is_shown(sent, secret));
            return shown || first("x-postern-key") == Some(secret) || url_key == Some(secret);
        }
        let sent = self.headers.iter().map(|name| first(name));
        let sent = sent.collect::<Option<Vec<&str>>>();
        sent.is_some_and(|sent| match &self.check {
            Check::Mac(file) => file.is_signed(secret, &sent, body),
            Check::Own(check) => check(secret, &sent, body),
            Check::Shown => false,
        })
    }
}

/// RFC 7617 and RFC 6750.
fn is_shown(header: &str, secret: &str) -> bool {
    let pair = STANDARD.encode(format!("postern:{secret}"));
    match header.split_once(' ') {
        Some((scheme, pair_sent)) if scheme.eq_ignore_ascii_case("basic") => pair_sent == pair,
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token == secret,
        _ => false,
    }
}

impl File {
    /// Whether the last of these values, in the order of the headers, is the signature.
    fn is_signed(&self, key: &str, sent: &[&str], body: &[u8]) -> bool {
        let mut signed = Vec::new();
        let mut rest = self.signed.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').expect("a brace has its end");
            signed.extend_from_slice(before.as_bytes());
            if name == "body" {
                signed.extend_from_slice(body);
            } else {
                let place = self.headers.iter().position(|header| header == name);
                signed.extend_from_slice(sent[place.expect("one of the headers")].as_bytes());
            }
            rest = after;
        }
        signed.extend_from_slice(rest.as_bytes());
        let algorithm = match self.mac {
            Mac::Sha1 => HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Mac::Sha256 => HMAC_SHA256,
        };
        let mac = hmac(algorithm, key.as_bytes(), &signed);
        let mac = match self.encoding {
            Encoding::Hex => hex::encode(mac),
            Encoding::Base64 => STANDARD.encode(mac),
        };
        sent.last() == Some(&mac.as_str())
    }
}

fn hmac(algorithm: Algorithm, key: &[u8], signed: &[u8]) -> Vec<u8> {
    sign(&Key::new(algorithm, key), signed).as_ref().to_vec()
}
