//! SES's words: which event is which kind, and what the words of a refusal mean.

use shared::bounce::Category::{
    self, Attachment, Content, Dns, Expired, Generic, InvalidAddress, InvalidRecipient,
    MailboxFull, NoAnswer, Policy, RateLimited, Reputation, SuppressedBounce, SuppressedComplaint,
    SuppressedUnsubscribe, System, TemplateError, TooLarge, Unknown, Virus,
};
use shared::bounce::{Class, EnhancedCode, Evidence};
use shared::element::Element;
use shared::event::{Kind, Refusal, Scope};
use shared::machine::{Machine, Why};

use crate::name::Name;

/// `bounceType` and `bounceSubType` of what a receiving server refused, in lower case. A pair that
/// is not here says nothing, whatever it is called: it may be a rule of SES's.
///
/// `Transient` is final here: SES has given up.
#[rustfmt::skip]
const BOUNCES: &[(&str, &str, Class, Option<Category>)] = &[
    ("permanent", "general", Class::Hard, None), // code and words say why
    ("permanent", "", Class::Hard, None),
    ("permanent", "noemail", Class::Hard, Some(InvalidRecipient)),
    // Also what an out-of-office reply is counted as, which has no status and no answer.
    ("transient", "general", Class::Soft, None),
    ("transient", "", Class::Soft, None),
    ("transient", "mailboxfull", Class::Soft, Some(MailboxFull)),
    ("transient", "messagetoolarge", Class::Soft, Some(TooLarge)),
    ("transient", "customtimeoutexceeded", Class::Soft, Some(Expired)),
    ("transient", "contentrejected", Class::Block, Some(Content)),
    ("transient", "attachmentrejected", Class::Block, Some(Attachment)),
];

/// `bounceSubType` of what SES did not try, in lower case.
const NOT_TRIED: &[(&str, Category)] = &[
    ("suppressed", SuppressedBounce), // SES's list for everybody: bounced lately
    // The account's and the tenant's list. A complaint that put the address there is told of as a
    // complaint, so this is a bounce.
    ("onaccountsuppressionlist", SuppressedBounce),
    ("ontenantsuppressionlist", SuppressedBounce),
    ("emailvalidationsuppressed", InvalidAddress), // SES's own check of the address
    ("unsubscribedrecipient", SuppressedUnsubscribe),
];

/// `complaintSubType` of what is no complaint, in lower case: an address that complained before,
/// and was not tried.
const COMPLAINED_BEFORE: [&str; 2] = ["onaccountsuppressionlist", "ontenantsuppressionlist"];

/// `delayType`, in lower case. `General` and `Undetermined` leave it to code and words.
const DELAYS: &[(&str, Category)] = &[
    ("internalfailure", System),
    ("mailboxfull", MailboxFull),
    ("spamdetected", Reputation), // much of it, from this sender
    ("recipientservererror", System),
    ("ipfailure", Reputation),
    ("transientcommunicationfailure", NoAnswer),
    ("byoiphostnamelookupunavailable", Dns),
    ("sendingdeferral", RateLimited), // by SES itself
];

/// What happened, as far as it is one fact. `answer` is what is said of the one recipient.
pub(crate) fn kind(name: &Name<'_>, answer: Option<&Element<'_>>) -> Kind {
    match name.word.as_str() {
        "send" => Kind::Sent, // SES took it; an attempt follows, unless the address is on a list
        "reject" => Kind::Rejected(own(reason(name), name.text("reason").as_deref())),
        "renderingfailure" => {
            Kind::Failed(own(TemplateError, name.text("errorMessage").as_deref()))
        }
        "delivery" => Kind::Delivered,
        "deliverydelay" => Kind::Deferred(delay(name, answer)),
        "bounce" => bounce(name, answer),
        "complaint" => complaint(name),
        "open" => Kind::Opened(machine(name)),
        "click" => Kind::Clicked {
            url: name.text("link"),
            machine: machine(name),
        },
        // Those of them that say what was chosen are read in `subscription`.
        "subscription" => Kind::PreferencesChanged,
        _ => Kind::Unknown,
    }
}

