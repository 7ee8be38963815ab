//! What an event says about its recipient's suppression, if it says anything.

use shared::bounce::{Category, Class};
use shared::event::{Event, Kind, Reason, Refusal, Scope};

use crate::item::Item;
use crate::keys::{names_somebody, suppression_key};

/// What one event says about its recipient's suppression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The sort key of the suppression item.
    pub sk: String,
    /// The register's reason.
    pub reason: Reason,
    /// Whether the event sets the register. If not, it lifts it.
    pub sets: bool,
}

/// Returns what an event says about its recipient's suppression, if it says anything.
#[must_use]
pub fn word(event: &Event) -> Option<Word> {
    // An event that may be about somebody else says nothing about this recipient.
    if !names_somebody(event) || event.recipient_is_ambiguous {
        return None;
    }
    let global = Scope::Global;
    let (scope, reason, sets) = match &event.kind {
        Kind::Bounced(refusal) if refusal.verdict.class == Class::Hard => {
            (&global, Reason::Bounced, true)
        }
        Kind::Complained => (&global, Reason::Complained, true),
        Kind::Unsubscribed { scope, .. } => (scope, Reason::Unsubscribed, true),
        Kind::Subscribed(scope) => (scope, Reason::Unsubscribed, false),
        Kind::SuppressionAdded(reason) => (&global, *reason, true),
        Kind::SuppressionRemoved(reason) => (&global, *reason, false),
        Kind::Rejected(refusal) => refused_for(refusal)?,
        _ => return None,
    };
    let sk = suppression_key(scope, &event.provider)?;
    Some(Word { sk, reason, sets })
}

/// Returns what it means that the provider did not try, because of what it knows about the address.
///
/// The provider's lists are older than the stack, and nobody else has told us. If the provider does
/// not say why it did not try, this means nothing.
fn refused_for(refusal: &Refusal) -> Option<(&Scope, Reason, bool)> {
    let (scope, reason) = match refusal.verdict.category {
        Category::SuppressedBounce => (&Scope::Global, Reason::Bounced),
        Category::SuppressedComplaint => (&Scope::Global, Reason::Complained),
        Category::SuppressedUnsubscribe => (&refusal.scope, Reason::Unsubscribed),
        _ => return None,
    };
    Some((scope, reason, true))
}

/// Returns what a stored event says about its recipient, as [`word`] does. This does not mean that
/// it had the last word.
#[must_use]
pub fn word_of(event: &Item) -> Option<Word> {
    let text = |name: &str| event.get(name)?.as_s().ok().map(String::as_str);
    if event.contains_key("recipient_ambiguous") {
        return None;
    }
    let reason = || {
        let name = text("suppression_reason")?;
        Reason::ALL.into_iter().find(|reason| reason.name() == name)
    };
    let (is_scoped, reason, sets) = match text("kind")? {
        "bounced" if text("bounce_class") == Some("hard") => (false, Reason::Bounced, true),
        "complained" => (false, Reason::Complained, true),
        "unsubscribed" => (true, Reason::Unsubscribed, true),
        "subscribed" => (true, Reason::Unsubscribed, false),
        "suppression_added" => (false, reason()?, true),
        "suppression_removed" => (false, reason()?, false),
        "rejected" => match text("bounce_category")? {
            "suppressed_bounce" => (false, Reason::Bounced, true),
            "suppressed_complaint" => (false, Reason::Complained, true),
            "suppressed_unsubscribe" => (true, Reason::Unsubscribed, true),
            _ => return None,
        },
        _ => return None,
    };
    let id = || text("scope_id").map(str::to_owned);
    let scope = match text("scope").filter(|_| is_scoped) {
        Some("list") => Scope::List(id()),
        Some("group") => Scope::Group(id()),
        Some("topic") => Scope::Topic(id()),
        Some("stream") => Scope::Stream(id()),
        _ => Scope::Global,
    };
    let sk = suppression_key(&scope, text("provider")?)?;
    Some(Word { sk, reason, sets })
}
