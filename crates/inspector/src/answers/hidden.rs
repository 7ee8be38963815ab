//! Which values of a request are secrets that two parties share. Nobody is shown them, since a
//! screen may be shared, too.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::Timestamp;
use operator::samples;
use registry::SENDERS;
use shared::provider::Strength;
use shared::sender::Sender;

use crate::veil::{HIDDEN, assigns, speaks};

/// The headers that carry credentials, whoever sends them.
const ALWAYS: [&str; 6] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-api-key",
    "x-auth-token",
    "x-postern-key",
];
/// The parameters of a URL that do.
const PARAMETERS: [&str; 1] = ["key"];

/// The headers in which some provider shows its secret.
static SHARED: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let shared = SENDERS
        .iter()
        .filter(|provider| provider.strength() == Strength::SharedSecret);
    let names = shared.flat_map(|provider| {
        let key = samples::key(provider.name()).unwrap_or_default();
        let headers = provider.sign(key, b"{}", Timestamp::UNIX_EPOCH);
        headers.into_iter().map(|(name, _)| name)
    });
    names.collect()
});

/// The shortest parameter without a value that may be a secret by itself.
const SHORTEST: usize = 8;

/// Whose webhook it is.
type Whose = Option<&'static dyn Sender>;

/// Checks whether a header may carry a shared secret.
pub(crate) fn is_secret_header(whose: Whose, name: &str, value: &str) -> bool {
    ALWAYS.contains(&name)
        || SHARED.iter().any(|known| known.eq_ignore_ascii_case(name))
        || may_be_anywhere(whose) && (speaks(name) || assigns(value))
}

/// Returns a parameter of a URL as it is shown.
pub(crate) fn parameter(whose: Whose, name: String, value: String) -> (String, String) {
    let hidden = || HIDDEN.to_owned();
    let trimmed = name.trim();
    let is_named = PARAMETERS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(trimmed));
    if is_named {
        return (name, hidden());
    }
    if !may_be_anywhere(whose) {
        return (name, value);
    }
    if value.is_empty() && name.len() >= SHORTEST || assigns(&name) {
        return (hidden(), hidden());
    }
    let is_secret = speaks(&name) || assigns(&value);
    (name, if is_secret { hidden() } else { value })
}

/// Checks whether a shared secret may stand where it does not belong: who looks for its place tries
/// several. What signs has no such secret in it.
fn may_be_anywhere(whose: Whose) -> bool {
    whose.is_none_or(|provider| provider.strength() == Strength::SharedSecret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_a_shared_secret_is_hidden_and_a_signature_is_not() {
        for name in ["authorization", "x-postern-key", "cookie"] {
            assert!(is_secret_header(None, name, "x"), "{name}");
        }
        for provider in SENDERS {
            let key = samples::key(provider.name()).expect("a key");
            let is_shared = provider.strength() == Strength::SharedSecret;
            for (name, _) in provider.sign(key, b"{}", Timestamp::UNIX_EPOCH) {
                let name = name.to_ascii_lowercase();
                assert_eq!(
                    is_secret_header(Some(*provider), &name, "x"),
                    is_shared,
                    "{} {name}",
                    provider.name()
                );
            }
        }
    }

    fn shown(whose: &str, query: &str) -> Vec<(String, String)> {
        let parameters = form_urlencoded::parse(query.as_bytes()).into_owned();
        let whose = registry::sender(whose);
        parameters
            .map(|(name, value)| parameter(whose, name, value))
            .collect()
    }

    #[test]
    fn where_a_secret_may_stand_anywhere_it_is_hidden_by_what_it_is_called() {
        let postmark = registry::sender("postmark");
        for name in [
            "token",
            "x_postern_key",
            "x-key",
            "x-secret",
            "authentication",
            "x-authorization",
        ] {
            assert!(is_secret_header(postmark, name, "S"), "{name}");
        }
        assert!(is_secret_header(
            postmark,
            "referer",
            "http://a.test/?key=S"
        ));
        assert!(!is_secret_header(postmark, "user-agent", "Postmark"));
        assert!(!is_secret_header(registry::sender("mailgun"), "token", "t"));
        for query in [
            "token=S",
            "secret=S",
            "keys=S",
            "%20key=S",
            "?key=S",
            "a=1?key=S",
        ] {
            let [(_, value)] = &shown("brevo", query)[..] else {
                panic!("{query}");
            };
            assert_eq!(value, HIDDEN, "{query}");
        }
        assert_eq!(shown("brevo", "a-secret-alone")[0].0, HIDDEN);
        let plain = ("x".to_owned(), "1".to_owned());
        assert_eq!(shown("brevo", "x=1"), [plain]);
        let of_signature = ("token".to_owned(), "t".to_owned());
        assert_eq!(shown("mailgun", "token=t"), [of_signature]);
        assert_eq!(shown("mailgun", "KEY=S")[0].1, HIDDEN);
    }
}
