//! Reads the words of a question, and says what is wrong with one. A word that is mistyped would
//! find nothing, and look like good news.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use shared::event::{Channel, Kind, Reason, Scope};
use shared::providers;
use shared::terminal::is_obeyed;
use shared::time::{from_rfc3339, rfc3339_ms};

use crate::shard::PROBLEMS;

/// The classes of a bounce.
pub const CLASSES: [&str; 4] = ["hard", "soft", "block", "undetermined"];
/// The longest sort key that DynamoDB accepts, in bytes.
const SORT_KEY_BYTES: usize = 1024;
/// The longest id of a list, group, topic or stream that is asked for, in bytes.
const SCOPE_ID_BYTES: usize = 256;

/// What is wrong with a question. It contains nothing of the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    /// The request has no such parameter, or it is there twice.
    #[error("the query has a parameter that this request does not have, or has it twice")]
    Parameter,
    /// The word is not a channel.
    #[error("channel is one of: email sms push in_app whatsapp slack webhook")]
    Channel,
    /// The word is not a kind of event.
    #[error("kind is a list of kinds of events, with commas between them")]
    Kind,
    /// The word is not a provider.
    #[error("there is no provider of this name")]
    Provider,
    /// The word is not the class of a bounce.
    #[error("class is one of: hard soft block undetermined")]
    Class,
    /// Only bounces have a class.
    #[error("only bounces have a class")]
    NoClass,
    /// The word is not a reason of a suppression.
    #[error("ignore is a list of: bounced complained unsubscribed manual")]
    Reason,
    /// The text does not name a list, group, topic or stream.
    #[error("scope is one list, group, topic or stream, a colon, and the provider's id")]
    Scope,
    /// The text is not a time, or the times are in the wrong order.
    #[error("from and to are times in RFC 3339 or days in UTC, and from is before to")]
    Time,
    /// The text is not how many are wanted.
    #[error("limit is a whole number from 1 to 200")]
    Limit,
    /// The text does not say whether `raw` is wanted.
    #[error("raw is 1, or left out")]
    Raw,
    /// The text is not what ended an earlier list.
    #[error("cursor is the `next` of the answer before, to the letter")]
    Cursor,
    /// The text names no message.
    #[error("the path has no message id")]
    Message,
    /// The word is not a kind of problem.
    #[error("the kind is one of: bounced complained failed rejected unsubscribed")]
    Problem,
    /// The word is not a day.
    #[error("the day is a day in UTC as in 2026-01-02, or today, or yesterday")]
    Day,
}

impl Unclear {
    /// Returns the stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Parameter => "parameter_unknown",
            Self::Channel => "channel_unknown",
            Self::Kind => "kind_unknown",
            Self::Provider => "provider_unfit",
            Self::Class => "class_unknown",
            Self::NoClass => "class_impossible",
            Self::Reason => "reason_unknown",
            Self::Scope => "scope_unreadable",
            Self::Time => "time_unreadable",
            Self::Limit => "limit_unfit",
            Self::Raw => "raw_unfit",
            Self::Cursor => "cursor_unreadable",
            Self::Message => "message_id_unreadable",
            Self::Problem => "problem_unknown",
            Self::Day => "day_unreadable",
        }
    }
}

/// Reads a kind of event.
///
/// # Errors
/// Returns [`Unclear::Kind`].
pub fn kind(word: &str) -> Result<&'static str, Unclear> {
    one_of(word, &Kind::NAMES).ok_or(Unclear::Kind)
}

/// Reads a kind of problem.
///
/// # Errors
/// Returns [`Unclear::Problem`].
pub fn problem(word: &str) -> Result<&'static str, Unclear> {
    one_of(word, &PROBLEMS).ok_or(Unclear::Problem)
}

/// Reads the class of a bounce.
///
/// # Errors
/// Returns [`Unclear::Class`].
pub fn class(word: &str) -> Result<&'static str, Unclear> {
    one_of(word, &CLASSES).ok_or(Unclear::Class)
}

/// Reads the name of a provider, or `operator`.
///
/// # Errors
/// Returns [`Unclear::Provider`].
pub fn provider(word: &str) -> Result<&'static str, Unclear> {
    providers::known(word.trim()).ok_or(Unclear::Provider)
}

/// Reads a channel.
///
/// # Errors
/// Returns [`Unclear::Channel`].
pub fn channel(word: &str) -> Result<Channel, Unclear> {
    let word = word.trim();
    let mut channels = Channel::ALL.into_iter();
    let found = channels.find(|channel| channel.name() == word);
    found.ok_or(Unclear::Channel)
}

