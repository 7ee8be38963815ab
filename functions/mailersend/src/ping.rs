//! The ping that comes when a webhook is created or changed. Without a 2xx the webhook is not
//! saved, and when it is created its own secret does not exist yet.
//!
//! It is signed with one secret for everybody, which is published. So the signature vouches for
//! nothing, and is looked at only to answer what `MailerSend` sends and nothing else. A body that
//! is anything but the ping is refused like any other that is not signed with a key of ours.

use shared::auth;
use shared::element::Element;
use shared::incoming::Incoming;
use shared::json::{self, Items};
use shared::secrets::Secrets;

/// The published secret, which signs the ping.
pub(crate) const TEST_SECRET: &str = "test_Am3L1GuOIc4blLUuHqAPxxwkZaJyEk8G";
const TYPE: &str = "webhook.test";

/// Checks whether a request is the ping: it is signed with the published secret, its `type` is
/// there once, and it has no `data`. `header` has the signature.
pub(crate) fn is_ping(request: &Incoming<'_>, header: &str) -> bool {
    is_signed(request, header).is_some() && says_ping(request.body())
}

fn is_signed(request: &Incoming<'_>, header: &str) -> Option<()> {
    let signature = auth::from_hex(request.signature(header).ok()?).ok()?;
    let published = Secrets::parse(TEST_SECRET).ok()?;
    let authentic = auth::hmac_sha256(request, &published, &[], &signature);
    authentic.is_ok().then_some(())
}

/// Checks whether a body is the ping: its `type` is there once, and it has no `data`.
pub(crate) fn says_ping(body: &[u8]) -> bool {
    let text = std::str::from_utf8(body).ok();
    let Some(element) = text.and_then(Element::parse) else {
        return false;
    };
    // Readers differ in which value of a repeated key counts: here none of them does.
    let count = |key| {
        let pairs = Items::of(body.trim_ascii()).into_iter().flatten();
        let is_of_key = |pair: &&[u8]| {
            let alone = [b"{", *pair, b"}"].concat();
            json::value_of(&alone, key).is_some()
        };
        pairs.filter(is_of_key).count()
    };
    element.text("type").as_deref() == Some(TYPE) && count("type") == 1 && count("data") == 0
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use shared::auth::sign_hmac_sha256_hex;

    use super::*;

    const PING: &str = r#"{"type":"webhook.test","message":"This is a ping test message","created_at":"2026-03-27T07:24:20.577080Z"}"#;
    const HEX: &str = "a05470dca8b12a876fd6917935083275be2b5fc87433d6b82bbca07a6b82d74e";

    fn judged(headers: &[&str], body: &[u8]) -> bool {
        let header = |value: &&str| ("Signature".to_owned(), (*value).to_owned());
        let headers: Vec<_> = headers.iter().map(header).collect();
        is_ping(
            &Incoming::new(&headers, body, Timestamp::UNIX_EPOCH, None),
            "signature",
        )
    }

    fn signed(body: &str) -> bool {
        let hex = sign_hmac_sha256_hex(TEST_SECRET, &[], body.as_bytes());
        judged(&[&hex], body.as_bytes())
    }

    #[test]
    fn what_mailersend_sends_is_a_ping() {
        assert!(judged(&[HEX], PING.as_bytes()));
        assert!(signed(r#" {"type" : "webhook.test"} "#));
    }

    #[test]
    fn what_is_not_signed_with_the_published_secret_is_none() {
        let other = sign_hmac_sha256_hex("another-key", &[], PING.as_bytes());
        for headers in [&[][..], &[""], &[&other], &[&HEX[1..]], &[HEX, HEX]] {
            assert!(!judged(headers, PING.as_bytes()), "{headers:?}");
        }
        assert!(!judged(&[HEX], &PING.as_bytes()[1..]));
    }

    /// The published secret vouches for no event, however it is dressed up.
    #[test]
    fn whatever_may_be_an_event_is_none() {
        for body in [
            "",
            "webhook.test",
            r#""webhook.test""#,
            r#"["webhook.test"]"#,
            r#"[{"type":"webhook.test"}]"#,
            r#"{"type":"activity.hard_bounced"}"#,
            r#"{"type":"Webhook.test"}"#,
            r#"{"type":"webhook.test "}"#,
            r#"{"type":["webhook.test"]}"#,
            r#"{"Type":"webhook.test"}"#,
            r#"{"data":{"type":"webhook.test"}}"#,
            r#"{"type":"webhook.test","data":{"id":"1"}}"#,
            r#"{"type":"webhook.test","data":null}"#,
            r#"{"type":"webhook.test","d\u0061ta":[]}"#,
            r#"{"type":"webhook.test","type":"webhook.test"}"#,
            r#"{"type":"activity.sent","type":"webhook.test"}"#,
            r#"{"type":"webhook.test","type":null}"#,
            r#"{"type":null,"type":"webhook.test"}"#,
            r#"{"typ\u0065":"activity.sent","type":"webhook.test"}"#,
            r#"{"type":"webhook.test"}{"type":"activity.sent"}"#,
            r#"{"type":"webhook.test"}"#.strip_suffix('}').unwrap_or_default(),
            "\u{feff}{\"type\":\"webhook.test\"}",
        ] {
            assert!(!signed(body), "{body}");
        }
    }
}
