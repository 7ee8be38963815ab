//! Why a question is not asked, and what to type instead.

use std::io;

use shared::event::{Channel, Kind, Reason};
use table::shard::PROBLEMS;

use super::known::{CLASSES, DAYS, providers};
use crate::exit::Exit;
use crate::meant;
use crate::number::{cents, size, thousands};

/// Why a question is not asked.
#[derive(Debug, thiserror::Error)]
pub enum Asked {
    /// The word is not a kind of event.
    #[error("`{0}` is no kind of event")]
    Kind(String),
    /// The word is not a kind of problem.
    #[error("`{0}` is no kind of problem")]
    Problem(String),
    /// The word is not a day.
    #[error("`{0}` is no day")]
    Day(String),
    /// There are two kinds, or two days.
    #[error("`{0}` is one word too many: give one kind and one day")]
    TooMany(String),
    /// Only bounces have a class.
    #[error("`{0}` has no class: only bounces have one")]
    NoClass(&'static str),
    /// The word is not the class of a bounce.
    #[error("`{0}` is no class of a bounce")]
    Class(String),
    /// The word is not a channel.
    #[error("`{0}` is no channel")]
    Channel(String),
    /// The word is not a provider.
    #[error("`{0}` is no provider")]
    Provider(String),
    /// The word is not a reason of a suppression.
    #[error("`{0}` is no reason why not to mail")]
    Reason(String),
    /// The text does not name a list, group, topic or stream.
    #[error("`{0}` is no scope")]
    Scope(String),
    /// The text is not what ended an earlier list.
    #[error("`{0}` is not where a list ended")]
    Next(String),
    /// The text names no message.
    #[error("`{0}` is no message id")]
    Message(String),
    /// The text names no customer.
    #[error("`{0}` is no customer's id")]
    Customer(String),
    /// The whole table would be read, at a price.
    #[error(
        "this would read the whole table: {} items, {}, about {} dollars",
        thousands(*.items), size(*.bytes), cents(price(*.bytes))
    )]
    WholeTable {
        /// How many items the table has, by its own count of the last hours.
        items: u64,
        /// How many bytes, likewise.
        bytes: u64,
    },
    /// A file has no column of this name.
    #[error("`{column}` is no column of {file}")]
    Column {
        /// The name that was asked for.
        column: String,
        /// The file.
        file: String,
        /// The columns that there are.
        columns: Vec<String>,
    },
    /// Two columns of a file have this name.
    #[error("`{column}` is there twice in {file}")]
    ColumnTwice {
        /// The name that was asked for.
        column: String,
        /// The file.
        file: String,
    },
    /// A file cannot be read.
    #[error("{file}: {cause}")]
    File {
        /// The file.
        file: String,
        /// The system's reason, or the reader's.
        cause: io::Error,
    },
    /// No address was given.
    #[error("no address: nobody is asked about")]
    NoAddress,
}

impl Asked {
    /// Returns the error's stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Kind(_) => "kind_unknown",
            Self::Problem(_) => "problem_unknown",
            Self::Day(_) => "day_unreadable",
            Self::TooMany(_) => "words_too_many",
            Self::NoClass(_) => "class_impossible",
            Self::Class(_) => "class_unknown",
            Self::Channel(_) => "channel_unknown",
            Self::Provider(_) => "provider_unknown",
            Self::Reason(_) => "reason_unknown",
            Self::Scope(_) => "scope_unreadable",
            Self::Next(_) => "next_unreadable",
            Self::Message(_) => "message_unreadable",
            Self::Customer(_) => "customer_unreadable",
            Self::WholeTable { .. } => "whole_table",
            Self::Column { .. } => "column_unknown",
            Self::ColumnTwice { .. } => "column_twice",
            Self::File { .. } => "file_unreadable",
            Self::NoAddress => "no_address",
        }
    }

    /// Returns what the user can type instead.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Kind(word) => meant::hint(word, &Kind::NAMES),
            Self::Problem(word) => problem_hint(word),
            Self::Day(_) => "a day in UTC: 2026-01-02, or today, yesterday, 7d".to_owned(),
            Self::TooMany(_) => "postern problems bounced 2026-01-02 {target}".to_owned(),
            Self::NoClass(_) => "postern problems bounced --class hard {target}".to_owned(),
            Self::Class(word) => meant::hint(word, &CLASSES),
            Self::Channel(word) => meant::hint(word, &Channel::ALL.map(Channel::name)),
            Self::Provider(word) => meant::hint(word, &providers()),
            Self::Reason(word) => meant::hint(word, &Reason::ALL.map(Reason::name)),
            Self::Scope(_) => "a kind and the provider's id, such as group:1234; the kind is one of: list group topic stream".to_owned(),
            Self::Next(_) => "the `next` of the last line of an earlier list".to_owned(),
            Self::Message(_) => "the id that the provider's send API returned, or <provider>#<id>".to_owned(),
            Self::Customer(_) => "the team's own id of a person, to the letter".to_owned(),
            Self::WholeTable { .. } => "name somebody: postern events ADDRESS {target}      or add --scan".to_owned(),
            Self::Column { column, columns, .. } => {
                let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
                format!("--column, {}", meant::hint(column, &columns))
            }
            Self::ColumnTwice { .. } => "rename or remove one of them: nobody knows which is meant".to_owned(),
            Self::File { .. } => "a file with an address a line, or a CSV with --column NAME; - is standard input".to_owned(),
            Self::NoAddress => "postern may-mail kim@mail.test {target}      or --file FILE".to_owned(),
        })
    }

    /// Returns how a command ends that fails with it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        Exit::Line
    }
}

/// A word that is no kind may be one for a day.
fn problem_hint(word: &str) -> String {
    match meant::meant(word, PROBLEMS.into_iter().chain(DAYS)) {
        Some(day) if DAYS.contains(&day) => format!("did you mean `{day}`?"),
        _ => meant::hint(word, &PROBLEMS),
    }
}

/// Returns what a scan of so many bytes costs, in hundredths of a dollar: half a read unit for
/// each 4 KB, and 0.125 dollars a million of them (on demand, us-east-1, 2026-11).
fn price(bytes: u64) -> u64 {
    let units = bytes.div_ceil(8_192);
    (units.saturating_mul(125) / 10_000_000).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_table_has_its_price() {
        let whole = Asked::WholeTable {
            items: 48_211_090,
            bytes: 61_000_000_000,
        };
        assert_eq!(
            (whole.to_string(), whole.hint().unwrap_or_default()),
            (
                "this would read the whole table: 48,211,090 items, 61 GB, about 0.93 dollars"
                    .to_owned(),
                "name somebody: postern events ADDRESS {target}      or add --scan".to_owned()
            )
        );
        assert_eq!(price(0), 1, "never nothing");
    }
}
