//! Resend's words: which type is which kind, and what the words of a refusal mean.

use jiff::Timestamp;
use shared::bounce::Category::{
    self, Attachment, Content, Generic, InvalidRecipient, MailboxFull, Quota, SenderError,
    SuppressedBounce, SuppressedComplaint, SuppressedManual, TooLarge, Unknown,
};
use shared::bounce::{Class, Evidence};
use shared::element::Element;
use shared::event::{Kind, Reason, Refusal, Scope};
use shared::machine::Machine;
use shared::time;

/// `bounce.type`.
const CLASSES: &[(&str, Class)] = &[
    ("Permanent", Class::Hard),
    // final all the same: what is still tried is `email.delivery_delayed`
    ("Transient", Class::Soft),
    ("Temporary", Class::Soft), // so in the documents of the webhook
    ("Undetermined", Class::Undetermined),
];

/// `bounce.subType`. `General` and `Undetermined` say nothing: code and words decide.
const CATEGORIES: &[(&str, Category)] = &[
    ("NoEmail", InvalidRecipient),
    ("MailboxFull", MailboxFull),
    ("MessageTooLarge", TooLarge),
    ("ContentRejected", Content),
    ("AttachmentRejected", Attachment),
];

/// `bounce.subType` of the service behind Resend, in older events: on a list, and not tried; now
/// they are `email.suppressed`. The first list is of addresses that bounced hard; why an address is
/// on the account's own is not said.
const LISTS: &[(&str, Category)] = &[
    ("Suppressed", SuppressedBounce),
    ("OnAccountSuppressionList", SuppressedManual),
];

/// Sentences of Resend's own in `bounce.message`, in lower case: what it says of each kind of
/// bounce, and no server's answer. "Can have a negative impact on your reputation as a sender" is
/// in the first.
const SENTENCES: &[(&str, Class, Category)] = &[
    ("sent a hard bounce message", Class::Hard, Generic),
    (
        "indicating that the email address doesn't exist",
        Class::Hard,
        InvalidRecipient,
    ),
    ("sent a general bounce message", Class::Soft, Generic),
    (
        "because the recipient's inbox was full",
        Class::Soft,
        MailboxFull,
    ),
    (
        "because the message you sent was too large",
        Class::Soft,
        TooLarge,
    ),
    (
        "because the message you sent contains content",
        Class::Block,
        Content,
    ),
    (
        "because the message contained an attachment",
        Class::Block,
        Attachment,
    ),
    (
        "didn't contain enough information",
        Class::Undetermined,
        Unknown,
    ),
    (
        "has suppressed sending to this address",
        Class::Undetermined,
        SuppressedManual,
    ),
    (
        "on the suppression list because it has a recent history",
        Class::Undetermined,
        SuppressedBounce,
    ),
    (
        "recent history of producing hard bounces",
        Class::Undetermined,
        SuppressedBounce,
    ),
];

/// `suppressed.reason`.
const SUPPRESSIONS: &[(&str, Category)] = &[
    ("previous_bounce", SuppressedBounce),
    ("previous_complaint", SuppressedComplaint),
];

/// What an event is called, and its own part of `data`.
pub(crate) struct Name<'a> {
    /// The provider's name for it, as it stands.
    pub(crate) verbatim: Option<String>,
    /// The same in lower case.
    word: String,
    /// `data.bounce`, `data.click` …
    details: Option<Element<'a>>,
}

impl<'a> Name<'a> {
    /// Reads `type`, and what `data` has of it.
    pub(crate) fn read(element: &Element<'a>, data: &Element<'a>) -> Self {
        let verbatim = element.text("type");
        let word = element.word("type");
        let part = match word.as_str() {
            "email.bounced" => Some("bounce"),
            "email.clicked" => Some("click"),
            "email.opened" => Some("open"), // in no document; free to read where it comes
            "email.failed" => Some("failed"),
            "email.suppressed" => Some("suppressed"),
            "email.delivery_delayed" => Some("delivery_delayed"), // likewise
            _ => None,
        };
        Self {
            verbatim,
            word,
            details: part.and_then(|part| data.object(part)),
        }
    }

    fn text(&self, key: &str) -> Option<String> {
        self.details.as_ref()?.text(key)
    }

    /// The time of the part itself.
    pub(crate) fn time(&self) -> Option<Timestamp> {
        time::from_text(&self.details.as_ref()?.id("timestamp")?)
    }

    pub(crate) fn is_of_suppression_list(&self) -> bool {
        self.word.starts_with("suppression.")
    }

    /// Whether a server's answer is told.
    fn has_answer(&self) -> bool {
        let details = self.details.as_ref();
        details.is_some_and(|details| !details.texts("diagnosticCode").is_empty())
            || self.text("diagnosticCode").is_some()
    }

    /// What Resend says in a sentence of its own.
    fn sentence(&self) -> Option<(Class, Category)> {
        let text = self
            .text("message")?
            .to_lowercase()
            .replace('\u{2019}', "'");
        let row = SENTENCES.iter().find(|(words, ..)| text.contains(words))?;
        Some((row.1, row.2))
    }

