//! `SparkPost`'s words: which type is which kind, and what its bounce classes mean.

use shared::bounce::Category::{
    self, Attachment, AutoReply, Content, Dns, Expired, Generic, InactiveMailbox, InvalidRecipient,
    MailboxFull, Policy, Relaying, Reputation, SuppressedBounce, SuppressedManual, System,
    TemplateError, TooLarge, Unknown,
};
use shared::bounce::{Class, Evidence};
use shared::element::Element;
use shared::event::{Kind, Refusal, Scope};
use shared::machine::{Machine, Why};

/// `bounce_class`, those that say what was wrong.
const CLASSES: &[(&str, Class, Category)] = &[
    ("10", Class::Hard, InvalidRecipient),
    ("15", Class::Hard, InactiveMailbox), // "Recipient Refused": of the same engine elsewhere
    ("21", Class::Soft, Dns),
    ("22", Class::Soft, MailboxFull),
    ("23", Class::Soft, TooLarge),
    ("24", Class::Soft, Expired),
    ("30", Class::Hard, InvalidRecipient), // "No RCPT"
    ("51", Class::Block, Reputation),
    ("52", Class::Block, Content),
    ("53", Class::Block, Attachment),
    ("54", Class::Block, Relaying),
    // never a refusal, but on a delay: see `bounced`
    ("25", Class::Undetermined, Policy),
    ("26", Class::Undetermined, Policy),
    ("60", Class::Soft, AutoReply),
    ("100", Class::Soft, AutoReply), // "Challenge-Response"
];

/// Those of them that are wide: the server's words say it better, where they say anything.
const WIDE_CLASSES: &[(&str, Class, Category)] = &[
    ("1", Class::Undetermined, Unknown), // "the response text could not be identified"
    ("20", Class::Soft, Generic),
    ("40", Class::Soft, Generic),
    ("50", Class::Block, Policy), // "Mail Block": why is not said
    ("70", Class::Soft, System),
];

/// What `bounce_class` says.
enum Said {
    /// One thing.
    One(Class, Category),
    /// Roughly what it was.
    Wide(Class, Category),
    /// A class that is not documented: it makes no address bad.
    Stranger,
    /// Nothing: code and words decide.
    Nothing,
}

/// What happened. `class` is the key inside `msys`.
pub(crate) fn kind(facts: &Element<'_>, class: Option<&str>) -> Kind {
    match facts.word("type").as_str() {
        "injection" => Kind::Queued, // taken, not tried yet
        "delivery" => Kind::Delivered,
        "delay" => Kind::Deferred(delayed(facts)),
        "bounce" | "out_of_band" => bounced(facts),
        // On older stacks also what is suppressed.
        "policy_rejection" | "generation_rejection" => Kind::Rejected(rejected(facts)),
        "generation_failure" => Kind::Failed(failed(facts)),
        // A report that mail is no spam has the same type.
        "spam_complaint" if facts.word("fbtype") == "not-spam" => Kind::Unknown,
        "spam_complaint" => Kind::Complained,
        // The pixel at the bottom, and the one at the top: one reading makes both.
        "open" | "amp_open" | "initial_open" | "amp_initial_open" => Kind::Opened(machine(facts)),
        "click" | "amp_click" => Kind::Clicked {
            url: facts.text("target_link_url"),
            machine: machine(facts),
        },
        "list_unsubscribe" | "link_unsubscribe" => Kind::Unsubscribed {
            scope: stream(facts),
            machine: machine(facts),
        },
        // Seen without a type: of what happens to a message, a bounce has a bounce class.
        _ if class == Some("message_event") && is_untyped_bounce(facts) => bounced(facts),
        // `relay_…`, which are about mail that comes in; `sms_status`, `ab_test_…`, `success` and
        // `error` of an ingest.
        _ => Kind::Unknown,
    }
}

fn is_untyped_bounce(facts: &Element<'_>) -> bool {
    !facts.has("type") && facts.id("bounce_class").is_some()
}

/// `SparkPost` suppresses mail of that nature only, so this must not suppress the address.
fn stream(facts: &Element<'_>) -> Scope {
    let is_transactional = match facts.id("transactional").as_deref() {
        Some(digit) => digit == "1",
        None => facts.flag("transactional") == Some(true), // absent: the API's default
    };
    let id = if is_transactional {
        "transactional"
    } else {
        "non_transactional"
    };
    Scope::Group(Some(id.to_owned()))
}

