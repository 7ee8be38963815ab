//! The names of the providers. It is for those who must not know the providers themselves: a
//! function that only reads needs no code of theirs.
//!
//! `tests/listed.rs` writes the list.

/// The name of every provider, in the order of the registry.
#[rustfmt::skip]
pub const PROVIDERS: &[&str] = &[
    "brevo",
    "customerio",
    "inboxroad",
    "insider",
    "mailersend",
    "mailgun",
    "mailjet",
    "mailpanda",
    "mailtrap",
    "mandrill",
    "postmark",
    "resend",
    "sendgrid",
    "sparkpost",
    "ses",
];

/// Returns the name of a provider, or of the operator, if a word is one. No other spelling is.
#[must_use]
pub fn known(word: &str) -> Option<&'static str> {
    all().find(|name| *name == word)
}

/// Returns the names of the providers, and of the operator, who writes events, too.
pub fn all() -> impl Iterator<Item = &'static str> {
    let operator = std::iter::once(crate::operator::PROVIDER);
    PROVIDERS.iter().copied().chain(operator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_to_the_letter() {
        assert_eq!(known("sendgrid"), Some("sendgrid"));
        assert_eq!(known("operator"), Some("operator"));
        for word in ["", "SendGrid", "sendgrid ", "sengrid"] {
            assert_eq!(known(word), None, "{word}");
        }
    }
}