    /// The servers' answers, one per recipient; else Resend's own words.
    fn refusal_text(&self) -> Option<String> {
        let answers = self.details.as_ref()?.texts("diagnosticCode");
        if answers.is_empty() {
            return ["diagnosticCode", "message", "reason"]
                .iter()
                .find_map(|key| self.text(key));
        }
        Some(answers.join("; "))
    }
}

/// What happened.
pub(crate) fn kind(name: &Name<'_>, data: &Element<'_>) -> Kind {
    match name.word.as_str() {
        "email.scheduled" => Kind::Queued,
        "email.sent" => Kind::Sent, // Resend took it; an attempt follows
        "email.delivered" => Kind::Delivered,
        "email.delivery_delayed" => Kind::Deferred(refusal(name, None, None)),
        "email.bounced" => bounced(name),
        "email.suppressed" => Kind::Rejected(suppressed(name)),
        "email.failed" => Kind::Failed(failed(name)),
        "email.complained" => Kind::Complained,
        "email.opened" => Kind::Opened(machine(name)),
        "email.clicked" => Kind::Clicked {
            url: name.text("link"),
            machine: machine(name),
        },
        // What is there for no said reason was put there by hand.
        "suppression.added" => Kind::SuppressionAdded(origin(data).unwrap_or(Reason::Manual)),
        // What is taken away must be said: it lifts nothing else.
        "suppression.removed" => origin(data).map_or(Kind::Unknown, Kind::SuppressionRemoved),
        // A contact's `unsubscribed` is a state, repeated at every change of the contact. `true` is
        // an opt-out, whenever it was chosen; `false` is also the state of one that never was
        // asked: it lifts nothing.
        "contact.created" | "contact.updated" if data.flag("unsubscribed") == Some(true) => {
            Kind::Unsubscribed {
                scope: Scope::Global,
                machine: Machine::None,
            }
        }
        _ => Kind::Unknown,
    }
}

fn refusal(name: &Name<'_>, class: Option<Class>, category: Option<Category>) -> Refusal {
    Refusal::judge(&Evidence {
        class,
        category,
        text: name.refusal_text().as_deref(),
        ..Evidence::default()
    })
}

/// Resend's own words, which are told and judge nothing; a server's answer beside them keeps its
/// codes.
fn own(name: &Name<'_>, class: Option<Class>, category: Option<Category>) -> Refusal {
    Refusal::judge(&Evidence {
        class,
        category,
        text: name.refusal_text().as_deref(),
        is_providers_sentence: !name.has_answer(),
        ..Evidence::default()
    })
}

/// Mostly `message` is a sentence of Resend's own, beside which `diagnosticCode` has the server's
/// answer.
fn bounced(name: &Name<'_>) -> Kind {
    let class = entry(CLASSES, name.text("type"));
    let sub_type = name.text("subType");
    let category = entry(CATEGORIES, sub_type.clone());
    let sentence = if name.has_answer() {
        None
    } else {
        name.sentence()
    };
    let list = entry(LISTS, sub_type).or_else(|| {
        let (_, category) = sentence?;
        is_list(category).then_some(category)
    });
    match (list, sentence) {
        (Some(list), _) => Kind::Rejected(own(name, Some(Class::Undetermined), Some(list))),
        (None, Some((said, reason))) => {
            Kind::Bounced(own(name, class.or(Some(said)), category.or(Some(reason))))
        }
        (None, None) => Kind::Bounced(refusal(name, class, category)),
    }
}

fn is_list(category: Category) -> bool {
    LISTS.iter().any(|(_, list)| *list == category)
}

/// On a list, and not tried. Without a reason nothing is said of the address.
fn suppressed(name: &Name<'_>) -> Refusal {
    let reason = name.text("reason");
    let list = match (&reason, name.sentence()) {
        (None, Some((_, list))) if is_list(list) => Some(list),
        _ => entry(SUPPRESSIONS, reason),
    };
    own(
        name,
        Some(Class::Undetermined),
        list.or(Some(SuppressedManual)),
    )
}

/// `reached_daily_quota`; the other reasons are the sender's, too: a domain that is not verified,
/// an attachment.
fn failed(name: &Name<'_>) -> Refusal {
    let reason = name.text("reason").unwrap_or_default();
    let category = if reason.contains("quota") {
        Quota
    } else {
        SenderError
    };
    own(name, Some(Class::Undetermined), Some(category))
}

/// Why an address is on the suppression list.
fn origin(data: &Element<'_>) -> Option<Reason> {
    match data.word("origin").as_str() {
        "bounce" => Some(Reason::Bounced),
        "complaint" => Some(Reason::Complained),
        "manual" => Some(Reason::Manual),
        _ => None,
    }
}

fn machine(name: &Name<'_>) -> Machine {
    let user_agent = name.text("userAgent");
    user_agent.map_or(Machine::None, |text| Machine::of_user_agent(&text))
}

fn entry<T: Copy>(table: &[(&str, T)], word: Option<String>) -> Option<T> {
    let word = word?;
    let row = table
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(&word));
    row.map(|(_, value)| *value)
}
