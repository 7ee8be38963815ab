//! The headers of an attempt: Standard Webhooks', `MailPanda`'s, and the endpoint's own.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::Timestamp;
use outlets::endpoint::{Endpoint, header_context, secret_context};
use outlets::notification::Notification;
use shared::auth::{OutboundSecret, SealError, SealingKey, sign_outbound, unseal};

/// What this program is called.
const USER_AGENT: &str = concat!("Postern/", env!("CARGO_PKG_VERSION"));

/// Why there are no headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HeadersError {
    /// We do not have the key that sealed a secret. It may come.
    #[error("the sealing key is not known")]
    KeyUnknown,
    /// A secret or a header cannot be unsealed, or is not what it should be.
    #[error("a sealed text of the endpoint cannot be used")]
    Unusable,
}

impl HeadersError {
    /// Returns the stable name.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::KeyUnknown => "sealing_key_unknown",
            Self::Unusable => "sealed_unusable",
        }
    }
}

impl From<SealError> for HeadersError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Version => Self::KeyUnknown,
            SealError::Key | SealError::Unreadable | SealError::Changed => Self::Unusable,
        }
    }
}

/// Returns the headers of an attempt at this time.
///
/// # Errors
/// Returns a [`HeadersError`] if the endpoint's secrets or headers cannot be used.
pub(crate) fn headers(
    endpoint: &Endpoint,
    keys: &[SealingKey],
    notification: &Notification,
    now: Timestamp,
) -> Result<HeaderMap, HeadersError> {
    let mut headers = own(endpoint, keys)?;
    let seconds = now.as_second();
    let secrets = secrets(endpoint, keys, now)?;
    let signatures = sign_outbound(&secrets, &notification.id, seconds, &notification.body);
    let ours = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::USER_AGENT, USER_AGENT.to_owned()),
        (
            HeaderName::from_static("webhook-id"),
            notification.id.clone(),
        ),
        (
            HeaderName::from_static("webhook-timestamp"),
            seconds.to_string(),
        ),
        (
            HeaderName::from_static("webhook-signature"),
            signatures.standard,
        ),
        (
            HeaderName::from_static("x-webhook-signature"),
            signatures.hex,
        ),
    ];
    for (name, value) in ours {
        headers.insert(name, value_of(&value)?);
    }
    Ok(headers)
}

/// Returns the secrets that sign now, the newest first.
fn secrets(
    endpoint: &Endpoint,
    keys: &[SealingKey],
    now: Timestamp,
) -> Result<Vec<OutboundSecret>, HeadersError> {
    let context = secret_context(endpoint.id);
    let secrets = endpoint.secrets_at(now).map(|secret| {
        let text = unseal(keys, &context, &secret.sealed)?;
        OutboundSecret::new(&text).map_err(|_| HeadersError::Unusable)
    });
    let secrets: Vec<_> = secrets.collect::<Result<_, _>>()?;
    if secrets.is_empty() {
        return Err(HeadersError::Unusable); // nothing goes out unsigned
    }
    Ok(secrets)
}

