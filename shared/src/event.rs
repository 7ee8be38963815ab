//! The normalized model: what a provider said, in one vocabulary.
//!
//! The kinds are django-anymail's words where it has one. Facts live in the variant. So a click
//! always has a place for its URL, and a delivered mail cannot have a bounce class.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde_json::Value;

use crate::address::{self, Mailbox};
use crate::bounce::{Evidence, Verdict, judge};
use crate::delivery::Delivery;
use crate::element::Element;
use crate::machine::Machine;

pub use crate::address::Address;
pub use crate::channel::Channel;
pub use crate::identity::{EventId, bare_message_id};
pub use crate::scope::{Reason, Scope};

/// The version of the stored item's shape.
pub const SCHEMA: u8 = 2;

/// How many characters of a refusal's text are kept besides `raw`.
const REASON_CHARS: usize = 500;

/// A fact about one message and one recipient.
#[derive(Clone, PartialEq)]
pub struct Event {
    /// The id by which a repetition of this event is recognized.
    pub id: EventId,
    /// The provider's name.
    pub provider: String,
    /// The label of the secret that matched: a workspace, region or tenant.
    pub source: Option<String>,
    /// The channel that the message travels through.
    pub channel: Channel,
    /// What happened.
    pub kind: Kind,
    /// The provider's own name for it, verbatim.
    pub provider_kind: Option<String>,
    /// When it happened.
    pub occurred_at: OccurredAt,
    /// Who it happened to.
    pub recipient: Option<Address>,
    /// Whether the event could be about somebody else. It could if the message has several
    /// recipients and nothing says which, or if the refusal names another address.
    pub recipient_is_ambiguous: bool,
    /// The team's own id of the person, if the provider knows it.
    pub customer_id: Option<String>,
    /// The provider's message id, which its send API returned: the join key.
    pub message_id: Option<String>,
    /// The RFC 5322 Message-ID, without angle brackets.
    pub rfc_message_id: Option<String>,
    /// The message's subject.
    pub subject: Option<String>,
    /// The campaign, newsletter, template or stream.
    pub campaign: Option<String>,
    /// The sender's tags.
    pub tags: Vec<String>,
    /// Further facts from the sender or the provider.
    pub metadata: BTreeMap<String, Value>,
    /// The headers that the provider keeps. With `raw`, they are all that the event was made of, so
    /// that it can be rebuilt.
    pub headers: BTreeMap<String, String>,
    /// The element, verbatim. If it was not JSON, this is the text that it was repaired to.
    pub raw: String,
    /// The bytes of an element that was repaired, so that nothing is lost.
    pub raw_as_sent: Option<Vec<u8>>,
}

impl Event {
    /// Returns what is true of every element of a delivery, before its provider has read it. This
    /// is an `unknown` event.
    ///
    /// It lacks only its identity, which depends on the provider's words.
    #[must_use]
    pub fn of(delivery: &Delivery, element: &Element<'_>, id: EventId) -> Self {
        Self {
            id,
            provider: delivery.provider().to_owned(),
            source: delivery.source().map(str::to_owned),
            channel: Channel::Email,
            kind: Kind::Unknown,
            provider_kind: None,
            occurred_at: OccurredAt::Received(delivery.received_at()),
            recipient: None,
            recipient_is_ambiguous: false,
            customer_id: None,
            message_id: None,
            rfc_message_id: None,
            subject: None,
            campaign: None,
            tags: Vec::new(),
            metadata: BTreeMap::new(),
            headers: delivery.headers().clone(),
            raw: element.raw().to_owned(),
            raw_as_sent: element.sent().map(<[u8]>::to_vec),
        }
    }
}

