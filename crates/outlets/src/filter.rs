//! Which events an endpoint is told: a list of words with commas, as MailPanda has it.
//!
//! A word is `*`, `email.*`, `suppression`, a kind of ours, or one of MailPanda's four. A channel
//! may stand in front of a kind (`email.bounced`), and narrows it to that channel. A bounce may be
//! narrowed to a class (`bounced:hard`), and what a machine can do to what none is suspected of
//! (`opened:human`).

use serde::{Deserialize, Serialize};
use shared::event::{Channel, Kind};
use table::item::Item;
use table::read::text;

/// The longest list, in bytes.
const MOST_BYTES: usize = 1_024;

/// MailPanda's words, and the kinds that they stand for (mailpanda.io/docs/webhooks, read
/// 2026-11-21).
const MAILPANDA: [(&str, &str); 4] = [
    ("open", "opened"),
    ("click", "clicked"),
    ("bounce", "bounced"),
    ("unsubscribe", "unsubscribed"),
];

/// The classes that a bounce may be narrowed to.
const CLASSES: [&str; 4] = ["hard", "soft", "block", "undetermined"];
/// The kinds that a machine can cause.
const BY_MACHINES: [&str; 3] = ["opened", "clicked", "unsubscribed"];
/// Narrows a kind to what no machine is suspected of.
const HUMAN: &str = "human";
/// What the item says of something that no machine is suspected of.
const NO_MACHINE: &str = "none";

/// Why a list cannot be used. No text repeats what was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// There is no word in it.
    #[error("events names nothing: give a list with commas, or *")]
    Empty,
    /// It is too long.
    #[error("events has more than 1,024 bytes")]
    Long,
    /// A word is none.
    #[error(
        "events has a word that is none: *, email.*, suppression, open, click, bounce, unsubscribe, or a kind: {}",
        Kind::NAMES.join(", ")
    )]
    Unknown,
    /// A word cannot be narrowed as it is.
    #[error(
        "events narrows a word in a way that it cannot be narrowed: bounced:hard, :soft, :block or :undetermined; opened, clicked or unsubscribed:human"
    )]
    Narrowed,
}

impl FilterError {
    /// Returns the stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "events_empty",
            Self::Long => "events_long",
            Self::Unknown => "events_unknown",
            Self::Narrowed => "events_narrowed",
        }
    }
}

/// A list of words, as it was given and as it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Filter {
    text: String,
    words: Vec<Word>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    All,
    /// All events of a channel.
    Channel(&'static str),
    Suppression,
    Kind {
        channel: Option<&'static str>,
        kind: &'static str,
        /// The word in the notification's type: MailPanda's, or the kind.
        named: &'static str,
        narrowed: Narrowed,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Narrowed {
    No,
    Class(&'static str),
    Human,
}

impl Filter {
    /// Reads a list. White space around a word does not count.
    ///
    /// # Errors
    /// Returns a [`FilterError`] for the first thing that is wrong.
    pub fn parse(given: &str) -> Result<Self, FilterError> {
        let text = given.trim();
        if text.len() > MOST_BYTES {
            return Err(FilterError::Long);
        }
        let words = text.split(',').map(str::trim);
        let words = words.filter(|word| !word.is_empty()).map(Word::parse);
        let words = words.collect::<Result<Vec<_>, _>>()?;
        if words.is_empty() {
            return Err(FilterError::Empty);
        }
        let text = text.to_owned();
        Ok(Self { text, words })
    }

    /// Returns the list that asks for everything.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            text: "*".to_owned(),
            words: vec![Word::All],
        }
    }

    /// Returns the list as it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the type under which an event is told: its channel, and the word that asks for it.
    /// The first word that does decides. Returns `None` if no word does, or the item is no event.
    #[must_use]
    pub fn type_of(&self, event: &Item) -> Option<String> {
        let kind = event.get("kind")?.as_s().ok()?;
        let channel = text(event, "channel");
        let named = self.words.iter().find_map(|word| word.name_of(event))?;
        let named = if named.is_empty() { kind } else { named };
        Some(format!("{channel}.{named}"))
    }

    /// Checks whether suppressions are told, too.
    #[must_use]
    pub fn wants_suppression(&self) -> bool {
        let wants = |word: &Word| matches!(word, Word::All | Word::Suppression);
        self.words.iter().any(wants)
    }
}

impl Word {
    fn parse(word: &str) -> Result<Self, FilterError> {
        match word {
            "*" => return Ok(Self::All),
            "suppression" => return Ok(Self::Suppression),
            _ => {}
        }
        let (word, narrow) = match word.split_once(':') {
            Some((word, narrow)) => (word, Some(narrow)),
            None => (word, None),
        };
        let in_front = Channel::ALL.iter().find_map(|channel| {
            let rest = word.strip_prefix(channel.name())?.strip_prefix('.')?;
            Some((channel.name(), rest))
        });
        let (channel, word) = match in_front {
            Some((channel, word)) => (Some(channel), word),
            None => (None, word),
        };
        if let (Some(channel), "*", None) = (channel, word, narrow) {
            return Ok(Self::Channel(channel));
        }
        let theirs = MAILPANDA.iter().find(|(theirs, _)| *theirs == word);
        let ours = Kind::NAMES.iter().find(|kind| **kind == word);
        let (named, kind) = match (theirs, ours) {
            (Some((theirs, kind)), _) => (*theirs, *kind),
            (None, Some(kind)) => (*kind, *kind),
            (None, None) => return Err(FilterError::Unknown),
        };
        let narrowed = narrow.map_or(Ok(Narrowed::No), |narrow| Narrowed::parse(kind, narrow))?;
        Ok(Self::Kind {
            channel,
            kind,
            named,
            narrowed,
        })
    }

    /// Returns the word for an event that this one asks for. The empty word stands for the event's
    /// own kind.
    fn name_of(&self, event: &Item) -> Option<&'static str> {
        match self {
            Self::All => Some(""),
            Self::Channel(channel) => (text(event, "channel") == *channel).then_some(""),
            Self::Suppression => None,
            Self::Kind {
                channel,
                kind,
                named,
                narrowed,
            } => {
                let is_channel = channel.is_none_or(|channel| text(event, "channel") == channel);
                let is_asked = is_channel && text(event, "kind") == *kind && narrowed.has(event);
                is_asked.then_some(*named)
            }
        }
    }
}

