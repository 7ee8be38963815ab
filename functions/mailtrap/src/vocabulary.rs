//! Mailtrap's words: which event is which kind, and what the words of a refusal mean.

use shared::bounce::Category::{
    self, AuthFailure, Content, Dns, Expired, Greylisted, InvalidDomain, InvalidRecipient,
    InvalidSender, MailboxFull, NoAnswer, Policy, Quota, RateLimited, Relaying, Reputation,
    SenderError, SuppressedUnsubscribe, System,
};
use shared::bounce::{Class, EnhancedCode, Evidence, judge, listed};
use shared::element::Element;
use shared::event::{Kind, Refusal, Scope};
use shared::machine::Machine;

/// `bounce_category`, in lower case. `verifyfail`, `generalfail`, `other` and what is to come leave
/// it to the codes and the text.
const CATEGORIES: &[(&str, Category)] = &[
    ("badrecipient", InvalidRecipient), // the first three put the address on Mailtrap's list
    ("overquota", MailboxFull),
    ("timeout", Expired),
    ("invalid_recipient", InvalidRecipient), // so in the API's log
    ("transientfail", System),
    ("serverfail", System),
    ("greylisting", Greylisted),
    ("dnsfail", Dns), // on the wire `dnsFail`
    ("badsender", InvalidSender),
    ("block", Policy), // "possibly security policies"
    ("spam", Content),
    ("spam_gmail", Reputation), // of the rate, the authentication or the reputation at Gmail
    ("content", Content),
    ("serverpolicy", Policy),
    ("relayfail", Relaying),
];

/// The words of `reason` on a `reject`, in lower case, that are not read as any provider's words
/// about its lists are; the first row that is in it.
const REJECTIONS: &[(&str, Category)] = &[
    ("unsubscription", SuppressedUnsubscribe),
    ("verif", SenderError), // the sending domain was not verified in time
    ("limit", Quota),
];

/// What happened.
pub(crate) fn kind(element: &Element<'_>) -> Kind {
    // The wire has `soft bounce`, the API's list of events `soft_bounce`.
    match element.word("event").trim().replace(' ', "_").as_str() {
        "delivery" => Kind::Delivered,
        "soft_bounce" => Kind::Deferred(for_now(element)), // tried up to ten more times
        "bounce" => Kind::Bounced(refusal(element, Expired)),
        "suspension" => Kind::Deferred(suspended(element)),
        "reject" => Kind::Rejected(rejected(element)),
        "open" => Kind::Opened(machine(element)),
        "click" => Kind::Clicked {
            url: element.text("url"),
            machine: machine(element),
        },
        // Mailtrap then sends it nothing from this domain: must not suppress the address.
        "unsubscribe" => Kind::Unsubscribed {
            scope: domain(element),
            machine: machine(element),
        },
        "spam" | "spam_complaint" => Kind::Complained,
        _ => Kind::Unknown,
    }
}

/// What an opt-out is about. Older events do not say which domain it is.
fn domain(element: &Element<'_>) -> Scope {
    Scope::Group(element.text("sending_domain_name"))
}

/// Whatever it is, Mailtrap tries again, so the address is not lost.
fn for_now(element: &Element<'_>) -> Refusal {
    let mut refusal = refusal(element, NoAnswer);
    if refusal.verdict.class == Class::Hard {
        refusal.verdict.class = Class::Soft;
    }
    refusal
}

/// What the receiving server said. `timeout` is what a silence means: no answer for now, or too
/// old.
fn refusal(element: &Element<'_>, timeout: Category) -> Refusal {
    let text = element.text("response");
    let evidence = Evidence {
        smtp_code: element
            .integer("response_code")
            .and_then(|code| code.try_into().ok()),
        text: text.as_deref(),
        ..Evidence::default()
    };
    let word = element.word("bounce_category");
    let row = CATEGORIES.iter().find(|(name, _)| *name == word);
    let Some((_, category)) = row else {
        return Refusal::judge(&evidence);
    };
    let code = judge(&evidence).enhanced_code;
    let (class, category) = match category {
        Expired => (Some(Class::Soft), timeout),
        // The code of a domain that does not exist; else it may be a resolver's fault.
        Dns if code.is_some_and(denies_domain) => (None, InvalidDomain),
        Dns => (Some(Class::Undetermined), Dns),
        // Mailtrap's word condemns; against it the server's answer holds.
        InvalidRecipient => (None, InvalidRecipient),
        other => {
            let class = other.class();
            let refined = code.and_then(refined).filter(|_| class == Class::Block);
            (Some(class), refined.unwrap_or(*other))
        }
    };
    Refusal::judge(&Evidence {
        class,
        category: Some(category),
        ..evidence
    })
}

fn denies_domain(code: EnhancedCode) -> bool {
    matches!((code.subject(), code.detail()), (1, 2) | (4, 4))
}

/// What a code says of the sender or the message that is more than a policy.
fn refined(code: EnhancedCode) -> Option<Category> {
    match (code.subject(), code.detail()) {
        (7, 28) => Some(RateLimited), // Gmail: too much mail of this sender
        (7, 9 | 20..=27) => Some(AuthFailure),
        (6, _) => Some(Content),
        (1, 7 | 8) => Some(InvalidSender),
        _ => None,
    }
}

/// A sentence of Mailtrap's: the account's limit, or a domain that is not verified. It is looked at
/// again, ten times.
fn suspended(element: &Element<'_>) -> Refusal {
    let text = element.text("reason").unwrap_or_default();
    let category = if text.to_lowercase().contains("limit") {
        Quota
    } else {
        SenderError
    };
    own(&text, Some(category))
}

/// Not tried: "Recipient in suppression list. Reason: …", or the sender's fault.
fn rejected(element: &Element<'_>) -> Refusal {
    let text = element.text("reason").unwrap_or_default();
    let words = text.to_lowercase();
    let row = REJECTIONS.iter().find(|(piece, _)| words.contains(piece));
    let category = row.map(|(_, category)| *category);
    let category = category.or_else(|| listed(&words));
    let refusal = own(&text, category);
    if category == Some(SuppressedUnsubscribe) {
        Refusal {
            scope: domain(element),
            ..refusal
        }
    } else {
        refusal
    }
}

/// Mailtrap's own words, which are told and judge nothing.
fn own(text: &str, category: Option<Category>) -> Refusal {
    Refusal::judge(&Evidence {
        class: Some(Class::Undetermined),
        category,
        text: Some(text),
        is_providers_sentence: true,
        ..Evidence::default()
    })
}

/// None is flagged. The documents' own sample of an open is an image proxy's.
fn machine(element: &Element<'_>) -> Machine {
    let user_agent = element.text("user_agent");
    user_agent.map_or(Machine::None, |text| Machine::of_user_agent(&text))
}
