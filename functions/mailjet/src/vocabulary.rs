//! Mailjet's words: which event is which kind, and what its errors mean.

use shared::bounce::Category::{
    self, Content, Duplicate, Greylisted, InactiveMailbox, InvalidAddress, InvalidDomain,
    InvalidRecipient, MailboxFull, NoAnswer, Policy, Protocol, Relaying, Reputation, SenderError,
    SuppressedBounce, SuppressedComplaint, SuppressedManual, System, TemplateError, Unknown,
};
use shared::bounce::Class::{self, Block, Hard, Soft, Undetermined};
use shared::bounce::Evidence;
use shared::element::Element;
use shared::event::{Kind, Refusal, Scope};
use shared::machine::Machine;

/// An error: what it says of the address on a `bounce`, and why Mailjet did not send on a
/// `blocked`.
type Error = (&'static str, Class, Category, Category);

/// The errors, in lower case.
#[rustfmt::skip]
const ERRORS: &[Error] = &[
    // recipient
    ("user unknown", Hard, InvalidRecipient, SuppressedBounce),
    ("mailbox inactive", Hard, InactiveMailbox, SuppressedBounce),
    // A mailbox that was full says nothing against the address: it must not stand in the register.
    ("quota exceeded", Soft, MailboxFull, SuppressedManual),
    ("blacklisted", Soft, Policy, SuppressedManual), // may stem from an unsubscription
    ("spam reporter", Soft, Policy, SuppressedComplaint),
    // domain
    ("invalid domain", Hard, InvalidDomain, InvalidDomain),
    ("no mail host", Soft, NoAnswer, InvalidDomain), // see `NO_MAIL_HOST`
    ("relay/access denied", Block, Relaying, Relaying),
    ("greylisted", Soft, Greylisted, Greylisted), // see `is_deferral`
    ("typofix", Hard, InvalidAddress, InvalidAddress),
    // content
    ("bad or empty template", Undetermined, TemplateError, TemplateError),
    ("error in template language", Undetermined, TemplateError, TemplateError),
    ("content", Undetermined, TemplateError, TemplateError), // related to it, and no more is said
    // spam
    ("sender blocked", Block, Reputation, Reputation),
    ("content blocked", Block, Content, Content),
    ("policy issue", Block, Policy, Policy),
    // system
    ("system issue", Soft, System, SenderError),
    ("protocol issue", Soft, Protocol, SenderError),
    ("connection issue", Soft, NoAnswer, SenderError),
    ("system", Soft, System, SenderError), // likewise
    // mailjet
    ("preblocked", Soft, Policy, SuppressedBounce), // it bounced lately, or often
    ("duplicate in campaign", Undetermined, Duplicate, Duplicate),
    ("spam preblocked", Block, Content, Content), // so far in lists of the REST API only
];

/// The domain has no MX record, where Mailjet takes it for final.
const NO_MAIL_HOST: &str = "no mail host";

/// What happened.
pub(crate) fn kind(element: &Element<'_>) -> Kind {
    match element.word("event").as_str() {
        "sent" => Kind::Delivered, // the receiver's server accepted it
        "open" => Kind::Opened(machine(element)),
        "click" => Kind::Clicked {
            url: element.text("url"),
            machine: machine(element),
        },
        "bounce" if is_deferral(element) => Kind::Deferred(bounced(element)),
        "bounce" => Kind::Bounced(bounced(element)), // given up, after days
        "blocked" => blocked(element),
        "spam" => Kind::Complained,
        "unsub" => Kind::Unsubscribed {
            scope: match number(element, "mj_list_id") {
                Some(list) => Scope::List(Some(list)),
                None => Scope::Global,
            },
            machine: machine(element), // `List-Unsubscribe` is the header, and no machine
        },
        _ => Kind::Unknown,
    }
}

/// The row of the error. Both fields are looked up: "policy issue" was seen as what the error is
/// related to, with no error.
fn error(element: &Element<'_>) -> Option<Error> {
    let words = ["error", "error_related_to"].map(|key| element.word(key));
    let row = |word: &String| ERRORS.iter().find(|(name, ..)| *name == word.trim());
    words.iter().find_map(row).copied()
}

/// The one bounce that Mailjet documents as tried again.
fn is_deferral(element: &Element<'_>) -> bool {
    let is_greylisted = error(element).is_some_and(|(.., category, _)| category == Greylisted);
    is_greylisted && element.flag("hard_bounce") != Some(true)
}

/// Refused by the receiving side. `comment` is its answer; where both errors are empty, all there
/// is.
fn bounced(element: &Element<'_>) -> Refusal {
    let is_hard = element.flag("hard_bounce");
    let (class, category) = match (error(element), is_hard) {
        (Some((NO_MAIL_HOST, ..)), Some(true)) => (Some(Hard), Some(InvalidDomain)),
        // What is the sender's fault, or the message's, is never the address's.
        (Some((_, class @ (Block | Undetermined), category, _)), _) => {
            (Some(class), Some(category))
        }
        // Unless category or answer speak of something else than the address: a mailbox that is
        // full is not gone.
        (row, Some(true)) => (Some(Hard), row.map(|(.., category, _)| category)),
        (Some((.., category, _)), Some(false)) => (Some(Soft), Some(category)),
        (None, Some(false)) => (Some(not_hard(element)), None),
        (Some((_, class, category, _)), None) => (Some(class), Some(category)),
        (None, None) => (None, None),
    };
    answer(element, class, category)
}

/// The class of an answer to a bounce that Mailjet says is not a hard one.
fn not_hard(element: &Element<'_>) -> Class {
    match answer(element, None, None).verdict.class {
        Block => Block,
        _ => Soft,
    }
}

/// Mailjet did not send. What the sender or Mailjet did wrong is a failure.
fn blocked(element: &Element<'_>) -> Kind {
    let category = error(element).map_or(Unknown, |(.., category)| category);
    match category {
        TemplateError | SenderError => {
            Kind::Failed(answer(element, Some(Undetermined), Some(category)))
        }
        _ => Kind::Rejected(answer(element, None, Some(category))),
    }
}

/// The receiving server's answer; without one Mailjet's own words, which are told and judge
/// nothing.
fn answer(element: &Element<'_>, class: Option<Class>, category: Option<Category>) -> Refusal {
    let comment = element.text("comment");
    let own = ["error_related_to", "error"].map(|key| element.text(key));
    let own: Vec<String> = own.into_iter().flatten().collect();
    Refusal::judge(&Evidence {
        class,
        category,
        text: Some(comment.as_deref().unwrap_or(&own.join(": "))),
        is_providers_sentence: comment.is_none(),
        ..Evidence::default()
    })
}

/// There is no flag: only the user agent tells.
fn machine(element: &Element<'_>) -> Machine {
    let agent = element.text("agent");
    agent.map_or(Machine::None, |text| Machine::of_user_agent(&text))
}

/// An id that is not 0, which stands for none.
pub(crate) fn number(element: &Element<'_>, key: &str) -> Option<String> {
    element.id(key).filter(|id| id != "0")
}