/// Returns the endpoint's own headers. They are not shown, wherever the request goes.
fn own(endpoint: &Endpoint, keys: &[SealingKey]) -> Result<HeaderMap, HeadersError> {
    let mut headers = HeaderMap::new();
    for (name, sealed) in &endpoint.headers {
        let text = unseal(keys, &header_context(endpoint.id, name), sealed)?;
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| HeadersError::Unusable)?;
        let mut value = value_of(&text)?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

fn value_of(text: &str) -> Result<HeaderValue, HeadersError> {
    HeaderValue::from_str(text).map_err(|_| HeadersError::Unusable)
}

#[cfg(test)]
mod tests {
    use outlets::endpoint::SealedSecret;
    use shared::auth::{Signatures, check_outbound, seal};

    use super::*;
    use crate::samples::{NEW, NOW, OLD, endpoint, key, sealed};

    fn notification() -> Notification {
        Notification::of_test("tst_1", NOW.parse().unwrap())
    }

    fn made(endpoint: &Endpoint, hours: i64) -> Result<HeaderMap, HeadersError> {
        let now: Timestamp = NOW.parse().unwrap();
        let now = now + jiff::SignedDuration::from_hours(hours);
        headers(endpoint, &[key("v1")], &notification(), now)
    }

    fn checked(headers: &HeaderMap, secret: &str) -> (bool, bool) {
        let secret = OutboundSecret::new(secret).unwrap();
        let text = |name| headers[name].to_str().unwrap();
        let signatures = Signatures {
            standard: text("webhook-signature").to_owned(),
            hex: text("x-webhook-signature").to_owned(),
        };
        let (at, body) = (text("webhook-timestamp"), notification().body);
        let checked = check_outbound(&secret, "tst_1", at, &body, &signatures);
        (checked.standard, checked.hex)
    }

    #[test]
    fn both_secrets_sign_while_one_follows_the_other_and_then_the_new_one_alone() {
        let rotating = made(&endpoint(), 0).unwrap();
        assert_eq!(checked(&rotating, NEW), (true, true));
        assert_eq!(checked(&rotating, OLD), (true, false));
        let later = made(&endpoint(), 24).unwrap();
        assert_eq!(checked(&later, NEW), (true, true));
        assert_eq!(checked(&later, OLD), (false, false));
    }

    #[test]
    fn the_headers_are_ours_and_the_endpoints_own_and_no_others() {
        let headers = made(&endpoint(), 0).unwrap();
        let mut names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        let wanted = [
            "authorization",
            "content-type",
            "user-agent",
            "webhook-id",
            "webhook-signature",
            "webhook-timestamp",
            "x-webhook-signature",
        ];
        assert_eq!(names, wanted);
        assert_eq!(headers["content-type"], "application/json");
        assert_eq!(headers["user-agent"], USER_AGENT);
        assert_eq!(headers["webhook-timestamp"], "1772525700");
        assert_eq!(headers["authorization"], "Bearer of-the-receiver");
        assert!(!format!("{headers:?}").contains("of-the-receiver"));
    }

    #[test]
    fn a_header_of_the_endpoints_never_takes_the_place_of_ours() {
        let context = header_context(3, "webhook-id");
        let other = seal(&key("v1"), [7; 12], &context, "evt_other").unwrap();
        let mut endpoint = endpoint();
        endpoint.headers.insert("webhook-id".to_owned(), other);
        let headers = made(&endpoint, 0).unwrap();
        assert_eq!(
            headers.get_all("webhook-id").iter().collect::<Vec<_>>(),
            ["tst_1"]
        );
    }

    #[test]
    fn a_key_that_may_come_is_waited_for_and_what_is_broken_is_not() {
        let now = NOW.parse().unwrap();
        let signed = |keys: &[SealingKey]| headers(&endpoint(), keys, &notification(), now);
        assert_eq!(signed(&[]), Err(HeadersError::KeyUnknown));
        assert_eq!(signed(&[key("v2")]), Err(HeadersError::KeyUnknown));
        let elsewhere = Endpoint {
            id: 4,
            ..endpoint()
        };
        assert_eq!(made(&elsewhere, 0), Err(HeadersError::Unusable));
        for text in ["", "plain text", "s1.v1.AAAA"] {
            let secrets = vec![SealedSecret {
                sealed: text.to_owned(),
                since: now,
                until: None,
            }];
            let broken = Endpoint {
                secrets,
                ..endpoint()
            };
            assert_eq!(made(&broken, 0), Err(HeadersError::Unusable), "{text}");
        }
        let none = Endpoint {
            secrets: Vec::new(),
            ..endpoint()
        };
        assert_eq!(made(&none, 0), Err(HeadersError::Unusable));
        let short = Endpoint {
            secrets: vec![sealed("short", None)],
            ..endpoint()
        };
        assert_eq!(made(&short, 0), Err(HeadersError::Unusable));
    }
}
