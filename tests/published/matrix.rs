//! The matrix, and the rules that give each of its vectors a verdict.
//!
//! Accepted is a request whose signature comes once and is the provider's signature of what the
//! provider signs: of the body's bytes as they were sent, in a header, or of a token, in the body
//! (`headers.rs`, `tokens.rs`). Whatever the content type says, however the gateway hands the bytes
//! over, in whatever case header names are, whatever other headers there are. Everything else is
//! refused, for the first of these reasons that holds:
//!
//! | what is wrong | verdict |
//! |---|---|
//! | the gateway says base64, and it is none | `body_undecodable` |
//! | a signed time is missing, there twice, no number | `timestamp_missing`, `timestamp_duplicated`, `timestamp_unreadable` |
//! | a signed id is missing, there twice, has a dot, which stands between the signed parts | `id_missing`, `id_duplicated`, `id_unreadable` |
//! | the signature is missing or blank, there twice, not in its encoding or of another length | `signature_missing`, `signature_duplicated`, `signature_unreadable` |
//! | it is the signature of other bytes, of another time, or by another key | `signature_mismatch` |
//! | the signed time is before the window, or ahead of it | `timestamp_stale`, `timestamp_ahead` |
//!
//! What is refused before these where the body carries its signature is in `tokens.rs`, and where a
//! form is signed, in `forms.rs`. Where nothing is signed and a secret is shown, the rules are in
//! `credentials.rs`.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use shared::sender::{Sender, Signed};
use tests::received_at;

use crate::scheme::{Scheme, scheme};
use crate::vector::Vector;

/// Pairs of name and value.
pub(crate) type Headers = Vec<(String, String)>;

pub(crate) const ACCEPTED: &str = "accepted";

const JSON: &str = "application/json";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
const TEXT: &str = "text/plain; charset=utf-8";
const CONTENT_TYPES: [Option<&str>; 4] = [Some(JSON), None, Some(FORM), Some(TEXT)];

/// `{"note":"packed"}` by gzip, as it was packed once: another version may pack it otherwise.
pub(crate) const GZIP: &[u8] = &[
    0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0x02, 0xff, 0xab, 0x56, 0xca, 0xcb, 0x2f, 0x49, 0x55, 0xb2,
    0x52, 0x2a, 0x48, 0x4c, 0xce, 0x4e, 0x4d, 0x51, 0xaa, 0x05, 0x00, 0x4e, 0x52, 0xe3, 0x11, 0x11,
    0, 0, 0,
];
pub(crate) const CRLF: &[u8] =
    "{\r\n  \"note\": \"Zoë ✓ \\u2713\",\r\n  \"n\": 1.0\r\n}\r\n".as_bytes();
pub(crate) const LF: &[u8] = "{\n  \"note\": \"Zoë ✓ \\u2713\",\n  \"n\": 1.0\n}\n".as_bytes();

#[derive(Clone, Copy)]
enum Case {
    AsDocumented,
    Lower,
    Upper,
}
const CASES: [Case; 3] = [Case::AsDocumented, Case::Lower, Case::Upper];

impl Case {
    fn of(self, name: &str) -> String {
        match self {
            Self::AsDocumented => name.to_owned(),
            Self::Lower => name.to_ascii_lowercase(),
            Self::Upper => name.to_ascii_uppercase(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::AsDocumented => "names as documented",
            Self::Lower => "names in lower case",
            Self::Upper => "names in upper case",
        }
    }
}

/// Makes the vectors of one provider.
pub(crate) struct Maker<'a> {
    pub(crate) provider: &'a dyn Sender,
    pub(crate) scheme: Scheme,
    /// The provider's, to sign with.
    pub(crate) key: String,
    /// The receiver's, to check with.
    secret: String,
    pub(crate) vectors: Vec<Vector>,
}

impl<'a> Maker<'a> {
    /// Makes vectors with the key of the provider's samples.
    pub(crate) fn new(provider: &'a dyn Sender) -> Self {
        let none_given = BTreeMap::new();
        let key = operator::secrets::signing_key(provider, &none_given).expect("a sample secret");
        Self {
            provider,
            scheme: scheme(provider),
            secret: tests::receiver_key(provider, &key),
            key,
            vectors: Vec::new(),
        }
    }

