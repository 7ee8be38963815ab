//! The scope of an opt-out, and the reason why an address must not be mailed.

/// The scope of an unsubscription or subscription. A scope that is narrower than [`Scope::Global`]
/// has the provider's id, if the provider gives one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All mail of this sender. This is the only scope that suppresses the address itself.
    Global,
    /// One list.
    List(Option<String>),
    /// One unsubscribe group.
    Group(Option<String>),
    /// One topic.
    Topic(Option<String>),
    /// One stream.
    Stream(Option<String>),
}

impl Scope {
    /// Returns the stored word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::List(_) => "list",
            Self::Group(_) => "group",
            Self::Topic(_) => "topic",
            Self::Stream(_) => "stream",
        }
    }

    /// Returns the provider's id of the list, group, topic or stream.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Global => None,
            Self::List(id) | Self::Group(id) | Self::Topic(id) | Self::Stream(id) => id.as_deref(),
        }
    }
}

/// Why an address must not be mailed. It is the name of a register of the suppression item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The address does not accept mail, and will not.
    Bounced,
    /// The owner of the address marked a message as spam.
    Complained,
    /// The owner of the address wants no more mail.
    Unsubscribed,
    /// Somebody put the address on a list by hand.
    Manual,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 4] = [
        Self::Bounced,
        Self::Complained,
        Self::Unsubscribed,
        Self::Manual,
    ];

    /// Returns the stored word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::Unsubscribed => "unsubscribed",
            Self::Manual => "manual",
        }
    }
}
