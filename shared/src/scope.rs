//! What an opt-out is about, and why an address must not be mailed.

/// What an unsubscription or subscription is about. What is narrower than [`Scope::Global`] has the
/// provider's id of it, where the provider says one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All mail of this sender: the only scope that suppresses the address itself.
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
    /// The stored word.
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

/// Why an address must not be mailed: the name of a register of the suppression item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It does not take mail, and will not.
    Bounced,
    /// Its owner called a message spam.
    Complained,
    /// Its owner wants no more.
    Unsubscribed,
    /// Somebody put it on a list by hand.
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

    /// The stored word.
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
