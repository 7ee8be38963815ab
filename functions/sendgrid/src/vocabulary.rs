//! `SendGrid`'s words: which event is which kind, and what the words of a refusal mean.

use shared::bounce::Category::{
    self, Content, Expired, Generic, InactiveMailbox, InvalidAddress, InvalidRecipient, Quota,
    RateLimited, Reputation, SenderError, SuppressedComplaint, System, Unknown,
};
use shared::bounce::{Class, EnhancedCode, Evidence, listed};
use shared::element::Element;
use shared::event::{Kind, Refusal, Scope};
use shared::machine::{Machine, Why};

/// `bounce_classification`, in lower case. `Unclassified` says nothing: code and words decide.
const CLASSIFICATIONS: &[(&str, Category)] = &[
    ("invalid address", InvalidRecipient),
    ("content", Content),
    ("reputation", Reputation),
    ("frequency or volume too high", RateLimited),
];

/// Those of them that are wide: a code says it better, where there is one that says anything.
const WIDE_CLASSIFICATIONS: &[(&str, Category)] = &[
    ("technical failure", System),
    ("technical", System), // so in some versions of the documents
    ("mailbox unavailable", InactiveMailbox), // full, disabled, over its rate
];

/// The words of `reason` on a `dropped`, in lower case; the first row that is in it. "Bounced
/// Address" and "Unsubscribed Address" are read as any provider's words about its lists are.
const DROPS: &[(&str, Category)] = &[
    ("spam reporting address", SuppressedComplaint),
    ("spam content", Content),
    ("over package quota", Quota),
    ("invalid smtpapi header", SenderError),
    ("invalid", InvalidAddress),
];

/// What happened.
pub(crate) fn kind(element: &Element<'_>) -> Kind {
    match element.word("event").as_str() {
        "processed" => Kind::Queued, // taken, not tried yet
        "delivered" => Kind::Delivered,
        "deferred" => Kind::Deferred(refusal(element, None, classification(element))),
        "bounce" => Kind::Bounced(bounced(element)),
        "dropped" => dropped(element),
        "open" => Kind::Opened(machine(element)),
        "click" => Kind::Clicked {
            url: element.text("url"),
            machine: machine(element),
        },
        "spamreport" => Kind::Complained,
        "unsubscribe" => Kind::Unsubscribed {
            scope: Scope::Global,
            machine: machine(element),
        },
        // Must not suppress the address.
        "group_unsubscribe" => Kind::Unsubscribed {
            scope: group(element),
            machine: machine(element),
        },
        "group_resubscribe" => Kind::Subscribed(group(element)), // nor lift what suppresses it
        _ => Kind::Unknown, // also `account_status_change`, which is about the account
    }
}

fn bounced(element: &Element<'_>) -> Refusal {
    let class = match Some(element.word("type").as_str()).filter(|word| !word.is_empty()) {
        // also said of a full mailbox and of a block: then the server's answer holds
        Some("bounce") => Some(Class::Hard),
        // Titled "Blocked": refused for the sender's or the message's sake; SendGrid goes on
        // sending to the address.
        Some("blocked") => Some(Class::Block),
        Some("expired") => return refusal(element, Some(Class::Soft), Some(Expired)),
        Some(_) => Some(Class::Undetermined), // never seen: it makes no address bad
        None => None,                         // older: code and words decide
    };
    refusal(element, class, classification(element))
}

/// Not tried. What the sender did wrong is a failure; the rest are refusals of `SendGrid`'s.
fn dropped(element: &Element<'_>) -> Kind {
    let text = reason_of(element);
    let reason = text.to_lowercase();
    let row = DROPS.iter().find(|(words, _)| reason.contains(words));
    let category = row.map(|(_, category)| *category);
    let category = category.or_else(|| listed(&reason));
    let mut refusal = Refusal::judge(&Evidence {
        is_providers_sentence: true,
        ..evidence(element, Some(Class::Undetermined), category, &text)
    });
    if category == Some(Category::SuppressedUnsubscribe) && element.has("asm_group_id") {
        // Of a message to a group: whether the opt-out was of the group or of all is not said, and
        // the lesser one is certain.
        refusal.scope = group(element);
    }
    match category {
        Some(SenderError) => Kind::Failed(refusal),
        _ => Kind::Rejected(refusal),
    }
}

fn group(element: &Element<'_>) -> Scope {
    Scope::Group(element.id("asm_group_id"))
}

fn classification(element: &Element<'_>) -> Option<Category> {
    let word = element.text("bounce_classification")?.to_lowercase();
    let of = |table: &[(&str, Category)]| {
        let row = table.iter().find(|(name, _)| *name == word);
        row.map(|(_, category)| *category)
    };
    of(CLASSIFICATIONS).or_else(|| {
        let wide = of(WIDE_CLASSIFICATIONS)?;
        let verdict = refusal(element, None, None).verdict;
        let has_code = verdict.smtp_code.is_some()
            || verdict
                .enhanced_code
                .is_some_and(|code| code.subject() != 0);
        let found = verdict.category;
        Some(if has_code && !matches!(found, Generic | Unknown) {
            found
        } else {
            wide
        })
    })
}

fn refusal(element: &Element<'_>, class: Option<Class>, category: Option<Category>) -> Refusal {
    let text = reason_of(element);
    Refusal::judge(&evidence(element, class, category, &text))
}

fn reason_of(element: &Element<'_>) -> String {
    let reason = element.text("reason").or_else(|| element.text("response"));
    reason.unwrap_or_default()
}

fn evidence<'a>(
    element: &Element<'_>,
    class: Option<Class>,
    category: Option<Category>,
    text: &'a str,
) -> Evidence<'a> {
    let status = element.text("status");
    Evidence {
        class,
        category,
        enhanced_code: status.and_then(|code| EnhancedCode::parse(code.trim())),
        text: Some(text),
        ..Evidence::default()
    }
}

/// `SendGrid`'s own flag is about Apple Mail Privacy Protection and nothing else.
fn machine(element: &Element<'_>) -> Machine {
    if element.flag("sg_machine_open") == Some(true) {
        return Machine::Confirmed(Why::AppleMpp);
    }
    let user_agent = element.text("useragent");
    user_agent.map_or(Machine::None, |text| Machine::of_user_agent(&text))
}
