//! What a refusal says of the address: one verdict from whatever a provider hands over.
//!
//! Evidence is weighed strongest first: the provider's own class and category, the enhanced status code (RFC 3463,
//! carried in replies by RFC 2034), the SMTP reply code (RFC 5321), the words. A `Hard` verdict suppresses the address,
//! so doubt never ends in `Hard`: a refusal for reputation, content or policy is `Block`, an unexplained 550 is
//! `Undetermined`, and nothing temporary is `Hard`.
//!
//! `code` finds the codes in a text, `rules` says what they mean, `words` what the rest means. Pure, no panic on any
//! text, and linear: no more than the first 2 KiB are read.

mod code;
mod rules;
mod words;

pub use code::EnhancedCode;

/// What a refusal says of the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The address or its domain will not work later either. The only class that suppresses an address.
    Hard,
    /// May work later: full, slow, too large, out of order.
    Soft,
    /// Reputation, content, policy or authentication: not the address's fault.
    Block,
    /// Refused, but nothing says why.
    Undetermined,
}

impl Class {
    /// The word that is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Soft => "soft",
            Self::Block => "block",
            Self::Undetermined => "undetermined",
        }
    }
}

/// Why a message was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// No such mailbox.
    InvalidRecipient,
    /// No such domain, or one that takes no mail (null MX, RFC 7505).
    InvalidDomain,
    /// Not an address at all.
    InvalidAddress,
    /// The mailbox exists but is disabled or abandoned.
    InactiveMailbox,
    /// The mailbox is over its quota.
    MailboxFull,
    /// The message is larger than the receiver takes.
    TooLarge,
    /// The message's content was refused.
    Content,
    /// An attachment was refused.
    Attachment,
    /// The message was taken for malware.
    Virus,
    /// The sending IP or domain is listed, blocked or taken for a spammer.
    Reputation,
    /// A rule of the receiver, no more said.
    Policy,
    /// SPF, DKIM, DMARC or reverse DNS did not hold.
    AuthFailure,
    /// The receiver does not relay for us, or not to there.
    Relaying,
    /// Deferred on first sight; will be accepted on retry.
    Greylisted,
    /// Too many messages or connections in a time.
    RateLimited,
    /// The receiver could not be reached, or went silent.
    NoAnswer,
    /// DNS failed to answer; not the same as a domain that does not exist.
    Dns,
    /// Loops and routes that lead nowhere.
    Routing,
    /// The two servers did not understand each other.
    Protocol,
    /// Trouble inside the receiving system.
    System,
    /// Retried until the message was too old.
    Expired,
    /// The envelope sender was refused.
    InvalidSender,
    /// Too many recipients in one transaction.
    TooManyRecipients,
    /// The provider did not try: the address bounced before.
    SuppressedBounce,
    /// The provider did not try: the address complained before.
    SuppressedComplaint,
    /// The provider did not try: the address unsubscribed before.
    SuppressedUnsubscribe,
    /// The provider did not try: somebody put the address on a list.
    SuppressedManual,
    /// The provider did not try: it has sent this one already.
    Duplicate,
    /// The sender's quota at the provider is used up.
    Quota,
    /// The template could not be rendered.
    TemplateError,
    /// Another error on the sender's side.
    SenderError,
    /// Not a refusal: an out-of-office reply that was counted as one.
    AutoReply,
    /// Refused with a code or by a server, without a reason that we know.
    Generic,
    /// Nothing known at all.
    Unknown,
}

