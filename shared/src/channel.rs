//! The channels of a message.

/// The channel that a message travels through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// E-mail.
    Email,
    /// Text message.
    Sms,
    /// Mobile push notification.
    Push,
    /// Message inside an app.
    InApp,
    /// `WhatsApp`.
    WhatsApp,
    /// Slack.
    Slack,
    /// A webhook that the provider calls as a message.
    Webhook,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 7] = [
        Self::Email,
        Self::Sms,
        Self::Push,
        Self::InApp,
        Self::WhatsApp,
        Self::Slack,
        Self::Webhook,
    ];

    /// Returns the stored word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Push => "push",
            Self::InApp => "in_app",
            Self::WhatsApp => "whatsapp",
            Self::Slack => "slack",
            Self::Webhook => "webhook",
        }
    }
}
