//! What a refusal says of the address: one verdict from whatever a provider hands over.
//!
//! There are three layers of evidence. The receiving server's own words and codes come first where
//! they clear the address: a code never condemns against words about a rate, a sender, a blocklist,
//! a resolver or a full mailbox, and no "hard" of the provider's does. Then the provider's class
//! and category, the enhanced status code (RFC 3463, carried in replies by RFC 2034), the SMTP
//! reply code (RFC 5321) and the words. `x.0.0`, `x.3.0`, `x.5.0` and a bare 550, 552 or 554 say
//! nothing. A `Hard` verdict suppresses the address, so doubt never ends in `Hard`: a refusal for
//! reputation, content or policy is `Block`, an unexplained 550 is `Undetermined`, and nothing
//! temporary is `Hard`.
//!
//! `code` finds the codes in a text, `reading` its words, `rules` says what the codes mean,
//! `phrases` and `tongues` what the words mean. Pure, no panic on any text, and linear: no more
//! than the first 2 KiB are read.

mod code;
mod lists;
mod phrases;
mod reading;
mod rules;
mod tongues;
mod words;

pub use code::EnhancedCode;
pub use lists::listed;

/// What a refusal says of the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The address or its domain will not work later either. The only class that suppresses an
    /// address.
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

    /// Whether the address is not at fault.
    const fn clears(self) -> bool {
        matches!(self, Self::Soft | Self::Block)
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

    /// The class that the category implies by itself. What happened at the provider says nothing of
    /// the address: `Undetermined`, even for `SuppressedBounce`, because the bounce that suppressed
    /// it has had its own event.
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

/// What is known of a refusal. Leave out what the provider does not say: `None` is filled from the
/// other evidence, `Some(Category::Unknown)` is not. No `Debug`: the text mostly names the
/// recipient.
#[derive(Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// The provider's own class. A `Hard` stands unless the server or the provider's category says
    /// something else.
    pub class: Option<Class>,
    /// The provider's own category.
    pub category: Option<Category>,
    /// From a field of its own, not from text.
    pub enhanced_code: Option<EnhancedCode>,
    /// From a field of its own. What cannot be an SMTP refusal or success (Mailgun's 605, a 0)
    /// counts as not given.
    pub smtp_code: Option<u16>,
    /// The receiving server's answer, or whatever the provider says in its place.
    pub text: Option<&'a str>,
    /// The text is a sentence of the provider's own: it is told as the reason, and is no evidence.
    pub is_providers_sentence: bool,
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
    /// Enhanced status code (RFC 3463): from its field, else from the text; from the text, too,
    /// where the field's says nothing.
    pub enhanced_code: Option<EnhancedCode>,
}

/// Weighs the evidence. `Hard` stands only where nothing clears the address.
#[must_use]
pub fn judge(evidence: &Evidence<'_>) -> Verdict {
    let text = evidence.text.filter(|_| !evidence.is_providers_sentence);
    let text = code::head(text.unwrap_or_default());
    let given = evidence
        .smtp_code
        .filter(|code| matches!(code, 200..=299 | 400..=599));
    let read = code::read(text, given);
    let smtp_code = given.or(read.smtp);
    let enhanced_code = match (evidence.enhanced_code, read.enhanced) {
        (Some(field), Some(said)) if field.says_nothing() && field.class() == said.class() => {
            Some(said)
        }
        (field, said) => field.or(said),
    };

    let words = words::Words::new(text);
    let find = |code| rules::find(code, smtp_code, &words);
    let found = match (find(enhanced_code), read.enhanced) {
        // The server's own code clears against the field: providers translate codes, not always well.
        (condemned @ Some((_, Class::Hard)), Some(said)) => find(Some(said))
            .filter(|(_, class)| class.clears())
            .or(condemned),
        (found, _) => found,
    };
    let (found, found_class) = match found {
        // Temporary, whatever the rest says.
        Some((category, Class::Hard)) if smtp_code.is_some_and(|code| code / 100 == 4) => {
            (category, Class::Soft)
        }
        Some(found) => found,
        None if enhanced_code.is_none() && smtp_code.is_none() => {
            (Category::Unknown, Class::Undetermined)
        }
        None => (Category::Generic, Class::Undetermined),
    };

    let implied = evidence
        .category
        .map_or(Class::Undetermined, Category::class);
    let class = match evidence.class {
        Some(class) if class != Class::Hard => class,
        _ if found_class.clears() => found_class,
        _ if implied.clears() => implied,
        Some(class) => class,
        None if found_class == Class::Hard => found_class,
        None => implied,
    };
    let category = match evidence.category {
        // The provider condemned, and the server says why it should not have.
        Some(said) if said.class() == Class::Hard && class.clears() => Some(found)
            .filter(|found| found.class().clears())
            .unwrap_or(said),
        Some(said) => said,
        None => found,
    };
    Verdict {
        class,
        category,
        smtp_code,
        enhanced_code,
    }
}
