//! The normalized model: what a provider said, in one vocabulary.
//!
//! The kinds are django-anymail's words where it has one. Facts live in the variant, so a click
//! without a place for its URL, or a delivered mail with a bounce class, cannot be written down.

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

/// How much of a refusal's text is kept beside `raw`, in characters.
const REASON_CHARS: usize = 500;

/// A fact about one message and one recipient.
#[derive(Clone, PartialEq)]
pub struct Event {
    /// What makes a repetition of this event recognizable.
    pub id: EventId,
    /// The provider's name.
    pub provider: String,
    /// The label of the secret that matched: a workspace, region or tenant.
    pub source: Option<String>,
    /// What the message travels through.
    pub channel: Channel,
    /// What happened.
    pub kind: Kind,
    /// The provider's own name for it, verbatim.
    pub provider_kind: Option<String>,
    /// When.
    pub occurred_at: OccurredAt,
    /// To whom.
    pub recipient: Option<Address>,
    /// Whether it could be about somebody else: the message has several recipients and nothing says
    /// which, or the refusal names another address.
    pub recipient_is_ambiguous: bool,
    /// The team's own id of the person, where the provider knows it.
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
    /// The sender's or the provider's further facts.
    pub metadata: BTreeMap<String, Value>,
    /// The headers that the provider keeps: with `raw`, all that the event was made of, so that it
    /// can be rebuilt.
    pub headers: BTreeMap<String, String>,
    /// The element, verbatim; where it was no JSON, the text that it was repaired to.
    pub raw: String,
    /// The bytes of an element that was repaired, so that nothing of it is lost.
    pub raw_as_sent: Option<Vec<u8>>,
}

impl Event {
    /// What is true of every element of a delivery, before its provider has looked at it: an
    /// `unknown` event that lost nothing but its identity, which only the provider's words make.
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

/// Shows what a log may know: no address, subject or body.
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
    /// The provider has taken the message and not tried yet.
    Queued,
    /// The provider has handed it on.
    Sent,
    /// The receiving side accepted it.
    Delivered,
    /// Refused for now; the provider will try again.
    Deferred(Refusal),
    /// The receiving side refused it, final.
    Bounced(Refusal),
    /// The provider never tried: suppressed, policy, limit, invalid.
    Rejected(Refusal),
    /// The sender's or the provider's own error.
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
    /// Marked as spam.
    Complained,
    /// The recipient wants no more.
    Unsubscribed {
        /// Of what.
        scope: Scope,
        /// Whether a machine did it: a link scanner follows an unsubscribe link, too. It suppresses
        /// all the same.
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
    /// The provider took it off that list.
    SuppressionRemoved(Reason),
    /// Nothing we know. Stored like the rest, with its `raw`.
    Unknown,
}

impl Kind {
    /// The stored word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        let metric = self.metric();
        metric.strip_prefix("kind_").unwrap_or(metric)
    }

    /// The metric that counts it: the stored word with a prefix, so that it cannot meet another
    /// metric's name.
    #[must_use]
    pub fn metric(&self) -> &'static str {
        match self {
            Self::Queued => "kind_queued",
            Self::Sent => "kind_sent",
            Self::Delivered => "kind_delivered",
            Self::Deferred(_) => "kind_deferred",
            Self::Bounced(_) => "kind_bounced",
            Self::Rejected(_) => "kind_rejected",
            Self::Failed(_) => "kind_failed",
            Self::Opened(_) => "kind_opened",
            Self::Clicked { .. } => "kind_clicked",
            Self::Complained => "kind_complained",
            Self::Unsubscribed { .. } => "kind_unsubscribed",
            Self::Subscribed(_) => "kind_subscribed",
            Self::Autoresponded => "kind_autoresponded",
            Self::Converted => "kind_converted",
            Self::Replied => "kind_replied",
            Self::PreferencesChanged => "kind_preferences_changed",
            Self::SuppressionAdded(_) => "kind_suppression_added",
            Self::SuppressionRemoved(_) => "kind_suppression_removed",
            Self::Unknown => "kind_unknown",
        }
    }

    /// What a server or a provider said where it refused the message.
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

    /// Whether someone should look at it: these, and only these, are in the `by_problem` index.
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
    /// What it says of the address.
    pub verdict: Verdict,
    /// The refusal's own words, untrusted and shortened.
    pub reason: Option<String>,
    /// What the opt-out is about, for which the provider did not try: all mail, unless it says
    /// less.
    pub scope: Scope,
    /// The addresses that its text names as refused.
    pub named: Vec<Mailbox>,
}

impl Refusal {
    /// Judges the evidence; its text becomes the reason.
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

/// When it happened, and how we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OccurredAt {
    /// The event says so.
    Event(Timestamp),
    /// The event does not say; the gateway's time of the request.
    Received(Timestamp),
}

impl OccurredAt {
    /// The event's own time, else the delivery's.
    #[must_use]
    pub fn event_or_received(event: Option<Timestamp>, delivery: &Delivery) -> Self {
        event.map_or(Self::Received(delivery.received_at()), Self::Event)
    }

    /// The time.
    #[must_use]
    pub fn time(self) -> Timestamp {
        match self {
            Self::Event(time) | Self::Received(time) => time,
        }
    }

    /// The stored word for how we know.
    #[must_use]
    pub fn source(self) -> &'static str {
        match self {
            Self::Event(_) => "event",
            Self::Received(_) => "received",
        }
    }
}