impl Category {
    /// The word that is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRecipient => "invalid_recipient",
            Self::InvalidDomain => "invalid_domain",
            Self::InvalidAddress => "invalid_address",
            Self::InactiveMailbox => "inactive_mailbox",
            Self::MailboxFull => "mailbox_full",
            Self::TooLarge => "too_large",
            Self::Content => "content",
            Self::Attachment => "attachment",
            Self::Virus => "virus",
            Self::Reputation => "reputation",
            Self::Policy => "policy",
            Self::AuthFailure => "auth_failure",
            Self::Relaying => "relaying",
            Self::Greylisted => "greylisted",
            Self::RateLimited => "rate_limited",
            Self::NoAnswer => "no_answer",
            Self::Dns => "dns",
            Self::Routing => "routing",
            Self::Protocol => "protocol",
            Self::System => "system",
            Self::Expired => "expired",
            Self::InvalidSender => "invalid_sender",
            Self::TooManyRecipients => "too_many_recipients",
            Self::SuppressedBounce => "suppressed_bounce",
            Self::SuppressedComplaint => "suppressed_complaint",
            Self::SuppressedUnsubscribe => "suppressed_unsubscribe",
            Self::SuppressedManual => "suppressed_manual",
            Self::Duplicate => "duplicate",
            Self::Quota => "quota",
            Self::TemplateError => "template_error",
            Self::SenderError => "sender_error",
            Self::AutoReply => "auto_reply",
            Self::Generic => "generic",
            Self::Unknown => "unknown",
        }
    }

    /// The class that the category implies by itself. What happened at the provider says nothing of the address:
    /// `Undetermined`, even for `SuppressedBounce`, because the bounce that suppressed it has had its own event.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::InvalidRecipient
            | Self::InvalidDomain
            | Self::InvalidAddress
            | Self::InactiveMailbox => Class::Hard,
            Self::MailboxFull
            | Self::TooLarge
            | Self::Greylisted
            | Self::RateLimited
            | Self::NoAnswer
            | Self::Dns
            | Self::Routing
            | Self::Protocol
            | Self::System
            | Self::Expired
            | Self::TooManyRecipients => Class::Soft,
            Self::Content
            | Self::Attachment
            | Self::Virus
            | Self::Reputation
            | Self::Policy
            | Self::AuthFailure
            | Self::Relaying
            | Self::InvalidSender => Class::Block,
            Self::SuppressedBounce
            | Self::SuppressedComplaint
            | Self::SuppressedUnsubscribe
            | Self::SuppressedManual
            | Self::Duplicate
            | Self::Quota
            | Self::TemplateError
            | Self::SenderError
            | Self::AutoReply
            | Self::Generic
            | Self::Unknown => Class::Undetermined,
        }
    }
}

/// What is known of a refusal, strongest first. Leave out what the provider does not say: `None` is filled from the
/// weaker evidence, `Some(Category::Unknown)` is not. No `Debug`: the text mostly names the recipient.
#[derive(Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// The provider's own class. It wins even where the code contradicts it: "hard" beside a 5.7.1 is `Hard`.
    pub class: Option<Class>,
    /// The provider's own category.
    pub category: Option<Category>,
    /// From a field of its own, not from text.
    pub enhanced_code: Option<EnhancedCode>,
    /// From a field of its own. What cannot be an SMTP refusal or success (Mailgun's 605, a 0) counts as not given.
    pub smtp_code: Option<u16>,
    /// The receiving server's answer, or whatever the provider says in its place.
    pub text: Option<&'a str>,
}

/// What the evidence comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What the refusal says of the address.
    pub class: Class,
    /// Why it was refused.
    pub category: Category,
    /// SMTP reply code (RFC 5321, 4.2): from its field, else from the text.
    pub smtp_code: Option<u16>,
    /// Enhanced status code (RFC 3463): from its field, else from the text.
    pub enhanced_code: Option<EnhancedCode>,
}

/// Weighs the evidence. A provider that gives only a class gets its category from codes and words, and the other way
/// round; then `Hard` stands only where the provider's category and the codes do not speak against each other.
#[must_use]
pub fn judge(evidence: &Evidence<'_>) -> Verdict {
    let text = code::head(evidence.text.unwrap_or_default());
    let given = evidence
        .smtp_code
        .filter(|code| matches!(code, 200..=299 | 400..=599));
    let read = code::read(text, given);
    let smtp_code = given.or(read.smtp);
    let enhanced_code = evidence.enhanced_code.or(read.enhanced);

    let words = words::Words::new(text);
    let (found, found_class) = enhanced_code
        .and_then(|code| rules::by_enhanced(code, &words))
        .or_else(|| smtp_code.and_then(|code| rules::by_reply(code, &words)))
        .or_else(|| words.first().map(|category| (category, category.class())))
        .unwrap_or(match (enhanced_code, smtp_code) {
            (None, None) => (Category::Unknown, Class::Undetermined),
            _ => (Category::Generic, Class::Undetermined),
        });

    let implied = evidence.category.map(Category::class);
    let class = evidence.class.unwrap_or(match (implied, found_class) {
        (Some(implied), Class::Undetermined)
        | (Some(implied @ (Class::Soft | Class::Block)), Class::Hard) => implied,
        (_, found_class) => found_class,
    });
    Verdict {
        class,
        category: evidence.category.unwrap_or(found),
        smtp_code,
        enhanced_code,
    }
}
