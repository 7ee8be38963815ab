//! Postmark's words: which record is which kind, and what a bounce's type says.
//!
//! A bounce is told by its `Type`. `TypeCode` counts for nothing: a complaint's is 512 in the
//! samples, which is a spam notification's, and 100001 in the official library.
//!
//! Bodies from before 2018 have no `RecordType`. Which record they are, their fields tell.

use shared::bounce::Category::{
    self, AuthFailure, Content, Dns, Generic, InvalidAddress, InvalidRecipient, Policy, Reputation,
    SenderError, SuppressedManual, SuppressedUnsubscribe, TemplateError, Unknown, Virus,
};
use shared::bounce::{Class, Evidence, listed};
use shared::element::Element;
use shared::event::{Kind, Refusal, Scope};
use shared::machine::Machine;

/// Fields that one record has and no other, in a body without a `RecordType`. The first one that
/// is there counts.
const TELLING: [(&str, &str); 5] = [
    ("Type", "Bounce"), // a complaint's, too: it is among the types of a bounce
    ("DeliveredAt", "Delivery"),
    ("OriginalLink", "Click"),
    ("FirstOpen", "Open"),
    ("SuppressSending", "SubscriptionChange"),
];

/// Fields of mail that was received, which need not have a `RecordType` to this day.
const INBOUND: [&str; 3] = ["FromFull", "ToFull", "TextBody"];

/// Which record it is.
fn record(element: &Element<'_>) -> Option<String> {
    if element.has("RecordType") {
        return element.text("RecordType");
    }
    let is_inbound = INBOUND.iter().any(|field| element.has(field));
    let telling = TELLING.iter().find(|(field, _)| element.has(field));
    let record = telling.filter(|_| !is_inbound);
    record.map(|(_, record)| (*record).to_owned())
}

/// Postmark's name for it; a bounce's with its type, and a change's with its reason, since a hard
/// bounce is told of by both: `Bounce/HardBounce`, `SubscriptionChange/HardBounce`.
pub(crate) fn name(element: &Element<'_>) -> Option<String> {
    let record = record(element)?;
    let detail = match record.to_ascii_lowercase().as_str() {
        "bounce" => element.text("Type"),
        "subscriptionchange" => element.text("SuppressionReason"),
        _ => None,
    };
    Some(match detail {
        Some(detail) => format!("{record}/{detail}"),
        None => record,
    })
}

/// Checks whether records of this type have a number (`ID`), which no other record shares.
pub(crate) fn is_numbered(record: &str) -> bool {
    let numbered = ["Bounce", "SpamComplaint"];
    numbered
        .iter()
        .any(|name| name.eq_ignore_ascii_case(record))
}

/// What happened.
pub(crate) fn kind(element: &Element<'_>) -> Kind {
    let record = record(element).unwrap_or_default();
    match record.to_ascii_lowercase().as_str() {
        "delivery" => Kind::Delivered,
        "bounce" => bounce(element),
        "spamcomplaint" => Kind::Complained,
        "open" => Kind::Opened(machine(element)),
        "click" => Kind::Clicked {
            url: element.text("OriginalLink"),
            machine: machine(element),
        },
        "subscriptionchange" => subscription_change(element),
        _ => Kind::Unknown, // `Inbound`, and inbound mail without a type, among them
    }
}

fn bounce(element: &Element<'_>) -> Kind {
    let said = Said::of(element);
    match element.word("Type").as_str() {
        "hardbounce" => Kind::Bounced(said.hard_bounce()),
        "transient" => Kind::Deferred(said.refusal(Some(Class::Soft), None)), // goes on trying
        // Mail that came back and asks for no more, or for more.
        "unsubscribe" => unsubscribed(element),
        "subscribe" => Kind::Subscribed(stream(element)),
        "autoresponder" | "addresschange" | "challengeverification" => Kind::Autoresponded,
        // Whether it is tried again is not documented; the domain may be there tomorrow.
        "dnserror" => Kind::Deferred(said.refusal(Some(Class::Soft), Some(Dns))),
        // A filter's verdict on the message, and not a person's: it must not suppress the address.
        "spamnotification" => blocked(&said, Content),
        // Everything below is final, and only the first of it says anything of the address.
        "softbounce" => Kind::Bounced(said.refusal(Some(Class::Soft), None)),
        "unknown" => Kind::Bounced(said.refusal(Some(Class::Undetermined), None)),
        "virusnotification" => blocked(&said, Virus),
        "blocked" => blocked(&said, Reputation), // by the receiver, for the sender's sake
        "dmarcpolicy" => blocked(&said, AuthFailure),
        "spamcomplaint" => Kind::Complained, // mostly a record of its own
        "bademailaddress" => rejected(&said, InvalidAddress),
        "manuallydeactivated" => rejected(&said, SuppressedManual),
        "unconfirmed" => rejected(&said, Policy), // the sender's signature is not confirmed
        "smtpapierror" => smtp_api_error(element, &said),
        "templaterenderingfailed" => Kind::Failed(said.own(TemplateError)),
        // A receiver that probes for an open relay; and what happened to inbound mail.
        "openrelaytest" | "inbounderror" => Kind::Unknown,
        _ => Kind::Bounced(said.refusal(Some(unseen(element)), None)),
    }
}