/// Reads a reason of a suppression.
///
/// # Errors
/// Returns [`Unclear::Reason`].
pub fn reason(word: &str) -> Result<Reason, Unclear> {
    let word = word.trim();
    let mut reasons = Reason::ALL.into_iter();
    let found = reasons.find(|reason| reason.name() == word);
    found.ok_or(Unclear::Reason)
}

/// Reads a list, group, topic or stream: `group:1234`.
///
/// # Errors
/// Returns [`Unclear::Scope`].
pub fn scope(text: &str) -> Result<Scope, Unclear> {
    let (kind, id) = text.trim().split_once(':').ok_or(Unclear::Scope)?;
    if !is_scope_id(id) {
        return Err(Unclear::Scope);
    }
    let id = Some(id.to_owned());
    match kind {
        "list" => Ok(Scope::List(id)),
        "group" => Ok(Scope::Group(id)),
        "topic" => Ok(Scope::Topic(id)),
        "stream" => Ok(Scope::Stream(id)),
        _ => Err(Unclear::Scope),
    }
}

/// Checks whether a text can be the provider's id of a list, group, topic or stream. One with a
/// comma is refused: the gateway joins a parameter that is there twice, and as one id the two would
/// find nothing, which is a yes.
fn is_scope_id(id: &str) -> bool {
    let is_odd = |c: char| c == ',' || is_obeyed(c) || c == char::REPLACEMENT_CHARACTER;
    (1..=SCOPE_ID_BYTES).contains(&id.len()) && id.trim() == id && !id.contains(is_odd)
}

/// Reads a day as it is written in a key, and no other way to write it, which would find nothing.
/// `today` and `yesterday` are days, too.
///
/// # Errors
/// Returns [`Unclear::Day`].
pub fn day(word: &str, now: Timestamp) -> Result<Date, Unclear> {
    let today = now.to_zoned(TimeZone::UTC).date();
    match word {
        "today" => Ok(today),
        "yesterday" => today.checked_sub(1.day()).map_err(|_| Unclear::Day),
        _ => {
            let date: Option<Date> = word.parse().ok();
            let date = date.filter(|date| date.to_string() == word);
            date.ok_or(Unclear::Day)
        }
    }
}

/// Reads a time in RFC 3339, or a day in UTC, which begins at midnight.
///
/// # Errors
/// Returns [`Unclear::Time`].
pub fn time(text: &str) -> Result<Timestamp, Unclear> {
    if let Some(time) = from_rfc3339(text) {
        return Ok(time);
    }
    let date: Option<Date> = text.parse().ok();
    let date = date.filter(|date| date.to_string() == text);
    let midnight = date.and_then(|date| date.to_zoned(TimeZone::UTC).ok());
    Ok(midnight.ok_or(Unclear::Time)?.timestamp())
}

/// Where a list of events ended: the sort key of its last one. It says nothing of whose events they
/// are, so it opens nobody else's.
#[derive(Clone, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// Returns the end of a list by the sort key of its last event.
    #[must_use]
    pub fn at(sort_key: &str) -> Self {
        Self(sort_key.to_owned())
    }

    /// Reads what [`Cursor::text`] has written.
    ///
    /// # Errors
    /// Returns [`Unclear::Cursor`] if it is not the sort key of an event in base64.
    pub fn parse(text: &str) -> Result<Self, Unclear> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Unclear::Cursor)?;
        let sort_key = String::from_utf8(bytes).map_err(|_| Unclear::Cursor)?;
        if !is_of_an_event(&sort_key) {
            return Err(Unclear::Cursor);
        }
        Ok(Self(sort_key))
    }

    /// Returns the end of a list as a text for a URL.
    #[must_use]
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }

    /// Returns the sort key.
    #[must_use]
    pub fn into_sort_key(self) -> String {
        self.0
    }
}

/// Shows nothing: an event's id may be a provider's own text.
impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursor")
    }
}

/// Checks whether a sort key begins with a time to the letter, as those of events do, and of no
/// other items.
fn is_of_an_event(sort_key: &str) -> bool {
    let (time, id) = sort_key.split_once('#').unwrap_or_default();
    let is_time = from_rfc3339(time).is_some_and(|read| rfc3339_ms(read) == time);
    is_time && !id.is_empty() && sort_key.len() <= SORT_KEY_BYTES
}

fn one_of(word: &str, known: &[&'static str]) -> Option<&'static str> {
    let word = word.trim();
    known.iter().copied().find(|known| *known == word)
}

#[cfg(test)]
mod tests;
