//! The words of a verdict, and which category stands for which class.

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
    pub(super) const fn clears(self) -> bool {
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
