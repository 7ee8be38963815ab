//! The operator's own events: whoever runs the stack puts an address on the suppression list, or
//! takes it off.
//!
//! Such an event is made of words and nothing else. The words are its `raw`, so that it can be
//! rebuilt from the table like any other event. It has the provider [`PROVIDER`], and says one
//! thing to one register.
//!
//! What is said through the API travels through the queue, as a delivery of
//! [`Operator`](spoken::Operator): its body is a list of such words. What a command says is written
//! to the table at once.
//!
//! Its id depends on what was said, about whom, and when, and not on who said it or why. So the
//! same row of a list, imported a second time, is the same event.

pub mod spoken;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::address::{Address, AddressError, Mailbox};
use crate::event::{Channel, Event, EventId, Kind, OccurredAt, Reason};
use crate::time::{from_rfc3339, rfc3339_ms};

/// The provider of the operator's events. No provider of mail may have this name.
pub const PROVIDER: &str = "operator";

/// What the operator did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// Put one address on the list.
    Add,
    /// Put the addresses of another list on it.
    Import,
    /// Took one address off the list.
    Lift,
}

impl Act {
    /// Returns the stored word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Import => "import",
            Self::Lift => "lift",
        }
    }
}

/// What the operator said about one address. It has no `Debug`, because it names a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// What the operator did.
    pub act: Act,
    /// The address, as it was given.
    pub address: String,
    /// The reason that was set or lifted.
    #[serde(with = "reason")]
    pub reason: Reason,
    /// When it came about, RFC 3339. `None` if an imported row does not say: then the first sight
    /// of the row decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Why, in the operator's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Who said it: the caller's ARN. A local stack knows nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The provider whose list was imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Which of the provider's lists it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// What else the row says, by column.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub row: BTreeMap<String, String>,
}

impl Said {
    /// Returns what an act says about an address, at a time and without anything else.
    #[must_use]
    pub fn new(act: Act, address: &str, reason: Reason, at: Option<Timestamp>) -> Self {
        Self {
            act,
            address: address.trim().to_owned(),
            reason,
            at: at.map(rfc3339_ms),
            why: None,
            by: None,
            from: None,
            list: None,
            row: BTreeMap::new(),
        }
    }

    /// Returns the event. `said_at` is when the operator said it, and counts if the words have no
    /// time of their own.
    ///
    /// # Errors
    /// Returns an [`AddressError`] if the text is not the address of one mailbox.
    pub fn event(&self, said_at: Timestamp) -> Result<Event, AddressError> {
        // Text keys and values only: it cannot fail.
        let raw = serde_json::to_string(self).unwrap_or_default();
        self.event_with(raw, said_at)
    }

    fn event_with(&self, raw: String, said_at: Timestamp) -> Result<Event, AddressError> {
        let mailbox = Mailbox::one(&self.address)?;
        let at = self.at.as_deref().and_then(from_rfc3339);
        Ok(Event {
            id: self.id(&mailbox),
            provider: PROVIDER.to_owned(),
            source: None,
            channel: Channel::Email,
            kind: match self.act {
                Act::Add | Act::Import => Kind::SuppressionAdded(self.reason),
                Act::Lift => Kind::SuppressionRemoved(self.reason),
            },
            provider_kind: Some(self.act.name().to_owned()),
            occurred_at: at.map_or(OccurredAt::Received(said_at), OccurredAt::Event),
            recipient: Address::of_mailbox(&self.address, &mailbox),
            recipient_is_ambiguous: false,
            customer_id: None,
            message_id: None,
            rfc_message_id: None,
            subject: None,
            campaign: None,
            tags: Vec::new(),
            metadata: self.metadata(),
            headers: BTreeMap::new(),
            raw,
            raw_as_sent: None,
        })
    }

    fn id(&self, mailbox: &Mailbox) -> EventId {
        EventId::of(&[
            Some(PROVIDER),
            Some(self.act.name()),
            Some(mailbox.key()),
            Some(self.reason.name()),
            self.at.as_deref(),
            self.from.as_deref(),
        ])
    }

    /// What readers ask for without reading `raw`.
    fn metadata(&self) -> BTreeMap<String, Value> {
        let facts = [
            ("why", &self.why),
            ("by", &self.by),
            ("from", &self.from),
            ("list", &self.list),
        ];
        let facts = facts.into_iter();
        let facts = facts.filter_map(|(name, fact)| {
            let fact = fact.as_deref().filter(|fact| !fact.is_empty())?;
            Some((name.to_owned(), fact.into()))
        });
        facts.collect()
    }
}

