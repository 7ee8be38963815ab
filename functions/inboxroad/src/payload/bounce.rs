//! What a refusal says of the address, from `PowerMTA`'s category, the DSN status and Inboxroad's
//! class.

use shared::bounce::Category::{
    self, Content, Expired, InactiveMailbox, InvalidDomain, InvalidRecipient, InvalidSender,
    MailboxFull, NoAnswer, Policy, Protocol, Relaying, Reputation, Routing, System, Virus,
};
use shared::bounce::{Class, EnhancedCode, Evidence, judge};
use shared::event::Refusal;

/// `PowerMTA`'s bounce categories. Those that are missing, `other` and `success`, say nothing: code
/// and words decide.
const CATEGORIES: &[(&str, Category)] = &[
    ("bad-mailbox", InvalidRecipient),
    ("inactive-mailbox", InactiveMailbox),
    ("bad-domain", InvalidDomain),
    ("quota-issues", MailboxFull), // the mailbox's quota, not the sender's
    ("no-answer-from-host", NoAnswer),
    ("bad-connection", NoAnswer), // broke off, which is no better than silence
    ("routing-errors", Routing),
    ("relaying-issues", Relaying),
    ("bad-configuration", System), // of the receiving host
    ("protocol-errors", Protocol),
    ("message-expired", Expired), // final for the message; of the address it proves nothing
    ("spam-related", Reputation), // taken for spam: mostly the sending host is listed
    ("content-related", Content),
    ("virus-related", Virus),
    ("policy-related", Policy),
    ("invalid-sender", InvalidSender),
];

/// Inboxroad's class. Only `expired` has been seen; the others are guesses.
const CLASSES: &[(&str, Class)] = &[
    ("hard", Class::Hard), // does not stand against a refusal as spam, or after days of trying
    ("soft", Class::Soft),
    ("expired", Class::Soft),
    ("block", Class::Block),
    ("blocked", Class::Block),
];

/// What is said of a refusal, each in a field of its own.
pub(super) struct Report {
    /// `5.1.1 (bad destination mailbox address)`.
    pub(super) status: Option<String>,
    /// The receiving server's answer.
    pub(super) diagnostic: Option<String>,
    /// `PowerMTA`'s category.
    pub(super) category: Option<String>,
    /// Inboxroad's class.
    pub(super) class: Option<String>,
}

impl Report {
    /// What it says of the address.
    pub(super) fn weigh(&self) -> Refusal {
        let (status, diagnostic) = (self.status.as_deref(), self.diagnostic.as_deref());
        let evidence = Evidence {
            class: entry(CLASSES, self.class.as_deref()),
            category: entry(CATEGORIES, self.category.as_deref()),
            enhanced_code: status.and_then(leading_code),
            // The words of the status are `PowerMTA`'s, which spell the code out: "bad destination
            // mailbox address".
            text: diagnostic.or(status),
            ..Evidence::default()
        };
        let both: Vec<&str> = [status, diagnostic].into_iter().flatten().collect();
        Refusal {
            verdict: judge(&evidence),
            ..Refusal::judge(&Evidence {
                text: Some(&both.join(" ")),
                ..evidence
            })
        }
    }
}

fn entry<T: Copy>(table: &[(&str, T)], word: Option<&str>) -> Option<T> {
    let word = word?;
    let row = table
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(word));
    row.map(|(_, value)| *value)
}

/// The code that a DSN status begins with.
fn leading_code(status: &str) -> Option<EnhancedCode> {
    let status = status.trim_start();
    let rest = status.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    EnhancedCode::parse(status.strip_suffix(rest)?)
}
