//! Resend's words: which type is which kind, and what the words of a refusal mean.

use jiff::Timestamp;
use shared::bounce::Category::{
    self, Attachment, Content, InvalidRecipient, MailboxFull, Quota, SenderError, SuppressedBounce,
    SuppressedComplaint, SuppressedManual, TooLarge,
};
use shared::bounce::{Class, Evidence};
use shared::element::Element;
use shared::event::{Kind, Refusal};
use shared::machine::Machine;
use shared::time;

/// `bounce.type`.
const CLASSES: &[(&str, Class)] = &[
    ("Permanent", Class::Hard),
    ("Transient", Class::Soft), // final all the same: what is still tried is `email.delivery_delayed`
    ("Undetermined", Class::Undetermined),
];

/// `bounce.subType`. `General` and `Undetermined` say nothing: code and words decide.
const CATEGORIES: &[(&str, Category)] = &[
    ("NoEmail", InvalidRecipient),
    ("MailboxFull", MailboxFull),
    ("MessageTooLarge", TooLarge),
    ("ContentRejected", Content),
    ("AttachmentRejected", Attachment),
    // Of the service behind Resend, in older events; now they are `email.suppressed`.
    ("Suppressed", SuppressedBounce),
    ("OnAccountSuppressionList", SuppressedBounce),
];

/// `suppressed.reason`.
const SUPPRESSIONS: &[(&str, Category)] = &[
    ("previous_bounce", SuppressedBounce),
    ("previous_complaint", SuppressedComplaint),
];

/// How much of a refusal's text is searched for addresses, in characters: two full answers of a server.
const TEXT_CHARS: usize = 4096;

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
        time::from_rfc3339(&self.text("timestamp")?)
    }

    pub(crate) fn is_of_suppression_list(&self) -> bool {
        self.word.starts_with("suppression.")
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

    /// The place of the one address that the refusal's text names; `None` where it names none, or several.
    pub(crate) fn named_among(&self, addresses: &[String]) -> Option<usize> {
        let text = self.refusal_text().filter(|_| addresses.len() > 1)?;
        let text: String = text.chars().take(TEXT_CHARS).collect();
        let is_between = |c: char| c.is_whitespace() || "<>()[]\"',;:".contains(c);
        let words: Vec<&str> = text.split(is_between).collect();
        let is_named = |address: &str| {
            let is_it = |word: &&str| word.trim_end_matches('.').eq_ignore_ascii_case(address);
            words.iter().any(is_it)
        };
        let mut named = addresses
            .iter()
            .enumerate()
            .filter(|(_, address)| is_named(address));
        match (named.next(), named.next()) {
            (Some((only, _)), None) => Some(only),
            _ => None,
        }
    }
}

/// What happened.
pub(crate) fn kind(name: &Name<'_>) -> Kind {
    match name.word.as_str() {
        "email.scheduled" => Kind::Queued,
        "email.sent" => Kind::Sent, // Resend took it; an attempt follows
        "email.delivered" => Kind::Delivered,
        "email.delivery_delayed" => Kind::Deferred(refusal(name, None, None)),
        "email.bounced" => Kind::Bounced(bounced(name)),
        "email.suppressed" => Kind::Rejected(suppressed(name)),
        "email.failed" => Kind::Failed(failed(name)),
        "email.complained" => Kind::Complained,
        "email.opened" => Kind::Opened(machine(name)),
        "email.clicked" => Kind::Clicked {
            url: name.text("link"),
            machine: machine(name),
        },
        // A contact's `unsubscribed` is a state, repeated at every change of the contact: no word on when it was chosen.
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

fn bounced(name: &Name<'_>) -> Refusal {
    let class = entry(CLASSES, name.text("type"));
    refusal(name, class, entry(CATEGORIES, name.text("subType")))
}

/// On a list: it was not tried, so nothing new is known of the address.
fn suppressed(name: &Name<'_>) -> Refusal {
    let reason = entry(SUPPRESSIONS, name.text("reason"));
    refusal(
        name,
        Some(Class::Undetermined),
        Some(reason.unwrap_or(SuppressedManual)),
    )
}

/// `reached_daily_quota`; the other reasons are the sender's, too: a domain that is not verified, an attachment.
fn failed(name: &Name<'_>) -> Refusal {
    let reason = name.text("reason").unwrap_or_default();
    let category = if reason.contains("quota") {
        Quota
    } else {
        SenderError
    };
    refusal(name, Some(Class::Undetermined), Some(category))
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