/// A type never seen makes an address bad only if Postmark itself has given it up.
fn unseen(element: &Element<'_>) -> Class {
    match element.flag("Inactive") {
        Some(true) => Class::Hard,
        _ => Class::Undetermined,
    }
}

fn blocked(said: &Said, category: Category) -> Kind {
    Kind::Bounced(said.refusal(Some(Class::Block), Some(category)))
}

fn rejected(said: &Said, category: Category) -> Kind {
    Kind::Rejected(said.own(category))
}

/// A message over SMTP that was not taken: mostly to an address that Postmark sends nothing to.
fn smtp_api_error(element: &Element<'_>, said: &Said) -> Kind {
    let Some(category) = said.details.as_deref().and_then(why_inactive) else {
        return Kind::Failed(said.own(SenderError));
    };
    let refusal = said.own(category);
    Kind::Rejected(Refusal {
        scope: match category {
            SuppressedUnsubscribe => stream(element),
            _ => Scope::Global,
        },
        ..refusal
    })
}

/// Postmark's usual sentence names every reason that an address can be inactive for, so none of
/// them is this one's.
fn why_inactive(details: &str) -> Option<Category> {
    let lower = details.to_lowercase();
    let reasons = ["bounce", "complain", "suppress"];
    let named = reasons.iter().filter(|word| lower.contains(**word)).count();
    if named > 1 {
        return Some(SuppressedManual);
    }
    let is_inactive = lower.contains("inactive").then_some(SuppressedManual);
    listed(details).or(is_inactive)
}

/// A change of the list of those that a stream does not send to.
fn subscription_change(element: &Element<'_>) -> Kind {
    let reason = element.word("SuppressionReason");
    match (element.flag("SuppressSending"), reason.as_str()) {
        (Some(false), _) => Kind::Subscribed(stream(element)),
        // The bounce or the complaint itself, told once more.
        (Some(true), "hardbounce") => Kind::Bounced(Refusal::judge(&Evidence {
            class: Some(Class::Hard),
            category: Some(Generic),
            ..Evidence::default()
        })),
        (Some(true), "spamcomplaint") => Kind::Complained,
        // `ManualSuppression`, of which the documents have two spellings: the person (`Origin` is
        // `Recipient`), the team or Postmark wants no more.
        (Some(true), _) => unsubscribed(element),
        (None, _) => Kind::Unknown, // in which direction is not said
    }
}

/// Always of one stream: the address is suppressed there, and nowhere else.
fn unsubscribed(element: &Element<'_>) -> Kind {
    Kind::Unsubscribed {
        scope: stream(element),
        machine: Machine::None, // no user agent is sent
    }
}

fn stream(element: &Element<'_>) -> Scope {
    Scope::Stream(element.text("MessageStream"))
}

/// No flag is sent.
fn machine(element: &Element<'_>) -> Machine {
    let user_agent = element.text("UserAgent");
    user_agent.map_or(Machine::None, |text| Machine::of_user_agent(&text))
}

/// What is said of a bounce: the receiving server's answer, and Postmark's sentence about its type.
struct Said {
    details: Option<String>,
    description: Option<String>,
}

impl Said {
    fn of(element: &Element<'_>) -> Self {
        Self {
            details: element.text("Details"),
            description: element.text("Description"),
        }
    }

    fn evidence(&self) -> Evidence<'_> {
        Evidence {
            text: self.details.as_deref().or(self.description.as_deref()),
            is_providers_sentence: self.details.is_none(),
            ..Evidence::default()
        }
    }

    fn refusal(&self, class: Option<Class>, category: Option<Category>) -> Refusal {
        Refusal::judge(&Evidence {
            class,
            category,
            ..self.evidence()
        })
    }

    /// What Postmark itself did, for which no word of the text is evidence.
    fn own(&self, category: Category) -> Refusal {
        Refusal::judge(&Evidence {
            class: Some(Class::Undetermined),
            category: Some(category),
            is_providers_sentence: true,
            ..self.evidence()
        })
    }

    /// "Unknown user, mailbox not found", unless the server's answer says something else.
    fn hard_bounce(&self) -> Refusal {
        let refusal = self.refusal(Some(Class::Hard), None);
        match refusal.verdict.category {
            Unknown | Generic => self.refusal(Some(Class::Hard), Some(InvalidRecipient)),
            _ => refusal,
        }
    }
}
