//! Reads the words of a question.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shared::event::{Channel, Reason, Scope};
use table::asked;

use super::error::Asked;

/// Reads a kind of event.
///
/// # Errors
/// Returns [`Asked::Kind`].
pub fn kind(word: &str) -> Result<&'static str, Asked> {
    let word = word.trim();
    asked::kind(word).map_err(|_| Asked::Kind(word.to_owned()))
}

/// Reads the class of a bounce.
///
/// # Errors
/// Returns [`Asked::Class`].
pub fn class(word: &str) -> Result<&'static str, Asked> {
    let word = word.trim();
    asked::class(word).map_err(|_| Asked::Class(word.to_owned()))
}

/// Reads the name of a provider, or `operator`.
///
/// # Errors
/// Returns [`Asked::Provider`].
pub fn provider(word: &str) -> Result<&'static str, Asked> {
    let word = word.trim();
    asked::provider(word).map_err(|_| Asked::Provider(word.to_owned()))
}

/// Reads a channel.
///
/// # Errors
/// Returns [`Asked::Channel`].
pub fn channel(word: &str) -> Result<Channel, Asked> {
    let word = word.trim();
    asked::channel(word).map_err(|_| Asked::Channel(word.to_owned()))
}

/// Reads a reason of a suppression.
///
/// # Errors
/// Returns [`Asked::Reason`].
pub fn reason(word: &str) -> Result<Reason, Asked> {
    let word = word.trim();
    asked::reason(word).map_err(|_| Asked::Reason(word.to_owned()))
}

/// Reads a list, group, topic or stream: `group:1234`.
///
/// # Errors
/// Returns [`Asked::Scope`].
pub fn scope(text: &str) -> Result<Scope, Asked> {
    let text = text.trim();
    asked::scope(text).map_err(|_| Asked::Scope(text.to_owned()))
}

/// Reads where a list ended: the sort key of its last event, in base64.
///
/// # Errors
/// Returns [`Asked::Next`].
pub fn next(text: &str) -> Result<String, Asked> {
    let text = text.trim();
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let next = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let next = next.filter(|next| next.contains('#'));
    next.ok_or_else(|| Asked::Next(text.to_owned()))
}

/// Returns where a list ends, for [`next`]. An id in it may have any characters.
#[must_use]
pub fn end(sort_key: &str) -> String {
    URL_SAFE_NO_PAD.encode(sort_key)
}

#[cfg(test)]
mod tests {
    use shared::event::Kind;

    use super::super::known::providers;
    use super::*;
    use crate::exit::Exit;

    /// What is said, and what to type instead.
    fn said(error: &Asked) -> (String, String) {
        assert_eq!(error.exit(), Exit::Line);
        (error.to_string(), error.hint().unwrap_or_default())
    }

    #[test]
    fn a_word_that_nobody_knows_says_which_was_meant() {
        let kinds = Kind::NAMES.join(" ");
        for (error, what, hint) in [
            (
                kind("bounces").map(|_| ()),
                "`bounces` is no kind of event",
                format!("did you mean `bounced`?  one of: {kinds}"),
            ),
            (
                provider("sengrid").map(|_| ()),
                "`sengrid` is no provider",
                format!(
                    "did you mean `sendgrid`?  one of: {}",
                    providers().join(" ")
                ),
            ),
            (
                channel("mail").map(|_| ()),
                "`mail` is no channel",
                "did you mean `email`?  one of: email sms push in_app whatsapp slack webhook"
                    .to_owned(),
            ),
            (
                class("Hard").map(|_| ()),
                "`Hard` is no class of a bounce",
                "did you mean `hard`?  one of: hard soft block undetermined".to_owned(),
            ),
            (
                reason("unsubscribe").map(|_| ()),
                "`unsubscribe` is no reason why not to mail",
                "did you mean `unsubscribed`?  one of: bounced complained unsubscribed manual"
                    .to_owned(),
            ),
        ] {
            let error = error.expect_err(what);
            assert_eq!(said(&error), (what.to_owned(), hint));
        }
    }

    #[test]
    fn a_scope_is_a_kind_and_an_id() {
        let group = Scope::Group(Some("a:7".to_owned()));
        assert_eq!(scope(" group:a:7 ").expect("a scope"), group);
        for text in ["", "group", "group:", "global:1", "7"] {
            assert_eq!(
                scope(text).expect_err(text).code(),
                "scope_unreadable",
                "{text}"
            );
        }
    }

    #[test]
    fn a_list_goes_on_where_it_ended() {
        let sk = "2026-01-02T03:04:05.000Z#an id, ë/+?";
        assert_eq!(next(&end(sk)).expect("an end"), sk);
        for text in ["", "2026-01-02T03:04:05.000Z#e", "eA", "%"] {
            assert_eq!(
                next(text).expect_err(text).code(),
                "next_unreadable",
                "{text}"
            );
        }
    }
}