impl Narrowed {
    fn parse(kind: &str, narrow: &str) -> Result<Self, FilterError> {
        let class = CLASSES.iter().find(|class| **class == narrow);
        match class {
            Some(class) if kind == "bounced" => Ok(Self::Class(class)),
            None if narrow == HUMAN && BY_MACHINES.contains(&kind) => Ok(Self::Human),
            _ => Err(FilterError::Narrowed),
        }
    }

    fn has(self, event: &Item) -> bool {
        match self {
            Self::No => true,
            Self::Class(class) => text(event, "bounce_class") == class,
            Self::Human => text(event, "machine") == NO_MACHINE,
        }
    }
}

impl TryFrom<String> for Filter {
    type Error = FilterError;

    fn try_from(text: String) -> Result<Self, FilterError> {
        Self::parse(&text)
    }
}

impl From<Filter> for String {
    fn from(filter: Filter) -> Self {
        filter.text
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use aws_sdk_dynamodb::types::AttributeValue;
    use proptest::prelude::*;

    use super::*;

    fn event(attributes: &[(&str, &str)]) -> Item {
        let text = |(name, text): &(&str, &str)| {
            ((*name).to_owned(), AttributeValue::S((*text).to_owned()))
        };
        let mut item: Item = HashMap::from([text(&("channel", "email"))]);
        item.extend(attributes.iter().map(text));
        item
    }

    #[test]
    fn the_type_has_the_word_that_asked() {
        let opened = event(&[("kind", "opened"), ("machine", "suspected")]);
        let human = event(&[("kind", "opened"), ("machine", "none")]);
        let hard = event(&[("kind", "bounced"), ("bounce_class", "hard")]);
        let sms = event(&[("kind", "delivered"), ("channel", "sms")]);
        for (events, item, wanted) in [
            ("open", &opened, Some("email.open")),
            ("email.open", &opened, Some("email.open")),
            ("opened", &opened, Some("email.opened")),
            ("*", &opened, Some("email.opened")),
            ("opened, open", &opened, Some("email.opened")),
            ("opened:human", &opened, None),
            ("opened:human", &human, Some("email.opened")),
            ("open:human", &human, Some("email.open")),
            ("open,click", &hard, None),
            ("bounce", &hard, Some("email.bounce")),
            ("bounced:hard", &hard, Some("email.bounced")),
            (
                "email.bounced:soft,bounce:hard",
                &hard,
                Some("email.bounce"),
            ),
            ("bounced:soft", &hard, None),
            ("suppression", &hard, None),
            ("delivered", &sms, Some("sms.delivered")),
            ("email.delivered", &sms, None),
            ("sms.delivered", &sms, Some("sms.delivered")),
            ("email.*", &sms, None),
            ("email.*", &hard, Some("email.bounced")),
        ] {
            let filter = Filter::parse(events).unwrap();
            assert_eq!(filter.type_of(item).as_deref(), wanted, "{events}");
        }
    }

    #[test]
    fn suppressions_are_told_to_whoever_names_them_or_wants_all() {
        let wants = |events| Filter::parse(events).unwrap().wants_suppression();
        let wanted = [
            ("*", true),
            ("open,suppression", true),
            ("open", false),
            ("email.*", false),
        ];
        for (events, wanted) in wanted {
            assert_eq!(wants(events), wanted, "{events}");
        }
    }

    #[test]
    fn a_list_that_is_none_has_its_code() {
        let long = "open,".repeat(205);
        for (events, code) in [
            ("", "events_empty"),
            (" , ", "events_empty"),
            ("opens", "events_unknown"),
            ("Open", "events_unknown"),
            ("email.", "events_unknown"),
            ("mail.*", "events_unknown"),
            ("email.*:human", "events_unknown"),
            ("*:hard", "events_unknown"),
            ("bounced:", "events_narrowed"),
            ("bounced:human", "events_narrowed"),
            ("opened:hard", "events_narrowed"),
            ("delivered:human", "events_narrowed"),
            ("bounced:hard:soft", "events_narrowed"),
            (&long, "events_long"),
        ] {
            let error = Filter::parse(events).unwrap_err();
            assert_eq!(error.code(), code, "{events}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_given_is_read_or_refused_and_kept_as_it_is(text in ".{0,80}") {
            if let Ok(filter) = Filter::parse(&text) {
                prop_assert_eq!(filter.text(), text.trim());
                prop_assert_eq!(Filter::parse(filter.text()), Ok(filter));
            }
        }

        #[test]
        fn every_kind_is_asked_for_by_its_name_and_by_no_other(
            kind in 0..Kind::NAMES.len(),
            other in 0..Kind::NAMES.len(),
        ) {
            let (kind, other) = (Kind::NAMES[kind], Kind::NAMES[other]);
            let told = Filter::parse(other).unwrap().type_of(&event(&[("kind", kind)]));
            let wanted = (kind == other).then(|| format!("email.{kind}"));
            prop_assert_eq!(told, wanted);
        }
    }
}
