//! Reads why a provider keeps an address on its list and does not try to send.

use super::reading::Reading;
use super::vocabulary::Category::{
    self, SenderError, SuppressedBounce, SuppressedComplaint, SuppressedManual,
    SuppressedUnsubscribe,
};

/// The categories and their words. The first row with words that occur counts.
///
/// What is not permanent says nothing about the address: a soft bounce, a full mailbox, a block.
const WORDS: &[(Category, &[&str])] = &[
    // Here the message is at fault, or the sender: "Missing unsubscribe link", "bounce domain is
    // not configured".
    (
        SenderError,
        &[
            "unsubscribe link",
            "unsubscribe url",
            "unsubscribe header",
            "unsubscribe group",
            "list-unsubscribe",
            "unsubscribe tag",
            "bounce domain",
            "bounce address is",
            "bounce-domain",
            "not verified",
            "no bounces",
            "no complaints",
            "missing",
            "render",
            "configured",
            "return-path",
            "return path",
            "envelope sender",
        ],
    ),
    (
        SuppressedManual,
        &[
            "soft bounce",
            "soft-bounce",
            "soft bounced",
            "temporar",
            "transient",
            "full",
            "quota",
            "spam content",
            "as spam content",
            "spam score",
            // These are rates of an account, not of an address.
            "bounce rate",
            "complaint rate",
        ],
    ),
    (
        SuppressedComplaint,
        &[
            "complain",
            "spam report",
            "marked as spam",
            "marked a message as spam",
            "marked this as spam",
            "marked your message",
            "marked your mail",
            "marked your email",
            "marked a previous",
            "marked previous",
            "marked it as spam",
            "marked the message as spam",
            "abuse report",
            "feedback loop",
            "reported as spam",
            "reported spam",
            "spam-report",
        ],
    ),
    (
        SuppressedUnsubscribe,
        &[
            "unsubscribe",
            "un-subscribe",
            "opted out",
            "opted-out",
            "opt-out",
            "opt out",
            "optout",
        ],
    ),
    (SuppressedBounce, &["bounce"]),
];

/// Words that say that a list is the reason, but not why the address is on it.
const UNSAID: &[&str] = &[
    "suppress",
    "do not send",
    "do-not-send",
    "blocklist",
    "blacklist",
];

/// Reads a provider's words about an address that it did not try. Returns `None` if they are not
/// about a list.
#[must_use]
pub fn listed(words: &str) -> Option<Category> {
    let Reading { plain, .. } = Reading::of(super::code::head(words));
    let has = |phrases: &[&str]| phrases.iter().any(|phrase| plain.contains(phrase));
    let row = WORDS.iter().find(|(_, phrases)| has(phrases));
    match row {
        Some((SenderError, _)) => None,
        Some((category, _)) => Some(*category),
        None => has(UNSAID).then_some(SuppressedManual),
    }
}