/// Shows only what a log may have: no address, subject or body.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Event({} {} {})",
            self.provider,
            self.kind.name(),
            self.id.as_str()
        )
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// The provider has accepted the message and not tried yet.
    Queued,
    /// The provider has passed the message on.
    Sent,
    /// The receiving side accepted the message.
    Delivered,
    /// The message was refused for now. The provider will retry.
    Deferred(Refusal),
    /// The receiving side refused the message permanently.
    Bounced(Refusal),
    /// The provider never tried: the address is suppressed or invalid, or a policy or a limit
    /// forbids it.
    Rejected(Refusal),
    /// The sender or the provider made an error.
    Failed(Refusal),
    /// The message was opened, or its pixel was loaded.
    Opened(Machine),
    /// A link was followed.
    Clicked {
        /// The link's target.
        url: Option<String>,
        /// Whether a machine did it.
        machine: Machine,
    },
    /// The message was marked as spam.
    Complained,
    /// The recipient wants no more mail.
    Unsubscribed {
        /// What the recipient unsubscribed from.
        scope: Scope,
        /// Whether a machine did it: a link scanner follows an unsubscribe link, too. The event
        /// suppresses in any case.
        machine: Machine,
    },
    /// The recipient wants mail (again).
    Subscribed(Scope),
    /// An automatic answer came back.
    Autoresponded,
    /// The goal of the campaign was reached.
    Converted,
    /// The recipient answered.
    Replied,
    /// The recipient chose among topics, lists or channels.
    PreferencesChanged,
    /// The provider put the address on its list of those that it does not send to.
    SuppressionAdded(Reason),
    /// The provider took the address off that list.
    SuppressionRemoved(Reason),
    /// The kind is not known. The event is stored like any other, with its `raw`.
    Unknown,
}

impl Kind {
    /// Every stored word.
    pub const NAMES: [&str; 19] = [
        "queued",
        "sent",
        "delivered",
        "deferred",
        "bounced",
        "rejected",
        "failed",
        "opened",
        "clicked",
        "complained",
        "unsubscribed",
        "subscribed",
        "autoresponded",
        "converted",
        "replied",
        "preferences_changed",
        "suppression_added",
        "suppression_removed",
        "unknown",
    ];

    /// Returns the stored word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Deferred(_) => "deferred",
            Self::Bounced(_) => "bounced",
            Self::Rejected(_) => "rejected",
            Self::Failed(_) => "failed",
            Self::Opened(_) => "opened",
            Self::Clicked { .. } => "clicked",
            Self::Complained => "complained",
            Self::Unsubscribed { .. } => "unsubscribed",
            Self::Subscribed(_) => "subscribed",
            Self::Autoresponded => "autoresponded",
            Self::Converted => "converted",
            Self::Replied => "replied",
            Self::PreferencesChanged => "preferences_changed",
            Self::SuppressionAdded(_) => "suppression_added",
            Self::SuppressionRemoved(_) => "suppression_removed",
            Self::Unknown => "unknown",
        }
    }

    /// Returns what a server or a provider said, if it refused the message.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Deferred(refusal)
            | Self::Bounced(refusal)
            | Self::Rejected(refusal)
            | Self::Failed(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Checks whether someone should look at it. Exactly these kinds are in the `by_problem` index.
    #[must_use]
    pub fn is_problem(&self) -> bool {
        matches!(
            self,
            Self::Bounced(_)
                | Self::Complained
                | Self::Rejected(_)
                | Self::Failed(_)
                | Self::Unsubscribed { .. }
        )
    }
}

/// Why a message was not delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What the refusal says about the address.
    pub verdict: Verdict,
    /// The refusal's own words, untrusted and shortened.
    pub reason: Option<String>,
    /// The scope of the opt-out because of which the provider did not try. It is all mail, unless
    /// the provider says less.
    pub scope: Scope,
    /// The addresses that the refusal's text names as refused.
    pub named: Vec<Mailbox>,
}

impl Refusal {
    /// Judges the evidence. Its text becomes the reason.
    #[must_use]
    pub fn judge(evidence: &Evidence<'_>) -> Self {
        let reason = evidence
            .text
            .map(|text| text.trim().chars().take(REASON_CHARS).collect::<String>())
            .filter(|text| !text.is_empty());
        Self {
            verdict: judge(evidence),
            reason,
            scope: Scope::Global,
            named: evidence.text.map(address::refused).unwrap_or_default(),
        }
    }
}

/// When an event happened, and how we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OccurredAt {
    /// The event says when.
    Event(Timestamp),
    /// The event does not say when. This is the gateway's time of the request.
    Received(Timestamp),
}

impl OccurredAt {
    /// Returns the event's own time, or else the delivery's.
    #[must_use]
    pub fn event_or_received(event: Option<Timestamp>, delivery: &Delivery) -> Self {
        event.map_or(Self::Received(delivery.received_at()), Self::Event)
    }

    /// Returns the time.
    #[must_use]
    pub fn time(self) -> Timestamp {
        match self {
            Self::Event(time) | Self::Received(time) => time,
        }
    }

    /// Returns the stored word for how we know.
    #[must_use]
    pub fn source(self) -> &'static str {
        match self {
            Self::Event(_) => "event",
            Self::Received(_) => "received",
        }
    }
}
