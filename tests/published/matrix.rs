//! The matrix, and the rules that give each of its vectors a verdict.
//!
//! Accepted is a request whose signature header comes once and is the provider's signature of the body's bytes as they were sent:
//! whatever the content type says, however the gateway hands the bytes over, in whatever case header names are, whatever other
//! headers there are. Everything else is refused, for the first of these reasons that holds:
//!
//! | what is wrong | verdict |
//! |---|---|
//! | the gateway says base64, and it is none | `body_undecodable` |
//! | a signed time is missing, there twice, no number | `timestamp_missing`, `timestamp_duplicated`, `timestamp_unreadable` |
//! | the signature is missing or blank, there twice, not in its encoding or of another length | `signature_missing`, `signature_duplicated`, `signature_unreadable` |
//! | it is the signature of other bytes, of another time, or by another key | `signature_mismatch` |
//! | the signed time is before the window, or ahead of it | `timestamp_stale`, `timestamp_ahead` |

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use shared::provider::Provider;
use tests::received_at;

use crate::Vector;
use crate::scheme::{Scheme, scheme};

/// Pairs of name and value.
type Headers = Vec<(String, String)>;

pub(crate) const ACCEPTED: &str = "accepted";

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const TEXT: &str = "text/plain; charset=utf-8";

/// `{"note":"packed"}` by gzip, as it was packed once: another version may pack it otherwise.
const GZIP: &[u8] = &[
    0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0x02, 0xff, 0xab, 0x56, 0xca, 0xcb, 0x2f, 0x49, 0x55, 0xb2,
    0x52, 0x2a, 0x48, 0x4c, 0xce, 0x4e, 0x4d, 0x51, 0xaa, 0x05, 0x00, 0x4e, 0x52, 0xe3, 0x11, 0x11,
    0, 0, 0,
];
const UNPACKED: &[u8] = br#"{"note":"packed"}"#;
const CRLF: &[u8] = "{\r\n  \"note\": \"Zoë ✓ \\u2713\",\r\n  \"n\": 1.0\r\n}\r\n".as_bytes();
const LF: &[u8] = "{\n  \"note\": \"Zoë ✓ \\u2713\",\n  \"n\": 1.0\n}\n".as_bytes();

/// Bodies that someone on the way might be tempted to change.
const BODIES: [(&str, &[u8]); 8] = [
    (
        "no line end",
        br#"{"note":"Zo\u00eb","n":9007199254740993}"#,
    ),
    ("CRLF", CRLF),
    ("LF", LF),
    ("form", b"a=1&b=%7B%22n%22%3A1%7D&c=+"),
    ("empty", b""),
    ("byte order mark", b"\xef\xbb\xbf{}"),
    ("gzip", GZIP),
    ("not UTF-8", b"{\"note\":\"Zo\xeb\"}"),
];
const CONTENT_TYPES: [Option<&str>; 4] = [Some(JSON), None, Some(FORM), Some(TEXT)];

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
struct Maker<'a> {
    provider: &'a dyn Provider,
    scheme: &'static Scheme,
    secret: String,
    vectors: Vec<Vector>,
}

/// All vectors of a provider.
pub(crate) fn vectors(provider: &dyn Provider) -> Vec<Vector> {
    let secret = local::secrets::of(provider.name(), &std::collections::BTreeMap::new());
    let mut maker = Maker {
        provider,
        scheme: scheme(provider.name()),
        secret: secret.expect("a sample secret"),
        vectors: Vec::new(),
    };
    maker.accepted();
    maker.other_bytes();
    maker.other_headers();
    maker.other_times();
    maker.vectors
}