/// "Bad content" is the only reason that SES has given: a virus.
fn reason(name: &Name<'_>) -> Category {
    match name.lower("reason").as_str() {
        "bad content" | "" => Virus,
        _ => Policy,
    }
}

fn bounce(name: &Name<'_>, answer: Option<&Element<'_>>) -> Kind {
    let (class, subtype) = (name.lower("bounceType"), name.lower("bounceSubType"));
    let not_tried = NOT_TRIED.iter().find(|(word, _)| *word == subtype);
    if let Some((_, category)) = not_tried {
        let text = answer.and_then(|answer| answer.text("diagnosticCode"));
        let refusal = own(*category, text.as_deref());
        return Kind::Rejected(Refusal {
            scope: match category {
                // An opt-out of a contact list, or of one of its topics: which, is not said, and
                // the lesser one is certain.
                SuppressedUnsubscribe => Scope::Topic(None),
                _ => Scope::Global,
            },
            ..refusal
        });
    }
    let row = BOUNCES
        .iter()
        .find(|(of, sub, ..)| (*of, *sub) == (class.as_str(), subtype.as_str()));
    Kind::Bounced(match row {
        Some((_, _, class, Some(category))) => refusal(*class, Some(*category), answer),
        Some((_, _, class, None)) => by_answer(*class, answer),
        None => refusal(Class::Undetermined, None, answer),
    })
}

/// Complaints about a message that is no spam, or about its signatures, must not suppress anybody.
fn complaint(name: &Name<'_>) -> Kind {
    if COMPLAINED_BEFORE.contains(&name.lower("complaintSubType").as_str()) {
        return Kind::Rejected(own(SuppressedComplaint, None));
    }
    match name.lower("complaintFeedbackType").as_str() {
        "not-spam" | "auth-failure" => Kind::Unknown,
        _ => Kind::Complained, // `abuse`, `fraud`, `other`, `virus`, or none
    }
}

fn delay(name: &Name<'_>, answer: Option<&Element<'_>>) -> Refusal {
    let kind = name.lower("delayType");
    let row = DELAYS.iter().find(|(word, _)| *word == kind);
    match row {
        Some((_, category)) => refusal(Class::Soft, Some(*category), answer),
        None if kind == "general" => by_answer(Class::Soft, answer),
        None => refusal(Class::Soft, None, answer),
    }
}

/// What SES calls general is as general as the server's answer.
fn by_answer(class: Class, answer: Option<&Element<'_>>) -> Refusal {
    let judged = refusal(class, None, answer);
    match judged.verdict.category {
        Unknown => refusal(class, Some(Generic), answer),
        _ => judged,
    }
}

fn refusal(class: Class, category: Option<Category>, answer: Option<&Element<'_>>) -> Refusal {
    let text = answer.and_then(|answer| answer.text("diagnosticCode"));
    let status = answer.and_then(|answer| answer.text("status"));
    Refusal::judge(&Evidence {
        class: Some(class),
        category,
        enhanced_code: status.and_then(|code| EnhancedCode::parse(code.trim())),
        text: text.as_deref(),
        ..Evidence::default()
    })
}

/// What SES itself did, in its own words, which are told and are no evidence.
fn own(category: Category, text: Option<&str>) -> Refusal {
    Refusal::judge(&Evidence {
        class: Some(Class::Undetermined),
        category: Some(category),
        text,
        is_providers_sentence: true,
        ..Evidence::default()
    })
}

/// `isBotEvent` is `Likely` or `Unlikely`, and a guess of SES's; the user agent may say better what
/// it was.
fn machine(name: &Name<'_>) -> Machine {
    let user_agent = name.text("userAgent");
    let by_agent = user_agent.map_or(Machine::None, |text| Machine::of_user_agent(&text));
    match by_agent {
        Machine::None if name.lower("isBotEvent") == "likely" => Machine::Suspected(Why::Scanner),
        by_agent => by_agent,
    }
}
