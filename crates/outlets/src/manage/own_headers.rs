//! The headers that an endpoint gets beside ours.

use std::collections::BTreeMap;

use super::field::{Fault, Field};
use super::hidden::Hidden;
use super::refusal::Refusal;

/// The most headers of an endpoint.
const MOST: usize = 5;
/// The longest name.
const NAME_BYTES: usize = 64;
/// The longest value.
const VALUE_BYTES: usize = 1024;

/// The names that are ours, or the connection's.
const NOT_OWN: &[&str] = &[
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-webhook-signature",
];
/// The starts of names that are ours, or a proxy's.
const NOT_OWN_STARTS: &[&str] = &["proxy-", "webhook-", "x-forwarded-"];

/// Returns the headers by their names in lower case, if an endpoint may have them.
pub(super) fn read(pairs: Vec<(String, String)>) -> Result<BTreeMap<String, Hidden>, Refusal> {
    let refused = |fault| Refusal::Field(Field::Headers, fault);
    if pairs.len() > MOST {
        return Err(refused(Fault::Unfit));
    }
    let mut headers = BTreeMap::new();
    for (name, value) in pairs {
        let name = name.to_ascii_lowercase();
        if !is_own(&name) || !is_value(&value) {
            return Err(refused(Fault::Unfit));
        }
        if headers.insert(name, value.into()).is_some() {
            return Err(refused(Fault::Repeated));
        }
    }
    Ok(headers)
}

/// Checks for a name in lower case that we do not send ourselves (RFC 9110, section 5.6.2).
fn is_own(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_name = (1..=NAME_BYTES).contains(&name.len()) && name.bytes().all(is_token);
    let is_ours = NOT_OWN.contains(&name) || NOT_OWN_STARTS.iter().any(|s| name.starts_with(s));
    is_name && !is_ours
}

/// Checks for visible ASCII, with single words or spaces between them.
fn is_value(value: &str) -> bool {
    let is_fit = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    let is_trimmed = value.trim() == value;
    (1..=VALUE_BYTES).contains(&value.len()) && is_trimmed && value.bytes().all(is_fit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(pairs: &[(&str, &str)]) -> Result<usize, &'static str> {
        let pairs = pairs.iter();
        let pairs = pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        read(pairs.collect())
            .map(|headers| headers.len())
            .map_err(|refusal| refusal.code())
    }

    #[test]
    fn an_endpoint_has_up_to_five_headers_of_its_own() {
        assert_eq!(code(&[]), Ok(0));
        assert_eq!(
            code(&[("Authorization", "Bearer x y"), ("x-a", "1")]),
            Ok(2)
        );
        let names = ["x-1", "x-2", "x-3", "x-4", "x-5", "x-6"];
        let six: Vec<(&str, &str)> = names.iter().map(|name| (*name, "v")).collect();
        assert_eq!(code(&six), Err("headers_unfit"));
        assert_eq!(code(&[("x-a", "1"), ("X-A", "2")]), Err("headers_repeated"));
    }

    #[test]
    fn what_we_or_the_connection_send_is_nobodys_own() {
        for name in [
            "Content-Type",
            "HOST",
            "content-length",
            "user-agent",
            "webhook-id",
            "webhook-anything",
            "x-webhook-signature",
            "connection",
            "transfer-encoding",
            "proxy-authorization",
            "x-forwarded-for",
            "",
            "a b",
            "a:b",
            "a\r\nb",
            "naïve",
        ] {
            assert_eq!(code(&[(name, "v")]), Err("headers_unfit"), "{name:?}");
        }
    }

    #[test]
    fn a_value_is_visible_and_in_one_line() {
        for value in [
            "",
            " v",
            "v ",
            "a\r\nb: c",
            "a\tb",
            "ü",
            "\u{7f}",
            &"x".repeat(1025),
        ] {
            assert_eq!(code(&[("x-a", value)]), Err("headers_unfit"), "{value:?}");
        }
        assert_eq!(code(&[("x-a", &"x".repeat(1024))]), Ok(1));
    }
}