impl Maker<'_> {
    /// The headers that the provider sends, named as its document does.
    fn signed_at(&self, key: &str, body: &[u8], at: Timestamp) -> Headers {
        let signed = self.provider.sign(key, body, at);
        assert_eq!(
            signed.len(),
            self.scheme.headers.len(),
            "{}",
            self.provider.name()
        );
        let named = signed.into_iter().zip(self.scheme.headers);
        named
            .map(|((name, value), documented)| {
                assert!(name.eq_ignore_ascii_case(documented), "{name} {documented}");
                ((*documented).to_owned(), value)
            })
            .collect()
    }

    fn signed(&self, body: &[u8]) -> Headers {
        self.signed_at(&self.secret, body, received_at())
    }

    fn add(&mut self, name: &str, headers: Headers, body: &[u8], verdict: &'static str) {
        self.vectors.push(Vector {
            provider: self.provider.name(),
            name: name.to_owned(),
            secret: self.secret.clone(),
            received_at: received_at(),
            headers,
            body: body.to_vec(),
            is_base64: std::str::from_utf8(body).is_err(),
            handed_over: None,
            verdict,
        });
    }

    /// Bodies x content types x base64 or not; the case of names takes turns, so that each body has each.
    fn accepted(&mut self) {
        let mut turn = CASES.iter().cycle();
        for (name, body) in BODIES {
            let is_text = std::str::from_utf8(body).is_ok();
            let ways: &[bool] = if is_text { &[false, true] } else { &[true] };
            for content_type in CONTENT_TYPES {
                for is_base64 in ways {
                    let case = turn.next().copied().unwrap_or(Case::Lower);
                    let mut headers = self.signed(body);
                    headers.extend(
                        content_type.map(|value| ("Content-Type".to_owned(), value.to_owned())),
                    );
                    if body == GZIP {
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
                    self.add(&name, headers, body, ACCEPTED);
                    if let Some(vector) = self.vectors.last_mut() {
                        vector.is_base64 = *is_base64;
                    }
                }
            }
        }
    }

    /// The signature of other bytes than those that came.
    fn other_bytes(&mut self) {
        let changes: [(&str, &[u8], Vec<u8>); 9] = [
            ("a byte more", LF, [LF, b"\n"].concat()),
            ("the last line end cut", LF, LF[..LF.len() - 1].to_vec()),
            ("CRLF made LF", CRLF, LF.to_vec()),
            ("LF made CRLF", LF, CRLF.to_vec()),
            ("unpacked on the way", GZIP, UNPACKED.to_vec()),
            ("packed on the way", UNPACKED, GZIP.to_vec()),
            (
                "serialized again",
                br#"{"n": 1.0}"#,
                br#"{"n":1.0}"#.to_vec(),
            ),
            (
                "as base64",
                UNPACKED,
                STANDARD.encode(UNPACKED).into_bytes(),
            ),
            ("a byte order mark more", b"{}", b"\xef\xbb\xbf{}".to_vec()),
        ];
        for (name, signed, sent) in changes {
            let headers = self.signed(signed);
            self.add(name, headers, &sent, "signature_mismatch");
        }
        let headers = self.signed_at("another-key", LF, received_at());
        self.add("signed with another key", headers, LF, "signature_mismatch");
        let headers = self.signed(LF);
        self.add("base64 that is none", headers, LF, "body_undecodable");
        if let Some(vector) = self.vectors.last_mut() {
            vector.is_base64 = true;
            vector.handed_over = Some("{%%%}");
        }
    }

    /// The signature header changed, or other headers beside it.
    fn other_headers(&mut self) {
        let (others, signature) = {
            let mut headers = self.signed(LF);
            let signature = headers.pop().unwrap_or_default();
            (headers, signature)
        };
        let (name, value) = signature;
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let half = &value[..value.len() / 2];
        let changes: [(&str, Headers, &'static str); 12] = [
            ("no signature", vec![], "signature_missing"),
            (
                "a blank signature",
                vec![pair(&name, "")],
                "signature_missing",
            ),
            (
                "a signature of spaces",
                vec![pair(&name, " \t ")],
                "signature_missing",
            ),
            (
                "the signature twice",
                vec![pair(&name, &value), pair(&name, &value)],
                "signature_duplicated",
            ),
            (
                "the signature twice in two spellings",
                vec![
                    pair(&name, &value),
                    pair(&name.to_ascii_lowercase(), &value),
                ],
                "signature_duplicated",
            ),
            (
                "a decoy before the signature",
                vec![pair(&name, "x"), pair(&name, &value)],
                "signature_duplicated",
            ),
            (
                "the signature twice in one header",
                vec![pair(&name, &format!("{value}, {value}"))],
                "signature_duplicated",
            ),
            (
                "half a signature",
                vec![pair(&name, half)],
                "signature_unreadable",
            ),
            (
                "a digit more",
                vec![pair(&name, &format!("{value}0"))],
                "signature_unreadable",
            ),
            (
                "a signature that is not ASCII",
                vec![pair(&name, &format!("é{}", &value[1..]))],
                "signature_unreadable",
            ),
            (
                "spaces around the signature",
                vec![pair(&name, &format!(" {value}\t"))],
                ACCEPTED,
            ),
            (
                "other headers twice",
                vec![
                    pair(&name, &value),
                    pair("X-Forwarded-For", "a"),
                    pair("X-Forwarded-For", "b"),
                ],
                ACCEPTED,
            ),
        ];
        for (what, changed, verdict) in changes {
            let headers = others.iter().cloned().chain(changed).collect();
            self.add(what, headers, LF, verdict);
        }
    }

    /// The signed time: at the edges of the window, beyond them, missing, doubled, unreadable.
    fn other_times(&mut self) {
        let Some(signed_time) = &self.scheme.time else {
            let long_ago = received_at() - SignedDuration::from_hours(24 * 365 * 5);
            let headers = self.signed_at(&self.secret, LF, long_ago);
            return self.add(
                "five years old, and no time is signed",
                headers,
                LF,
                ACCEPTED,
            );
        };
        let (behind, ahead) = (signed_time.behind, signed_time.ahead);
        let times = [
            ("as old as the window", -behind, ACCEPTED),
            (
                "a second older than the window",
                -behind - 1,
                "timestamp_stale",
            ),
            ("as far ahead as the window", ahead, ACCEPTED),
            (
                "a second further ahead than the window",
                ahead + 1,
                "timestamp_ahead",
            ),
        ];
        for (name, seconds, verdict) in times {
            let at = received_at() + SignedDuration::from_secs(seconds);
            let headers = self.signed_at(&self.secret, LF, at);
            self.add(name, headers, LF, verdict);
        }
        let mut rest = self.signed(LF);
        let time = rest.remove(signed_time.place);
        let with = |times: Headers| times.into_iter().chain(rest.clone()).collect();
        let of = |value: &str| vec![(time.0.clone(), value.to_owned())];
        self.add("no time", with(vec![]), LF, "timestamp_missing");
        self.add(
            "the time twice",
            with(vec![time.clone(), time.clone()]),
            LF,
            "timestamp_duplicated",
        );
        self.add(
            "no number",
            with(of("yesterday")),
            LF,
            "timestamp_unreadable",
        );
        self.add(
            "a negative time",
            with(of(&format!("-{}", time.1))),
            LF,
            "timestamp_unreadable",
        );
        let later = received_at().as_second() + 1;
        self.add(
            "another time",
            with(of(&later.to_string())),
            LF,
            "signature_mismatch",
        );
    }
}