/// Rebuilds an event from its `raw`, which stays as it is. `stored_at` is the time of the stored
/// event. Returns `None` if these are not the operator's words.
#[must_use]
pub fn event(raw: &str, stored_at: Timestamp) -> Option<Event> {
    let said: Said = serde_json::from_str(raw).ok()?;
    said.event_with(raw.to_owned(), stored_at).ok()
}

/// Returns the body of a delivery that says all of this.
#[must_use]
pub fn words(said: &[Said]) -> String {
    // Text keys and values only: it cannot fail.
    serde_json::to_string(said).unwrap_or_default()
}

/// Reads and writes a reason by its stored word.
mod reason {
    #![expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands over every field by reference"
    )]

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::event::Reason;

    pub(super) fn serialize<S: Serializer>(
        reason: &Reason,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(reason.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Reason, D::Error> {
        let word = String::deserialize(deserializer)?;
        let mut reasons = Reason::ALL.into_iter();
        let reason = reasons.find(|reason| reason.name() == word);
        reason.ok_or_else(|| D::Error::custom("no reason"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        from_rfc3339(text).expect("a time")
    }

    fn imported(address: &str, time: Option<&str>) -> Said {
        let mut said = Said::new(Act::Import, address, Reason::Bounced, time.map(at));
        said.from = Some("sendgrid".to_owned());
        said.list = Some("bounces".to_owned());
        let row = [("reason".to_owned(), "550 5.1.1 unknown".to_owned())];
        said.row = row.into();
        said
    }

    #[test]
    fn an_event_is_made_of_the_words_and_made_again_from_its_raw() {
        let now = at("2026-11-26T02:00:00Z");
        let said = imported("Kim <KIM@Mail.test>", Some("2026-01-02T03:04:05Z"));
        let made = said.event(now).expect("an event");
        assert_eq!(made.kind, Kind::SuppressionAdded(Reason::Bounced));
        assert_eq!(made.provider_kind.as_deref(), Some("import"));
        let recipient = made.recipient.as_ref().and_then(Address::key);
        assert_eq!(recipient, Some("kim@mail.test"));
        assert_eq!(
            made.occurred_at,
            OccurredAt::Event(at("2026-01-02T03:04:05Z"))
        );
        assert_eq!(
            made.raw,
            r#"{"act":"import","address":"Kim <KIM@Mail.test>","reason":"bounced","at":"2026-01-02T03:04:05.000Z","from":"sendgrid","list":"bounces","row":{"reason":"550 5.1.1 unknown"}}"#
        );
        assert_eq!(
            serde_json::to_string(&made.metadata).expect("JSON"),
            r#"{"from":"sendgrid","list":"bounces"}"#
        );
        assert!(event(&made.raw, now) == Some(made));
        assert!(event("{}", now).is_none());
        assert!(event(r#"{"act":"add","address":"kim","reason":"manual"}"#, now).is_none());
    }

    #[test]
    fn the_same_row_is_the_same_event_whoever_imports_it_and_whenever() {
        let id = |said: &Said, now: &str| said.event(at(now)).expect("an event").id;
        let (then, later) = ("2026-11-26T02:00:00Z", "2026-12-01T00:00:00Z");
        let dated = imported("kim@mail.test", Some("2026-01-02T03:04:05Z"));
        let mut again = imported(" <KIM@mail.test.>", Some("2026-01-02T03:04:05.000Z"));
        again.why = Some("moved".to_owned());
        again.by = Some("arn:aws:iam::123456789012:user/lee".to_owned());
        again.row.clear();
        assert_eq!(id(&dated, then), id(&again, later));
        let undated = imported("kim@mail.test", None);
        assert_eq!(id(&undated, then), id(&undated, later));
        assert_ne!(id(&dated, then), id(&undated, then));
        let mut lifted = dated.clone();
        lifted.act = Act::Lift;
        assert_ne!(id(&dated, then), id(&lifted, then));
    }

    #[test]
    fn what_is_not_one_mailbox_is_no_event() {
        let now = at("2026-11-26T02:00:00Z");
        let wrong = |text| imported(text, None).event(now).err();
        assert_eq!(wrong("kim@"), Some(AddressError::NoAddress));
        assert_eq!(
            wrong("kim@mail.test, lee@mail.test"),
            Some(AddressError::SeveralAddresses)
        );
    }
}
