//! Mandrill's words: which event is which kind, and what the words of a refusal mean.

use shared::bounce::Category::{
    self, Attachment, AuthFailure, AutoReply, Content, Expired, Generic, InvalidAddress,
    InvalidDomain, InvalidRecipient, InvalidSender, MailboxFull, Policy, Quota, Relaying,
    Reputation, SuppressedBounce, SuppressedComplaint, SuppressedManual, SuppressedUnsubscribe,
    System, TooLarge, Unknown,
};
use shared::bounce::{Class, Evidence, listed};
use shared::element::Element;
use shared::event::{Kind, Refusal, Scope};
use shared::machine::{Machine, Why};

/// `msg.bounce_description`. The documents name the first two; where it is another word, the number
/// decides.
const DESCRIPTIONS: &[(&str, &str)] = &[
    ("bad_mailbox", "10"),
    ("invalid_domain", "21"), // of soft bounces, too: the event says which it is
    ("mailbox_full", "22"),
    ("general", "40"),
];

/// `msg.bgtools_code`, those that say what was wrong. The numbers are not documented; they are
/// those of another engine of the kind, as far as they were seen.
const CODES: &[(&str, Category)] = &[
    ("10", InvalidRecipient),
    ("21", InvalidDomain),
    ("22", MailboxFull),
    ("23", TooLarge),
    ("24", Expired),
    ("25", Policy),
    ("51", Reputation),
    ("52", Content),
    ("53", Attachment),
    ("54", Relaying),
    ("60", AutoReply),
];

/// Those of them that are wide: the server's words say it better, where they say anything.
const WIDE_CODES: &[(&str, Category)] = &[
    ("20", Generic),
    ("30", Generic),
    ("40", Generic),
    ("50", Policy),
    ("70", System),
];

/// `msg.reject.reason`, with hyphens as in the API's answer.
const REASONS: &[(&str, Category)] = &[
    ("hard-bounce", SuppressedBounce),
    // Kept for hours to days only: it condemns no address.
    ("soft-bounce", SuppressedManual),
    ("spam", SuppressedComplaint),
    ("unsub", SuppressedUnsubscribe),
    ("custom", SuppressedManual), // put there by hand
    ("invalid", InvalidAddress),
    ("invalid-sender", InvalidSender),
    ("unsigned", AuthFailure), // the sending domain is not signed
    ("rule", Policy),
    ("test-mode-limit", Quota),
];

/// What happened.
pub(crate) fn kind(element: &Element<'_>, msg: &Element<'_>) -> Kind {
    // With hyphens until 2015.
    match element.word("event").replace('-', "_").as_str() {
        "send" => Kind::Sent,
        "delivered" => Kind::Delivered,
        "deferral" => Kind::Deferred(deferred(element, msg)),
        "hard_bounce" => Kind::Bounced(bounced(msg, Class::Hard)),
        "soft_bounce" => Kind::Bounced(bounced(msg, Class::Soft)), // final: not tried again
        "reject" => Kind::Rejected(rejected(msg)),
        "open" => Kind::Opened(machine(element)),
        "click" => Kind::Clicked {
            url: element.text("url"),
            machine: machine(element),
        },
        "spam" => Kind::Complained,
        // Mandrill then sends this sender's mail to the address no more.
        "unsub" => Kind::Unsubscribed {
            scope: Scope::Global,
            machine: machine(element),
        },
        _ => Kind::Unknown, // `inbound`, too: mail that comes in
    }
}

/// It will be tried again, so it condemns nobody.
fn deferred(element: &Element<'_>, msg: &Element<'_>) -> Refusal {
    let attempts = msg.objects("smtp_events");
    let refused = attempts.filter(|attempt| attempt.word("type") != "sent");
    let last = refused.filter_map(|attempt| attempt.text("diag")).last();
    let text = element.text("diag").or(last).or_else(|| msg.text("diag"));
    let refusal = judge(text.as_deref(), None, None);
    if refusal.verdict.class != Class::Hard {
        return refusal;
    }
    let category = refusal.verdict.category;
    judge(text.as_deref(), Some(Class::Soft), Some(category))
}

/// The event says how hard it is; the server's words may clear the address.
fn bounced(msg: &Element<'_>, class: Class) -> Refusal {
    let text = msg.text("diag");
    let text = text.as_deref();
    let category = code(msg).and_then(|code| category(&code, text));
    let found = category.map(Category::class);
    let class = match (class, found) {
        // Refused for the sender's or the message's sake.
        (Class::Soft, Some(Class::Block)) => Class::Block,
        // Somebody is away: whatever the event is called, that condemns nobody.
        (Class::Hard, _) if category == Some(AutoReply) => Class::Undetermined,
        (class, _) => class,
    };
    judge(text, Some(class), category)
}

/// The number, which a description stands for.
fn code(msg: &Element<'_>) -> Option<String> {
    let word = msg.word("bounce_description").replace('-', "_");
    let row = DESCRIPTIONS.iter().find(|(name, _)| *name == word);
    row.map(|(_, code)| (*code).to_owned())
        .or_else(|| msg.id("bgtools_code"))
}

fn category(code: &str, text: Option<&str>) -> Option<Category> {
    let row = |table: &[(&str, Category)]| {
        let row = table.iter().find(|(name, _)| *name == code.trim());
        row.map(|(_, category)| *category)
    };
    row(CODES).or_else(|| {
        let wide = row(WIDE_CODES)?;
        let said = judge(text, None, None).verdict;
        let is_narrower = !matches!(said.category, Generic | Unknown);
        // A block stays one.
        let fits = wide != Policy || said.class == Class::Block;
        Some(if is_narrower && fits {
            said.category
        } else {
            wide
        })
    })
}

/// Not tried. Mostly it is not said why.
fn rejected(msg: &Element<'_>) -> Refusal {
    let reject = msg.object("reject");
    let reason = match &reject {
        Some(reject) => reject.text("reason"),
        None => msg.text("reject"),
    };
    let word = reason.clone().unwrap_or_default().to_lowercase();
    let word = word.replace('_', "-");
    let row = REASONS.iter().find(|(name, _)| *name == word);
    let category = row.map(|(_, category)| *category);
    let detail = reject.and_then(|reject| reject.text("detail"));
    Refusal::judge(&Evidence {
        class: Some(Class::Undetermined),
        category: category.or_else(|| listed(&word)).or(Some(Unknown)),
        text: detail.or(reason).as_deref(),
        is_providers_sentence: true,
        ..Evidence::default()
    })
}

fn judge(text: Option<&str>, class: Option<Class>, category: Option<Category>) -> Refusal {
    Refusal::judge(&Evidence {
        class,
        category,
        text,
        ..Evidence::default()
    })
}

/// Mandrill tells browsers, mail clients and robots apart; for Apple's proxy it has no word.
fn machine(element: &Element<'_>) -> Machine {
    let parsed = element.object("user_agent_parsed");
    if parsed.is_some_and(|parsed| parsed.word("type") == "robot") {
        return Machine::Confirmed(Why::Scanner);
    }
    let user_agent = element.text("user_agent");
    user_agent.map_or(Machine::None, |text| Machine::of_user_agent(&text))
}