/// Some classes are no refusals, whatever the type says.
fn bounced(facts: &Element<'_>) -> Kind {
    match facts.id("bounce_class").as_deref().map(str::trim) {
        // Not tried: since 2018 what is suppressed comes so.
        Some("25" | "26") => Kind::Rejected(rejected(facts)),
        Some("60" | "100") => Kind::Autoresponded,
        // That a mail asks for a subscription is a guess of SparkPost's: it lifts no opt-out.
        Some("80") => Kind::Subscribed(Scope::Group(None)),
        Some("90") => Kind::Unsubscribed {
            scope: Scope::Global,
            machine: Machine::None, // it came by mail
        },
        _ => Kind::Bounced(refusal(facts)),
    }
}

fn refusal(facts: &Element<'_>) -> Refusal {
    match said(facts) {
        Said::One(class, category) => judge(facts, Some(class), Some(category)),
        Said::Wide(class, category) => {
            let (class, category) = narrowed(facts, class, category);
            judge(facts, Some(class), Some(category))
        }
        Said::Stranger => judge(facts, Some(Class::Undetermined), None),
        Said::Nothing => judge(facts, None, None),
    }
}

/// What the server's answer says within a wide class.
fn narrowed(facts: &Element<'_>, class: Class, category: Category) -> (Class, Category) {
    let verdict = judge(facts, None, None).verdict;
    let is_said = !matches!(verdict.category, Generic | Unknown);
    match class {
        // A block stays one. After three days of it the text tells only of the time.
        Class::Block if verdict.class == Class::Block && is_said => (class, verdict.category),
        Class::Block => (class, category),
        _ if is_out_of_time(facts) => (Class::Soft, Expired),
        _ if !is_said => (class, category),
        // Where SparkPost does not call it hard, nor do its words.
        _ if verdict.class == Class::Hard => (class, verdict.category),
        _ => (verdict.class, verdict.category),
    }
}

/// After some 72 hours of delays: the class is that of the last one.
fn is_out_of_time(facts: &Element<'_>) -> bool {
    let text = text(facts).unwrap_or_default().to_lowercase();
    text.contains("message timeout")
}

/// It will be tried again, so it condemns nobody.
fn delayed(facts: &Element<'_>) -> Refusal {
    let refusal = refusal(facts);
    if refusal.verdict.class != Class::Hard {
        return refusal;
    }
    judge(facts, Some(Class::Soft), Some(refusal.verdict.category))
}

/// Not tried. On whose list an address is, `SparkPost` says in its own words.
fn rejected(facts: &Element<'_>) -> Refusal {
    let words = text(facts).unwrap_or_default().to_lowercase();
    let category = match (words.contains("suppressed"), said(facts)) {
        // SparkPost's list of what bounced for everybody.
        (true, _) if words.contains("system policy") => SuppressedBounce,
        // The account's list: why the address is there is not said.
        (true, _) => SuppressedManual,
        (false, Said::One(_, category)) => category,
        (false, _) => Policy,
    };
    judge(facts, Some(Class::Undetermined), Some(category))
}

fn failed(facts: &Element<'_>) -> Refusal {
    judge(facts, Some(Class::Undetermined), Some(TemplateError))
}

fn said(facts: &Element<'_>) -> Said {
    let Some(code) = facts.id("bounce_class") else {
        return Said::Nothing;
    };
    let row = |table: &'static [(&str, Class, Category)]| {
        let row = table.iter().find(|(name, ..)| *name == code.trim());
        row.map(|(_, class, category)| (*class, *category))
    };
    match (row(CLASSES), row(WIDE_CLASSES)) {
        (Some((class, category)), _) => Said::One(class, category),
        (None, Some((class, category))) => Said::Wide(class, category),
        (None, None) => Said::Stranger,
    }
}

fn judge(facts: &Element<'_>, class: Option<Class>, category: Option<Category>) -> Refusal {
    let code = facts.id("error_code");
    Refusal::judge(&Evidence {
        class,
        category,
        smtp_code: code.and_then(|code| code.trim().parse().ok()),
        text: text(facts).as_deref(),
        ..Evidence::default()
    })
}

/// In `reason` addresses and the like are left out.
fn text(facts: &Element<'_>) -> Option<String> {
    facts.text("raw_reason").or_else(|| facts.text("reason"))
}

/// `is_prefetched` is a verdict; `is_proxy` is none, since a person may be behind it.
fn machine(facts: &Element<'_>) -> Machine {
    let user_agent = facts.text("user_agent");
    let suspected = user_agent.map_or(Machine::None, |text| Machine::of_user_agent(&text));
    let parsed = facts.object("user_agent_parsed");
    let is = |key| parsed.as_ref().and_then(|parsed| parsed.flag(key)) == Some(true);
    match suspected {
        Machine::Suspected(Why::AppleMpp) if is("is_prefetched") => {
            Machine::Confirmed(Why::AppleMpp)
        }
        _ if is("is_prefetched") => Machine::Confirmed(Why::Prefetch),
        Machine::None if is("is_proxy") => Machine::Suspected(Why::Proxy),
        suspected => suspected,
    }
}