    /// The request that the provider sends, its headers named as its document does.
    pub(crate) fn request(&self, key: &str, body: &[u8], at: Timestamp) -> (Headers, Vec<u8>) {
        let Signed { headers, body } = self.provider.signed(key, body, at);
        let documented = &self.scheme.headers;
        assert_eq!(headers.len(), documented.len(), "{}", self.provider.name());
        let named = headers.into_iter().zip(documented);
        let headers = named.map(|((name, value), documented)| {
            assert!(name.eq_ignore_ascii_case(documented), "{name} {documented}");
            (documented.clone(), value)
        });
        (headers.collect(), body)
    }

    /// [`Self::request`] now, with the right key.
    pub(crate) fn signed(&self, body: &[u8]) -> (Headers, Vec<u8>) {
        self.request(&self.key, body, received_at())
    }

    pub(crate) fn add(
        &mut self,
        name: &str,
        headers: Headers,
        body: &[u8],
        verdict: &'static str,
    ) -> &mut Vector {
        self.vectors.push(Vector {
            provider: self.provider.name(),
            name: name.to_owned(),
            secret: self.secret.clone(),
            received_at: received_at(),
            headers,
            url_key: None,
            body: body.to_vec(),
            is_base64: std::str::from_utf8(body).is_err(),
            handed_over: None,
            verdict,
        });
        self.vectors.last_mut().expect("the one just added")
    }

    /// Bodies x content types x base64 or not; the case of names takes turns, so that each body has
    /// each.
    pub(crate) fn accepted(&mut self, bodies: &[(&str, &[u8])]) {
        let mut turn = CASES.iter().cycle();
        for (name, body) in bodies {
            let is_text = std::str::from_utf8(body).is_ok();
            let ways: &[bool] = if is_text { &[false, true] } else { &[true] };
            for content_type in CONTENT_TYPES {
                for is_base64 in ways {
                    let case = turn.next().copied().unwrap_or(Case::Lower);
                    let (mut headers, signed) = self.signed(body);
                    headers.extend(
                        content_type.map(|value| ("Content-Type".to_owned(), value.to_owned())),
                    );
                    if *body == GZIP {
                        headers.push(("Content-Encoding".to_owned(), "gzip".to_owned()));
                    }
                    for (name, _) in &mut headers {
                        *name = case.of(name);
                    }
                    let way = if *is_base64 { "base64" } else { "text" };
                    let content_type = content_type.unwrap_or("no content type");
                    let name = format!(
                        "{name}, {content_type}, handed over as {way}, {}",
                        case.name()
                    );
                    let vector = self.add(&name, headers, &signed, ACCEPTED);
                    vector.is_base64 = *is_base64;
                }
            }
        }
    }

    /// Truly signed, and the gateway's word for it is wrong.
    pub(crate) fn undecodable(&mut self) {
        let (headers, body) = self.signed(LF);
        let vector = self.add("base64 that is none", headers, &body, "body_undecodable");
        vector.is_base64 = true;
        vector.handed_over = Some("{%%%}");
    }

    /// The signed time at the edges of the window, and beyond them; or long ago, where none is
    /// signed.
    pub(crate) fn other_times(&mut self) {
        let years: i64 = 5 * 365 * 24 * 60 * 60;
        let times = match &self.scheme.time {
            None => vec![("five years old, and no time is signed", -years, ACCEPTED)],
            Some(time) => vec![
                ("as old as the window", -time.behind, ACCEPTED),
                (
                    "a second older than the window",
                    -time.behind - 1,
                    "timestamp_stale",
                ),
                ("as far ahead as the window", time.ahead, ACCEPTED),
                (
                    "a second further ahead than the window",
                    time.ahead + 1,
                    "timestamp_ahead",
                ),
            ],
        };
        for (name, seconds, verdict) in times {
            let at = received_at() + SignedDuration::from_secs(seconds);
            let (headers, body) = self.request(&self.key, LF, at);
            self.add(name, headers, &body, verdict);
        }
    }
}
