//! One notification, as it came.

use http::HeaderMap;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use shared::auth::{self, Checked, OutboundSecret, check_outbound};
use shared::time::rfc3339_ms;

use super::verdict::Verdict;

/// How many digits of an id a line shows.
const DIGITS: usize = 6;

/// One notification, and what was made of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Arrival {
    /// When it came, RFC 3339.
    pub at: String,
    /// Its `webhook-id`.
    pub webhook_id: String,
    /// What is thought of its signatures.
    pub signatures: Signatures,
    /// What it was answered.
    pub status: u16,
    /// Its body, or its text if that is no JSON.
    pub body: Value,
}

/// What is thought of both signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Signatures {
    /// Of `webhook-signature`.
    pub v1: Verdict,
    /// Of `x-webhook-signature`.
    pub hex: Verdict,
}

impl Signatures {
    /// Checks whether both are good.
    #[must_use]
    pub fn are_good(self) -> bool {
        (self.v1, self.hex) == (Verdict::Ok, Verdict::Ok)
    }

    fn of(headers: &HeaderMap, body: &[u8], secrets: &[OutboundSecret]) -> Self {
        let id = header(headers, "webhook-id");
        let timestamp = header(headers, "webhook-timestamp");
        let given = auth::Signatures {
            standard: header(headers, "webhook-signature").to_owned(),
            hex: header(headers, "x-webhook-signature").to_owned(),
        };
        let checked = secrets.iter();
        let checked = checked.map(|secret| check_outbound(secret, id, timestamp, body, &given));
        let checked: Vec<Checked> = checked.collect();
        let verdict = |given: &str, is_good: fn(&Checked) -> bool| {
            if given.is_empty() {
                return Verdict::Missing;
            }
            if checked.is_empty() {
                return Verdict::Unchecked;
            }
            if checked.iter().any(is_good) {
                Verdict::Ok
            } else {
                Verdict::Bad
            }
        };
        Self {
            v1: verdict(&given.standard, |checked| checked.standard),
            hex: verdict(&given.hex, |checked| checked.hex),
        }
    }
}

impl Arrival {
    /// Returns what came with these headers and this body, and was answered so.
    pub(super) fn of(
        headers: &HeaderMap,
        body: &[u8],
        secrets: &[OutboundSecret],
        status: u16,
        now: Timestamp,
    ) -> Self {
        let text = || Value::from(String::from_utf8_lossy(body).into_owned());
        Self {
            at: rfc3339_ms(now),
            webhook_id: header(headers, "webhook-id").to_owned(),
            signatures: Signatures::of(headers, body, secrets),
            status,
            body: serde_json::from_slice(body).unwrap_or_else(|_| text()),
        }
    }

    /// Checks whether it was accepted, and both its signatures are good.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.signatures.are_good() && (200..300).contains(&self.status)
    }

    /// Returns it on one line: `evt_9f2c17 email.bounced kim@mail.test v1 ok hex ok -> 200`.
    #[must_use]
    pub fn line(&self) -> String {
        let text = |name: &str| self.body.get(name).and_then(Value::as_str);
        let about = ["type", "recipient"].into_iter().filter_map(text);
        let about = about.filter(|text| !text.is_empty());
        let about: Vec<&str> = about.collect();
        let Signatures { v1, hex } = self.signatures;
        format!(
            "{} {} v1 {} hex {} -> {}",
            short(&self.webhook_id),
            if about.is_empty() {
                "-".to_owned()
            } else {
                about.join(" ")
            },
            v1.word(),
            hex.word(),
            self.status
        )
    }
}

/// Returns an id without its last digits.
fn short(id: &str) -> String {
    match id.split_once('_') {
        Some((kind, digits)) => {
            let digits: String = digits.chars().take(DIGITS).collect();
            format!("{kind}_{digits}")
        }
        None if id.is_empty() => "no-id".to_owned(),
        None => id.chars().take(DIGITS).collect(),
    }
}

/// Returns a header that came once. One that came twice counts as none.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let mut values = headers.get_all(name).iter();
    let first = values.next().and_then(|value| value.to_str().ok());
    first
        .filter(|_| values.next().is_none())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use shared::auth::sign_outbound;

    use super::*;

    const ID: &str = "evt_9f2c17d0a1b24c6e8f3a5b7c9d1e2f30";
    const BODY: &[u8] = br#"{"type":"email.bounced","recipient":"kim@mail.test","data":{}}"#;

    fn now() -> Timestamp {
        "2026-01-02T03:04:05Z".parse().expect("a time")
    }

    fn signed(secrets: &[OutboundSecret]) -> HeaderMap {
        let signed = sign_outbound(secrets, ID, now().as_second(), BODY);
        let mut headers = HeaderMap::new();
        let mut put = |name: &'static str, value: &str| {
            headers.insert(name, HeaderValue::from_str(value).expect("a header"));
        };
        put("webhook-id", ID);
        put("webhook-timestamp", &now().as_second().to_string());
        put("webhook-signature", &signed.standard);
        put("x-webhook-signature", &signed.hex);
        headers
    }

    fn line(headers: &HeaderMap, body: &[u8], secrets: &[OutboundSecret]) -> String {
        Arrival::of(headers, body, secrets, 200, now()).line()
    }

    #[test]
    fn a_line_says_what_came_and_what_is_thought_of_both_signatures() {
        let [old, new] = [[1; 32], [2; 32]].map(OutboundSecret::made);
        let headers = signed(&[new.clone(), old.clone()]);
        let good = "evt_9f2c17 email.bounced kim@mail.test v1 ok hex ok -> 200";
        assert_eq!(line(&headers, BODY, std::slice::from_ref(&new)), good);
        assert_eq!(line(&headers, BODY, &[old.clone(), new]), good);
        // While a secret is rotated, the old one has an entry in one of the headers alone.
        let of_old = line(&headers, BODY, &[old]);
        assert!(of_old.ends_with("v1 ok hex BAD -> 200"), "{of_old}");
        let changed = line(&headers, b"{}", &[OutboundSecret::made([2; 32])]);
        assert_eq!(changed, "evt_9f2c17 - v1 BAD hex BAD -> 200");
        let unchecked = line(&headers, BODY, &[]);
        assert!(unchecked.ends_with("v1 unchecked hex unchecked -> 200"));
        let bare = line(&HeaderMap::new(), b"no JSON", &[]);
        assert_eq!(bare, "no-id - v1 MISSING hex MISSING -> 200");
    }

    #[test]
    fn a_signature_that_came_twice_is_none() {
        let secrets = [OutboundSecret::made([1; 32])];
        let mut headers = signed(&secrets);
        let again = headers["webhook-signature"].clone();
        headers.append("webhook-signature", again);
        let arrival = Arrival::of(&headers, BODY, &secrets, 200, now());
        assert_eq!(arrival.signatures.v1, Verdict::Missing);
        assert!(!arrival.is_well());
    }
}
