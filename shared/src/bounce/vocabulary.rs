//! The words of a verdict, and which category stands for which class.

/// What a refusal says about the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The address or its domain will not work later either. This is the only class that suppresses
    /// an address.
    Hard,
    /// The address may work later: it is full, slow, out of order, or the message is too large.
    Soft,
    /// The reason is reputation, content, policy or authentication. The address is not at fault.
    Block,
    /// The message was refused, but nothing says why.
    Undetermined,
}

impl Class {
    /// Returns the stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Soft => "soft",
            Self::Block => "block",
            Self::Undetermined => "undetermined",
        }
    }

    /// Checks whether the class says that the address is not at fault.
    pub(super) const fn clears(self) -> bool {
        matches!(self, Self::Soft | Self::Block)
    }
}

/// Why a message was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// There is no such mailbox.
    InvalidRecipient,
    /// There is no such domain, or it accepts no mail (null MX, RFC 7505).
    InvalidDomain,
    /// The text is not an address at all.
    InvalidAddress,
    /// The mailbox exists but is disabled or abandoned.
    InactiveMailbox,
    /// The mailbox is over its quota.
    MailboxFull,
    /// The message is larger than the receiver accepts.
    TooLarge,
    /// The message's content was refused.
    Content,
    /// An attachment was refused.
    Attachment,
    /// The receiver believed that the message was malware.
    Virus,
    /// The sending IP or domain is listed, blocked or believed to be a spammer.
    Reputation,
    /// A rule of the receiver refused the message, and it says no more.
    Policy,
    /// SPF, DKIM, DMARC or reverse DNS did not hold.
    AuthFailure,
    /// The receiver does not relay for us, or not to that domain.
    Relaying,
    /// The message was deferred on first sight. It will be accepted on retry.
    Greylisted,
    /// There were too many messages or connections in a period.
    RateLimited,
    /// The receiver could not be reached, or went silent.
    NoAnswer,
    /// DNS did not answer. This is not the same as a domain that does not exist.
    Dns,
    /// The route loops or leads nowhere.
    Routing,
    /// The two servers did not understand each other.
    Protocol,
    /// The receiving system has a problem.
    System,
    /// The message was retried until it was too old.
    Expired,
    /// The envelope sender was refused.
    InvalidSender,
    /// There were too many recipients in one transaction.
    TooManyRecipients,
    /// The provider did not try, because the address bounced before.
    SuppressedBounce,
    /// The provider did not try, because the address complained before.
    SuppressedComplaint,
    /// The provider did not try, because the address unsubscribed before.
    SuppressedUnsubscribe,
    /// The provider did not try, because somebody put the address on a list.
    SuppressedManual,
    /// The provider did not try, because it has already sent this message.
    Duplicate,
    /// The sender's quota at the provider is used up.
    Quota,
    /// The template could not be rendered.
    TemplateError,
    /// There was another error on the sender's side.
    SenderError,
    /// This is not a refusal, but an out-of-office reply that was counted as one.
    AutoReply,
    /// The message was refused with a code or by a server, without a reason that we know.
    Generic,
    /// Nothing at all is known.
    Unknown,
}

impl Category {
    /// Returns the stored word.
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

    /// Returns the class that the category implies by itself.
    ///
    /// What happened at the provider says nothing about the address, so it is `Undetermined`. This
    /// is true even for `SuppressedBounce`, because the bounce that suppressed the address has had
    /// its own event.
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
